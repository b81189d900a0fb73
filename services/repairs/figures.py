"""Figures of repairs: their outcomes and ratings."""

from django.db.models import Q, QuerySet
from django.urls import reverse

from community.core.services.figures import FigureRow, Figures, Outcomes, Rated, Span, moment_words
from services.repairs.models import Repair, RepairChange

# Statuses of a good end: confirmed by the resident, or closed without contradiction.
ENDS = (Repair.Status.CONFIRMED, Repair.Status.CLOSED)


def _outcomes(estate: int, span: Span) -> QuerySet[RepairChange]:
    return RepairChange.objects.filter(
        repair__estate=estate, to_status__in=(*ENDS, Repair.Status.REOPENED), **span.within("at")
    ).select_related("repair__category__parent")


def _figure_rows(changes: list[RepairChange]) -> list[FigureRow]:
    return [
        FigureRow(
            what=str(change.repair.category),
            reference=change.repair.reference,
            url=reverse("board_repair", args=[change.repair.pk]),
            at=moment_words(change.at),
            when=change.at,
            is_good=change.to_status != Repair.Status.REOPENED,
            words=str(Repair.Status(change.to_status).label),
        )
        for change in changes
    ]


FIGURES = Figures(
    position=10,
    outcomes=Outcomes(rows=_outcomes, solved=Q(to_status__in=ENDS), shown=_figure_rows),
    rated=Rated(relation="repair", url_name="board_repair"),
)
