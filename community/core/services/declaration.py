"""Declarations of apps and services."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from community.core.services.approvals import ByTwo
from community.core.services.columns import Declared
from community.core.services.figures import Figures
from community.core.services.home import Home
from community.core.services.messages import Template
from community.core.services.metrics import Metric
from community.core.services.morning import FirstAnswers, Morning
from community.core.services.nav import NavEntry
from community.core.services.office import MenuGroup
from community.core.services.personal import DataUse, Personal
from community.core.services.retention import Retention
from community.core.services.rights import Rights, Scope
from community.core.services.staff import Handover, ResidentAction, ResidentPart, StaffArea, StaffPage
from community.core.services.words import Words


@dataclass(frozen=True, kw_only=True)
class App:
    """Everything that other packages need to know about one app."""

    # Admin rights by staff role.
    rights: Mapping[str, Rights] = field(default_factory=dict)
    # Entries of the staff navigation with their counts.
    nav: tuple[NavEntry, ...] = ()
    # Scopes of API tokens.
    scopes: tuple[Scope, ...] = ()
    # Groups of the admin's side bar.
    admin_menu: tuple[MenuGroup, ...] = ()
    # Messages by name.
    messages: Mapping[str, Template] = field(default_factory=dict)
    # Message parameters stored as a code: the name in the sentence, and the words for the code.
    message_words: Mapping[str, tuple[str, Callable[[Any], str]]] = field(default_factory=dict)
    # Words of the audit record for the acts that the app writes into it.
    acts: Mapping[str, Words] = field(default_factory=dict)
    # Acts that take effect when a second person agrees, by name.
    by_two: Mapping[str, ByTwo] = field(default_factory=dict)
    # The rows that are about people.
    personal: tuple[Personal, ...] = ()
    # Why they are held, for how long, and where they are corrected.
    data_use: DataUse | None = None
    # All its columns of text: those that hold something of a person, and those that hold nothing of anybody.
    columns: Declared = ()
    # Kinds of rows and files deleted every night, with a row of the report for each.
    retention: tuple[Retention, ...] = ()
    # Celery beat entries by name: {"task": dotted path, "schedule": seconds or crontab}.
    beat: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    # Numbers of what waits, by ``now``, for whoever watches the servers.
    metrics: Callable[[datetime], Iterable[Metric]] | None = None


@dataclass(frozen=True)
class StartPage:
    """A page on which a person's work begins, if ``opens_for`` accepts their roles in all estates."""

    url_name: str
    opens_for: Callable[[Collection[str]], bool]


@dataclass(frozen=True)
class Delegated:
    """Declares that a delegate may use the service for a resident.

    ``label`` is shown in lists of delegated services, ``wish`` on the page that asks for them.
    """

    label: Words
    wish: Words
    # Button for the delegate beside the resident: address, words with the resident's ``name``, icon.
    button: tuple[str, Words, str] | None = None


@dataclass(frozen=True, kw_only=True)
class Service(App):
    """A service for residents that an estate can switch off.

    ``key`` identifies it in the database, in addresses and in ``settings.SERVICES``.
    """

    key: str
    label: Words
    delegated: Delegated | None = None
    # Acts in a resident's name, by model and new status (``repair:new``), as the resident reads it.
    done_in_name: Mapping[str, Words] = field(default_factory=dict)
    # Name in lists of response times and of satisfaction; None if it is in neither.
    answers_label: Words | None = None
    # Whether its bookings take places of ``services.scheduling``.
    takes_places: bool = False
    # Keys of services without whose pages residents could not finish what they begin in this one.
    needs: frozenset[str] = frozenset()
    start_pages: tuple[StartPage, ...] = ()
    # URL modules, included at the root and below /api/v1/.
    urls: tuple[str, ...] = ()
    api_urls: tuple[str, ...] = ()
    # Parts of the resident's home page and its menus.
    home: Home | None = None
    morning: Morning | None = None
    figures: Figures | None = None
    # None if the service promises no first answer.
    first_answers: FirstAnswers | None = None
    # Staff page of a reference, by its first letter: {"R": ...}.
    references: Mapping[str, StaffPage] = field(default_factory=dict)
    # Roles to whom this service shows references of any service as links.
    reference_readers: frozenset[str] = frozenset()
    staff_areas: tuple[StaffArea, ...] = ()
    resident_actions: tuple[ResidentAction, ...] = ()
    resident_parts: tuple[ResidentPart, ...] = ()
    # Work that a colleague takes over when a member of staff leaves.
    handover: Handover | None = None
    # Addresses without traces, excluded from the record of active people too.
    unrecorded_paths: tuple[str, ...] = ()
