"""Every address of feedback, and of the question how something was."""

from uuid import uuid4

from tests.support.access import EVERYONE, FOREIGN, NOBODY, SIGNED_IN, Row, World, of

OWN = {"owner"}
# Who answers; the auditor only reads.
READS = {"manager", "front_desk", "auditor"}
ANSWERS = {"manager", "front_desk"}
# Whose role can be handed something: the list is theirs, empty or not.
HAS_LIST = {
    *READS,
    "dispatcher",
    "cashier",
    "care_coordinator",
    "renovation_coordinator",
    *(FOREIGN - {"foreign_repair_worker", "foreign_carer"}),
}
FEEDBACK = of("feedback")


def _picture(world: World) -> dict[str, object]:
    return {"pk": world.more["feedback_picture"].pk, "size": "small"}


PAGES: dict[str, Row] = {
    "feedback_list": Row(SIGNED_IN),
    "feedback_new": Row(EVERYONE),
    "feedback_send": Row(SIGNED_IN, method="post"),
    "feedback_send_without_name": Row(EVERYONE, method="post"),
    "feedback_code": Row(EVERYONE),
    # Who has shown no code is asked for it.
    "feedback_by_code": Row(EVERYONE),
    "feedback_leave_code": Row(EVERYONE, method="post"),
    "feedback_by_code_act": Row(EVERYONE, lambda world: {"verb": "add"}),
    "feedback_by_code_picture": Row(NOBODY, lambda world: {"pk": uuid4(), "size": "small"}, swept=False),
    "feedback": Row(OWN, FEEDBACK),
    "feedback_live": Row(OWN, FEEDBACK, swept=False),
    "feedback_act": Row(OWN, lambda world: {"pk": world.more["feedback"].pk, "verb": "add"}),
    "feedback_picture": Row(OWN | READS, _picture, swept=False),
    "how_was_it": Row(OWN | ANSWERS, of("question")),
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
    "staff_feedback_repair": Row(ANSWERS, FEEDBACK, but={"auditor": 403}),
}
API: dict[str, Row] = {}
