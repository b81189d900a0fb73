"""The form in which a service declares itself to the rest of the house."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from community.core.services.nav import NavEntry
from community.core.services.staff import Handover, ResidentAction, ResidentPart, StaffArea, StaffPage
from community.core.services.words import Words

# Verbs by model label: {"repairs.repair": ("view", "export")}.
Rights = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class Service:
    """Everything that other packages need to know about one service.

    ``key`` names it in the database, in addresses and in ``settings.SERVICES``.
    """

    key: str
    label: Words
    # How the list of what a delegate may do names it; None where nobody can act for another.
    delegation_label: Words | None = None
    # Back office rights by staff role.
    rights: Mapping[str, Rights] = field(default_factory=dict)
    # URL modules, included at the root and below /api/v1/.
    urls: tuple[str, ...] = ()
    api_urls: tuple[str, ...] = ()
    # Celery beat entries by name: {"task": dotted path, "schedule": seconds or crontab}.
    beat: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    # Pages of the back office, with what waits on them.
    nav: tuple[NavEntry, ...] = ()
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
