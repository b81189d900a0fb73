"""The books of the demo's fees: what the actions would have written for its bills and payments, by sets."""

from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Sum

from services.fees.actions.ledger import money_account
from services.fees.models import Account, FeeItem, Payment


def write_ledger(now: datetime) -> None:
    """Writes the ledger and histories that the actions would have written."""
    _open_accounts()
    for statement in STATEMENTS:
        if connection.vendor == "postgresql":
            # The database would scan the new rows one by one without statistics.
            sql("ANALYZE")
        sql(statement, now=now)
    held = Account.objects.filter(kind=Account.Kind.PREPAYMENT)
    for pk, fen in held.annotate(sum=Sum("entries__amount_fen")).values_list("pk", "sum"):
        if fen:
            held.filter(pk=pk).update(held_fen=-fen)


def _open_accounts() -> None:
    for kind in ("receivable", "prepayment"):
        sql(
            f"""INSERT INTO fees_account (estate_id, kind, key, home_id, item_id, provider, held_fen)
            SELECT b.estate_id, '{kind}', '{kind}:' || h.id, h.id, NULL, '', 0 FROM estates_home h
                JOIN estates_entrance e ON e.id = h.entrance_id JOIN estates_building b ON b.id = e.building_id"""  # noqa: S608
        )
    for item in FeeItem.objects.all():
        Account.objects.create(estate=item.estate, kind="income", key=f"income:{item.pk}", item=item)
    for estate, channel in Payment.objects.order_by().values_list("estate", "channel").distinct():
        money_account(channel, estate)


STATEMENTS = (
    # Bills: the home owes the amount, the item earns it.
    """INSERT INTO fees_ledgertransaction (estate_id, kind, key, by_id, at)
    SELECT b.estate_id, 'bill', 'bill:' || b.id, r.begun_by_id, b.created_at
    FROM fees_bill b JOIN fees_billingrun r ON r.id = b.run_id ORDER BY b.id""",
    """INSERT INTO fees_entry (transaction_id, account_id, amount_fen, bill_id)
    SELECT t.id, a.id, b.amount_fen, b.id FROM fees_bill b
        JOIN fees_ledgertransaction t ON t.key = 'bill:' || b.id
        JOIN fees_account a ON a.estate_id = b.estate_id AND a.key = 'receivable:' || b.home_id""",
    """INSERT INTO fees_entry (transaction_id, account_id, amount_fen, bill_id)
    SELECT t.id, a.id, -b.amount_fen, b.id FROM fees_bill b
        JOIN fees_ledgertransaction t ON t.key = 'bill:' || b.id
        JOIN fees_account a ON a.estate_id = b.estate_id AND a.key = 'income:' || b.item_id""",
    # Payments: money comes in, bills are paid, the rest stays as the home's prepayment.
    """INSERT INTO fees_ledgertransaction (estate_id, kind, key, by_id, at, shift_id)
    SELECT p.estate_id, 'payment', 'payment:' || p.id, CASE WHEN p.merchant_id IS NULL THEN p.made_by_id END,
        p.paid_at, s.id FROM fees_payment p LEFT JOIN fees_shift s ON p.merchant_id IS NULL
            AND s.estate_id = p.estate_id AND s.cashier_id = p.made_by_id AND p.paid_at >= s.opened_at
            AND (s.closed_at IS NULL OR p.paid_at < s.closed_at) ORDER BY p.id""",
    """INSERT INTO fees_entry (transaction_id, account_id, amount_fen, bill_id)
    SELECT t.id, a.id, p.amount_fen, NULL FROM fees_payment p
        JOIN fees_ledgertransaction t ON t.key = 'payment:' || p.id
        JOIN fees_account a ON a.estate_id = p.estate_id
            AND a.key = CASE WHEN p.channel = 'cash' THEN 'cash' WHEN p.merchant_id IS NOT NULL
                THEN 'provider:' || p.channel
                ELSE 'bank:' || p.channel END""",
    """INSERT INTO fees_entry (transaction_id, account_id, amount_fen, bill_id)
    SELECT t.id, a.id, -l.applied_fen, l.bill_id FROM fees_paymentline l
        JOIN fees_payment p ON p.id = l.payment_id
        JOIN fees_ledgertransaction t ON t.key = 'payment:' || p.id
        JOIN fees_account a ON a.estate_id = p.estate_id AND a.key = 'receivable:' || p.home_id""",
    """INSERT INTO fees_entry (transaction_id, account_id, amount_fen, bill_id)
    SELECT t.id, a.id, -p.amount_fen, NULL FROM fees_payment p
        JOIN fees_ledgertransaction t ON t.key = 'payment:' || p.id
        JOIN fees_account a ON a.estate_id = p.estate_id AND a.key = 'prepayment:' || p.home_id
    WHERE NOT EXISTS (SELECT 1 FROM fees_paymentline l WHERE l.payment_id = p.id)""",
    # Histories of bills and payments.
    """INSERT INTO fees_billchange (bill_id, from_status, to_status, actor_id, on_behalf_of_id, reason, at)
    SELECT b.id, '', 'open', r.begun_by_id, NULL, '', b.created_at
    FROM fees_bill b JOIN fees_billingrun r ON r.id = b.run_id""",
    """INSERT INTO fees_billchange (bill_id, from_status, to_status, actor_id, on_behalf_of_id, reason, at)
    SELECT l.bill_id, 'open', 'settled', CASE WHEN p.merchant_id IS NULL THEN p.made_by_id END, NULL, '', p.paid_at
    FROM fees_paymentline l JOIN fees_payment p ON p.id = l.payment_id""",
    """UPDATE fees_bill SET status_changed_at = (SELECT p.paid_at FROM fees_paymentline l
        JOIN fees_payment p ON p.id = l.payment_id WHERE l.bill_id = fees_bill.id) WHERE status = 'settled'""",
    """INSERT INTO fees_paymentchange (payment_id, from_status, to_status, actor_id, on_behalf_of_id, reason, at)
    SELECT id, '', 'pending', made_by_id, NULL, '', created_at FROM fees_payment""",
    """INSERT INTO fees_paymentchange (payment_id, from_status, to_status, actor_id, on_behalf_of_id, reason, at)
    SELECT id, 'pending', 'paid', CASE WHEN merchant_id IS NULL THEN made_by_id END, NULL, '', paid_at
    FROM fees_payment""",
)


def sql(statement: str, **given: Any) -> None:
    """Runs a statement with named values, dates adapted to this database."""
    adapt = connection.ops
    for name, value in given.items():
        if isinstance(value, datetime):
            given[name] = adapt.adapt_datetimefield_value(value)
        elif isinstance(value, date):
            given[name] = adapt.adapt_datefield_value(value)
    with connection.cursor() as cursor:
        cursor.execute(statement, given or None)
