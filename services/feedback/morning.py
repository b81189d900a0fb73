"""Feedback on the morning page, and the titles of its response clocks."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from community.core import modes
from community.core.services.morning import (
    FirstAnswers,
    FirstRows,
    Line,
    Morning,
    MorningQuery,
    MorningSource,
)
from community.estates.models import Estate
from services.feedback.actions.steps import desk_topic
from services.feedback.models import Feedback

# Relations that a line shows.
SHOWS = ("resident",)


def _title_and_person(feedback: Feedback) -> tuple[str, str]:
    """Returns a title and the resident's name. In large type the title has no number: none fits in a line."""
    kind = _("Follow-up") if feedback.is_follow_up else feedback.get_kind_display()
    title = f"{kind} · {feedback.about}" if feedback.about and not modes.is_large() else str(kind)
    return title, str(feedback.resident) if feedback.resident else _("without a name")


def _unhappy(query: MorningQuery) -> FirstRows:
    unhappy = Q(is_follow_up=True) | Q(status=Feedback.Status.REOPENED) | Q(is_escalated=True)
    rows = Feedback.objects.open().filter(unhappy, estate=query.estate)
    return FirstRows(rows.order_by("-is_escalated", "created_at", "pk"), _line, SHOWS)


def _line(feedback: Feedback, now: datetime) -> Line:
    title, who = _title_and_person(feedback)
    return Line(
        url=reverse("staff_feedback_one", args=[feedback.pk]),
        title=title,
        sub=who,
        icon="mood-sad",
        tone="help" if feedback.is_escalated else "build",
        meta=feedback.reference,
    )


def _titles(estate: Estate, references: Sequence[str]) -> Mapping[str, tuple[str, str]]:
    """Returns title and resident by reference."""
    threads = Feedback.objects.filter(estate=estate, reference__in=references).with_people()
    return {feedback.reference: _title_and_person(feedback) for feedback in threads}


MORNING = Morning(
    sources=(MorningSource(section="unhappy", position=10, find=_unhappy),),
    topics=lambda estate: [desk_topic(estate.pk)],
)
FIRST_ANSWERS = FirstAnswers(position=20, icon="message", tone="build", about=_titles)
