"""Progress of a project: numbers, and the elevation of a building; without names."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    Exists,
    F,
    FilteredRelation,
    OuterRef,
    Q,
    QuerySet,
    When,
)
from django.utils.translation import gettext as _
from django.utils.translation import pgettext, pgettext_lazy

from community.core.statements import Statement
from community.estates.models import Building, Home
from services.renovation.models import (
    Appointment,
    Campaign,
    HomeState,
    Participation,
    ProjectBuilding,
    RenovationProject,
    WorkItem,
)

# States as neighbours see them: defects are known to the household and the crew only.
SHOWN_TO_NEIGHBOURS = {HomeState.DEFECTS: HomeState.IN_WORK}
LETTERS = {
    HomeState.WAITING: pgettext_lazy("cell", "–"),
    HomeState.BOOKED: pgettext_lazy("cell", "B"),
    HomeState.IN_WORK: pgettext_lazy("cell", "W"),
    HomeState.DEFECTS: pgettext_lazy("cell", "R"),
    HomeState.DONE: pgettext_lazy("cell", "D"),
}
TONES = {
    HomeState.WAITING: "plain",
    HomeState.BOOKED: "repair",
    HomeState.IN_WORK: "care",
    HomeState.DEFECTS: "help",
    HomeState.DONE: "brand",
}
# Below this count a total would reveal one household's answer, so it is hidden.
MIN_HOMES_SHOWN = 5
# The key that no home has.
NO_HOME = 0
# Sizes of a cell, in px of the drawing.
WIDE, TALL, GAP, EDGE, ROOF = 58, 50, 6, 8, 18


@dataclass
class Numbers:
    """Numbers of homes: all, taking part, and by state."""

    homes: int = 0
    yes: int = 0
    no: int = 0
    states: dict[str, int] = field(default_factory=dict)
    building: Building | None = None
    # Homes of buildings whose numbers are hidden because they have few homes, and the number of homes that
    # take part in the other buildings.
    hidden_homes: int = 0
    yes_counted: int = 0

    @property
    def yes_shown(self) -> int | None:
        """Returns how many homes take part, for everybody; None if it would reveal one household's answer.

        Small buildings are left out of the total too, because their number could be subtracted otherwise.
        """
        return self.yes_counted if self.homes - self.hidden_homes >= MIN_HOMES_SHOWN else None

    @property
    def done(self) -> int:
        return self.states.get(HomeState.DONE, 0)

    @property
    def booked(self) -> int:
        """Returns the number of homes that have, or had, an appointment."""
        return sum(count for state, count in self.states.items() if state != HomeState.WAITING)

    @property
    def percent(self) -> int:
        return self.done * 100 // self.homes if self.homes else 0

    @property
    def undecided(self) -> int:
        return self.homes - self.yes - self.no

    def __iadd__(self, other: "Numbers") -> "Numbers":
        self.homes, self.yes, self.no = self.homes + other.homes, self.yes + other.yes, self.no + other.no
        self.hidden_homes, self.yes_counted = (
            self.hidden_homes + other.hidden_homes,
            self.yes_counted + other.yes_counted,
        )
        for state, count in other.states.items():
            self.states[state] = self.states.get(state, 0) + count
        return self


def buildings_of(project: RenovationProject) -> list[Building]:
    """Returns the buildings that take part, in their order. One query."""
    return [part.building for part in _PARTS(project.pk)]


_PARTS: Statement[ProjectBuilding] = Statement(
    lambda project: (
        ProjectBuilding.objects.filter(project=project)
        .select_related("building")
        .order_by("building__position", "pk")
    )
)


def numbers_of(project: RenovationProject, buildings: Iterable[Building]) -> tuple[Numbers, list[Numbers]]:
    """Returns the numbers of the project, and of each of these buildings. One query."""
    total, rows, _answers = numbers_and_answers(project, buildings, ())
    return total, rows


def numbers_and_answers(
    project: RenovationProject, buildings: Iterable[Building], homes: Iterable[int]
) -> tuple[Numbers, list[Numbers], dict[int, str]]:
    """Returns ``numbers_of`` these buildings, and what those of these homes that stand in them have answered, by
    key; "" without an answer. One query.
    """
    by_building = {building.pk: Numbers(building=building) for building in buildings}
    answers: dict[int, str] = {}
    for pk, answer, state, home, count in _GROUPED(project.pk, [*by_building], [*homes] or [NO_HOME]):
        numbers = by_building[pk]
        if home is not None:
            answers[home] = answer or ""
        numbers.homes += count
        numbers.yes += count if answer == Participation.Answer.YES else 0
        numbers.no += count if answer == Participation.Answer.NO else 0
        if state:
            numbers.states[state] = numbers.states.get(state, 0) + count
    total = Numbers()
    for numbers in by_building.values():
        numbers.states[HomeState.WAITING] = numbers.homes - numbers.booked
        is_few = numbers.homes < MIN_HOMES_SHOWN
        numbers.hidden_homes, numbers.yes_counted = (numbers.homes, 0) if is_few else (0, numbers.yes)
        total += numbers
    return total, list(by_building.values()), answers


def _grouped(project: int, buildings: list[int], homes: list[int]) -> QuerySet[Home, Any]:
    """Returns building, answer, state and number of homes; each of ``homes`` by itself, with its key."""
    own = Case(When(pk__in=homes, then=F("pk")), default=None, output_field=BigIntegerField())
    answers = FilteredRelation("participations", condition=Q(participations__project=project))
    rows = Home.objects.filter(entrance__building__in=buildings).order_by().annotate(said=answers, own=own)
    grouped = rows.values_list("entrance__building", "said__answer", "said__state", "own")
    return grouped.annotate(number=Count("pk"))


_GROUPED: Statement[Any] = Statement(_grouped)


@dataclass(frozen=True)
class Cell:
    """A home in the elevation."""

    home: Home
    state: str
    x: int
    y: int
    is_mine: bool = False
    answer: str = ""

    @property
    def letter(self) -> str:
        return str(LETTERS[HomeState(self.state)])

    @property
    def state_words(self) -> str:
        return str(HomeState(self.state).label)

    @property
    def title(self) -> str:
        """Returns the text for screen readers and for the tooltip."""
        known = {"home": self.home.number, "state": self.state_words, "entrance": self.home.entrance.name}
        if self.is_mine:
            return _("%(entrance)s %(home)s, your home: %(state)s") % known
        return _("%(entrance)s %(home)s: %(state)s") % known

    @property
    def middle(self) -> int:
        return self.x + WIDE // 2


@dataclass(frozen=True)
class Facade:
    """The drawing of an entrance: its homes floor by floor, with a roof above."""

    name: str
    cells: list[Cell]
    floors: list[tuple[int, int]]  # the number of a floor, and its y
    width: int
    height: int

    @property
    def roof(self) -> str:
        return f"0,{ROOF} {self.width // 2},2 {self.width},{ROOF}"

    @property
    def middle(self) -> int:
        return self.width // 2


@dataclass(frozen=True)
class Legend:
    state: str
    letter: str
    words: str
    count: int
    tone: str


@dataclass(frozen=True)
class Elevation:
    """A building, drawn entrance by entrance."""

    building: Building
    facades: list[Facade]
    legend: list[Legend]

    @property
    def cells(self) -> list[Cell]:
        return [cell for facade in self.facades for cell in facade.cells]

    @property
    def summary(self) -> str:
        """Returns the drawing in a sentence."""
        words = pgettext("list of numbers", ", ").join(
            f"{row.words} {row.count}" for row in self.legend if row.count
        )
        return f"{self.building}: {words}"


def elevation_of(
    project: RenovationProject, building: Building, *, mine: Iterable[int] = (), for_staff: bool = False
) -> Elevation:
    """Returns the elevation of a building; ``mine`` are the reader's homes. Two queries."""
    homes = Home.objects.filter(entrance__building=building).select_related("entrance__building")
    rows = list(homes.order_by("entrance__position", "entrance__name", "-floor", "number"))
    participations = {
        row.home_id: row for row in Participation.objects.filter(project=project, home__in=rows)
    }
    own_homes = set(mine)
    facades = []
    for entrance in dict.fromkeys(home.entrance for home in rows):
        inside = [home for home in rows if home.entrance == entrance]
        facades.append(_facade(entrance.name, inside, participations, own_homes, for_staff=for_staff))
    counted = dict.fromkeys(HomeState.values, 0)
    for facade in facades:
        for cell in facade.cells:
            counted[cell.state] += 1
    legend = [
        Legend(
            state, str(LETTERS[HomeState(state)]), str(HomeState(state).label), count, TONES[HomeState(state)]
        )
        for state, count in counted.items()
        if for_staff or state not in SHOWN_TO_NEIGHBOURS
    ]
    return Elevation(building, facades, legend)


def _facade(
    name: str, homes: list[Home], participations: dict[int, Participation], mine: set[int], *, for_staff: bool
) -> Facade:
    floors: dict[int, list[Home]] = {}
    for home in homes:
        floors.setdefault(home.floor, []).append(home)
    cells, levels = [], []
    for level, (floor, row) in enumerate(sorted(floors.items(), reverse=True)):
        y = ROOF + EDGE + level * (TALL + GAP)
        levels.append((floor, y))
        for place, home in enumerate(row):
            participation = participations.get(home.pk)
            state = HomeState(participation.state) if participation else HomeState.WAITING
            cells.append(
                Cell(
                    home=home,
                    state=state if for_staff else SHOWN_TO_NEIGHBOURS.get(state, state),
                    x=EDGE + place * (WIDE + GAP),
                    y=y,
                    is_mine=home.pk in mine,
                    answer=participation.answer if participation and for_staff else "",
                )
            )
    across = max(len(row) for row in floors.values())
    width = 2 * EDGE + across * (WIDE + GAP) - GAP
    height = ROOF + 2 * EDGE + len(floors) * (TALL + GAP) - GAP
    return Facade(name, cells, levels, width, height)


@dataclass(frozen=True)
class HomeToVisit:
    """A home to visit, and the work for which it has no time."""

    home: Home
    missing: list[str]


def homes_to_visit(project: RenovationProject, *, now: datetime) -> QuerySet[Home]:
    """Returns homes that have not declined and can book work for which they have no time.

    If booking is not open for any work of their building, homes without a time for any of it.
    """
    items = project.items.filter(where=WorkItem.Where.HOMES)
    begun = Campaign.objects.begun(now).filter(item__in=items, building=OuterRef("entrance__building"))
    misses_one = Q(pk__in=[])
    for item in items:
        is_asked_for = Q(Exists(begun.filter(item=item))) | ~Q(Exists(begun))
        agreed = Appointment.objects.live().filter(item=item, home=OuterRef("pk"))
        misses_one |= is_asked_for & ~Q(Exists(agreed))
    refused = Participation.objects.filter(project=project, answer=Participation.Answer.NO)
    taking_part = Home.objects.filter(entrance__building__in=project.parts.values("building"))
    return taking_part.filter(misses_one).exclude(pk__in=refused.values("home"))


def without_appointment(
    project: RenovationProject, building: Building, *, now: datetime
) -> list[tuple[str, list[HomeToVisit]]]:
    """Returns the homes to visit in a building, by entrance, with the work that each misses. Five queries."""
    in_homes = project.items.filter(where=WorkItem.Where.HOMES)
    campaigns = Campaign.objects.begun(now).filter(building=building)
    items = list(in_homes.filter(pk__in=campaigns.values("item"))) or list(in_homes)
    homes = (
        homes_to_visit(project, now=now)
        .filter(entrance__building=building)
        .select_related("entrance__building")
        .order_by("entrance__position", "entrance__name", "floor", "number")
    )
    agreed = set(
        Appointment.objects.live()
        .filter(item__in=items, home__entrance__building=building)
        .values_list("home", "item")
    )
    doors: dict[str, list[HomeToVisit]] = {}
    for home in homes:
        missing = [item.name for item in items if (home.pk, item.pk) not in agreed]
        doors.setdefault(home.entrance.name, []).append(HomeToVisit(home, missing))
    return list(doors.items())
