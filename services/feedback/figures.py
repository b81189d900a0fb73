"""Figures of feedback: how it ended, and residents' ratings."""

from django.db.models import Q, QuerySet
from django.urls import reverse

from community.core.services.figures import FigureRow, Figures, Outcomes, Rated, Span, moment_words
from services.feedback.models import Feedback, FeedbackChange


def _outcomes(estate: int, span: Span) -> QuerySet[FeedbackChange]:
    return FeedbackChange.objects.filter(
        feedback__estate=estate,
        to_status__in=(Feedback.Status.CLOSED, Feedback.Status.REOPENED),
        **span.within("at"),
    ).select_related("feedback")


def _figure_rows(found: list[FeedbackChange]) -> list[FigureRow]:
    return [
        FigureRow(
            what=change.feedback.get_kind_display(),
            reference=change.feedback.reference,
            url=reverse("staff_feedback_one", args=[change.feedback.pk]),
            at=moment_words(change.at),
            when=change.at,
            is_good=change.to_status != Feedback.Status.REOPENED,
            words=str(Feedback.Status(change.to_status).label),
        )
        for change in found
    ]


FIGURES = Figures(
    position=20,
    outcomes=Outcomes(rows=_outcomes, solved=Q(to_status=Feedback.Status.CLOSED), shown=_figure_rows),
    rated=Rated(relation="feedback", url_name="staff_feedback_one"),
)
