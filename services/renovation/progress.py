"""How far a project is: numbers, and the elevation of a building. Never a name."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext, pgettext_lazy

from community.estates.models import Building, Home
from services.renovation.models import (
    Appointment,
    Campaign,
    HomeState,
    Participation,
    RenovationProject,
    WorkItem,
)

# What neighbours see: that something is being put right is between the household and the crew.
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
# Of fewer homes a number says what one of them has answered.
FEWEST = 5
# Of a cell, in the drawing's own units, which are px on the page.
WIDE, TALL, GAP, EDGE, ROOF = 58, 50, 6, 8, 18


@dataclass
class Numbers:
    """Homes, how many take part, and how far they are."""

    homes: int = 0
    yes: int = 0
    no: int = 0
    states: dict[str, int] = field(default_factory=dict)
    building: Building | None = None
    # Homes in buildings of so few that no number is told of them, and how many take part in the others.
    untold: int = 0
    yes_told: int = 0

    @property
    def yes_shown(self) -> int | None:
        """How many take part, as everybody may read it; None where it would tell of one home.

        Neither does a total: what is not told of a small building is not in the sum of all.
        """
        return self.yes_told if self.homes - self.untold >= FEWEST else None

    @property
    def done(self) -> int:
        return self.states.get(HomeState.DONE, 0)

    @property
    def booked(self) -> int:
        """Those with a time, and those that are past it."""
        return sum(count for state, count in self.states.items() if state != HomeState.WAITING)

    @property
    def percent(self) -> int:
        return self.done * 100 // self.homes if self.homes else 0

    @property
    def undecided(self) -> int:
        return self.homes - self.yes - self.no

    def __iadd__(self, other: "Numbers") -> "Numbers":
        self.homes, self.yes, self.no = self.homes + other.homes, self.yes + other.yes, self.no + other.no
        self.untold, self.yes_told = self.untold + other.untold, self.yes_told + other.yes_told
        for state, count in other.states.items():
            self.states[state] = self.states.get(state, 0) + count
        return self


def numbers_of(project: RenovationProject) -> tuple[Numbers, list[Numbers]]:
    """Of the whole project, and of each building that takes part. Three queries."""
    buildings = [part.building for part in project.parts.select_related("building")]
    by_building = {building.pk: Numbers(building=building) for building in buildings}
    homes = Home.objects.filter(entrance__building__in=by_building).order_by()
    for pk, count in homes.values_list("entrance__building").annotate(n=Count("pk")):
        by_building[pk].homes = count
    said = Participation.objects.filter(project=project, home__entrance__building__in=by_building).order_by()
    grouped = said.values_list("home__entrance__building", "answer", "state").annotate(n=Count("pk"))
    for pk, answer, state, count in grouped:
        numbers = by_building[pk]
        numbers.yes += count if answer == Participation.Answer.YES else 0
        numbers.no += count if answer == Participation.Answer.NO else 0
        numbers.states[state] = numbers.states.get(state, 0) + count
    total = Numbers()
    for numbers in by_building.values():
        numbers.states[HomeState.WAITING] = numbers.homes - numbers.booked
        is_few = numbers.homes < FEWEST
        numbers.untold, numbers.yes_told = (numbers.homes, 0) if is_few else (0, numbers.yes)
        total += numbers
    return total, list(by_building.values())


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
        """What a screen reader says, and what a mouse finds."""
        known = {"home": self.home.number, "state": self.state_words, "entrance": self.home.entrance.name}
        if self.is_mine:
            return _("%(entrance)s %(home)s, your home: %(state)s") % known
        return _("%(entrance)s %(home)s: %(state)s") % known

    @property
    def middle(self) -> int:
        return self.x + WIDE // 2


@dataclass(frozen=True)
class Facade:
    """One entrance, drawn: its homes floor over floor, a roof above."""

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
    """A building, entrance beside entrance."""

    building: Building
    facades: list[Facade]
    legend: list[Legend]

    @property
    def cells(self) -> list[Cell]:
        return [cell for facade in self.facades for cell in facade.cells]

    @property
    def summary(self) -> str:
        """The whole drawing in a sentence."""
        words = pgettext("list of numbers", ", ").join(
            f"{row.words} {row.count}" for row in self.legend if row.count
        )
        return f"{self.building}: {words}"


def elevation_of(
    project: RenovationProject, building: Building, *, mine: Iterable[int] = (), for_staff: bool = False
) -> Elevation:
    """The elevation of a building. Two queries. ``mine``: the homes that are the reader's."""
    homes = Home.objects.filter(entrance__building=building).select_related("entrance__building")
    rows = list(homes.order_by("entrance__position", "entrance__name", "-floor", "number"))
    said = {row.home_id: row for row in Participation.objects.filter(project=project, home__in=rows)}
    own = set(mine)
    facades = []
    for entrance in dict.fromkeys(home.entrance for home in rows):
        inside = [home for home in rows if home.entrance == entrance]
        facades.append(_facade(entrance.name, inside, said, own, for_staff=for_staff))
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
    name: str, homes: list[Home], said: dict[int, Participation], mine: set[int], *, for_staff: bool
) -> Facade:
    floors: dict[int, list[Home]] = {}
    for home in homes:
        floors.setdefault(home.floor, []).append(home)
    cells, levels = [], []
    for level, (floor, row) in enumerate(sorted(floors.items(), reverse=True)):
        y = ROOF + EDGE + level * (TALL + GAP)
        levels.append((floor, y))
        for place, home in enumerate(row):
            answer = said.get(home.pk)
            state = HomeState(answer.state) if answer else HomeState.WAITING
            cells.append(
                Cell(
                    home=home,
                    state=state if for_staff else SHOWN_TO_NEIGHBOURS.get(state, state),
                    x=EDGE + place * (WIDE + GAP),
                    y=y,
                    is_mine=home.pk in mine,
                    answer=answer.answer if answer and for_staff else "",
                )
            )
    across = max(len(row) for row in floors.values())
    width = 2 * EDGE + across * (WIDE + GAP) - GAP
    height = ROOF + 2 * EDGE + len(floors) * (TALL + GAP) - GAP
    return Facade(name, cells, levels, width, height)


@dataclass(frozen=True)
class Door:
    """A home to knock at, and the work for which it has no time."""

    home: Home
    missing: list[str]


def doors_to_knock_at(project: RenovationProject, *, now: datetime) -> QuerySet[Home]:
    """Homes that have not said no and can book a time that they have not, whatever else they have.

    Before any booking of their building is open, those that miss a time for any of the work.
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
) -> list[tuple[str, list[Door]]]:
    """The doors to knock at in a building, by entrance, and what each misses. Five queries."""
    in_homes = project.items.filter(where=WorkItem.Where.HOMES)
    campaigns = Campaign.objects.begun(now).filter(building=building)
    items = list(in_homes.filter(pk__in=campaigns.values("item"))) or list(in_homes)
    homes = (
        doors_to_knock_at(project, now=now)
        .filter(entrance__building=building)
        .select_related("entrance__building")
        .order_by("entrance__position", "entrance__name", "floor", "number")
    )
    agreed = set(
        Appointment.objects.live()
        .filter(item__in=items, home__entrance__building=building)
        .values_list("home", "item")
    )
    doors: dict[str, list[Door]] = {}
    for home in homes:
        missing = [item.name for item in items if (home.pk, item.pk) not in agreed]
        doors.setdefault(home.entrance.name, []).append(Door(home, missing))
    return list(doors.items())
