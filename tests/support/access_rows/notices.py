"""Addresses of notices."""

from tests.support.access import EVERYONE, SIGNED_IN, Row, World, of
from tests.support.worlds.notices import TEXT

HOUSEHOLD = {"owner", "household"}
WRITE = {"manager", "front_desk"}
READ = {*WRITE, "auditor"}
# Standings with a list, each of their own estate.
HAS_LIST = {*READ, "foreign_manager", "foreign_front_desk", "foreign_auditor"}
WRITES_SOMEWHERE = {*WRITE, "foreign_manager", "foreign_front_desk"}
NOTICE, DRAFT = of("announcement"), of("draft_notice")


def _building(world: World) -> dict[str, object]:
    return {"pk": world.more["announcement"].pk, "building_pk": world.home.entrance.building_id}


def _home(world: World) -> dict[str, object]:
    return {"pk": world.more["announcement"].pk, "home_pk": world.home.pk}


PAGES: dict[str, Row] = {
    "notices": Row(SIGNED_IN),
    "notices_live": Row(SIGNED_IN, swept=False),
    "notice": Row(HOUSEHOLD, NOTICE),
    "notice_live": Row(HOUSEHOLD, NOTICE, swept=False),
    "notice_by_code": Row(EVERYONE, lambda world: {"code": world.more["public_notice"].code}),
}
STAFF_PAGES: dict[str, Row] = {
    "staff_notices": Row(HAS_LIST, refused=403),
    "staff_notice_new": Row(WRITES_SOMEWHERE, refused=403),
    "staff_notice": Row(READ, NOTICE),
    "staff_notice_live": Row(READ, NOTICE, swept=False),
    "staff_notice_edit": Row(WRITE, DRAFT, but={"auditor": 403}),
    "staff_notice_act": Row(
        WRITE, lambda world: {"pk": world.more["draft_notice"].pk, "verb": "publish"}, but={"auditor": 403}
    ),
    "staff_notice_poster": Row(READ, NOTICE, swept=False),
    "staff_notice_unreached": Row(READ, NOTICE),
    "staff_notice_roster": Row(WRITE, NOTICE, but={"auditor": 403}),
    "staff_notice_reading": Row(READ, NOTICE),
    "staff_notice_reading_live": Row(READ, NOTICE, swept=False),
    "staff_notice_sheet": Row(READ, NOTICE, swept=False),
    "staff_notice_doors": Row(READ, _building),
    "staff_notice_doors_live": Row(READ, _building, swept=False),
    "staff_notice_door": Row(WRITE, _home, method="post", but={"auditor": 403}),
}
API: dict[str, Row] = {
    "api_notices": Row(SIGNED_IN),
    "api_notice": Row(HOUSEHOLD, NOTICE),
    "api_notice_read": Row(HOUSEHOLD, NOTICE, method="post"),
    "api_desk_notices": Row(
        SIGNED_IN,
        method="post",
        data=lambda world: {"estate": world.estate.pk, "title": "停水", "body": TEXT},
    ),
    "api_desk_notice": Row(WRITE, DRAFT),
    "api_notice_publish": Row(WRITE, DRAFT, method="post"),
    "api_notice_withdraw": Row(WRITE, NOTICE, method="post", data=lambda world: {"reason": "改期"}),
    "api_notice_reading": Row(WRITE, NOTICE),
}
