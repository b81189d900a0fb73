"""Addresses of meters: a reader's round, the resident's readings, the office's pages."""

from typing import Any

from tests.support.access import SIGNED_IN, Row, of
from tests.support.access_rows.fees import ALL_COUNTING, COUNTING, TAKING, WALL


def verb(**data: Any) -> dict[str, Any]:
    """Returns the row of a verb of cashiers and managers; 403 for people who only read."""
    but = dict.fromkeys(COUNTING - TAKING, 403) | dict.fromkeys(ALL_COUNTING - COUNTING, 404)
    return {"refused": 403, "but": but, "method": "post", "data": lambda world: data}


READING = {"cashier", "manager", "front_desk", "repair_worker", "other_worker"}
ALL_READING = READING | {f"foreign_{role}" for role in ("cashier", "manager", "front_desk", "repair_worker")}
# Others have no round (403), readers of another estate not this one (404).
ROUND: dict[str, Any] = {"refused": 403, "but": dict.fromkeys(ALL_READING - READING, 404)}
PAGES: dict[str, Row] = {
    "meter_rounds": Row(ALL_READING, refused=403),
    "meter_round": Row(READING, lambda world: {"pk": world.more["meter"].building_id}, **ROUND),
    "meter_read": Row(READING, of("meter"), method="post", **ROUND),
    "my_meters": Row(SIGNED_IN),
    "my_meter": Row({"owner", "household"}, of("meter")),
    "reading_picture": Row(
        {"owner", "repair_worker", "other_worker"} | COUNTING,
        lambda world: {"pk": world.more["reading_picture"].pk, "size": "small"},
        swept=False,
    ),
    "fees_meters": Row(ALL_COUNTING, refused=403),
    "fees_meters_sheet": Row(ALL_COUNTING - {"front_desk", "foreign_front_desk"}, refused=403, swept=False),
    "fees_meter_new": Row({"cashier", "manager", "foreign_cashier", "foreign_manager"}, refused=403),
    "fees_meter": Row(COUNTING, of("meter"), **WALL),
    "fees_meter_replace": Row(
        TAKING,
        of("meter"),
        refused=403,
        but=dict.fromkeys(COUNTING - TAKING, 403) | dict.fromkeys(ALL_COUNTING - COUNTING, 404),
    ),
    "fees_readings": Row(ALL_COUNTING, refused=403),
    "fees_reading_confirm": Row(TAKING, of("reading"), **verb()),
    "fees_reading_refuse": Row(TAKING, of("reading"), **verb(reason="看不清")),
    "meter_runs": Row(ALL_COUNTING, refused=403),
    "meter_run": Row(COUNTING, of("meter_run"), **WALL),
    "meter_run_start": Row(TAKING, of("meter_run"), **verb()),
    "fees_shared": Row(ALL_COUNTING, refused=403),
    "fees_shared_cost": Row(COUNTING, of("shared_cost"), **WALL),
    "fees_shared_drop": Row(TAKING, of("shared_cost"), **verb()),
    "fees_tiers": Row(COUNTING, of("metered_item"), **WALL),
}
