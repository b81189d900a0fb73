"""Repair catalogue of the demo, in two levels."""

from dataclasses import dataclass

from community.estates.models import Estate
from services.repairs.models import RepairCategory

FREE, QUOTED = RepairCategory.Charge.FREE, RepairCategory.Charge.QUOTED
ANYWHERE, HOME, PUBLIC = RepairCategory.Where.ANYWHERE, RepairCategory.Where.HOME, RepairCategory.Where.PUBLIC

WATER, POWER = RepairCategory.Danger.WATER, RepairCategory.Danger.POWER
GAS, LIFT = RepairCategory.Danger.GAS, RepairCategory.Danger.LIFT


@dataclass(frozen=True)
class Kind:
    """A category of the catalogue; ``motif`` names its drawing."""

    name: str
    name_en: str
    icon: str
    motif: str
    charge: str = FREE
    where: str = ANYWHERE
    # Not "" for an emergency.
    danger: str = ""
    children: tuple["Kind", ...] = ()


CATALOGUE = (
    Kind("水", "Water", "droplet", "tap", children=(
        Kind("漏水", "Leak", "droplet", "tap", QUOTED),
        Kind("堵了", "Blocked drain", "pipe", "pipe", QUOTED),
        Kind("没水", "No water", "bucket", "tap"),
        Kind("水压小", "Low pressure", "tool", "tap"),
        Kind("水管爆裂", "Burst pipe", "alert", "pipe", danger=WATER),
    )),
    Kind("电", "Electricity", "bolt", "socket", children=(
        Kind("没电", "No power", "bolt", "lamp"),
        Kind("跳闸", "Tripping", "network", "socket"),
        Kind("灯不亮", "Light out", "bulb", "lamp", QUOTED),
        Kind("插座", "Socket", "plug", "socket", QUOTED, HOME),
        Kind("冒火花", "Sparks", "alert", "socket", danger=POWER),
    )),
    Kind("门窗", "Doors and windows", "door", "lock", children=(
        Kind("门锁", "Door lock", "lock", "lock", QUOTED),
        Kind("门禁", "Entrance door", "key", "lock", FREE, PUBLIC),
        Kind("窗户", "Window", "window", "window", QUOTED, HOME),
    )),
    Kind("电梯", "Lift", "lift", "lift", where=PUBLIC, children=(
        Kind("不动", "Not moving", "lift", "lift", FREE, PUBLIC),
        Kind("异响", "Strange noise", "volume", "lift", FREE, PUBLIC),
        Kind("有人被困", "Somebody trapped", "alert", "lift", FREE, PUBLIC, danger=LIFT),
    )),
    Kind("燃气", "Gas", "flame", "pipe", children=(
        Kind("打不着火", "Will not light", "flame", "pipe", QUOTED, HOME),
        Kind("燃气泄漏", "Gas leak", "alert", "pipe", danger=GAS),
    )),
    Kind("墙面", "Walls", "wall", "wall", children=(
        Kind("裂缝", "Crack", "wall", "wall"),
        Kind("渗水", "Damp", "droplet", "wall"),
        Kind("掉皮", "Peeling paint", "paint", "wall", QUOTED),
    )),
    Kind("公区", "Shared areas", "building", "street_lamp", where=PUBLIC, children=(
        Kind("路灯", "Street lamp", "bulb", "street_lamp", FREE, PUBLIC),
        Kind("垃圾", "Rubbish", "trash", "bins", FREE, PUBLIC),
        Kind("楼道", "Stairwell", "stairs", "stairs", FREE, PUBLIC),
        Kind("消防", "Fire safety", "flame", "stairs", FREE, PUBLIC),
        Kind("绿化", "Green areas", "tree", "bins", FREE, PUBLIC),
    )),
    Kind("其他", "Something else", "dots", "stairs", QUOTED, children=(
        Kind("说不清", "Hard to say", "dots", "stairs", QUOTED),
    )),
)  # fmt: skip


def motif_of(category: RepairCategory) -> str:
    """Returns the drawing for a category."""
    kinds = [child for parent in CATALOGUE for child in parent.children]
    return next(kind.motif for kind in kinds if kind.name == category.name)


def make_catalogue(estate: Estate) -> list[RepairCategory]:
    """Creates both levels for an estate; returns the lower one, to which repairs belong."""
    parents = RepairCategory.objects.bulk_create(
        _category(estate, kind, number, None) for number, kind in enumerate(CATALOGUE)
    )
    return RepairCategory.objects.bulk_create(
        _category(estate, child, number, parent)
        for parent, kind in zip(parents, CATALOGUE, strict=True)
        for number, child in enumerate(kind.children)
    )


def _category(estate: Estate, kind: Kind, position: int, parent: RepairCategory | None) -> RepairCategory:
    return RepairCategory(
        estate=estate,
        parent=parent,
        name=kind.name,
        name_en=kind.name_en,
        icon=kind.icon,
        position=position,
        where=kind.where,
        charge=kind.charge,
        is_emergency=bool(kind.danger),
        danger=kind.danger,
    )
