"""Texts and colours of feedback: the line of steps, and the name of a status for each side."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.models import User
from services.common.timeline import Entry, Point, reached_line, who
from services.feedback.models import Feedback, FeedbackChange

S = Feedback.Status
K = Feedback.Kind

LINE = (
    pgettext_lazy("feedback step", "Sent"),
    pgettext_lazy("feedback step", "In hand"),
    pgettext_lazy("feedback step", "Solved"),
)
# The last point until the resident says whether it is solved.
TO_CONFIRM = pgettext_lazy("feedback step", "To be confirmed")
REACHED: dict[str, int] = {
    S.NEW: 0,
    S.IN_HAND: 1,
    S.WAITING: 1,
    S.REOPENED: 1,
    S.SOLVED_ASKED: 2,
    S.CLOSED: 3,
}
TONES: dict[str, str] = {
    S.NEW: "repair",
    S.IN_HAND: "repair",
    S.WAITING: "care",
    S.SOLVED_ASKED: "care",
    S.REOPENED: "help",
    S.CLOSED: "brand",
    S.WITHDRAWN: "plain",
}
STAFF_WORDS: dict[str, Promise | str] = {
    S.NEW: pgettext_lazy("feedback desk", "New"),
    S.IN_HAND: pgettext_lazy("feedback desk", "In hand"),
    S.WAITING: pgettext_lazy("feedback desk", "Waiting for the resident"),
    S.SOLVED_ASKED: pgettext_lazy("feedback desk", "Asked if solved"),
    S.REOPENED: pgettext_lazy("feedback desk", "Not solved"),
    S.CLOSED: pgettext_lazy("feedback desk", "Closed"),
    S.WITHDRAWN: pgettext_lazy("feedback desk", "Taken back"),
}
KINDS: dict[str, dict[str, object]] = {
    K.COMPLAINT: {
        "label": pgettext_lazy("kind of feedback", "Complaint"),
        "hint": gettext_lazy("Something is not right"),
        "icon": "thumb-down",
        "tone": "help",
    },
    K.SUGGESTION: {
        "label": pgettext_lazy("kind of feedback", "Suggestion"),
        "hint": gettext_lazy("It could be better"),
        "icon": "bulb",
        "tone": "care",
    },
    K.PRAISE: {
        "label": pgettext_lazy("kind of feedback", "Praise"),
        "hint": gettext_lazy("Somebody did well"),
        "icon": "thumb-up",
        "tone": "brand",
    },
    K.QUESTION: {
        "label": pgettext_lazy("kind of feedback", "Question"),
        "hint": gettext_lazy("I want to know"),
        "icon": "message",
        "tone": "repair",
    },
}


def line(feedback: Feedback) -> list[Point]:
    """Returns the line of three points; empty for withdrawn feedback."""
    points = LINE if feedback.status != S.SOLVED_ASKED else (*LINE[:2], TO_CONFIRM)
    return reached_line(feedback.status, points, REACHED)


def entries(feedback: Feedback, reader: User) -> list[Entry]:
    """Returns all steps, the newest first. One query."""
    steps = feedback.history.select_related("actor", "on_behalf_of").order_by("-position", "-at")
    return [
        Entry(str(STAFF_WORDS[step.to_status]), step.at, _who(feedback, step, reader), step.reason)
        for step in steps
    ]


def _who(feedback: Feedback, change: FeedbackChange, reader: User) -> str:
    # Staff who handle it have a name.
    is_writers = change.to_status in (S.NEW, S.IN_HAND, S.REOPENED, S.WITHDRAWN)
    if feedback.is_anonymous and change.actor is None and is_writers:
        return _("without a name")
    return who(change.actor, change.on_behalf_of, reader)
