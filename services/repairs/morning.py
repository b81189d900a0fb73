"""Repairs on the morning page, and descriptions of repairs that wait for a first answer."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.urls import reverse

from community.core.services.morning import (
    FirstAnswers,
    FirstRows,
    Line,
    Morning,
    MorningQuery,
    MorningSource,
)
from community.estates.models import Estate
from services.repairs.models import Repair

WITHOUT_WORKER = (Repair.Status.NEW, Repair.Status.ACCEPTED, Repair.Status.REOPENED)
# Relations that a line shows.
SHOWS = ("category__parent", "place", "home__entrance__building")


def _unassigned(query: MorningQuery) -> FirstRows:
    rows = Repair.objects.filter(estate=query.estate, status__in=WITHOUT_WORKER, worker=None)
    return FirstRows(rows.order_by("-is_emergency", "created_at", "pk"), _morning_line, SHOWS)


def _reopened(query: MorningQuery) -> FirstRows:
    rows = Repair.objects.filter(estate=query.estate, status=Repair.Status.REOPENED)
    return FirstRows(rows.order_by("status_changed_at", "pk"), _morning_line, SHOWS)


def _morning_line(repair: Repair, now: datetime) -> Line:
    return Line(
        url=reverse("board_repair", args=[repair.pk]),
        title=str(repair.category),
        sub=f"{repair.where} · {repair.get_status_display()}",
        icon="tool",
        tone="help" if repair.is_emergency else "repair",
        meta=repair.reference,
    )


def _descriptions(estate: Estate, references: Sequence[str]) -> Mapping[str, tuple[str, str]]:
    """Returns category and place of the repairs, by reference."""
    repairs = Repair.objects.filter(estate=estate, reference__in=references).with_people()
    return {repair.reference: (str(repair.category), str(repair.where)) for repair in repairs}


MORNING = Morning(
    sources=(
        MorningSource(section="unassigned", position=10, find=_unassigned),
        MorningSource(section="unhappy", position=20, find=_reopened),
    )
)
FIRST_ANSWERS = FirstAnswers(position=10, icon="tool", tone="repair", about=_descriptions)
