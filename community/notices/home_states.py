"""Reading state of each home that a notice is for, and the homes that staff must still visit."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from accounts.models import Residency
from community.estates.models import Building, Entrance, Home
from community.notices.models import DoorTold, Notice


class ReadState(TextChoices):
    READ = "read", _("has read it")
    TOLD = "told", _("told at the door")
    UNREAD = "unread", _("has not read it")
    NOBODY = "nobody", _("nobody registered")


KNOWS = (ReadState.READ, ReadState.TOLD)
TONES = {
    ReadState.READ: "brand",
    ReadState.TOLD: "repair",
    ReadState.UNREAD: "care",
    ReadState.NOBODY: "help",
}


@dataclass(frozen=True)
class HomeState:
    home: Home
    state: ReadState
    told: DoorTold | None = None

    @property
    def needs_knock(self) -> bool:
        return self.state not in KNOWS

    @property
    def tone(self) -> str:
        return TONES[self.state]


@dataclass
class Group:
    """Homes of a building or an entrance, with counts by state."""

    place: Building | Entrance
    doors: list[HomeState] = field(default_factory=list)

    @property
    def homes(self) -> int:
        return len(self.doors)

    @property
    def read(self) -> int:
        return sum(door.state == ReadState.READ for door in self.doors)

    @property
    def told(self) -> int:
        return sum(door.state == ReadState.TOLD for door in self.doors)

    @property
    def nobody(self) -> int:
        return sum(door.state == ReadState.NOBODY for door in self.doors)

    @property
    def to_knock(self) -> list[HomeState]:
        return [door for door in self.doors if door.needs_knock]


def home_states(notice: Notice, *, building: Building | None = None) -> list[HomeState]:
    """Returns the state of every home in walking order: building, entrance, floor. Four queries."""
    homes = notice.homes().select_related("entrance__building__estate")
    if building is not None:
        homes = homes.filter(entrance__building=building)
    homes = homes.order_by(
        *("entrance__building__position", "entrance__building__name", "entrance__position"),
        *("entrance__name", "floor", "number"),
    )
    of_now = {"edition": notice.edition}
    read = set(notice.readings.filter(**of_now).values_list("home", flat=True))
    told = {one.home_id: one for one in notice.doors_told.filter(**of_now).select_related("told_by")}
    living = Residency.objects.active().filter(home__entrance__building__estate=notice.estate_id)
    settled = set(living.filter(user__is_active=True).values_list("home", flat=True))
    return [HomeState(home, _state(home, read, set(told), settled), told.get(home.pk)) for home in homes]


def _state(home: Home, read: set[int], told: set[int], settled: set[int]) -> ReadState:
    if home.pk in read:
        return ReadState.READ
    if home.pk in told:
        return ReadState.TOLD
    return ReadState.UNREAD if home.pk in settled else ReadState.NOBODY


def homes_without_people(notice: Notice) -> list[Group]:
    """Returns the homes without registered residents, by entrance."""
    return by_entrance([door for door in home_states(notice) if door.state == ReadState.NOBODY])


def by_building(doors: list[HomeState]) -> list[Group]:
    return _grouped((door.home.entrance.building, door) for door in doors)


def by_entrance(doors: list[HomeState]) -> list[Group]:
    return _grouped((door.home.entrance, door) for door in doors)


def _grouped(pairs: Iterator[tuple[Building | Entrance, HomeState]]) -> list[Group]:
    groups: dict[int, Group] = {}
    for place, door in pairs:
        groups.setdefault(place.pk, Group(place)).doors.append(door)
    return list(groups.values())


@dataclass(frozen=True)
class Total:
    homes: int
    read: int
    told: int
    nobody: int

    @property
    def to_knock(self) -> int:
        return self.homes - self.read - self.told

    @property
    def known_percent(self) -> int:
        """Percentage of homes that know of the notice, rounded down so that 100 means all."""
        return 100 * (self.read + self.told) // self.homes if self.homes else 0


def totals(groups: list[Group]) -> Total:
    return Total(
        homes=sum(group.homes for group in groups),
        read=sum(group.read for group in groups),
        told=sum(group.told for group in groups),
        nobody=sum(group.nobody for group in groups),
    )
