"""Those affected, as a service knows them: it registers here in ``AppConfig.ready`` what it can name.

Notices know no service. A group is a name and a value, such as ``renovation:12``; whoever registered
the name says which groups an estate has now, and which homes belong to one.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import QuerySet

from community.estates.models import Estate, Home


@dataclass(frozen=True)
class Group:
    """A group of homes that can be written to. ``value`` is its own key at whoever offers it."""

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
    """Register a source of groups. ``homes`` of a value that is none (any more) has no row."""
    _sources[name] = Source(groups, homes)


def groups_in(estate: Estate) -> list[Group]:
    """Every group of the estate, as ``name:value`` with its label."""
    return [
        Group(f"{name}:{group.value}", group.label)
        for name, source in _sources.items()
        for group in source.groups(estate)
    ]


def homes_in(estate: Estate, group: str) -> QuerySet[Home]:
    """The homes of a group as they are now; none of one that nobody offers."""
    name, _colon, value = group.partition(":")
    source = _sources.get(name)
    return source.homes(estate, value) if source else Home.objects.none()
