"""Feedback on the resident's home page."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Case, QuerySet, Value, When
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core.search.filtering import Ways
from community.core.services.home import FamilyLine, Home, HomeLink, Matter, MatterSource, Waiting
from services.feedback import timeline
from services.feedback.models import Feedback

S = Feedback.Status
# Statuses in which the writer must answer.
ANSWERS = {S.WAITING: _("Your feedback waits for you"), S.SOLVED_ASKED: _("Your feedback: is it solved?")}
# Names of the steps in which the writer answers.
STEPS = {
    "add": _("Add to the feedback"),
    "solved": _("Say that it is solved"),
    "not-solved": _("Say that it is not solved"),
    "rate": _("Rate the answer"),
}
# Characters of the writer's words in the list of all matters.
SHOWN_WORDS = 32


def _rows(user: User) -> QuerySet[Feedback]:
    return Feedback.objects.of_household(user)


def _joined(rows: QuerySet[Feedback]) -> QuerySet[Feedback]:
    return rows.select_related("resident").with_voices()  # type: ignore[attr-defined,no-any-return]


def _open(rows: QuerySet[Feedback]) -> QuerySet[Feedback]:
    waits = Case(When(status__in=list(ANSWERS), then=Value(0)), default=Value(1))
    return rows.exclude(status__in=Feedback.FINISHED).order_by(waits, "-created_at", "-pk")


def _show(feedback: Feedback, reader: User, now: datetime) -> Matter:
    is_spoken = feedback.has_recordings  # type: ignore[attr-defined]
    kind = timeline.KINDS[feedback.kind]
    url, words = reverse("feedback", args=[feedback.pk]), ANSWERS.get(feedback.status)  # type: ignore[call-overload]
    waiting = Waiting(words=words, url=url, icon="message", resident=feedback.resident) if words else None
    return Matter(
        title=_("Follow-up") if feedback.is_follow_up else str(kind["label"]),
        url=url,
        icon=str(kind["icon"]),
        tone=str(kind["tone"]),
        tag=feedback.get_status_display(),
        tag_tone=timeline.TONES[feedback.status],
        sub=Truncator(feedback.description).chars(SHOWN_WORDS) or (_("Spoken message") if is_spoken else ""),
        resident=feedback.resident,
        waiting=waiting,
    )


def _step(resident: User, arguments: Mapping[str, Any]) -> str:
    return str(STEPS.get(arguments["verb"], ""))


HOME = Home(
    matters=(
        MatterSource(
            key="feedback",
            position=40,
            label=_("Feedback"),
            rows=_rows,
            joined=_joined,
            show=_show,
            open=_open,
            sealed=("description",),
            in_words=Ways(people=("resident",), references=("reference",), words=("about",)),
            has_card=False,
        ),
    ),
    steps={
        "feedback_new": _("Write feedback"),
        "feedback": _("Look at the answer"),
        "feedback_act": _step,
    },
    handed={"feedback_new": "feedback_send", "feedback_act": "feedback_act"},
    tiles=(
        HomeLink(position=50, url_name="feedback_list", label=_("Feedback"), icon="message", tone="build"),
    ),
    more=(
        HomeLink(position=50, url_name="feedback_list", label=_("Feedback"), icon="message", tone="build"),
    ),
    more_signed_out=(
        HomeLink(position=10, url_name="feedback_new", label=_("Feedback"), icon="message", tone="build"),
    ),
    family=FamilyLine(
        position=40,
        url_name="feedback_new",
        button=_("Feedback"),
        icon="message",
        tone="build",
    ),
)
