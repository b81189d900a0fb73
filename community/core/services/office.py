"""The form of the back office's side bar."""

from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True)
class MenuItem:
    """A list of the back office. ``model`` is its label; whoever may not view it does not see the item."""

    title: str | Promise
    icon: str
    model: str


@dataclass(frozen=True)
class MenuGroup:
    """Items under a title. Groups of the same ``position`` are one; a service's title goes before an app's."""

    position: int
    title: str | Promise
    items: tuple[MenuItem, ...]
