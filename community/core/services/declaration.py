"""The forms in which apps and services declare themselves to the rest of the house."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from community.core.services.figures import Figures
from community.core.services.home import Home
from community.core.services.messages import Template
from community.core.services.morning import FirstAnswers, Morning
from community.core.services.nav import NavEntry
from community.core.services.office import MenuGroup
from community.core.services.rights import Rights, Scope
from community.core.services.staff import Handover, ResidentAction, ResidentPart, StaffArea, StaffPage
from community.core.services.words import Words


@dataclass(frozen=True, kw_only=True)
class App:
    """Everything that other packages need to know about one app."""

    # Back office rights by staff role.
    rights: Mapping[str, Rights] = field(default_factory=dict)
    # Pages of the back office, with what waits on them.
    nav: tuple[NavEntry, ...] = ()
    # What a key to the open API may be given for.
    scopes: tuple[Scope, ...] = ()
    # Groups of the back office's side bar.
    admin_menu: tuple[MenuGroup, ...] = ()
    # Messages by name.
    messages: Mapping[str, Template] = field(default_factory=dict)
    # Message parameters that are stored as a code: the name in the sentence, and the words for the code.
    message_words: Mapping[str, tuple[str, Callable[[Any], str]]] = field(default_factory=dict)
    # Celery beat entries by name: {"task": dotted path, "schedule": seconds or crontab}.
    beat: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class StartPage:
    """A page on which a person's work begins, if ``opens_for`` their roles in all estates together."""

    url_name: str
    opens_for: Callable[[Collection[str]], bool]


@dataclass(frozen=True)
class Delegated:
    """The service may be used for somebody else.

    ``label`` stands in lists of what a delegate may do, ``wish`` on the page that asks for it.
    """

    label: Words
    wish: Words
    # The page on which the delegate begins, as a button beside the person: address, words, icon.
    button: tuple[str, Words, str] | None = None


@dataclass(frozen=True, kw_only=True)
class Service(App):
    """A service that residents ask for, and that an estate can switch off.

    ``key`` names it in the database, in addresses and in ``settings.SERVICES``.
    """

    key: str
    label: Words
    delegated: Delegated | None = None
    # How lists of response times and of satisfaction name it; None where it is in neither.
    answers_label: Words | None = None
    # Whether its bookings take places of ``services.scheduling``.
    takes_places: bool = False
    start_pages: tuple[StartPage, ...] = ()
    # URL modules, included at the root and below /api/v1/.
    urls: tuple[str, ...] = ()
    api_urls: tuple[str, ...] = ()
    # What it adds to the resident's home page and the ways that lead on from it.
    home: Home | None = None
    morning: Morning | None = None
    figures: Figures | None = None
    # None where no first answer is promised.
    first_answers: FirstAnswers | None = None
    # The staff page of a reference, by the letter that it begins with: {"R": ...}.
    references: Mapping[str, StaffPage] = field(default_factory=dict)
    # Roles to whom this service shows references of any service, as links.
    reference_readers: frozenset[str] = frozenset()
    staff_areas: tuple[StaffArea, ...] = ()
    resident_actions: tuple[ResidentAction, ...] = ()
    resident_parts: tuple[ResidentPart, ...] = ()
    # Work that a colleague takes over when a member of staff leaves.
    handover: Handover | None = None
    # Addresses that leave no trace, also not that somebody used the product.
    unrecorded_paths: tuple[str, ...] = ()
