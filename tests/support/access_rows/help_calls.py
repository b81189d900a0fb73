"""Addresses of calls for help."""

from typing import Any

from tests.support.access import ACTING, EVERYONE, SIGNED_IN, Row, of

CALL = of("help_call")
# Standings concerned by the owner's call: the family, the desk, and a carer on duty.
FAMILY = {"owner", "household", "delegate"}
DESK = {"manager", "dispatcher", "front_desk"}
AT_WORK = DESK | {"auditor", "carer"}
ANSWERING = DESK | {"carer"}
WATCHING = AT_WORK | {f"foreign_{role}" for role in ("manager", "dispatcher", "front_desk", "auditor")}
SEEING = FAMILY | AT_WORK
MANAGERS = {"manager", "foreign_manager"}
PAGES: dict[str, Row] = {
    "help": Row(EVERYONE),
    # Pressed by a person without a home: a refusal in plain words with a way back.
    "help_raise": Row(SIGNED_IN, method="post"),
    "help_call": Row(SEEING, CALL),
    "help_call_live": Row(SEEING, CALL, swept=False),
    "help_cancel": Row(SEEING, CALL),
}
STAFF_PAGES: dict[str, Row] = {
    "staff_help": Row(WATCHING, refused=403),
    "staff_help_live": Row(WATCHING, refused=403, swept=False),
    "staff_help_drill": Row(MANAGERS, refused=403),
    "help_duty": Row(WATCHING, refused=403),
    "help_duty_add": Row(MANAGERS, method="post", refused=403),
    "help_leave_add": Row(MANAGERS, method="post", refused=403),
    "help_duty_remove": Row(
        {"manager"},
        of("shift"),
        method="post",
        refused=403,
        but=dict.fromkeys(WATCHING - AT_WORK, 404),
    ),
    "help_leave_remove": Row(
        {"manager"},
        of("leave"),
        method="post",
        refused=403,
        but=dict.fromkeys(WATCHING - AT_WORK, 404),
    ),
    "staff_help_call": Row(AT_WORK, CALL),
    "staff_help_call_live": Row(AT_WORK, CALL, swept=False),
    "staff_help_act": Row(
        ANSWERING,
        lambda world: {"pk": world.more["help_call"].pk, "verb": "take"},
        method="post",
        but={"auditor": 403},
    ),
}


def _verb(who: set[str], *, refused: int = 403, **data: Any) -> Row:
    """Returns the row of an API verb on the owner's call: 403 for people who see it but may not take the
    verb.
    """
    return Row(who, CALL, method="post", data=lambda world: data, but=dict.fromkeys(SEEING - who, refused))


API: dict[str, Row] = {
    "api_help_calls": Row(SIGNED_IN),
    "api_help_call": Row(SEEING, CALL),
    "api_help_cancel": _verb(ACTING),
    "api_help_take": _verb(ANSWERING),
    # Refused by its status: the call is not answered yet.
    "api_help_end": _verb(ANSWERING, outcome="helped"),
}
