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
