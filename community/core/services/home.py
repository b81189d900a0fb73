"""Parts of the resident's home page and its menus that services declare."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from community.core.services.words import Words


@dataclass(frozen=True, kw_only=True)
class HomeLink:
    """A link to a page of a service: a tile, or an entry of "More"."""

    position: int
    url_name: str
    label: Words
    icon: str
    tone: str = "brand"

    @property
    def url(self) -> str:
        return reverse(self.url_name)


@dataclass(frozen=True, kw_only=True)
class HomeDoor(HomeLink):
    """A function that the large mode shows at once. ``kind`` is its colour.

    ``hint`` is its second line or a function of the home page's context.
    """

    kind: str
    hint: Words | Callable[[Mapping[str, Any]], Words]

    def hint_in(self, context: Mapping[str, Any]) -> Words:
        return self.hint(context) if callable(self.hint) else self.hint


@dataclass(frozen=True, kw_only=True)
class HomeTab(HomeLink):
    """A tab at the foot of the standard mode; pages select it by ``key``."""

    key: str


@dataclass(frozen=True, kw_only=True)
class HomePart:
    """A part of the standard home page with the open requests of a service.

    ``context(user, now)`` returns the names that ``template`` shows, or an empty dict if no request is open.
    The names are available to the whole page, so that doors and other parts can use them.
    """

    position: int
    template: str
    context: Callable[[Any, datetime], dict[str, Any]]
    # Shown above everything else, urgent notices included.
    is_alarm: bool = False


@dataclass(frozen=True, kw_only=True)
class FamilyLine:
    """A line about a service on a delegate's own home page.

    ``words`` may be a function of the delegation that returns "" if there is nothing to do. ``annotate()``
    returns annotations of the delegation, read in the one query for the family.
    """

    position: int
    url_name: str
    words: Words | Callable[[Any], Words]
    icon: str
    tone: str
    annotate: Callable[[], Mapping[str, Any]] | None = None

    def words_for(self, delegation: Any) -> Words:
        return self.words(delegation) if callable(self.words) else self.words


@dataclass(frozen=True, kw_only=True)
class WelcomeLine:
    """A line about a service on the welcome page."""

    position: int
    title: Words
    sub: Words
    icon: str
    tone: str


@dataclass(frozen=True, kw_only=True)
class Home:
    """Everything that a service adds to the home page, its tabs, "More" and the welcome page."""

    parts: tuple[HomePart, ...] = ()
    tiles: tuple[HomeLink, ...] = ()
    doors: tuple[HomeDoor, ...] = ()
    tabs: tuple[HomeTab, ...] = ()
    more: tuple[HomeLink, ...] = ()
    # Shown to visitors who are not signed in.
    more_signed_out: tuple[HomeLink, ...] = ()
    family: FamilyLine | None = None
    welcome: tuple[WelcomeLine, ...] = ()
    welcome_buttons: tuple[HomeLink, ...] = ()
