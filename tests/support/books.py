"""Invariants of the ledger after every step with money."""

from typing import Any

from django.db import connection
from django.db.models import QuerySet, Sum

from services.fees.models import Account, Entry, Payment, Refund
from services.fees.reconciliation import differences

# The statements of all checks by database. They never change, and compiling them takes ten times as long as
# asking them.
compiled: dict[str, list[tuple[str, Any]]] = {}


def assert_in_balance() -> None:
    """Asserts that ledger, bills, payments and prepayments agree and no fen is lost."""
    if _is_row_found():
        assert [str(difference) for difference in differences()] == []
    assert (Entry.objects.aggregate(fen=Sum("amount_fen"))["fen"] or 0) == 0
    money = [Account.Kind.CASH, Account.Kind.BANK, Account.Kind.PROVIDER]
    came_in = Payment.objects.filter(status__in=Payment.RECEIVED).exclude(channel__in=Payment.NO_MONEY)
    went_out = Refund.objects.filter(booked_at__isnull=False)
    # What was found too much or missing at the end of a shift came from nobody; what a provider keeps goes to it.
    of_nobody = ["shift", "fee", "reversal"]
    of_payers = Entry.objects.filter(account__kind__in=money).exclude(transaction__kind__in=of_nobody)
    assert _sum(of_payers) == _sum(came_in) - _sum(went_out)


def _is_row_found() -> bool:
    """Whether a check finds a row: each asks for rows that differ, and only for these."""
    if connection.vendor not in compiled:
        asked: list[tuple[str, Any]] = []

        def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            asked.append((sql, params))
            return execute(sql, params, many, context)

        with connection.execute_wrapper(note):
            if list(differences()):
                return True
        compiled[connection.vendor] = asked
        return False
    with connection.cursor() as cursor:
        for sql, params in compiled[connection.vendor]:
            cursor.execute(sql, params)
            if cursor.fetchone() is not None:
                return True
    return False


def _sum(rows: QuerySet[Any]) -> int:
    return rows.aggregate(fen=Sum("amount_fen"))["fen"] or 0


def drop_triggers(table: str) -> None:
    """Drops or disables the table's triggers, so that a test can damage the ledger as a broken disk would."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Pending checks of foreign keys would block changing the table.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            return
        names = cursor.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [table]
        ).fetchall()
        for (name,) in names:
            cursor.execute(f"DROP TRIGGER {name}")
