"""The rows behind a figure: the very repairs, answers and bills that it counts. A page by key."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from community.core import clock, exports
from community.core.money import as_yuan
from community.desk import counting, measures
from community.desk.counting import Span
from community.desk.measures import Measure
from services.common.models import ResponseClock, Satisfaction, Service
from services.feedback.models import FeedbackChange
from services.fees.models import Bill, Payment
from services.repairs.models import RepairChange

PAGE_SIZE = 50


@dataclass(frozen=True)
class Row:
    """One thing that was counted; ``is_good``: in the numerator too."""

    what: str
    reference: str
    url: str
    at: str
    # What ``at`` says, for a sheet.
    when: Any
    is_good: bool
    words: str


@dataclass(frozen=True)
class Behind:
    rows: Callable[[int, Span, str], QuerySet[Any]]
    shown: Callable[[list[Any]], list[Row]]


def _moment(at: datetime) -> str:
    return f"{clock.local(at):%Y-%m-%d %H:%M}"


def _clocks(estate: int, span: Span, part: str) -> QuerySet[ResponseClock]:
    rows = counting.clocks_due(estate, span)
    return rows.filter(service=part) if part else rows


def _clock_rows(found: list[ResponseClock]) -> list[Row]:
    return [
        Row(
            what=one.get_service_display(),
            reference=one.reference,
            url=one.url,
            at=_moment(one.due_at),
            when=one.due_at,
            is_good=one.answered_at is not None and one.answered_at <= one.due_at,
            words=_("answered %(at)s") % {"at": _moment(one.answered_at)}
            if one.answered_at
            else _("not answered"),
        )
        for one in found
    ]


def _outcomes(estate: int, span: Span, part: str) -> QuerySet[Any]:
    if part == Service.FEEDBACK:
        return counting.feedback_outcomes(estate, span).select_related("feedback")
    return counting.repair_outcomes(estate, span).select_related("repair__category__parent")


def _outcome_rows(found: list[RepairChange | FeedbackChange]) -> list[Row]:
    rows = []
    for one in found:
        is_repair = isinstance(one, RepairChange)
        thing: Any = one.repair if isinstance(one, RepairChange) else one.feedback
        rows.append(
            Row(
                what=str(thing.category) if is_repair else thing.get_kind_display(),
                reference=thing.reference,
                url=reverse("board_repair" if is_repair else "staff_feedback_one", args=[thing.pk]),
                at=_moment(one.at),
                when=one.at,
                is_good=one.to_status != thing.Status.REOPENED,
                words=str(thing.Status(one.to_status).label),
            )
        )
    return rows


def _answers(estate: int, span: Span, part: str) -> QuerySet[Satisfaction]:
    rows = counting.answers_given(estate, span)
    rows = rows.filter(service=part) if part else rows
    return rows.select_related("repair", "feedback", "care_booking", "appointment")


ANSWER_PAGES = {
    "repair": "board_repair",
    "feedback": "staff_feedback_one",
    "care_booking": "care_desk_booking",
    "appointment": "staff_appointment",
}


def _answer_rows(found: list[Satisfaction]) -> list[Row]:
    paid = [one for one in found if one.service == Service.FEES]
    numbers = [one.reference for one in paid]
    estates = {one.estate_id for one in paid}
    payments = Payment.objects.filter(estate__in=estates, reference__in=numbers)
    keys = {
        (estate, reference): pk for estate, reference, pk in payments.values_list("estate", "reference", "pk")
    }
    labels = dict(Service.choices)
    return [
        Row(
            what=str(labels.get(one.service, one.service)),
            reference=one.reference,
            url=_page_of_answer(one, keys),
            at=_moment(one.at),
            when=one.at,
            is_good=one.face == Satisfaction.Face.GOOD,
            words=one.get_face_display(),
        )
        for one in found
    ]


def _page_of_answer(one: Satisfaction, payments: dict[tuple[int, str], int]) -> str:
    for name, page in ANSWER_PAGES.items():
        thing = getattr(one, name, None)
        if thing is not None:
            return reverse(page, args=[thing.pk])
    payment = payments.get((one.estate_id, one.reference)) if one.service == Service.FEES else None
    return reverse("fees_payment", args=[payment]) if payment else ""


def _bills(estate: int, span: Span, part: str) -> QuerySet[Bill]:
    rows = counting.bills_of(estate, span)
    return (rows.filter(item__kind=part) if part else rows).with_lines()  # type: ignore[attr-defined]


def _bill_rows(found: list[Bill]) -> list[Row]:
    return [
        Row(
            what=f"{one.item} · {one.home}",
            reference=one.reference,
            url=reverse("fees_bill", args=[one.pk]),
            at=f"{one.period:%Y-%m}",
            when=exports.month(one.period),
            is_good=one.paid_fen == one.amount_fen,
            words=f"{as_yuan(one.paid_fen)} / {as_yuan(one.amount_fen)}",
        )
        for one in found
    ]


BEHIND: dict[str, Behind] = {
    measures.FIRST_ANSWER.key: Behind(_clocks, _clock_rows),
    measures.SOLUTION.key: Behind(_outcomes, _outcome_rows),
    measures.SATISFACTION.key: Behind(_answers, _answer_rows),
    measures.COLLECTION.key: Behind(_bills, _bill_rows),
}


def page(measure: Measure, estate: int, span: Span, part: str, before: int) -> tuple[list[Row], int]:
    """Some rows, the newest first, and the key from which the next page goes on; 0 for the last."""
    behind = BEHIND[measure.key]
    rows = behind.rows(estate, span, part).order_by("-pk")
    if before:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: PAGE_SIZE + 1])
    more = len(found) > PAGE_SIZE
    return behind.shown(found[:PAGE_SIZE]), found[PAGE_SIZE - 1].pk if more else 0


def every_row(measure: Measure, estate: int, span: Span, part: str, most: int) -> list[Row]:
    """All of them for a sheet, up to ``most``."""
    behind = BEHIND[measure.key]
    return behind.shown(list(behind.rows(estate, span, part).order_by("-pk")[:most]))


def count(measure: Measure, estate: int, span: Span, part: str) -> int:
    """How many rows there are."""
    return BEHIND[measure.key].rows(estate, span, part).count()
