"""What feedback is counted for: how it ended, and how residents found it."""

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


def _shown(found: list[FeedbackChange]) -> list[FigureRow]:
    return [
        FigureRow(
            what=one.feedback.get_kind_display(),
            reference=one.feedback.reference,
            url=reverse("staff_feedback_one", args=[one.feedback.pk]),
            at=moment_words(one.at),
            when=one.at,
            is_good=one.to_status != Feedback.Status.REOPENED,
            words=str(Feedback.Status(one.to_status).label),
        )
        for one in found
    ]


FIGURES = Figures(
    position=20,
    outcomes=Outcomes(rows=_outcomes, solved=Q(to_status=Feedback.Status.CLOSED), shown=_shown),
    rated=Rated(relation="feedback", url_name="staff_feedback_one"),
)
