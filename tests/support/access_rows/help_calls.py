"""Every address of help calls."""

from typing import Any

from tests.support.access import ACTING, EVERYONE, SIGNED_IN, Row, of

CALL = of("help_call")
# Who has to do with the owner's call: the family, the desk, and a carer who is on duty.
FAMILY = {"owner", "household", "delegate"}
DESK = {"manager", "dispatcher", "front_desk"}
AT_WORK = DESK | {"auditor", "carer"}
ANSWERING = DESK | {"carer"}
WATCHING = AT_WORK | {f"foreign_{role}" for role in ("manager", "dispatcher", "front_desk", "auditor")}
SEEING = FAMILY | AT_WORK
MANAGERS = {"manager", "foreign_manager"}
PAGES: dict[str, Row] = {
    "help": Row(EVERYONE),
    # Pressed by somebody whose home nobody knows: a refusal in plain words, which leads back.
    "help_raise": Row(SIGNED_IN, method="post"),
    "help_call": Row(SEEING, CALL),
    "help_call_live": Row(SEEING, CALL, swept=False),
    "help_cancel": Row(SEEING, CALL),
}
STAFF_PAGES: dict[str, Row] = {
    "staff_help": Row(WATCHING, refused=403),
    "staff_help_live": Row(WATCHING, refused=403, swept=False),
    "staff_help_alarms": Row(WATCHING, refused=403, swept=False),
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
    """A verb of the API on the owner's call: who sees it, but has not this verb, is forbidden it."""
    return Row(who, CALL, method="post", data=lambda world: data, but=dict.fromkeys(SEEING - who, refused))


API: dict[str, Row] = {
    "api_help_calls": Row(SIGNED_IN),
    "api_help_call": Row(SEEING, CALL),
    "api_help_cancel": _verb(ACTING),
    "api_help_take": _verb(ANSWERING),
    # Nobody has answered it yet: whoever may end it is told that it has not come so far.
    "api_help_end": _verb(ANSWERING, outcome="helped"),
}
