"""What repairs are counted for: how they ended, and how residents found it."""

from django.db.models import Q, QuerySet
from django.urls import reverse

from community.core.services.figures import FigureRow, Figures, Outcomes, Rated, Span, moment_words
from services.repairs.models import Repair, RepairChange

# A repair ends well when the resident confirms it, or says nothing.
ENDS = (Repair.Status.CONFIRMED, Repair.Status.CLOSED)


def _outcomes(estate: int, span: Span) -> QuerySet[RepairChange]:
    return RepairChange.objects.filter(
        repair__estate=estate, to_status__in=(*ENDS, Repair.Status.REOPENED), **span.within("at")
    ).select_related("repair__category__parent")


def _shown(found: list[RepairChange]) -> list[FigureRow]:
    return [
        FigureRow(
            what=str(one.repair.category),
            reference=one.repair.reference,
            url=reverse("board_repair", args=[one.repair.pk]),
            at=moment_words(one.at),
            when=one.at,
            is_good=one.to_status != Repair.Status.REOPENED,
            words=str(Repair.Status(one.to_status).label),
        )
        for one in found
    ]


FIGURES = Figures(
    position=10,
    outcomes=Outcomes(rows=_outcomes, solved=Q(to_status__in=ENDS), shown=_shown),
    rated=Rated(relation="repair", url_name="board_repair"),
)
