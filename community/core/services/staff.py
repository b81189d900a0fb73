"""Parts that services add to staff pages of other apps."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from community.core.services.words import Words


@dataclass(frozen=True)
class StaffPage:
    """Staff page of a row of ``model``: the name of an address that takes ``pk``."""

    model: Any
    url_name: str


@dataclass(frozen=True)
class StaffArea:
    """Pages with a frame of their own below ``path``, which is also their start page."""

    path: str
    template: str


@dataclass(frozen=True, kw_only=True)
class ResidentAction:
    """A button on the desk's page of a resident, for each of their homes. ``url(person, residency)``."""

    position: int
    label: Words
    icon: str
    kind: str = "soft"
    url: Callable[[Any, Any], str]


@dataclass(frozen=True, kw_only=True)
class ResidentPart:
    """A section of the desk's page of a resident. ``context(reader, person)`` returns its template's context."""

    position: int
    template: str
    context: Callable[[Any, Any], dict[str, Any]]


@dataclass(frozen=True)
class Assigned:
    """Rows assigned to a member of staff; those in ``begun`` cannot be given to a colleague."""

    rows: Sequence[Any]
    begun: Sequence[Any] = field(default=())


@dataclass(frozen=True, kw_only=True)
class Handover:
    """Work of a service that a colleague takes over when a member of staff leaves.

    ``find(person)`` returns the assigned rows. ``take(rows=, to=, by=, now=)`` gives them to ``to``, which
    may be None, through the service's actions; raises ``ActionError`` if that is impossible.
    """

    position: int
    # Name of the work on the page; with "_to" appended, of the field for the colleague.
    key: str
    title: Words
    question: Words
    # Label of the empty choice.
    empty: Words
    # Roles of colleagues who can take it; empty for any role.
    roles: tuple[str, ...] = ()
    # Lists ``rows``.
    template: str
    find: Callable[[Any], Assigned]
    take: Callable[..., None]

    @property
    def field(self) -> str:
        return f"{self.key}_to"
