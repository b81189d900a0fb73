"""Counts figures into the table of daily figures, every night; recent days again, for entries that came late."""

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
# Days for which presence is stored; more than ``RECOUNTED_DAYS``, since counting needs it.
PRESENCE_KEPT_DAYS = 35
# Days back from yesterday in which missing figures are counted.
FIRST_TIME_DAYS = 365


def fill(*, estate: Estate, first: date, last: date) -> int:
    """Counts these days again; returns how many figures are new, changed or deleted. Repeating it changes nothing."""
    span = Span(first, last)
    return sum(
        _store(estate, measure, measure.count(estate.pk, _span_for(measure, span))) for measure in measures()
    )


def _span_for(measure: Measure, span: Span) -> Span:
    """Returns the days to count for a measure.

    A monthly figure is stored under the first day of its month and counts the whole month, so its span begins
    with the month.
    """
    return Span(span.first.replace(day=1), span.last) if measure.is_monthly else span


def _store(estate: Estate, measure: Measure, counted: Counted) -> int:
    """Stores the figures of the counted days; returns how many rows are new, changed or deleted."""
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
            if not _is_unchanged(before.get((day, part)), number, of)
        ]
        DayFigure.objects.bulk_create(
            new,
            batch_size=1000,
            update_conflicts=True,
            unique_fields=["estate", "day", "measure", "dimension"],
            update_fields=["numerator", "denominator"],
        )
    return len(new) + len(gone)


def _is_unchanged(row: DayFigure | None, numerator: int, denominator: int) -> bool:
    return row is not None and (row.numerator, row.denominator) == (numerator, denominator)


def fill_due(now: datetime) -> int:
    """Counts yesterday, the days before it that may have changed, and missing days; returns the number of
    changed figures.

    Each day of the last year without a figure is counted, also if later days have figures: someone may have
    counted those by hand, or after a restore.
    """
    yesterday = clock.today(now) - timedelta(days=1)
    changed = 0
    for estate in Estate.objects.all():
        for span in _to_count(estate, yesterday):
            changed += fill(estate=estate, first=span.first, last=span.last)
        changed += _fill_months(estate, clock.today(now))
    # Presence is deleted only after its days were counted.
    forget_presence(now=now)
    return changed


def forget_presence(*, now: datetime) -> int:
    """Deletes the days of use that are counted; returns how many."""
    before = clock.today(now) - timedelta(days=1 + PRESENCE_KEPT_DAYS)
    return Presence.objects.filter(day__lt=before).delete()[0]


def _to_count(estate: Estate, yesterday: date) -> list[Span]:
    """Returns the days that may have changed and those without a figure, as spans of consecutive days."""
    year = Span(yesterday - timedelta(days=FIRST_TIME_DAYS), yesterday)
    # Every counted day has a row for satisfaction, also 0 of 0, so a day without one was never counted.
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
    """Counts the monthly figures of the last months again; returns how many changed."""
    first = months_before(today.replace(day=1), RECOUNTED_MONTHS - 1)
    return sum(
        _store(estate, measure, measure.count(estate.pk, Span(first, today)))
        for measure in measures()
        if measure.is_monthly
    )


def months_before(first_of_month: date, months: int) -> date:
    """Returns the first day of the month that is this number of months earlier."""
    number = first_of_month.year * 12 + first_of_month.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)
