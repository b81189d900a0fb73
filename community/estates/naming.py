"""Homes as people name them at a counter or on the phone."""

import re

from django.db.models import QuerySet

from community.estates.models import Estate, Home

# 3号楼2单元501, 3栋501室, 3-2-501, 3-501; without blanks.
HOME = re.compile(
    r"(?P<building>[^\-号栋幢楼]+)(?:号楼|号|栋|幢|楼|-)"
    r"(?:(?P<entrance>[^\-单元门]+)(?:单元|门|-))?"
    r"(?P<number>[^\-室]+)室?"
)
# What a row's home is found by in the lists of the back office.
HOME_SEARCH = ("home__number", "home__entrance__name", "home__entrance__building__name")
BLANKS = re.compile(r"\s+")
# What stands between homes in a list, and what a name may end with.
BETWEEN = re.compile(r"[,，、;；\n\r\t]+")
KINDS = re.compile(r"(?:号楼|单元|栋|幢|楼|号|门|室)$")
MOST_NAMED = 500


def homes_named(text: str, estates: QuerySet[Estate]) -> QuerySet[Home]:
    """The homes that somebody means who says 「3号楼2单元501」 or 3-2-501, in these estates."""
    found = HOME.fullmatch(BLANKS.sub("", text.replace("－", "-").replace("—", "-")))
    homes = Home.objects.with_address().filter(entrance__building__estate__in=estates)
    if found is None:
        return homes.none()
    building, entrance, number = found["building"], found["entrance"], found["number"]
    homes = homes.filter(
        entrance__building__name__in=[
            building,
            *(building + kind for kind in ("号楼", "栋", "幢", "楼", "号")),
        ],
        number__in=[number, f"{number}室"],
    )
    if entrance:
        homes = homes.filter(entrance__name__in=[entrance, f"{entrance}单元", f"{entrance}门"])
    return homes


def homes_listed(text: str, estate: Estate) -> tuple[list[Home], list[str]]:
    """The homes of a list such as 「3-2-501、3号楼2单元502」, and the names of which none or several are.

    One query, however long the list is.
    """
    known: dict[tuple[str, ...], list[Home]] = {}
    for home in Home.objects.of_estate(estate).with_address():
        building, entrance = _bare(home.entrance.building.name), _bare(home.entrance.name)
        for key in ((building, entrance, _bare(home.number)), (building, "", _bare(home.number))):
            known.setdefault(key, []).append(home)
    found: dict[int, Home] = {}
    wrong: list[str] = []
    for piece in BETWEEN.split(text)[:MOST_NAMED]:
        # 「3号楼 2单元 501」 is one home, 「3-2-501 3-2-502」 are two.
        names = [piece.strip()] if len(known.get(_key(piece), [])) == 1 else piece.split()
        for name in names:
            homes = known.get(_key(name), [])
            if len(homes) == 1:
                found[homes[0].pk] = homes[0]
            else:
                wrong.append(name)
    return list(found.values()), wrong


def short_name(home: Home) -> str:
    """3-2-501, as ``homes_listed`` reads it."""
    return "-".join(_bare(part) for part in (home.entrance.building.name, home.entrance.name, home.number))


def _key(name: str) -> tuple[str, ...]:
    parts = HOME.fullmatch(BLANKS.sub("", name.replace("－", "-").replace("—", "-")))
    return tuple(_bare(parts[part] or "") for part in ("building", "entrance", "number")) if parts else ()


def _bare(name: str) -> str:
    """3号楼 → 3, 501室 → 501."""
    return KINDS.sub("", name)
