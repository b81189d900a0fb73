"""The rows of the access matrix, by wing."""

from collections.abc import Callable
from uuid import uuid4

from accounts.models import User
from tests.support.access import (
    ACTING,
    EVERYONE,
    NOBODY,
    ON_BOARD,
    REPAIR,
    RESIDENTS,
    SIGNED_IN,
    STAFF,
    WORKERS,
    Row,
    of,
)
from tests.support.world import World

HOME = {
    "home": Row(EVERYONE),
    "home_live": Row(SIGNED_IN, swept=False),
    "fees": Row(SIGNED_IN),
    "help": Row(EVERYONE),
    "more": Row(EVERYONE),
    "design": Row(EVERYONE, swept=False),
}
DRAFT = of("draft", "draft_id")
DRAFTERS = {"owner", "delegate", "front_desk", "manager"}
REPAIRS = {
    "sign": Row(EVERYONE, lambda world: {"code": world.place.code}),
    "repairs": Row(SIGNED_IN),
    "report_begin": Row(SIGNED_IN),
    "report_place": Row(DRAFTERS, DRAFT),
    "report_words": Row(DRAFTERS, DRAFT),
    "report_suits": Row(DRAFTERS, DRAFT),
    "report_check": Row(DRAFTERS, DRAFT),
    "report_remove_file": Row(
        NOBODY,
        lambda world: {"draft_id": world.draft.pk, "kind": "picture", "file_id": uuid4()},
        method="post",
    ),
    "repair": Row(REPAIR, of("repair")),
    "repair_live": Row(REPAIR, of("repair"), swept=False),
    "repair_emergency": Row(REPAIR - {"repair_worker"}, of("emergency")),
    "repair_add_words": Row(REPAIR, of("repair")),
    "repair_cancel": Row(REPAIR, of("repair")),
    "repair_quote": Row(REPAIR, of("repair")),
    "repair_confirm": Row(REPAIR, of("repair")),
    "repair_rate": Row(REPAIR, of("repair")),
    "repair_reopen": Row(REPAIR, of("repair")),
    "repair_picture": Row(REPAIR, lambda world: {"pk": world.picture.pk, "size": "small"}, swept=False),
    "repair_recording": Row(REPAIR, of("recording"), swept=False),
}
ROWS: dict[str, Row] = {**HOME, **REPAIRS}
# How the API is signed into: the headers of a person, by address.
API: dict[str, Callable[[User], dict[str, str]]] = {}


def typed(world: World) -> list[str]:
    """Everything on the pages that somebody typed and nobody translates."""
    names = [str(person.name) for person in world.people.values()]
    names += [str(person.username) for person in world.people.values() if person.username]
    places = [str(world.home), str(world.home.entrance), str(world.home.entrance.building), world.place.name]
    estates = [
        text
        for estate in (world.estate, world.other_estate)
        for text in (estate.name, estate.address, estate.company, estate.code)
    ]
    words = [world.repair.description, world.emergency.description, "女儿", "漏水", "水管爆裂", "水"]
    homes = [str(one.home) for person in world.people.values() for one in person.residencies.all()]
    return [*names, *homes, *places, *estates, *words]
