"""Compares spellings of a building, entrance or room: 3栋, 三号楼 and 3#楼 are likely 3号楼."""

import re
import unicodedata
from functools import lru_cache

from community.core.typed_text import clean

NUMERALS = {character: number for number, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
CHINESE_NUMBER = re.compile(f"[{''.join(NUMERALS)}十百]+")
BUILDING_KIND = re.compile(r"(?:号?[楼栋幢座]|#[楼栋幢座]?|号)$")
ENTRANCE_KIND = re.compile(r"(?:单元|[门梯]洞?|#|号)$")
ROOM_KIND = re.compile(r"(?:室|号房|房|号)$")
LEADING = re.compile(r"^第")
NOUGHTS = re.compile(r"^0+(?=\d)")
ESTATE = re.compile(r"^.*?小区")
# Matches 3号楼2单元501, 3栋2单元501室 and 3-2-501, without blanks.
WHOLE_ADDRESS = re.compile(
    r"(?P<building>[^\-号栋幢楼]+)(?:号楼|号|栋|幢|楼|-)"
    r"(?:(?P<entrance>[^\-单元门]+)(?:单元|门|-))?"
    r"(?P<number>[^\-室]+)室?"
)
# Matches 1-101 and 1单元101, if another column names the building.
ENTRANCE_AND_ROOM = re.compile(r"(?P<entrance>\d{1,2})(?:单元|门|-)(?P<room>\d{2,5}[A-Za-z]?)室?")
BUILDING = re.compile(r"^(?:第?[0-9]{1,3}|[A-Z][0-9]{0,2})(?:号?[楼栋幢座]|#[楼栋幢座]?|号)$")

# Names of places repeat in every row.
cache_of_names = lru_cache(maxsize=20_000)


@cache_of_names
def plain_name(text: str) -> str:
    """Normalizes the name of a place: full-width characters converted, blanks and invisible ones removed."""
    return "".join(unicodedata.normalize("NFKC", clean(text)).split())


@cache_of_names
def building_key(name: str) -> str:
    """Returns the same key for all spellings of a building; ``a3`` for A3座."""
    return _key(name, BUILDING_KIND)


@cache_of_names
def entrance_key(name: str) -> str:
    return _key(name, ENTRANCE_KIND)


@cache_of_names
def room_key(name: str) -> str:
    """Returns the key of a room: 101室 and 101 are the same, 0101 is another."""
    return ROOM_KIND.sub("", plain_name(name)).casefold()


def looks_like_building(name: str) -> bool:
    """Whether the text names a building: 3号楼 and A座, but not Sheet1 or 2025."""
    return bool(BUILDING.fullmatch(digits_in(plain_name(name)).upper()))


def whole_address(text: str) -> tuple[str, str, str] | None:
    """Parses 3-1-101 or 3号楼1单元101 into (building, entrance, room); None for other text."""
    found = WHOLE_ADDRESS.fullmatch(ESTATE.sub("", plain_name(text).replace("—", "-").replace("–", "-")))
    if found is None or not found["entrance"]:
        return None
    return found["building"], found["entrance"], found["number"]


def entrance_and_room(text: str) -> tuple[str, str] | None:
    """Parses 1-101 into (entrance, room); None for other text."""
    found = ENTRANCE_AND_ROOM.fullmatch(plain_name(text).replace("—", "-").replace("–", "-"))
    return (found["entrance"], found["room"]) if found else None


def _key(name: str, kind: re.Pattern[str]) -> str:
    plain = LEADING.sub("", digits_in(plain_name(name)).casefold())
    return NOUGHTS.sub("", kind.sub("", plain) or plain)


def digits_in(text: str) -> str:
    """Converts Chinese numerals: 三 → 3, 十二 → 12."""
    return CHINESE_NUMBER.sub(lambda found: str(_number(found[0])), text)


def _number(text: str) -> str:
    if not re.search("[十百]", text):
        return "".join(str(NUMERALS[one]) for one in text)
    total = part = 0
    for character in text:
        if character in "十百":
            total += (part or 1) * (10 if character == "十" else 100)
            part = 0
        else:
            part = NUMERALS[character]
    return str(total + part)
