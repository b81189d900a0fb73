"""The rows of the access matrix, by wing."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from accounts.models import ApiToken, User
from accounts.models.tokens import token_digest
from community.core import clock
from community.estates.models import Building, Entrance, Home, PublicPlace
from tests.support.access import (
    ACTING,
    DISPATCHING,
    EVERYONE,
    NOBODY,
    ON_BOARD,
    REPAIR,
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
OVERSEERS = ON_BOARD | {f"foreign_{role}" for role in ("manager", "dispatcher", "front_desk", "auditor")}
DESK = {"front_desk", "manager"}
ALL_DESKS = DESK | {"foreign_front_desk", "foreign_manager"}
# Only for those who are signed out: who is signed in is led on.
SIGN_IN = {
    "sign_in": Row(EVERYONE),
    # Without a code under way it leads back to the beginning.
    "sign_in_code": Row(SIGNED_IN),
    "sign_in_again": Row(NOBODY, method="post", refused=302),
    "sign_out": Row(NOBODY, method="post", refused=302),
    "staff_sign_in": Row(EVERYONE),
    "mode": Row(EVERYONE, query=lambda world: "?mode=large"),
    "set_language": Row(EVERYONE, method="post", data=lambda world: {"language": "en"}),
}
PEOPLE = {
    "join": Row(SIGNED_IN),
    "join_estate": Row(SIGNED_IN, of("estate")),
    "join_building": Row(SIGNED_IN, lambda world: {"pk": world.home.entrance.building_id}),
    "join_entrance": Row(SIGNED_IN, lambda world: {"pk": world.home.entrance_id}),
    "join_home": Row(SIGNED_IN, of("home")),
    "join_check": Row(SIGNED_IN, lambda world: {"pk": world.home.pk, "kind": "owner"}),
    "join_done": Row({"newcomer"}, of("asked")),
    "me": Row(SIGNED_IN),
    "name": Row(SIGNED_IN),
    "leave_home": Row({"owner"}, of("residency")),
    "family": Row(SIGNED_IN),
    "add_family": Row(SIGNED_IN),
    "add_family_step": Row(SIGNED_IN, lambda world: {"step": "relation"}),
    "confirm_family": Row(SIGNED_IN),
    "accept_family": Row({"delegate"}, of("delegation"), method="post", but={"owner": 403}),
    "decline_family": Row({"owner", "delegate"}, of("delegation"), method="post"),
    "end_family": Row({"owner", "delegate"}, of("delegation")),
    "mode_for": Row(NOBODY, of("delegation"), method="post", but={"owner": 403, "delegate": 403}),
    "tokens": Row(SIGNED_IN),
    "new_token": Row(SIGNED_IN),
    "revoke_token": Row(NOBODY, lambda world: {"pk": 0}),
    "handover": Row(SIGNED_IN, query=lambda world: "?path=/repairs/new/"),
    "inbox": Row(SIGNED_IN),
    "inbox_list": Row(SIGNED_IN, swept=False),
    "inbox_count": Row(SIGNED_IN, swept=False),
    "inbox_read_all": Row(SIGNED_IN, method="post"),
    "open_notice": Row({"owner"}, of("notice")),
    "live_numbers": Row(SIGNED_IN, swept=False),
    "speech": Row(NOBODY, lambda world: {"digest": "0" * 64}, swept=False),
}
WORK = {
    "board": Row(OVERSEERS, refused=403),
    "board_columns": Row(OVERSEERS, refused=403, swept=False),
    "board_list": Row(OVERSEERS, refused=403),
    "board_repair": Row(ON_BOARD, of("repair")),
    "board_repair_live": Row(ON_BOARD, of("repair"), swept=False),
    "board_act": Row(
        {"dispatcher", "manager"},
        lambda world: {"pk": world.repair.pk, "verb": "decline"},
        method="post",
        data=lambda world: {"reason": "不归物业修"},
        but={"auditor": 403, "front_desk": 403},
    ),
    "alarms": Row(ON_BOARD, of("estate", "estate_pk"), swept=False),
    "take_alarm": Row({"dispatcher", "front_desk", "manager"}, of("alarm"), method="post"),
    "work": Row(WORKERS, refused=403),
    "work_live": Row(WORKERS, refused=403, swept=False),
    "work_sw": Row(EVERYONE, swept=False),
    "work_session": Row(EVERYONE, swept=False),
    "work_job": Row({"repair_worker"}, of("repair")),
    "work_job_live": Row({"repair_worker"}, of("repair"), swept=False),
    "work_act": Row({"repair_worker"}, lambda world: {"pk": world.repair.pk, "verb": "start"}, method="post"),
}
# Who keeps no desk is told so; another estate's desk finds nothing.
WALL: dict[str, Any] = {"refused": 403, "but": {"foreign_front_desk": 404, "foreign_manager": 404}}
DESKS = {
    "signs": Row(ALL_DESKS | {"dispatcher", "foreign_dispatcher"}, refused=403),
    "desk": Row(STAFF | {"superuser"}, refused=403),
    "desk_residents": Row(ALL_DESKS, refused=403),
    "desk_register": Row(ALL_DESKS, refused=403),
    "desk_resident": Row(DESK, lambda world: {"pk": world.people["owner"].pk}, **WALL),
    "desk_rename": Row(DESK, lambda world: {"pk": world.people["owner"].pk}, **WALL),
    "desk_set_mode": Row(DESK, lambda world: {"pk": world.people["owner"].pk}, method="post", **WALL),
    "desk_family": Row(DESK, lambda world: {"pk": world.people["owner"].pk}, **WALL),
    "desk_end_family": Row(
        DESK,
        lambda world: {"pk": world.people["owner"].pk, "delegate": world.people["delegate"].pk},
        method="post",
        **WALL,
    ),
    "desk_residencies": Row(STAFF | {"superuser"}, refused=403),
    "desk_residency": Row(
        DESK | {"auditor"}, of("asked"), refused=403, but=dict.fromkeys(STAFF | {"superuser"}, 404)
    ),
    "desk_approve": Row(DESK, of("asked"), method="post", **WALL),
    "desk_decline": Row(DESK, of("asked"), method="post", data=lambda world: {"reason": "不住这里"}, **WALL),
    "desk_end_home": Row(DESK, of("residency"), **WALL),
}


def _verb(who: set[str], *, refused: int = 403, **data: Any) -> Row:
    """A verb of the API on the owner's repair: who sees it, but has not this verb, is forbidden it.

    400 where the body, which is looked at first, is not complete here.
    """
    but = dict.fromkeys(REPAIR - who, refused)
    return Row(who, of("repair"), method="post", data=lambda world: data, but=but)


API_ROWS = {
    "api_docs": Row(EVERYONE, swept=False),
    "api_schema": Row(EVERYONE, swept=False),
    "api_me": Row(SIGNED_IN),
    "api_homes": Row(SIGNED_IN),
    "api_catalogue": Row(SIGNED_IN),
    "api_repairs": Row(SIGNED_IN),
    "api_repair": Row(REPAIR, of("repair")),
    "api_repair_messages": _verb(REPAIR - {"auditor"}, words="还在滴水"),
    "api_repair_cancel": _verb(ACTING),
    "api_repair_answer_quote": _verb(ACTING, agrees=True, fen=1),
    "api_repair_confirm": _verb(ACTING, face=3),
    "api_repair_rate": _verb(ACTING, face=3),
    "api_repair_reopen": _verb(ACTING, words="还在滴水"),
    "api_picture": Row(REPAIR, lambda world: {"pk": world.picture.pk, "size": "small"}),
    # A list of what is one's own to do or to dispatch: empty for others.
    "api_jobs": Row(SIGNED_IN),
    "api_job_take": _verb({"repair_worker"}),
    "api_job_start": _verb({"repair_worker"}),
    "api_job_return": _verb({"repair_worker"}, reason="不会修"),
    "api_job_wait_for_parts": _verb({"repair_worker"}, reason="等零件"),
    "api_job_wait_for_resident": _verb({"repair_worker"}, reason="没人在家"),
    "api_job_resume": _verb({"repair_worker"}),
    "api_job_quote": _verb({"repair_worker"}, fen=6800, words="换水龙头"),
    "api_job_pictures": _verb({"repair_worker"}, refused=400, shows="before"),
    "api_job_done": _verb({"repair_worker"}, words="换了垫圈"),
    "api_board": Row(SIGNED_IN),
    "api_board_workers": Row(SIGNED_IN),
    "api_board_accept": _verb(DISPATCHING),
    "api_board_assign": _verb(DISPATCHING, refused=400),
    "api_board_decline": _verb(DISPATCHING, reason="不归物业修"),
}


def api_headers(user: User) -> dict[str, str]:
    """A token of every scope: what is left to refuse is the person's own."""
    secret, now = ApiToken.new_secret(), clock.now()
    ApiToken.objects.create(
        user=user,
        name="matrix",
        digest=token_digest(secret),
        scopes=list(ApiToken.Scope),
        created_at=now,
        expires_at=now + timedelta(days=1),
    )
    return {"Authorization": f"Bearer {secret}"}


WINGS = {
    "home": HOME,
    "sign in": SIGN_IN,
    "people": PEOPLE,
    "repairs": REPAIRS,
    "work": WORK,
    "desk": DESKS,
    "api": API_ROWS,
}
ROWS: dict[str, Row] = {name: row for wing in WINGS.values() for name, row in wing.items()}


def typed(world: World) -> list[str]:
    """Everything on the pages that somebody typed and nobody translates."""
    people = list(world.people.values())
    names = [name for person in people for name in (person.name, person.name[:1], person.username) if name]
    places = [
        name
        for model in (Building, Entrance, Home, PublicPlace)
        for name in model.objects.values_list("number" if model is Home else "name", flat=True)
    ]
    estates = [
        text
        for estate in (world.estate, world.other_estate)
        for text in (estate.name, estate.address, estate.company, estate.code)
    ]
    words = [world.repair.description, world.emergency.description, "女儿", "漏水", "水管爆裂", "水"]
    # How the desk may write an address stands on its pages as an example.
    return [*names, *places, *estates, *words, "3号楼2单元501"]
