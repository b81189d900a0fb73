"""Addresses of renovation."""

from typing import Any
from uuid import uuid4

from tests.support.access import SIGNED_IN, Row, of
from tests.support.world import World

# Standings that act for the owner's home, that read in the admin, and that see the project.
HOUSEHOLD = {"owner", "household", "delegate", "front_desk", "manager", "renovation_coordinator"}
READING = {"front_desk", "manager", "renovation_coordinator", "auditor"}
COORDINATING = {"manager", "renovation_coordinator"}
PROJECT = HOUSEHOLD | READING | {"neighbour", "crew"}
VISIT = HOUSEHOLD | {"crew", "auditor"}
ALL_READING = READING | {f"foreign_{role}" for role in READING}
CREWS = {"crew", "foreign_crew"}


def _project(**more: str) -> Any:
    """Returns the arguments of a project's address; ``more`` names rows or places of the world."""

    def kwargs(world: World) -> dict[str, Any]:
        found: dict[str, Any] = {"pk": world.more["renovation"].pk}
        known = {"home": world.home.pk, "building": world.home.entrance.building_id}
        for name, thing in more.items():
            found[name] = known.get(thing) or world.more[thing].pk
        return found

    return kwargs


HOME = _project(home_pk="home")
BUILDING = _project(building_pk="building")
TIMES = _project(home_pk="home", item_pk="renovation_item")

PAGES: dict[str, Row] = {
    "renovations": Row(SIGNED_IN),
    "renovation": Row(PROJECT, _project()),
    "renovation_live": Row(PROJECT, _project(), swept=False),
    "renovation_building": Row(PROJECT, BUILDING),
    "renovation_building_live": Row(PROJECT, BUILDING, swept=False),
    "renovation_questions": Row(PROJECT, _project()),
    "renovation_ask": Row(PROJECT, _project()),
    "renovation_home": Row(HOUSEHOLD, HOME),
    "renovation_home_live": Row(HOUSEHOLD, HOME, swept=False),
    "renovation_take_part": Row(HOUSEHOLD, HOME),
    "renovation_times": Row(HOUSEHOLD, TIMES),
    "renovation_wait": Row(
        HOUSEHOLD, TIMES, method="post", data=lambda world: {"slot": world.more["renovation_full"].pk}
    ),
    "renovation_offer": Row(HOUSEHOLD, of("renovation_waiting")),
    "appointment": Row(VISIT, of("appointment")),
    "appointment_live": Row(VISIT, of("appointment"), swept=False),
    "appointment_calendar": Row(VISIT, of("appointment"), swept=False),
    "appointment_move": Row(VISIT, of("appointment")),
    "appointment_cancel": Row(VISIT, of("appointment")),
    "appointment_confirm": Row(VISIT, of("appointment_done")),
    "appointment_defects": Row(VISIT, of("appointment_done")),
    # The desk reports for residents who phone; the coordinator refers them to it.
    "renovation_warranty": Row(
        HOUSEHOLD - {"renovation_coordinator"},
        of("appointment_confirmed"),
        method="post",
        but=dict.fromkeys(("crew", "auditor", "renovation_coordinator"), 403),
    ),
    "renovation_recording": Row(VISIT, of("renovation_recording"), swept=False),
    "renovation_picture": Row(
        VISIT, lambda world: {"pk": world.more["renovation_picture"].pk, "size": "small"}, swept=False
    ),
}
STAFF_PAGES: dict[str, Row] = {
    "staff_renovations": Row(ALL_READING, refused=403),
    "staff_renovation": Row(READING, _project()),
    "staff_renovation_live": Row(READING, _project(), swept=False),
    "staff_renovation_questions": Row(READING, _project()),
    "staff_renovation_week": Row(READING, _project()),
    "staff_renovation_week_live": Row(READING, _project(), swept=False),
    "staff_renovation_building": Row(READING, BUILDING),
    "staff_renovation_building_live": Row(READING, BUILDING, swept=False),
    "renovation_door": Row(READING, HOME),
    "staff_renovation_act": Row(
        COORDINATING,
        lambda world: {"pk": world.more["renovation"].pk, "verb": "advance"},
        method="post",
        data=lambda world: {"to": "finished"},
        but={"front_desk": 403, "auditor": 403},
    ),
    "staff_appointment": Row(READING, of("appointment")),
    "staff_appointment_act": Row(
        READING - {"auditor"},
        lambda world: {"pk": world.more["appointment"].pk, "verb": "cancel"},
        method="post",
        data=lambda world: {"reason": "住户来电"},
        but={"auditor": 403},
    ),
    "crew": Row(CREWS, refused=403),
    "crew_live": Row(CREWS, refused=403, swept=False),
    "crew_job": Row({"crew"}, of("appointment")),
    "crew_job_live": Row({"crew"}, of("appointment"), swept=False),
    "crew_act": Row(
        {"crew"}, lambda world: {"pk": world.more["appointment"].pk, "verb": "start"}, method="post"
    ),
}


def _verb(who: set[str], *, refused: int = 403, **data: Any) -> Row:
    """Returns the row of an API verb on the owner's appointment: 403 for people who see it but may not take
    the verb.
    """
    but = dict.fromkeys(VISIT - who, refused)
    return Row(who, of("appointment"), method="post", data=lambda world: data, but=but)


def _waiting(name: str) -> Row:
    """Returns the row of a verb on a place in a waiting list that belongs to another home."""
    return Row(HOUSEHOLD, of("renovation_waiting"), method="post", data=lambda world: {"key": str(uuid4())})


API: dict[str, Row] = {
    "api_renovations": Row(SIGNED_IN),
    "api_renovation": Row(PROJECT, _project()),
    "api_renovation_building": Row(PROJECT, BUILDING),
    "api_renovation_questions": Row(PROJECT, _project()),
    "api_renovation_home": Row(HOUSEHOLD, HOME),
    "api_renovation_picture": Row(
        VISIT, lambda world: {"pk": world.more["renovation_picture"].pk, "size": "small"}
    ),
    "api_appointment": Row(VISIT, of("appointment")),
    "api_renovation_wait": Row(
        HOUSEHOLD,
        method="post",
        refused=400,
        data=lambda world: {
            "home": world.home.pk,
            "item": world.more["renovation_item"].pk,
            "slot": world.more["renovation_full"].pk,
        },
    ),
    "api_renovation_take": _waiting("take"),
    "api_renovation_leave": _waiting("leave"),
    "api_renovation_warranty": Row(
        HOUSEHOLD - {"renovation_coordinator"},
        of("appointment_confirmed"),
        method="post",
        but=dict.fromkeys(("crew", "auditor", "renovation_coordinator"), 403),
    ),
    "api_appointments": Row(SIGNED_IN),
    "api_appointment_move": Row(
        HOUSEHOLD,
        of("appointment"),
        method="post",
        data=lambda world: {"slot": world.more["renovation_slot"].pk},
        but={"crew": 403, "auditor": 403},
    ),
    "api_appointment_cancel": _verb(HOUSEHOLD),
    "api_appointment_confirm": _verb(HOUSEHOLD, face=3),
    "api_appointment_defects": _verb(HOUSEHOLD, words="漏风"),
    # Lists the user's own tasks; empty for others.
    "api_crew_today": Row(SIGNED_IN),
    "api_appointment_start": _verb({"crew"}),
    "api_appointment_done": _verb({"crew"}),
    "api_appointment_missed": _verb({"crew", "manager", "renovation_coordinator"}),
}
