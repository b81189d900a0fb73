"""Figures of a closing sheet, from the entries of its days alone; the number of queries is constant."""

import hashlib
import json
from typing import Any

from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce

from community.core.services.figures import Span
from community.estates.models import Estate
from services.fees import takings
from services.fees.models import ClosingSheet, Entry, LedgerTransaction, Shift

Kind = ClosingSheet.Kind


def figures_of(estate: Estate, kind: str, span: Span) -> dict[str, Any]:
    """Returns the figures of the days of ``span``, in fen; a month has the balances of its accounts as well.

    ``taken`` and ``back`` are by way of paying, ``shifts`` those that were opened, ``booked`` the transactions
    by kind, ``accounts`` the movement of each kind of account: what it held before, debit, credit, and after.
    """
    money = takings.takings_in(estate, span)
    figures: dict[str, Any] = {
        "taken": money.rows,
        "back": money.refunds,
        "taken_fen": money.fen,
        "back_fen": money.refunded_fen,
        "used_fen": money.used_fen,
        "shifts": _shifts(estate, span),
        "booked": _booked(estate, kind, span),
    }
    if kind == Kind.MONTH:
        figures["accounts"] = _accounts(estate, span)
    return figures


def _shifts(estate: Estate, span: Span) -> list[dict[str, Any]]:
    rows = Shift.objects.filter(estate=estate, **span.within("opened_at")).order_by("opened_at", "pk")
    return [
        {
            "shift": shift.pk,
            "float_fen": shift.float_fen,
            "expected_fen": shift.expected_fen,
            "counted_fen": shift.counted_fen,
            "difference_fen": shift.difference_fen,
        }
        for shift in rows
    ]


def _booked(estate: Estate, kind: str, span: Span) -> list[dict[str, Any]]:
    booked = LedgerTransaction.objects.filter(estate=estate, **span.within("at"))
    if kind == Kind.DAY:
        # Lines of the owners' funds come with the bank's statement, after the day is signed.
        booked = booked.exclude(kind=LedgerTransaction.Kind.FUND)
    rows = (
        booked.order_by("kind")
        .values("kind")
        .annotate(
            count=Count("pk", distinct=True),
            fen=Coalesce(Sum("entries__amount_fen", filter=Q(entries__amount_fen__gt=0)), 0),
        )
    )
    return [dict(row) for row in rows]


def _accounts(estate: Estate, span: Span) -> list[dict[str, Any]]:
    of_days = Q(transaction__at__gte=span.begin)
    rows = (
        Entry.objects.filter(transaction__estate=estate, transaction__at__lt=span.end)
        .order_by("account__kind")
        .values("account__kind")
        .annotate(
            before=Coalesce(Sum("amount_fen", filter=~of_days), 0),
            debit=Coalesce(Sum("amount_fen", filter=of_days & Q(amount_fen__gt=0)), 0),
            credit=Coalesce(Sum("amount_fen", filter=of_days & Q(amount_fen__lt=0)), 0),
        )
    )
    return [
        {
            "kind": row["account__kind"],
            "before_fen": row["before"],
            "debit_fen": row["debit"],
            "credit_fen": -row["credit"],
            "after_fen": row["before"] + row["debit"] + row["credit"],
        }
        for row in rows
    ]


def digest_of(estate: Estate, kind: str, span: Span, figures: dict[str, Any]) -> str:
    """Returns the SHA-256 of the figures with their estate and days; the order of keys does not count."""
    named = [estate.pk, kind, span.first.isoformat(), span.last.isoformat(), figures]
    return hashlib.sha256(json.dumps(named, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
