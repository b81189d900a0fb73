"""Hindrances of closing a day or a month, in words for the page and for the refusal."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from community.core import clock
from community.core.services.figures import Span
from community.estates.models import Estate
from services.fees.matching.queries import days_not_agreed_in, given_up, open_differences_in
from services.fees.models import ClosingSheet, LedgerTransaction, Shift
from services.fees.takings import ELSEWHERE, MOVEMENTS
from services.fees.terms import last_of_month

Kind = ClosingSheet.Kind


@dataclass(frozen=True)
class Hindrance:
    """Why a sheet cannot be made; ``url`` leads to where it is mended, if anywhere."""

    code: str
    message: str | Promise
    url: str = ""


def span_of(kind: str, first: date) -> Span:
    """Returns the days of a sheet: the day itself, or the month of it."""
    return Span(first, first) if kind == Kind.DAY else Span(first.replace(day=1), last_of_month(first))


def hindrances(estate: Estate, kind: str, first: date, now: datetime) -> Iterator[Hindrance]:
    """Yields what hinders closing; nothing if the sheet can be made."""
    span = span_of(kind, first)
    if clock.today(now) <= span.last:
        yield Hindrance(
            "not_over",
            _("This day is not over yet.") if kind == Kind.DAY else _("This month is not over yet."),
        )
        return
    for check in CHECKS[kind]:
        yield from check(estate, span)


def open_shifts(estate: Estate, span: Span) -> Iterator[Hindrance]:
    """Yields tills that were opened in or before these days and are not closed."""
    count = Shift.objects.open().filter(estate=estate, opened_at__lt=span.end).count()
    if count:
        words = ngettext_lazy(
            "%(count)s shift of a till is still open.", "%(count)s shifts of tills are still open.", count
        )
        yield Hindrance(
            "shift_open", words % {"count": count}, f"{reverse('fees_shifts')}?estate={estate.pk}"
        )


def earlier_months(estate: Estate, span: Span) -> Iterator[Hindrance]:
    """Yields the month before these days that has entries and is not closed."""
    signed = ClosingSheet.objects.signed().filter(estate=estate, kind=Kind.MONTH)
    upto = signed.order_by("-ends_at").values_list("ends_at", flat=True).first()
    rows = LedgerTransaction.objects.filter(estate=estate, at__lt=span.begin)
    rows = rows.filter(at__gte=upto) if upto else rows
    if at := rows.order_by("at").values_list("at", flat=True).first():
        month = clock.today(at).replace(day=1)
        yield Hindrance(
            "earlier_open",
            _("%(month)s has entries and is not closed yet.") % {"month": f"{month:%Y-%m}"},
            month_url(estate, month),
        )


def unsigned_days(estate: Estate, span: Span) -> Iterator[Hindrance]:
    """Yields the days on which money moved and whose sheet is not signed."""
    days = open_days(estate, span)
    if days:
        words = ngettext_lazy(
            "%(count)s day is not signed, the first is %(day)s.",
            "%(count)s days are not signed, the first is %(day)s.",
            len(days),
        )
        yield Hindrance("days_open", words % {"count": len(days), "day": f"{days[0]:%m-%d}"})


def open_differences(estate: Estate, span: Span) -> Iterator[Hindrance]:
    """Yields differences from the statements of providers that nobody has resolved, of these days."""
    count = open_differences_in(estate, span.first, span.last).count()
    if count:
        words = ngettext_lazy(
            "%(count)s difference from a provider's statement is open.",
            "%(count)s differences from providers' statements are open.",
            count,
        )
        yield Hindrance("differences_open", words % {"count": count}, f"{reverse('matching')}?open=1")


def days_not_agreed(estate: Estate, span: Span) -> Iterator[Hindrance]:
    """Yields the days of providers' accounts and banks' files that nobody has agreed to."""
    rows = days_not_agreed_in(estate, span.first, span.last).defer("packed").order_by("day")
    days = [one.day for one in rows if not given_up(one)]
    if days:
        words = ngettext_lazy(
            "%(count)s day is matched and not agreed to, the first is %(day)s.",
            "%(count)s days are matched and not agreed to, the first is %(day)s.",
            len(days),
        )
        yield Hindrance(
            "days_not_agreed",
            words % {"count": len(days), "day": f"{days[0]:%m-%d}"},
            f"{reverse('matching')}?month={span.first:%Y-%m-%d}",
        )


CHECKS: dict[str, tuple[Callable[[Estate, Span], Iterator[Hindrance]], ...]] = {
    Kind.DAY: (open_shifts,),
    Kind.MONTH: (earlier_months, open_shifts, open_differences, days_not_agreed, unsigned_days),
}


def days_with_money(estate: Estate, span: Span) -> dict[date, int]:
    """Returns how many transactions moved money or prepayment on each day that has any."""
    rows = LedgerTransaction.objects.filter(
        estate=estate, kind__in=(*MOVEMENTS, *ELSEWHERE), **span.within("at")
    )
    daily = rows.order_by().annotate(day=TruncDate("at", tzinfo=clock.SHANGHAI)).values("day")
    return dict(sorted(daily.annotate(count=Count("pk")).values_list("day", "count")))


def open_days(estate: Estate, span: Span) -> list[date]:
    """Returns the days of ``span`` on which money moved and whose sheet is not signed."""
    signed = ClosingSheet.objects.signed().of(estate, Kind.DAY, span).values_list("first", flat=True)
    return sorted(set(days_with_money(estate, span)) - set(signed))


def month_url(estate: Estate, month: date) -> str:
    return f"{reverse('fees_closing_month', args=[month.year, month.month])}?estate={estate.pk}"


def months(estate: Estate, now: datetime) -> list[date]:
    """Returns the months from the first entry of the books to last month, the newest first."""
    first = (
        LedgerTransaction.objects.filter(estate=estate).order_by("at").values_list("at", flat=True).first()
    )
    if first is None:
        return []
    begin, found = clock.today(first).replace(day=1), []
    month = (clock.today(now).replace(day=1) - timedelta(days=1)).replace(day=1)
    while month >= begin:
        found.append(month)
        month = (month - timedelta(days=1)).replace(day=1)
    return found
