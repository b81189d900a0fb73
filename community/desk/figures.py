"""Filling the daily figures: every night, and again wherever something came late."""

from datetime import date, datetime, timedelta

from django.db import transaction

from community.core import clock
from community.core.services.figures import Counted, Measure, Span
from community.desk.measures import SATISFACTION, measures
from community.desk.models import DayFigure, Presence
from community.estates.models import Estate

# Days within which late entries (an answer to a call, a correction) are counted again.
RECOUNTED_DAYS = 14
# Months whose collection rate is counted again every night, since payments come late.
RECOUNTED_MONTHS = 13
# Days that presence is kept, more than the days that are counted again.
PRESENCE_KEPT_DAYS = 35
FIRST_TIME_DAYS = 365


def fill(*, estate: Estate, first: date, last: date) -> int:
    """Counts these days again; returns how many figures are new or changed. Repeating it changes nothing."""
    span = Span(first, last)
    return sum(
        _keep(estate, measure, measure.count(estate.pk, _span_for(measure, span))) for measure in measures()
    )


def _span_for(measure: Measure, span: Span) -> Span:
    """A month's figure stands on its first day, so its whole month belongs to any of its days."""
    return Span(span.first.replace(day=1), span.last) if measure.is_monthly else span


def _keep(estate: Estate, measure: Measure, counted: Counted) -> int:
    if not counted.days:
        return 0
    with transaction.atomic():
        known = DayFigure.objects.filter(
            estate=estate,
            measure=measure.key,
            # Leaves stored parts of services that are switched off unchanged.
            dimension__in=measure.parts,
            day__gte=counted.days[0],
            day__lte=counted.days[-1],
        )
        before = {(row.day, row.dimension): row for row in known}
        gone = [row.pk for key, row in before.items() if key not in counted.figures]
        DayFigure.objects.filter(pk__in=gone).delete()
        new = [
            DayFigure(
                estate=estate, day=day, measure=measure.key, dimension=part, numerator=number, denominator=of
            )
            for (day, part), (number, of) in counted.figures.items()
            if not _is_so(before.get((day, part)), number, of)
        ]
        DayFigure.objects.bulk_create(
            new,
            batch_size=1000,
            update_conflicts=True,
            unique_fields=["estate", "day", "measure", "dimension"],
            update_fields=["numerator", "denominator"],
        )
    return len(new) + len(gone)


def _is_so(row: DayFigure | None, numerator: int, denominator: int) -> bool:
    return row is not None and (row.numerator, row.denominator) == (numerator, denominator)


def fill_due(now: datetime) -> int:
    """Yesterday and the days before it that may have changed; nights that were missed are made up.

    So is each day of the last year that has no figure, wherever it lies: that a later day was counted
    (by hand, after a restore) says nothing about it.
    """
    yesterday = clock.today(now) - timedelta(days=1)
    changed = 0
    for estate in Estate.objects.all():
        for span in _to_count(estate, yesterday):
            changed += fill(estate=estate, first=span.first, last=span.last)
        changed += _fill_months(estate, clock.today(now))
    # Only after they were counted.
    Presence.objects.filter(day__lt=yesterday - timedelta(days=PRESENCE_KEPT_DAYS)).delete()
    return changed


def _to_count(estate: Estate, yesterday: date) -> list[Span]:
    """The days that may have changed and those without a figure, each run of days as one."""
    year = Span(yesterday - timedelta(days=FIRST_TIME_DAYS), yesterday)
    # A day that was counted has a figure of satisfaction, be it none of none.
    mine = DayFigure.objects.filter(estate=estate, measure=SATISFACTION, day__gte=year.first)
    known = set(mine.values_list("day", flat=True).distinct())
    spans: list[Span] = []
    for day in year.days:
        if day in known and day <= yesterday - timedelta(days=RECOUNTED_DAYS):
            continue
        if spans and spans[-1].last == day - timedelta(days=1):
            spans[-1] = Span(spans[-1].first, day)
        else:
            spans.append(Span(day, day))
    return spans


def _fill_months(estate: Estate, today: date) -> int:
    first = months_before(today.replace(day=1), RECOUNTED_MONTHS - 1)
    return sum(
        _keep(estate, measure, measure.count(estate.pk, Span(first, today)))
        for measure in measures()
        if measure.is_monthly
    )


def months_before(first_of_month: date, months: int) -> date:
    """The first day of the month so many months earlier."""
    number = first_of_month.year * 12 + first_of_month.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)
