"""Finds the buildings, entrances and homes of an estate despite different spellings."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from community.estates.models import Building, Entrance, Estate, Home
from community.estates.sheets.spelling import (
    CHINESE_NUMBER,
    building_key,
    digits_in,
    entrance_key,
    plain_name,
    room_key,
    whole_address,
)

MAX_LETTERS = {"building": 30, "entrance": 30, "room": 20}


@dataclass(frozen=True)
class Address:
    """Address as stored or to be stored; ``home`` is None for a new one."""

    building: str
    entrance: str
    room: str
    home: Home | None = None

    def __str__(self) -> str:
        return f"{self.building} {self.entrance} {self.room}"

    @property
    def key(self) -> tuple[str, str, str]:
        return self.building, entrance_key(self.entrance), room_key(self.room)


@dataclass
class Unclear:
    """A spelling that likely means a building with another name."""

    written: str
    likely: str
    count: int
    is_known: bool
    place: str = ""


@dataclass
class Places:
    """Places of an estate, loaded once; ``same`` maps a spelling to a building, "" to a building of its own."""

    estate: Estate
    same: Mapping[str, str] = field(default_factory=dict)
    buildings: dict[str, Building] = field(default_factory=dict)
    entrances: dict[tuple[str, str], Entrance] = field(default_factory=dict)
    homes: dict[tuple[str, str, str], Home] = field(default_factory=dict)
    # Names of buildings by their search form.
    names: dict[str, str] = field(default_factory=dict)

    def load(self) -> None:
        for building in Building.objects.filter(estate=self.estate):
            self.buildings[building.name] = building
            self.names[plain_name(building.name)] = building.name
        for entrance in Entrance.objects.filter(building__estate=self.estate).select_related("building"):
            entrance.building.estate = self.estate
            self.entrances[entrance.building.name, entrance_key(entrance.name)] = entrance
        for home in Home.objects.of_estate(self.estate).with_address():
            name = home.entrance.building.name
            key = name, entrance_key(home.entrance.name), room_key(home.number)
            # 101 and 101室 are one home; the shorter is used.
            if key not in self.homes or len(home.number) < len(self.homes[key].number):
                self.homes[key] = home

    def unclear(self, written: Iterable[str]) -> list[Unclear]:
        """Returns spellings that likely mean a known building, or a more frequent spelling of this sheet."""
        counts = Counter(plain_name(name) for name in written)
        found = []
        for name, count in counts.items():
            if not name or name in self.names or name in self.same or name.isdigit():
                continue
            key = building_key(name)
            known = [one for one in self.buildings if building_key(one) == key]
            others = [
                one
                for one in counts
                if one != name and one not in self.same and not one.isdigit() and building_key(one) == key
            ]
            more = [one for one in others if (counts[one], one) > (count, name)]
            if known:
                found.append(Unclear(name, known[0], count, is_known=True))
            elif more:
                found.append(
                    Unclear(name, max(more, key=lambda one: (counts[one], one)), count, is_known=False)
                )
        return found

    def address(self, building: str, entrance: str, room: str) -> Address:
        """Returns the address of a row. Raises ``ValidationError`` for a name that is too long."""
        name = self.building_name(building)
        number = plain_name(room)
        parts = whole_address(number)
        if parts and (building_key(parts[0]), entrance_key(parts[1])) == (
            building_key(name),
            entrance_key(entrance),
        ):
            number = parts[2]
        unit = self.entrance_name(name, entrance)
        home = self.homes.get((name, entrance_key(unit), room_key(number)))
        address = Address(name, unit, home.number if home else number.removesuffix("室"), home)
        for key, most in MAX_LETTERS.items():
            if len(getattr(address, key)) > most:
                text = getattr(address, key)
                raise ValidationError(
                    _("%(text)s… is longer than %(count)d characters.") % {"text": text[:most], "count": most}
                )
        return address

    def building_name(self, written: str) -> str:
        name = plain_name(written)
        if name in self.names:
            return self.names[name]
        if self.same.get(name):
            return self.same[name]
        if name.isdigit():
            known = [one for one in self.buildings if building_key(one) == building_key(name)]
            return known[0] if len(known) == 1 else f"{int(name)}号楼"
        return name

    def entrance_name(self, building: str, written: str) -> str:
        name = plain_name(written)
        known = self.entrances.get((building, entrance_key(name)))
        if known is not None:
            return known.name
        if name.isdigit():
            return f"{int(name)}单元"
        return digits_in(name) if CHINESE_NUMBER.search(name) else name

    def make_entrances(self, addresses: Iterable[Address]) -> tuple[list[Building], list[Entrance]]:
        """Creates missing buildings and entrances and returns them."""
        wanted = {(one.building, entrance_key(one.entrance)): one for one in reversed(list(addresses))}
        missing = [one for key, one in reversed(wanted.items()) if key not in self.entrances]
        names = dict.fromkeys(one.building for one in missing if one.building not in self.buildings)
        buildings = Building.objects.bulk_create(
            [Building(estate=self.estate, name=name, position=order_of(name)) for name in names]
        )
        self.buildings.update({one.name: one for one in buildings})
        entrances = Entrance.objects.bulk_create(
            [
                Entrance(
                    building=self.buildings[one.building], name=one.entrance, position=order_of(one.entrance)
                )
                for one in missing
            ]
        )
        self.entrances.update({(one.building.name, entrance_key(one.name)): one for one in entrances})
        return buildings, entrances

    def entrance_of(self, address: Address) -> Entrance:
        return self.entrances[address.building, entrance_key(address.entrance)]


def order_of(name: str) -> int:
    """Returns the number in a name for sorting, so that 12号楼 follows 2号楼."""
    digits = "".join(character for character in name if character.isascii() and character.isdigit())
    return min(int(digits), 30_000) if digits else 0
