"""Finds homes by the names that people write or say."""

import re

from django.db.models import QuerySet

from community.core.search.addresses import WHOLE, bare, home_keys
from community.core.search.filtering import rows_with
from community.core.search.keys import HOME
from community.core.search.parsing import parse_search
from community.estates.models import Estate, Home

# Separators between homes in a list.
BETWEEN = re.compile(r"[,，、;；\n\r\t]+")
MAX_NAMED = 500


def homes_named(text: str, estates: QuerySet[Estate]) -> QuerySet[Home]:
    """Returns the homes that a whole address means, such as 「3号楼2单元501」 or 3-2-501, in these estates.

    ``community.core.search`` finds homes by parts of an address.
    """
    homes = Home.objects.with_address().filter(entrance__building__estate__in=estates)
    meant = _meant(text)
    return homes.filter(pk__in=rows_with(HOME, meant)) if meant else homes.none()


def homes_listed(text: str, estate: Estate) -> tuple[list[Home], list[str]]:
    """Returns the homes of a list such as 「3-2-501、3号楼2单元502」, and names that match none or several.

    One query for any length.
    """
    known: dict[str, list[Home]] = {}
    for home in Home.objects.of_estate(estate).with_address():
        for key in home_keys(home.entrance.building.name, home.entrance.name, home.number):
            if key.startswith(WHOLE):
                known.setdefault(key, []).append(home)
    found: dict[int, Home] = {}
    wrong: list[str] = []
    for piece in BETWEEN.split(text)[:MAX_NAMED]:
        # 「3号楼 2单元 501」 is one home, 「3-2-501 3-2-502」 are two.
        names = [piece.strip()] if len(_known(piece, known)) == 1 else piece.split()
        for name in names:
            homes = _known(name, known)
            if len(homes) == 1:
                found[homes[0].pk] = homes[0]
            else:
                wrong.append(name)
    return list(found.values()), wrong


def short_name(home: Home) -> str:
    """Returns 3-2-501, which ``homes_listed`` can read."""
    names = (home.entrance.building.name, home.entrance.name, home.number)
    return "-".join(bare(part) for part in names).upper()


def _known(name: str, known: dict[str, list[Home]]) -> list[Home]:
    return [home for key in _meant(name) for home in known.get(key, ())]


def _meant(name: str) -> set[str]:
    """Returns the search keys if the text is exactly one whole address."""
    words = parse_search(name)
    if len(words) != 1:
        return set()
    return {key for keys in words[0].homes if len(keys) == 1 for key in keys if key.startswith(WHOLE)}
