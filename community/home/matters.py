"""The matters of all services: cards of the home page, rows of the list 我的事."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from django.db.models import Model, Q, QuerySet

from accounts.models import User
from community.core import clock
from community.core.dates import moment_words, slot_words
from community.core.search.filtering import search_filter
from community.core.services import in_order
from community.core.services.home import Matter, MatterSource
from community.core.statements import Statement
from community.home.parts import homes_declared

# Rows of one kind that the home page reads, and cards that it shows; the list has the rest.
READ, CARDS = 24, 4
# Rows of a page of the list; rows of a kind whose encrypted words a search reads.
SIZE = 20
READ_SEALED = 300
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Card:
    """A matter as a reader sees it: its time in words, whether that is today, the person if another."""

    matter: Matter
    when: str
    is_today: bool
    who: Any


def sources() -> list[MatterSource]:
    return in_order(source for home in homes_declared() for source in home.matters)


def open_rows(user: User) -> list[tuple[MatterSource, QuerySet[Any]]]:
    """Returns the kinds of matters of the home page with their open rows."""
    return [(source, source.open(source.rows(user))) for source in sources() if source.is_on_home]


def open_matters(
    user: User, now: datetime, kinds: Iterable[tuple[MatterSource, QuerySet[Any]]]
) -> tuple[list[Matter], list[Matter]]:
    """Returns open matters that have a card, those with a time first, and all that wait. One query a kind."""
    with_card, found = [], []
    for source, rows in kinds:
        shown = [source.show(row, user, now) for row in _read(source, rows, is_open=True)]
        found += shown
        with_card += shown if source.has_card else []
    # Sorting is stable: matters without a time keep the order of their service, those that wait first.
    with_card.sort(key=lambda matter: (matter.starts_at is None, matter.starts_at or now))
    return with_card, [matter for matter in found if matter.waiting]


def _read(source: MatterSource, rows: QuerySet[Any], *, is_open: bool) -> list[Any]:
    """Returns these rows with what ``show`` needs: the first ``READ`` open ones, or all, the newest first."""
    return _statement(source, rows.model, is_open)(rows)  # type: ignore[arg-type]


@cache
def _statement(source: MatterSource, model: type[Model], is_open: bool) -> Statement[Any]:
    def write(chosen: Any) -> QuerySet[Any]:
        rows = source.joined(model._default_manager.filter(pk__in=chosen))
        return source.open(rows)[:READ] if is_open else rows.order_by("-created_at", "-pk")

    return Statement(write)


def cards(matters: Iterable[Matter], reader: User, now: datetime) -> list[Card]:
    """Returns the matters as the reader sees them."""
    return [_card(matter, reader, now) for matter in matters]


def _card(matter: Matter, reader: User, now: datetime) -> Card:
    starts_at = matter.starts_at
    return Card(
        matter=matter,
        when=_when(matter, now),
        is_today=starts_at is not None and clock.today(starts_at) == clock.today(now),
        who=matter.resident if matter.resident and matter.resident.pk != reader.pk else None,
    )


def _when(matter: Matter, now: datetime) -> str:
    if matter.starts_at is None:
        return ""
    if matter.ends_at is None:
        return moment_words(matter.starts_at, now)
    return slot_words(matter.starts_at, matter.ends_at, now)


@dataclass(frozen=True)
class Row:
    """A matter in the list, with the time at which it was made."""

    card: Card
    made_at: datetime


@dataclass(frozen=True)
class Key:
    """The last row of a page: its time, the position of its kind among all kinds, its key."""

    at: datetime
    number: int
    pk: int

    def __str__(self) -> str:
        return f"{(self.at - EPOCH) // timedelta(microseconds=1)}-{self.number}-{self.pk}"


def page_of(
    user: User, now: datetime, filters: Mapping[str, Any], *, before: str = ""
) -> tuple[list[Row], str]:
    """Returns one page of all matters that pass the filters, newest first, and the key of the next page.

    ``filters``: ``kind``, ``month`` (its first day), ``words`` and ``is_open``. One query for each kind, with
    ``words`` another one for each with encrypted words. An invalid key shows the first page.
    """
    bound, found = _read_key(before), []
    for number, source in enumerate(sources()):
        if filters.get("kind") in (None, "", source.key):
            rows = _older(_filtered(source, user, filters), number, bound)
            newest = rows.order_by("-created_at", "-pk")[: SIZE + 1]
            found += [(number, source, row) for row in _read(source, newest, is_open=False)]
    # Sorting is stable: of the same moment, kinds keep their order, and rows of a kind theirs.
    found.sort(key=lambda one: one[2].created_at, reverse=True)
    shown = found[:SIZE]
    rows_shown = [
        Row(_card(source.show(row, user, now), user, now), row.created_at) for _number, source, row in shown
    ]
    if len(found) <= SIZE:
        return rows_shown, ""
    number, _source, last = shown[-1]
    return rows_shown, str(Key(last.created_at, number, last.pk))


def _filtered(source: MatterSource, user: User, filters: Mapping[str, Any]) -> QuerySet[Any]:
    rows, words = source.rows(user), filters.get("words") or ""
    found = search_filter(words, source.in_words)
    if words.strip() and source.sealed:
        found |= Q(pk__in=_saying(source, user, words.casefold().split()))
    rows = rows.filter(found)
    month: date | None = filters.get("month")
    if month:
        following = (month + timedelta(days=31)).replace(day=1)
        rows = rows.filter(created_at__gte=clock.midnight(month), created_at__lt=clock.midnight(following))
    return source.open(rows) if filters.get("is_open") else rows


def _saying(source: MatterSource, user: User, words: list[str]) -> list[Any]:
    """Returns the keys of the newest matters whose own words contain each of these. One query."""
    newest = source.rows(user).order_by("-created_at", "-pk").values_list("pk", *source.sealed)[:READ_SEALED]
    return [pk for pk, *texts in newest if all(word in "\n".join(texts).casefold() for word in words)]


def _older(rows: QuerySet[Any], number: int, bound: Key | None) -> QuerySet[Any]:
    """Limits to rows after the key in the order of the list."""
    if bound is None:
        return rows
    older = Q(created_at__lt=bound.at)
    if number > bound.number:
        older |= Q(created_at=bound.at)
    elif number == bound.number:
        older |= Q(created_at=bound.at, pk__lt=bound.pk)
    return rows.filter(older, created_at__lte=bound.at)


def _read_key(text: str) -> Key | None:
    try:
        moment, number, pk = (int(part) for part in text.split("-"))
        return Key(EPOCH + timedelta(microseconds=moment), number, pk)
    except (ValueError, OverflowError):
        return None
