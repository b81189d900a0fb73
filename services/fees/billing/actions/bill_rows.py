"""Rows of the bills of a run, whatever computed their amounts."""

from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet, Sum, Value
from django.db.models.expressions import Window
from django.db.models.functions import RowNumber

from community.core import clock
from community.core.inserts import insert_returning, keys_in
from community.estates.models import Estate
from services.common.references import in_sql_reference, next_references
from services.fees.billing.actions.charges import due_on
from services.fees.models import Bill, BillingRun, BillLine


def hold_months(estate_id: int) -> None:
    """Holds the months of an estate's homes until the end of the transaction.

    A run and opening balances bill the same months, and no constraint knows a month within a longer period: the
    second waits, and then sees the bills of the first. Call it before the existing bills are looked at, ahead of
    all other locks.
    """
    Estate.objects.select_for_update(no_key=True).get(pk=estate_id)


def insert_bills(
    run: BillingRun, rows: QuerySet[Any], *, home: Any, subject: Any = "", now: datetime
) -> list[int]:
    """Inserts a bill of ``owed_fen`` for each of ``rows``, in the order of their keys; returns their keys.

    ``home`` and ``subject`` are values or expressions over the rows. A bill that another request has made
    meanwhile is left out.
    """
    count = rows.count()
    if not count:
        return []
    references = next_references(letter="B", estate=run.estate, on=clock.today(now), count=count)
    number = Window(RowNumber(), order_by=F("pk").asc())
    columns = {
        "estate": run.estate_id,
        "reference": in_sql_reference(references[0], number - Value(1)),
        "home": home,
        "item": run.item_id,
        "subject": subject,
        "period": run.period,
        "months": run.item.every,
        "run": run.pk,
        "amount_fen": F("owed_fen"),
        "due_on": due_on(run.item, run.period),
        "status_changed_at": now,
        "created_at": now,
    }
    # No more than there are references: a bill may have been voided since they were counted.
    return insert_returning(Bill, rows[:count], columns, once="bill_once")


def check_lines(run: BillingRun, made: list[int]) -> None:
    """Raises ``RuntimeError`` if the lines of these new bills do not add up to them, which undoes the batch."""
    sum_of = {"fen": Sum("amount_fen")}
    # The bounds are for PostgreSQL, which would read all lines while it does not know how many they are.
    near = BillLine.objects.filter(bill__gte=min(made), bill__lte=max(made))
    lines = near.filter(bill__in=keys_in(made)).order_by().aggregate(**sum_of)
    if lines != Bill.objects.filter(pk__in=keys_in(made)).order_by().aggregate(**sum_of):
        raise RuntimeError(f"lines of run {run.pk} do not add up")
