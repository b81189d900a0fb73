"""Feedback in words and colours: the line of steps, and what each side calls a state."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.models import User
from services.feedback.models import Feedback, FeedbackChange

S = Feedback.Status
K = Feedback.Kind

LINE = (
    pgettext_lazy("feedback step", "Sent"),
    pgettext_lazy("feedback step", "In hand"),
    pgettext_lazy("feedback step", "Solved"),
)
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


@dataclass(frozen=True)
class Point:
    label: str | Promise
    state: str


@dataclass(frozen=True)
class Entry:
    """A step of its life as staff read it."""

    title: str
    at: datetime
    by: str = ""
    text: str = ""


def line(feedback: Feedback) -> list[Point]:
    """The line of three points; empty for what was taken back."""
    reached = REACHED.get(feedback.status)
    if reached is None:
        return []
    return [
        Point(label, "done" if n < reached else "now" if n == reached else "todo")
        for n, label in enumerate(LINE)
    ]


def history(feedback: Feedback, reader: User) -> list[Entry]:
    """Every step, the newest first. One query."""
    steps = feedback.history.select_related("actor", "on_behalf_of").order_by("-pk")
    return [_entry(feedback, change, reader) for change in steps]


def _entry(feedback: Feedback, change: FeedbackChange, reader: User) -> Entry:
    return Entry(str(STAFF_WORDS[change.to_status]), change.at, _who(feedback, change, reader), change.reason)


def _who(feedback: Feedback, change: FeedbackChange, reader: User) -> str:
    if change.actor is None:
        is_writers = feedback.is_anonymous and change.to_status in (S.NEW, S.REOPENED, S.WITHDRAWN)
        return _("without a name") if is_writers else ""
    name = _("you") if change.actor_id == reader.pk else str(change.actor)
    if change.on_behalf_of is None:
        return name
    return _("%(actor)s for %(resident)s") % {"actor": name, "resident": change.on_behalf_of}
