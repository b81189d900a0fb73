"""Addresses of feedback and of satisfaction questions."""

from uuid import uuid4

from tests.support.access import EVERYONE, FOREIGN, NOBODY, SIGNED_IN, Row, World, of
from tests.support.worlds.feedback import CODE

OWN = {"owner"}
# Standings that answer; the auditor only reads.
READS = {"manager", "front_desk", "auditor"}
ANSWERS = {"manager", "front_desk"}
# Standings whose role can be handed feedback; their list may be empty.
HAS_LIST = {
    *READS,
    "dispatcher",
    "cashier",
    "care_coordinator",
    "renovation_coordinator",
    *(FOREIGN - {"foreign_repair_worker", "foreign_carer", "foreign_crew"}),
}
FEEDBACK = of("feedback")


def _picture(world: World) -> dict[str, object]:
    return {"pk": world.more["feedback_picture"].pk, "size": "small"}


def _recording(world: World) -> dict[str, object]:
    return {"pk": world.more["feedback_recording"].pk}


PAGES: dict[str, Row] = {
    "feedback_list": Row(SIGNED_IN),
    "feedback_new": Row(EVERYONE),
    "feedback_early_picture": Row(EVERYONE, method="post"),
    "feedback_early_picture_shown": Row(NOBODY, lambda world: {"token": "x"}, swept=False),
    "feedback_early_recording": Row(EVERYONE, method="post"),
    "feedback_early_recording_shown": Row(NOBODY, lambda world: {"token": "x"}, swept=False),
    "feedback_send": Row(SIGNED_IN, method="post"),
    "feedback_send_without_name": Row(EVERYONE, method="post"),
    "feedback_code": Row(EVERYONE),
    # Asks for the code if none was given.
    "feedback_by_code": Row(EVERYONE),
    "feedback_leave_code": Row(EVERYONE, method="post"),
    "feedback_by_code_act": Row(EVERYONE, lambda world: {"verb": "add"}),
    "feedback_by_code_picture": Row(NOBODY, lambda world: {"pk": uuid4(), "size": "small"}, swept=False),
    "feedback": Row(OWN, FEEDBACK),
    "feedback_live": Row(OWN, FEEDBACK, swept=False),
    "feedback_act": Row(OWN, lambda world: {"pk": world.more["feedback"].pk, "verb": "add"}),
    "feedback_picture": Row(OWN | READS, _picture, swept=False),
    "early_picture": Row(SIGNED_IN, method="post"),
    "early_picture_shown": Row(NOBODY, lambda world: {"token": "x"}, swept=False),
    "early_recording": Row(SIGNED_IN, method="post"),
    "early_recording_shown": Row(NOBODY, lambda world: {"token": "x"}, swept=False),
    "feedback_recording": Row(OWN | READS, _recording, swept=False),
    # What was spoken with the rating of a payment, and the same in its follow-up.
    "rating_recording": Row(OWN | READS, of("rating_recording"), swept=False),
    "feedback_rating_recording": Row(OWN | READS, of("follow_up"), swept=False),
    "how_was_it": Row(OWN | ANSWERS | {"delegate"}, of("question")),
}
STAFF_PAGES: dict[str, Row] = {
    "staff_feedback": Row(HAS_LIST, refused=403),
    "staff_feedback_live": Row(HAS_LIST, refused=403, swept=False),
    "staff_feedback_one": Row(READS, FEEDBACK),
    "staff_feedback_one_live": Row(READS, FEEDBACK, swept=False),
    "staff_feedback_act": Row(
        ANSWERS,
        lambda world: {"pk": world.more["feedback"].pk, "verb": "note"},
        method="post",
        data=lambda world: {"words": "已电话联系"},
        but={"auditor": 403},
    ),
    # Redirects staff of feedback to the row's own page, which checks the permission.
    "staff_thing": Row(
        HAS_LIST - FOREIGN,
        lambda world: {"estate_pk": world.estate.pk, "reference": world.more["feedback"].reference},
        swept=False,
    ),
    "staff_feedback_repair": Row(ANSWERS, FEEDBACK, but={"auditor": 403}),
}


def _verb(who: set[str], **data: object) -> Row:
    """Returns the row of a verb on the owner's feedback: 403 for people who see it but may not take the verb."""
    return Row(
        who, FEEDBACK, method="post", data=lambda world: data, but=dict.fromkeys((OWN | READS) - who, 403)
    )


def _code(**data: object) -> Row:
    """Returns the row of an address that needs a code only, never a sign-in. A wrong code is refused."""
    return Row(EVERYONE, method="post", data=lambda world: {"code": CODE, **data})


API: dict[str, Row] = {
    "api_feedback_list": Row(SIGNED_IN),
    "api_feedback": Row(OWN | READS, FEEDBACK),
    "api_feedback_without_name": Row(
        EVERYONE,
        method="post",
        data=lambda world: {"estate": world.estate.pk, "kind": "complaint", "words": "保安态度不好"},
    ),
    "api_feedback_by_code": _code(),
    "api_feedback_by_code_messages": _code(words="还有一件事"),
    # 409 for all: no question whether it is solved is open.
    "api_feedback_by_code_solved": _code(face=3),
    "api_feedback_by_code_not_solved": _code(words="还是这样"),
    "api_feedback_by_code_rate": _code(face=3),
    "api_feedback_by_code_withdraw": _code(),
    "api_feedback_messages": _verb(OWN | ANSWERS, words="还有一件事"),
    "api_feedback_solved": _verb(OWN | ANSWERS, face=3),
    "api_feedback_rate": _verb(OWN | ANSWERS, face=3),
    "api_feedback_not_solved": _verb(OWN | ANSWERS, words="还是这样"),
    "api_feedback_withdraw": _verb(OWN),
    "api_feedback_answer": _verb(ANSWERS, words="马上处理"),
    "api_feedback_ask": _verb(ANSWERS, words="是哪个单元?"),
    "api_feedback_ask_solved": _verb(ANSWERS, words="处理好了"),
    "api_feedback_hand_over": _verb(ANSWERS, department="dispatcher"),
    "api_feedback_notes": _verb(ANSWERS, words="已电话联系"),
}
