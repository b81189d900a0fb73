"""Addresses of care."""

from collections.abc import Callable
from typing import Any

from tests.support.access import SIGNED_IN, Row, of
from tests.support.world import STAFF_ROLES, World

# Standings that book for the owner: a delegate for care, the desk, the coordinator, but not the household.
BOOKING = {"owner", "delegate", "front_desk", "manager", "care_coordinator"}
SEEING = BOOKING | {"auditor", "carer"}
# Standings that look after care in the first estate, and in the second one.
AT_DESK = {"care_coordinator", "manager", "front_desk", "auditor"}
ALL_AT_DESK = AT_DESK | {f"foreign_{role}" for role in AT_DESK}
COORDINATING = {"care_coordinator", "manager"}
# Everybody who lives, works or acts for somebody in the first estate.
MENU_READERS = {"owner", "household", "neighbour", "delegate", *STAFF_ROLES, "other_worker"}
CARERS = {"carer", "foreign_carer"}
DRAFT = of("care_draft", "draft_id")


def _for_owner(world: World) -> str:
    return f"?for={world.people['owner'].pk}"


def _arranged(world: World) -> dict[str, int]:
    return {"carer": world.people["carer"].pk}


PAGES: dict[str, Row] = {
    "care": Row(SIGNED_IN),
    "care_service": Row(BOOKING, of("care_service"), query=_for_owner),
    "care_question": Row(BOOKING, DRAFT),
    "care_check": Row(BOOKING, DRAFT),
    "care_hold_live": Row(BOOKING, DRAFT, swept=False),
    "care_hold_again": Row(BOOKING, DRAFT, method="post"),
    "care_wait": Row(BOOKING, of("care_full"), query=_for_owner),
    "care_waiting": Row(BOOKING, of("care_waiting")),
    "care_bookings": Row(SIGNED_IN),
    "care_booking": Row(SEEING, of("care_booking")),
    "care_booking_live": Row({"owner", "delegate"}, of("care_booking"), swept=False),
    "care_calendar": Row(SEEING, of("care_booking"), swept=False),
    "care_cancel": Row(SEEING, of("care_booking")),
    "care_move": Row(SEEING, of("care_booking")),
    # The answer to the service's question, spoken; the carer hears it while the visit is theirs.
    "care_recording": Row(SEEING, of("care_recording"), swept=False),
    "care_menu": Row(MENU_READERS, lambda world: {"pk": world.more["care_menu"].service_id}),
    "care_menu_picture": Row(
        MENU_READERS,
        lambda world: {"pk": world.more["care_menu"].picture.pk, "size": "small"},
        swept=False,
    ),
    "care_carer_picture": Row(
        AT_DESK | {"owner", "delegate", "carer"},
        lambda world: {"pk": world.more["carer_picture"].pk, "size": "small"},
        swept=False,
    ),
    # Finished two days ago, so that the carer has no verb on it.
    "care_thumb": Row(SEEING - {"carer"}, of("care_done")),
}
STAFF_PAGES: dict[str, Row] = {
    "care_week": Row(ALL_AT_DESK, refused=403),
    "care_week_live": Row(ALL_AT_DESK, refused=403, swept=False),
    "care_list": Row(ALL_AT_DESK, refused=403),
    "care_find": Row(ALL_AT_DESK - {"auditor", "foreign_auditor"}, refused=403),
    "care_codes": Row(ALL_AT_DESK - {"auditor", "foreign_auditor"}, refused=403),
    "care_menus": Row(COORDINATING | {f"foreign_{role}" for role in COORDINATING}, refused=403),
    "care_write_menu": Row(
        COORDINATING,
        lambda world: {"pk": world.more["care_menu"].service_id, "on": world.more["care_menu"].on},
    ),
    "care_carers": Row(COORDINATING | {f"foreign_{role}" for role in COORDINATING}, refused=403),
    "care_carer": Row(COORDINATING, of("care_carer")),
    "care_desk_booking": Row(AT_DESK, of("care_booking")),
    "care_desk_booking_live": Row(AT_DESK, of("care_booking"), swept=False),
    "care_desk_act": Row(
        {"care_coordinator", "manager"},
        lambda world: {"pk": world.more["care_open"].pk, "verb": "arrange"},
        method="post",
        data=_arranged,
        but={"front_desk": 403, "auditor": 403},
    ),
    "care_work": Row(CARERS, refused=403),
    "care_own_picture": Row(CARERS, refused=403),
    "care_work_live": Row(CARERS, refused=403, swept=False),
    # Carers without a visit there are redirected to their list.
    "care_at_home": Row(
        CARERS,
        lambda world: {"home_pk": world.home.pk, "code": world.more["care_code"]},
        refused=403,
    ),
    "care_visit": Row({"carer"}, of("care_booking")),
    "care_visit_live": Row({"carer"}, of("care_booking"), swept=False),
    "care_visit_act": Row(
        {"carer"},
        lambda world: {"pk": world.more["care_today"].pk, "verb": "start"},
        method="post",
        data=lambda world: {"code": "0000"},
    ),
}


def _verb(thing: str, who: set[str], data: Callable[[World], dict[str, Any]] = lambda world: {}) -> Row:
    """Returns the row of an API verb: 403 for people who see the booking but may not take the verb."""
    return Row(who, of(thing), method="post", data=data, but=dict.fromkeys(SEEING - who, 403))


# Residents, staff and delegates of the estate read its catalogue.
READING = {"owner", "household", "delegate", "neighbour", "other_worker", *STAFF_ROLES}
API: dict[str, Row] = {
    "api_care_services": Row(SIGNED_IN),
    "api_care_times": Row(READING, of("care_service")),
    "api_care_bookings": Row(SIGNED_IN),
    "api_care_booking": Row(SEEING, of("care_booking")),
    "api_care_cancel": _verb("care_booking", BOOKING),
    "api_care_move": _verb("care_booking", BOOKING, lambda world: {"slot": world.more["care_slot"].pk}),
    "api_care_thumb": Row(
        BOOKING,
        of("care_done"),
        method="post",
        data=lambda world: {"is_up": True},
        but={"auditor": 403},
    ),
    # Lists the user's own tasks; empty for others.
    "api_care_visits": Row(SIGNED_IN),
    "api_care_start": Row({"carer"}, of("care_today"), method="post", data=lambda world: {"code": "0000"}),
    "api_care_finish": Row({"carer"}, of("care_today"), method="post"),
    "api_care_missed": Row(
        {"carer"}, of("care_today"), method="post", data=lambda world: {"reason": "没有人应"}
    ),
}
