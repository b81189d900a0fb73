"""Closed months of the demo: each day and month prepared by the cashier and signed by the manager, but the last two."""

from datetime import date, datetime, timedelta
from itertools import pairwise

from accounts.models import User
from community.core import clock
from community.core.services.figures import Span
from community.demo.fee_books import sql
from community.demo.places import Place
from community.demo.residents import Society
from community.estates.models import Estate
from services.fees.closing.figures import digest_of, figures_of
from services.fees.closing.hindrances import days_with_money, months, open_differences, span_of
from services.fees.models import ClosingSheet, ClosingSheetChange

Kind, Status = ClosingSheet.Kind, ClosingSheet.Status
# Full months that are still open.
OPEN_MONTHS = 1
NEXT_MORNING, SECOND_PERSON = timedelta(hours=9), timedelta(minutes=40)
STEPS = ("", Status.PREPARED, Status.SIGNED)


def close_months(places: tuple[Place, Place], society: Society, now: datetime) -> None:
    """Closes all months of both estates but the present one and the one before, the oldest first."""
    # Without statistics each day's figures would be looked for in all entries.
    for table in ("fees_ledgertransaction", "fees_entry", "fees_account"):
        sql(f"ANALYZE {table}")
    for place in places:
        cashier = society.of_role(place.estate, "cashier")[0]
        manager = society.of_role(place.estate, "manager")[0]
        sheets = [
            sheet
            for month in reversed(months(place.estate, now)[OPEN_MONTHS:])
            for sheet in _sheets(place.estate, month, cashier, manager)
        ]
        # After all figures: a signed month lets nothing be booked in it.
        ClosingSheet.objects.bulk_create(sheets)
        ClosingSheetChange.objects.bulk_create(
            ClosingSheetChange(sheet=sheet, from_status=before, to_status=to, actor=by, at=at)
            for sheet in sheets
            for (before, to), by, at in zip(
                pairwise(STEPS),
                (cashier, manager),
                (sheet.prepared_at, sheet.status_changed_at),
                strict=True,
            )
        )


def _sheets(estate: Estate, month: date, cashier: User, manager: User) -> list[ClosingSheet]:
    span = span_of(Kind.MONTH, month)
    assert not list(open_differences(estate, span))
    spans = [(Kind.DAY, Span(day, day)) for day in days_with_money(estate, span)]
    return [_sheet(estate, kind, one, cashier, manager) for kind, one in [*spans, (Kind.MONTH, span)]]


def _sheet(estate: Estate, kind: str, span: Span, cashier: User, manager: User) -> ClosingSheet:
    figures = figures_of(estate, kind, span)
    prepared_at = clock.midnight(span.last + timedelta(days=1)) + NEXT_MORNING
    if kind == Kind.MONTH:
        prepared_at += timedelta(days=1)
    return ClosingSheet(
        estate=estate,
        kind=kind,
        first=span.first,
        last=span.last,
        begins_at=span.begin,
        ends_at=span.end,
        figures=figures,
        digest=digest_of(estate, kind, span, figures),
        prepared_by=cashier,
        prepared_at=prepared_at,
        status=Status.SIGNED,
        status_changed_at=prepared_at + SECOND_PERSON,
        signed_by=manager,
    )
