"""Groups of homes that services offer as an audience; each registers a source in ``AppConfig.ready``.

Notices know no service. A group is a name and a value, such as ``renovation:12``. The source lists the groups
of an estate and returns the homes of a group.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import QuerySet

from community.core.services import is_off
from community.estates.models import Estate, Home


@dataclass(frozen=True)
class Group:
    """A group of homes that notices can be for. ``value`` is its key within its source."""

    value: str
    label: str


@dataclass(frozen=True)
class Source:
    groups: Callable[[Estate], list[Group]]
    homes: Callable[[Estate, str], QuerySet[Home]]


_sources: dict[str, Source] = {}


def register_source(
    name: str,
    *,
    groups: Callable[[Estate], list[Group]],
    homes: Callable[[Estate, str], QuerySet[Home]],
) -> None:
    """Registers a source of groups. ``homes`` returns no rows for an unknown value.

    ``name`` is the key of the service, whose groups are not offered while it is switched off.
    """
    _sources[name] = Source(groups, homes)


def groups_in(estate: Estate) -> list[Group]:
    """Returns every group of the estate, with ``name:value`` as its value."""
    return [
        Group(f"{name}:{group.value}", group.label)
        for name, source in _sources.items()
        if not is_off(name)
        for group in source.groups(estate)
    ]


def homes_in(estate: Estate, group: str) -> QuerySet[Home]:
    """Returns the present homes of a group; none for an unknown group."""
    name, _colon, value = group.partition(":")
    source = _sources.get(name)
    return source.homes(estate, value) if source else Home.objects.none()
