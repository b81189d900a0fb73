"""What services add to the pages of the back office that belong to no service."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from community.core.services.words import Words


@dataclass(frozen=True)
class StaffPage:
    """Where staff see a row of ``model``: the name of an address that takes ``pk``."""

    model: Any
    url_name: str


@dataclass(frozen=True)
class StaffArea:
    """Pages with a frame of their own, below an address that is also their start page."""

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
    """A section of the desk's page of a resident. ``context(reader, person)`` is what its template shows."""

    position: int
    template: str
    context: Callable[[Any, Any], dict[str, Any]]


@dataclass(frozen=True)
class Assigned:
    """Rows that a member of staff is in charge of; those that are ``begun`` nobody else can be given."""

    rows: Sequence[Any]
    begun: Sequence[Any] = field(default=())


@dataclass(frozen=True, kw_only=True)
class Handover:
    """Work of a service that passes to a colleague when a member of staff leaves.

    ``find(person)`` returns what is assigned to them, ``take(rows=, to=, by=, now=)`` gives it to ``to``,
    who may be None, by the actions of the service, and raises ``ActionError`` where that cannot be.
    """

    position: int
    # Names the work on the page, and with "_to" after it the field that asks for the colleague.
    key: str
    title: Words
    question: Words
    # How the field names that nobody is chosen.
    empty: Words
    # Roles of the colleagues who can take it; any role where none is named.
    roles: tuple[str, ...] = ()
    # Lists ``rows``.
    template: str
    find: Callable[[Any], Assigned]
    take: Callable[..., None]

    @property
    def field(self) -> str:
        return f"{self.key}_to"
