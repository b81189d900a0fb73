"""What services add to the resident's home page and to the ways that lead on from it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from community.core.services.words import Words


@dataclass(frozen=True, kw_only=True)
class HomeLink:
    """A way to a page of a service: a tile, or a line of "More"."""

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
    """One of the functions that the large mode shows at once. ``kind`` is its colour.

    ``hint`` is its second line; it may be a function of the context of the home page.
    """

    kind: str
    hint: Words | Callable[[Mapping[str, Any]], Words]

    def hint_in(self, context: Mapping[str, Any]) -> Words:
        return self.hint(context) if callable(self.hint) else self.hint


@dataclass(frozen=True, kw_only=True)
class HomeTab(HomeLink):
    """A tab at the foot of the standard mode; pages name it by ``key`` as their own."""

    key: str


@dataclass(frozen=True, kw_only=True)
class HomePart:
    """What is under way in a service, on the home page of the standard mode.

    ``context(user, now)`` gives the names that ``template`` shows, and nothing where nothing is under
    way. The names stand in the context of the whole page, so that doors and other parts can use them.
    """

    position: int
    template: str
    context: Callable[[Any, datetime], dict[str, Any]]
    # Stands above everything else, urgent notices too.
    is_alarm: bool = False


@dataclass(frozen=True, kw_only=True)
class FamilyLine:
    """What a delegate can do in a service for somebody, as a line of their own home page.

    ``words`` may be a function of the delegation, which returns nothing where there is nothing to do.
    The delegation carries what ``annotate()`` returns, all of it read in the one query for the family.
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
    """What a service offers, as the welcome page says it."""

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
    # For whoever is not signed in.
    more_signed_out: tuple[HomeLink, ...] = ()
    family: FamilyLine | None = None
    welcome: tuple[WelcomeLine, ...] = ()
    welcome_buttons: tuple[HomeLink, ...] = ()
