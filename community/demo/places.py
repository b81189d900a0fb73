"""The demo's two estates: 24 buildings, 1,500 homes and public places."""

from dataclasses import dataclass
from datetime import time
from random import Random

from community.estates.models import (
    SIGN_ALPHABET,
    Building,
    Entrance,
    Estate,
    Home,
    PropertyCompany,
    PublicPlace,
    WorkingHours,
)


@dataclass(frozen=True)
class Block:
    """Several buildings of a kind."""

    count: int
    floors: int
    entrances: int
    homes_a_floor: int
    areas: tuple[int, ...]  # by the place on the floor, in 0.01 m²


XINGFU = (Block(14, 6, 5, 2, (6820, 5460)), Block(2, 18, 1, 4, (8950, 7630, 7630, 9180)))
CHUNHUI = (Block(6, 5, 5, 2, (7240, 5880)), Block(2, 18, 2, 3, (9850, 8460, 11020)))

OPEN_PLACES = (
    "南门岗亭",
    "北门岗亭",
    "中心花园",
    "儿童乐园",
    "健身广场",
    "自行车棚",
    "充电桩",
    "快递柜",
    "垃圾分类站",
    "老年活动室",
    "地面停车场",
    "配电房",
    "水泵房",
    "社区食堂",
)


@dataclass(frozen=True)
class Place:
    """An estate of the demo with its rows."""

    estate: Estate
    homes: list[Home]
    public_places: list[PublicPlace]


def make_places(draw: Random) -> tuple[Place, Place]:
    company = PropertyCompany.objects.create(
        name="安平市邻里物业服务有限公司", credit_code="91330800MA0DEM0X2P"
    )
    xingfu = Estate.objects.create(
        name="幸福里小区",
        code="xingfuli",
        address="安平市城西区和平路 88 号",
        desk_phone="0570-5550188",
        emergency_phone="0570-5550119",
        company=company,
    )
    chunhui = Estate.objects.create(
        name="春晖苑",
        code="chunhui",
        address="安平市城北区春晖街 16 号",
        desk_phone="0570-5550266",
        emergency_phone="0570-5550267",
        company=company,
    )
    return _fill(xingfu, XINGFU, draw), _fill(chunhui, CHUNHUI, draw)


def _fill(estate: Estate, blocks: tuple[Block, ...], draw: Random) -> Place:
    _open_the_desk(estate)
    kinds = [block for block in blocks for _n in range(block.count)]
    buildings = Building.objects.bulk_create(
        Building(
            estate=estate, name=f"{number}号楼", position=number, floors=kind.floors, has_lift=kind.floors > 7
        )
        for number, kind in enumerate(kinds, start=1)
    )
    shapes = list(zip(buildings, kinds, strict=True))
    entrances = Entrance.objects.bulk_create(
        Entrance(building=building, name=f"{number}单元", position=number)
        for building, kind in shapes
        for number in range(1, kind.entrances + 1)
    )
    kind_of = {building.pk: kind for building, kind in shapes}
    homes = Home.objects.bulk_create(
        Home(entrance=entrance, number=f"{floor}{place:02d}", floor=floor, area_dm2=area)
        for entrance in entrances
        for floor in range(1, kind_of[entrance.building_id].floors + 1)
        for place, area in enumerate(kind_of[entrance.building_id].areas, start=1)
    )
    return Place(estate, homes, _public_places(estate, entrances, draw))


def _public_places(estate: Estate, entrances: list[Entrance], draw: Random) -> list[PublicPlace]:
    named: list[tuple[Building | None, str]] = [(None, name) for name in OPEN_PLACES]
    for entrance in entrances:
        named.append((entrance.building, f"{entrance}楼道"))
        if entrance.building.has_lift:
            named.append((entrance.building, f"{entrance}电梯"))
    return PublicPlace.objects.bulk_create(
        PublicPlace(
            estate=estate, building=building, name=name, code="".join(draw.choices(SIGN_ALPHABET, k=7))
        )
        for building, name in named
    )


def _open_the_desk(estate: Estate) -> None:
    working_day = [(time(8), time(12)), (time(14), time(18))]
    weekend = [(time(9), time(12))]
    WorkingHours.objects.bulk_create(
        WorkingHours(estate=estate, weekday=weekday, opens=opens, closes=closes)
        for weekday in WorkingHours.Weekday
        for opens, closes in (working_day if weekday < WorkingHours.Weekday.SATURDAY else weekend)
    )
