"""Addresses of repairs: residents' pages, the board, the worker's phone pages, the API."""

from typing import Any
from uuid import uuid4

from tests.support.access import (
    ACTING,
    ADMINISTRATORS,
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
    "alarms": Row(STAFF | ADMINISTRATORS, refused=403, swept=False),
    "take_alarm": Row({"dispatcher", "front_desk", "manager"}, of("alarm"), method="post"),
    "work": Row(WORKERS, refused=403),
    "work_live": Row(WORKERS, refused=403, swept=False),
    "work_sw": Row(EVERYONE, swept=False),
    "work_session": Row(EVERYONE, swept=False),
    "work_waiting": Row(
        WORKERS,
        refused=403,
        method="post",
        data=lambda world: {"waiting": 1, "refused": 0, "since": 1_700_000_000},
    ),
    "work_job": Row({"repair_worker"}, of("repair")),
    "work_job_live": Row({"repair_worker"}, of("repair"), swept=False),
    "work_act": Row({"repair_worker"}, lambda world: {"pk": world.repair.pk, "verb": "start"}, method="post"),
}


def _verb(who: set[str], *, refused: int = 403, **data: Any) -> Row:
    """Returns the row of an API verb on the owner's repair: 403 for people who see it but may not take the
    verb.

    400 if the body, which is checked first, is incomplete here.
    """
    but = dict.fromkeys(REPAIR - who, refused)
    return Row(who, of("repair"), method="post", data=lambda world: data, but=but)


API = {
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
    # Lists the user's own jobs or board; empty for others.
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
