"""Parts of the resident's home page and its menus that services declare."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.urls import reverse

from community.core.services.words import Words

if TYPE_CHECKING:
    from community.core.search.filtering import Ways


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
class HomePart:
    """A part of the standard home page with the open requests of a service.

    ``context(user, now)`` returns the names that ``template`` shows, or an empty dict if no request is open.
    The names are available to the whole page, so that doors and other parts can use them.
    """

    position: int
    template: str
    context: Callable[[Any, datetime], dict[str, Any]]
    # With it, the template is shown only if this name has a value.
    shown_with: str = ""

    def is_shown(self, names: Mapping[str, Any]) -> bool:
        """Whether ``names``, the part's context, has something to show."""
        return bool(names.get(self.shown_with) if self.shown_with else names)


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Something that waits for a person (等您办): ``words`` say it in a sentence, ``url`` is where it is done.

    ``at`` is the time at which somebody comes; None if the person's answer is awaited. ``resident`` is the
    person whom it concerns, ``about`` the thing, where the sentence does not name it.
    """

    words: Words
    url: str
    icon: str
    about: str = ""
    at: datetime | None = None
    resident: Any = None
    is_urgent: bool = False


@dataclass(frozen=True, kw_only=True)
class Matter:
    """A request, a booking or a payment, as cards and lists show those of all services.

    ``starts_at`` is the agreed time, until ``ends_at``; None without one. ``steps`` is the line of points.
    """

    title: Words
    url: str
    icon: str
    tone: str
    tag: Words
    tag_tone: str
    sub: Words = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    resident: Any = None
    steps: Sequence[Any] = ()
    waiting: Waiting | None = None


@dataclass(frozen=True, kw_only=True)
class MatterSource:
    """The matters of one kind, for the home page and the list of all matters.

    ``rows(user)`` are those of the person, their household and the people they act for, with ``created_at``;
    ``joined`` adds what ``show(row, reader, now)`` needs to describe one. ``open`` limits to unfinished ones,
    those that wait for the person first; ``in_words`` are the lookups that the search of the list uses,
    ``sealed`` the encrypted columns with the words of the matter, which it reads of the person's newest rows
    only.
    """

    key: str
    position: int
    label: Words
    rows: Callable[[Any], QuerySet[Any]]
    joined: Callable[[QuerySet[Any]], QuerySet[Any]]
    show: Callable[[Any, Any, datetime], Matter]
    open: Callable[[QuerySet[Any]], QuerySet[Any]]
    in_words: "Ways"
    sealed: tuple[str, ...] = ()
    # Whether the home page reads its open matters; whether they have a card there, also while they do not
    # wait for the person.
    is_on_home: bool = True
    has_card: bool = True


@dataclass(frozen=True, kw_only=True)
class FamilyLine:
    """A button of a service on the card of a person for whom the reader acts, and a line about the service.

    ``words`` is a function of the resident's key and the names that the parts have given to the page; it
    returns the line, "" if there is nothing to do.
    """

    position: int
    url_name: str
    button: Words
    icon: str
    tone: str
    words: Callable[[int, Mapping[str, Any]], Words] | None = None

    def words_for(self, resident: int, context: Mapping[str, Any]) -> Words:
        return self.words(resident, context) if self.words else ""


@dataclass(frozen=True, kw_only=True)
class WelcomeLine:
    """A line about a service on the welcome page."""

    position: int
    title: Words
    sub: Words
    icon: str
    tone: str


@dataclass(frozen=True)
class WaitingRows:
    """Rows that wait for a person besides the matters, mostly none: only if there are any they are read and shown."""

    rows: Callable[[Any, datetime], QuerySet[Any]]
    show: Callable[[QuerySet[Any]], Iterable[Waiting]]


@dataclass(frozen=True, kw_only=True)
class Home:
    """Everything that a service adds to the home page, "More" and the welcome page."""

    parts: tuple[HomePart, ...] = ()
    matters: tuple[MatterSource, ...] = ()
    # Returns what waits for a person besides the matters; gets the context of the parts too.
    waiting: Callable[[Any, datetime, Mapping[str, Any]], Iterable[Waiting]] | None = None
    waiting_rows: WaitingRows | None = None
    # Names of the steps that can be handed over to the family, by the name of the page's address: words, or
    # a function of the resident and the arguments of the address.
    steps: Mapping[str, Words | Callable[[Any, Mapping[str, Any]], Words]] = field(default_factory=dict)
    # Functions that store the words typed on such a step in its draft, by the same names; they get the
    # person, the arguments of the address and the fields of the form.
    typed: Mapping[str, Callable[[Any, Mapping[str, Any], Mapping[str, list[str]]], None]] = field(
        default_factory=dict
    )
    # Steps without a draft, whose typed form is kept for the relatives who are asked; by the same names, the
    # name of the address that sends the form.
    handed: Mapping[str, str] = field(default_factory=dict)
    tiles: tuple[HomeLink, ...] = ()
    doors: tuple[HomeDoor, ...] = ()
    more: tuple[HomeLink, ...] = ()
    # Shown to visitors who are not signed in.
    more_signed_out: tuple[HomeLink, ...] = ()
    family: FamilyLine | None = None
    welcome: tuple[WelcomeLine, ...] = ()
    welcome_buttons: tuple[HomeLink, ...] = ()
