"""Lists of repairs for staff: columns of the board, workers with their load, jobs, filters; places to choose.

The number of queries does not depend on the number of repairs.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When, Window
from django.db.models.functions import Coalesce, RowNumber
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from accounts.policies import Role
from community.core import clock
from community.core.search.filtering import Ways, search_ways
from community.core.statements import Statement
from community.estates.models import Building, Estate, Home, PublicPlace
from services.common.response_clock import standings
from services.repairs import KEY
from services.repairs.models import Repair, RepairPicture, RepairRecording

S = Repair.Status
LIMIT = 20
# The reporter is searched too: they may be the caller, not the resident.
FOUND_BY = Ways(
    people=("resident", "reported_by"), homes=("home",), references=("reference",), words=("place__name",)
)


@dataclass(frozen=True)
class Column:
    """A column of the board: a stage of repairs as the dispatcher sees it."""

    key: str
    title: Promise | str
    states: tuple[str, ...]
    oldest_first: bool = True


COLUMNS = (
    Column("new", pgettext_lazy("board", "New"), (S.NEW, S.REOPENED)),
    Column("accepted", _("Accepted"), (S.ACCEPTED,)),
    Column("assigned", _("Assigned"), (S.ASSIGNED,)),
    Column("in-work", _("In work"), (S.IN_WORK,)),
    Column("waiting", _("Waiting"), (S.WAITING_FOR_PARTS, S.WAITING_FOR_RESIDENT, S.QUOTED)),
    Column("done", _("Done"), (S.DONE,), oldest_first=False),
)
FINISHED = Column("finished", _("Finished"), Repair.FINISHED, oldest_first=False)
BY_KEY = {column.key: column for column in (*COLUMNS, FINISHED)}

# Statuses in the words of staff; the model has the words of the resident.
STAFF_WORDS: dict[str, Promise | str] = {
    S.NEW: _("Reported"),
    S.ACCEPTED: _("Accepted"),
    S.ASSIGNED: _("Assigned"),
    S.IN_WORK: _("In work"),
    S.WAITING_FOR_PARTS: _("Waiting for parts"),
    S.WAITING_FOR_RESIDENT: _("Waiting for the resident"),
    S.QUOTED: _("Waiting for a yes to the price"),
    S.DONE: _("Done"),
    S.REOPENED: _("Not mended"),
    S.CONFIRMED: _("Confirmed"),
    S.CLOSED: _("Closed"),
    S.CANCELLED: _("Cancelled"),
    S.DECLINED: _("Declined"),
}
TONES: dict[str, str] = {
    S.NEW: "help",
    S.REOPENED: "help",
    S.ACCEPTED: "build",
    S.ASSIGNED: "repair",
    S.IN_WORK: "repair",
    S.WAITING_FOR_PARTS: "care",
    S.WAITING_FOR_RESIDENT: "care",
    S.QUOTED: "care",
    S.DONE: "brand",
    S.CONFIRMED: "brand",
}


@dataclass
class FilledColumn:
    """A column with its first cards and the number of all its repairs."""

    column: Column
    count: int
    cards: list[Repair] = field(default_factory=list)

    @property
    def hidden(self) -> int:
        """Returns the number of repairs that the column does not show."""
        return max(self.count - len(self.cards), 0)


def _first_keys(repairs: QuerySet[Repair]) -> QuerySet[Repair, tuple[int, int, int]]:
    """Returns keys of the first cards, with the number of their column and how many are in it."""
    columns = Case(
        *(When(status__in=column.states, then=Value(number)) for number, column in enumerate(COLUMNS))
    )
    waiting = Case(
        *(
            When(status__in=column.states, then=F("status_changed_at"))
            for column in COLUMNS
            if column.oldest_first
        )
    )
    # Narrow first: only the rows of cards are joined with what they show.
    rows = repairs.filter(status__in=[state for column in COLUMNS for state in column.states]).annotate(
        column=columns
    )
    ranked = rows.annotate(
        rank=Window(
            RowNumber(),
            partition_by="column",
            order_by=[F("is_emergency").desc(), waiting, F("status_changed_at").desc(), F("pk")],
        ),
        in_all=Window(Count("pk"), partition_by="column"),
    )
    return ranked.filter(rank__lte=LIMIT).order_by("column", "rank").values_list("pk", "column", "in_all")


_FIRST_KEYS: Statement[tuple[int, int, int]] = Statement(
    lambda estate: _first_keys(Repair.objects.filter(estate=estate))
)


def board_columns(repairs: QuerySet[Repair], *, all_of: Estate | None = None) -> list[FilledColumn]:
    """Returns the columns of the board: emergencies first, then the longest waiting (of finished ones, the
    latest). Two queries. ``all_of`` is the estate of which these repairs are all.
    """
    first = list(_first_keys(repairs)) if all_of is None else _FIRST_KEYS(all_of.pk)
    cards = {card.pk: card for card in _CARDS([pk for pk, _column, _in_all in first])}
    counts = {number: in_all for _pk, number, in_all in first}
    return [
        FilledColumn(
            column,
            counts.get(number, 0),
            [cards[pk] for pk, at, _in_all in first if at == number and pk in cards],
        )
        for number, column in enumerate(COLUMNS)
    ]


def newest_cards(repairs: QuerySet[Repair]) -> list[Repair]:
    """Returns these repairs with what a row of the list shows, in the order of ``newest_first``. One query."""
    return _NEWEST(repairs)


def _cards(repairs: Any) -> QuerySet[Repair]:
    return with_attachment_flags(Repair.objects.filter(pk__in=repairs).with_card())


_CARDS: Statement[Repair] = Statement(lambda keys: _cards(keys).order_by())
_NEWEST: Statement[Repair] = Statement(lambda repairs: _cards(repairs).order_by("-created_at", "-pk"))


def attach_clocks(columns: list[FilledColumn], estate: Estate, now: datetime) -> None:
    """Sets ``standing``, the response clock, on each card that waits for a first answer. At most three
    queries.
    """
    cards = [card for filled in columns for card in filled.cards]
    waiting = [card.reference for card in cards if card.status in (S.NEW, S.REOPENED)]
    found = standings(estate, KEY, waiting, now)
    for card in cards:
        card.standing = found.get(card.reference)  # type: ignore[attr-defined]


def with_attachment_flags(repairs: QuerySet[Repair]) -> QuerySet[Repair]:
    """Adds whether there are pictures and recordings, in the same query."""
    return repairs.annotate(
        has_pictures=Exists(RepairPicture.objects.filter(repair=OuterRef("pk"))),
        has_recordings=Exists(RepairRecording.objects.filter(repair=OuterRef("pk"))),
    )


def filter_repairs(repairs: QuerySet[Repair], filters: dict[str, Any]) -> QuerySet[Repair]:
    """Limits to repairs that pass the filters ``category``, ``worker`` and ``emergency``."""
    if category := filters.get("category"):
        repairs = repairs.filter(Q(category=category) | Q(category__parent=category))
    if worker := filters.get("worker"):
        repairs = repairs.filter(worker=worker)
    if filters.get("emergency"):
        repairs = repairs.filter(is_emergency=True)
    return repairs


def ways_to(filters: dict[str, Any]) -> list[Q]:
    """Returns the conditions for the filters ``building`` and ``words``, of which a repair must meet one.

    Empty without these filters.
    """
    building = filters.get("building")
    there = _ways_to_building(building) if building else []
    found = search_ways(filters.get("words") or "", FOUND_BY, Repair)
    if there and found:
        return [place & words for place in there for words in found]
    return there or found


def _ways_to_building(building: Building) -> list[Q]:
    """Returns the conditions of a repair in the building. Given their keys, the database knows how many homes
    and places there are.
    """
    homes = Home.objects.filter(entrance__building=building).values_list("pk", flat=True)
    places = PublicPlace.objects.filter(building=building).values_list("pk", flat=True)
    return [Q(home__in=list(homes)), Q(place__in=list(places))]


def workers_of(estate: Estate | int) -> QuerySet[User]:
    """Returns the estate's repair workers by name, with ``open_jobs``: their jobs in hand in all estates.

    ``phone_waiting`` counts entries on their phone that have not arrived, the first since ``phone_since``.
    """
    in_hand = Repair.objects.in_hand().filter(worker=OuterRef("pk")).order_by().values("worker")
    people = User.objects.filter(
        is_active=True, staff_roles__estate=estate, staff_roles__role=Role.REPAIR_WORKER
    )
    load = Subquery(in_hand.annotate(number=Count("pk")).values("number"))
    return people.annotate(
        open_jobs=Coalesce(load, 0),
        phone_waiting=F("phone_queue__waiting") + F("phone_queue__refused"),
        phone_since=F("phone_queue__since"),
    ).order_by("pk")


_WORKERS: Statement[User] = Statement(workers_of)


def workers_with_load(estate: Estate) -> list[User]:
    """Returns ``workers_of`` the estate. One query."""
    return _WORKERS(estate.pk)


def jobs_of(user: User) -> QuerySet[Repair]:
    """Returns the worker's jobs in hand: emergencies first, then work begun, assigned, and waiting."""
    stage = Case(
        When(status=S.IN_WORK, then=Value(0)), When(status=S.ASSIGNED, then=Value(1)), default=Value(2)
    )
    mine = with_attachment_flags(Repair.objects.visible_to(user).in_hand().filter(worker=user).with_people())
    return mine.annotate(stage=stage).order_by("-is_emergency", "stage", "status_changed_at", "pk")


def done_today(user: User, now: datetime) -> QuerySet[Repair]:
    """Returns the worker's repairs finished since midnight, the latest first."""
    begins = clock.midnight(clock.today(now))
    mine = with_attachment_flags(Repair.objects.visible_to(user).filter(worker=user).with_people())
    finished = mine.filter(status__in=(S.DONE, S.CONFIRMED), status_changed_at__gte=begins)
    return finished.order_by("-status_changed_at", "-pk")


def jobs_to_take(user: User) -> QuerySet[Repair]:
    """Returns jobs that any worker of the estate may take: emergencies first, then the longest waiting."""
    free = with_attachment_flags(Repair.objects.visible_to(user).takeable().with_people())
    return free.order_by("-is_emergency", "status_changed_at", "pk")


# Up to this number, all places of an estate are on one page.
PLACES_ON_ONE_PAGE = 8
PLACES_FOUND = 20
GROUNDS, BUILDINGS = "grounds", "buildings"


@dataclass(frozen=True)
class PlaceChoice:
    """A page of the choice of a shared area: places, or the buildings that have some.

    ``others`` links to the places elsewhere; ``title`` names the building of the places.
    """

    places: list[PublicPlace]
    buildings: list[Building] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    title: str = ""
    is_searchable: bool = True
    is_first: bool = False


def natural_key(name: str) -> list[tuple[int, str]]:
    """Returns a sort key in which 2号楼 comes before 10号楼."""
    parts = re.split(r"([0-9]+)", name)
    return [(int(part), "") if part.isdecimal() else (0, part) for part in parts]


def choose_place(estate: Estate, own: Building | None, *, within: str = "", words: str = "") -> PlaceChoice:
    """Returns the places to choose from: first those of one's own building, then others by building.

    ``within`` is ``grounds``, ``buildings`` or the key of a building; ``words`` searches the names.
    """
    rows = PublicPlace.objects.filter(estate=estate).select_related("building")
    every = sorted(rows, key=lambda place: natural_key(place.name))
    on_grounds = [place for place in every if place.building_id is None]
    named = {place.building_id: place.building for place in every if place.building}
    buildings = sorted(named.values(), key=lambda building: natural_key(building.name))
    others = [building for building in buildings if own is None or building.pk != own.pk]
    if words:
        found = [place for place in every if words.casefold() in place.name.casefold()]
        return PlaceChoice(found[:PLACES_FOUND])
    if within == GROUNDS:
        return PlaceChoice(on_grounds)
    if within == BUILDINGS:
        return PlaceChoice([], others)
    if building := next((one for one in buildings if str(one.pk) == within), None):
        return PlaceChoice(
            [place for place in every if place.building_id == building.pk], title=building.name
        )
    if len(every) <= PLACES_ON_ONE_PAGE:
        return PlaceChoice(every, is_searchable=False, is_first=True)
    mine = [place for place in every if own is not None and place.building_id == own.pk]
    elsewhere = [*([GROUNDS] if on_grounds else []), *([BUILDINGS] if others else [])]
    return PlaceChoice(mine, others=elsewhere, title=own.name if own and mine else "", is_first=True)
