"""``manage.py check_ledger`` finds each kind of difference: spoil one thing, and it names that thing."""

from collections.abc import Callable
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection

from community.core import clock
from services.fees import actions
from services.fees.actions import ledger
from services.fees.billing import actions as billing
from services.fees.models import Bill, Payment
from tests.factories import make_bill, make_cashier, make_estate, make_home, make_payment, make_resident
from tests.support.books import assert_in_balance, drop_triggers
from tests.support.paying import give_back, move_payment, take_deposit

# Dropped triggers and constraints come back with the transaction on PostgreSQL and on SQLite alike.
pytestmark = pytest.mark.django_db


class Books:
    """One of everything: bills open, paid in part, paid and voided; every kind of payment."""

    def __init__(self) -> None:
        self.home = make_home()
        self.payer = make_resident(home=self.home)
        self.cashier = make_cashier(estate=self.home.estate)
        self.open, self.part, self.paid, self.voided, self.prepaid, self.again = (
            make_bill(home=self.home) for _n in range(6)
        )
        self.online = make_payment(bills=[self.paid], payer=self.payer, paid=True)
        self.cash = self.take({self.part.pk: 10000}, extra=30000)
        self.from_prepayment = make_payment(
            bills=[self.prepaid], payer=self.payer, channel=Payment.PREPAYMENT
        )
        self.waiting = make_payment(bills=[self.open], payer=self.payer)
        self.refunded = self.take({self.again.pk: 500})
        give_back(self.refunded, asks=self.cashier)
        self.asked = actions.request_refund(
            payment=self.online, by=self.cashier, reason="缴错", now=clock.now()
        )
        self.deposit = take_deposit(self.home, 200000, by=self.cashier)
        wrong = self.take({self.again.pk: 600})
        self.moved = move_payment(wrong, make_home(estate=self.home.estate), by=self.cashier)
        billing.void_bill(bill=self.voided, reason="重复", by=self.cashier, now=clock.now())

    def take(self, amounts: dict[int, int], *, extra: int = 0) -> Payment:
        return actions.take_payment(
            actions.CounterPayment(
                home=self.home, amounts=amounts, payer=self.payer, payer_name="", key=uuid4()
            ),
            extra_fen=extra,
            by=self.cashier,
            now=clock.now(),
        )


@pytest.fixture
def books() -> Books:
    """Complete and in balance, and nothing guards it any more."""
    books = Books()
    assert_in_balance()
    for table in ("fees_entry", "fees_ledgertransaction"):
        drop_triggers(table)
    return books


def run() -> tuple[int, str]:
    """(exit code, what it printed)"""
    out, code = StringIO(), 0
    try:
        call_command("check_ledger", stdout=out, stderr=StringIO())
    except SystemExit as stopped:
        code = int(stopped.code or 0)
    return code, out.getvalue()


def sql(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_check_ledger__nothing_differs__says_so(books: Books):
    code, said = run()
    assert code == 0
    assert "in balance" in said


def test_check_ledger__no_bill_at_all__is_in_balance():
    assert run()[0] == 0


def entry_of(key: str, kind: str) -> str:
    return (
        f"(SELECT e.id FROM fees_entry e JOIN fees_account a ON a.id = e.account_id "
        f"JOIN fees_ledgertransaction t ON t.id = e.transaction_id WHERE t.key = '{key}' AND a.kind = '{kind}')"
    )


def _an_entry_changed(books: Books) -> str:
    sql(f"UPDATE fees_entry SET amount_fen = 1 WHERE id = {entry_of(f'bill:{books.open.pk}', 'income')}")
    return f"bill:{books.open.pk}: sum of the transaction: ¥0.00, in the books ¥231.49"


def _a_transaction_without_entries(books: Books) -> str:
    sql(
        "INSERT INTO fees_ledgertransaction (estate_id, kind, key, at) VALUES (%s, 'payment', 'odd', %s)",
        books.home.estate.pk,
        connection.ops.adapt_datetimefield_value(clock.now()),
    )
    return "odd: sum of the transaction"


def _account_of_another_estate(books: Books) -> str:
    other = ledger.money_account("cash", make_estate().pk)
    sql(
        f"UPDATE fees_entry SET account_id = {other.pk} "
        f"WHERE id = {entry_of(f'payment:{books.cash.pk}', 'cash')}"
    )
    return f"payment:{books.cash.pk}: account of another estate"


def _bill_made_out_differently(books: Books) -> str:
    sql("UPDATE fees_bill SET amount_fen = 30000 WHERE id = %s", books.open.pk)
    return f"{books.open.reference}: bill made: ¥300.00, in the books ¥231.48"


def _bill_not_in_the_books(books: Books) -> str:
    sql("DELETE FROM fees_entry WHERE bill_id = %s", books.open.pk)
    sql("DELETE FROM fees_ledgertransaction WHERE key = %s", f"bill:{books.open.pk}")
    return f"{books.open.reference}: bill made: ¥231.48, in the books ¥0.00"


def _line_beside_the_amount(books: Books) -> str:
    sql("UPDATE fees_billline SET amount_fen = 23149 WHERE bill_id = %s", books.open.pk)
    return f"{books.open.reference}: lines of the bill: ¥231.48, in the books ¥231.49"


def _bill_voided_beside_the_books(books: Books) -> str:
    sql("UPDATE fees_bill SET status = 'voided' WHERE id = %s", books.open.pk)
    return f"{books.open.reference}: bill voided: -¥231.48, in the books ¥0.00"


def _voided_bill_revived(books: Books) -> str:
    sql("UPDATE fees_bill SET status = 'open' WHERE id = %s", books.voided.pk)
    return f"{books.voided.reference}: bill not voided: ¥0.00, in the books -¥231.48"


def _paid_more_than_booked(books: Books) -> str:
    sql("UPDATE fees_bill SET paid_fen = 10001 WHERE id = %s", books.part.pk)
    return f"{books.part.reference}: paid on the bill: ¥100.01, in the books ¥100.00"


def _entry_on_another_home(books: Books) -> str:
    other = ledger.receivable(make_home(estate=books.home.estate), books.home.estate.pk)
    sql(
        f"UPDATE fees_entry SET account_id = {other.pk} "
        f"WHERE id = {entry_of(f'bill:{books.open.pk}', 'receivable')}"
    )
    return f"bill:{books.open.pk}: account of another home"


def _prepayment_off(books: Books) -> str:
    sql("UPDATE fees_account SET held_fen = held_fen + 1 WHERE kind = 'prepayment'")
    return f"prepayment:{books.home.pk}: prepayment: ¥68.53, in the books ¥68.52"


def _payment_of_another_amount(books: Books) -> str:
    sql("UPDATE fees_payment SET amount_fen = 1 WHERE id = %s", books.online.pk)
    return f"{books.online.reference}: payment: ¥0.01, in the books ¥231.48"


def _payment_from_prepayment_of_another_amount(books: Books) -> str:
    sql("UPDATE fees_payment SET amount_fen = 1 WHERE id = %s", books.from_prepayment.pk)
    return f"{books.from_prepayment.reference}: payment prepayment: ¥0.01, in the books ¥231.48"


def _payment_not_in_the_books(books: Books) -> str:
    sql(
        "UPDATE fees_payment SET status = 'paid', paid_at = created_at WHERE id = %s",
        books.waiting.pk,
    )
    return f"{books.waiting.reference}: payment: ¥231.48, in the books ¥0.00"


def _paid_payment_forgotten(books: Books) -> str:
    sql("UPDATE fees_payment SET status = 'failed', paid_at = NULL WHERE id = %s", books.online.pk)
    return f"{books.online.reference}: not paid: ¥0.00, in the books ¥231.48"


def _refund_not_in_the_books(books: Books) -> str:
    sql("UPDATE fees_refund SET booked_at = created_at, status = 'done' WHERE id = %s", books.asked.pk)
    return f"{books.online.reference}: refund: -¥231.48, in the books ¥0.00"


def _refund_forgotten(books: Books) -> str:
    sql("UPDATE fees_payment SET status = 'paid', back_fen = 0 WHERE id = %s", books.refunded.pk)
    return f"{books.refunded.reference}: gone of the payment: ¥0.00, in the books ¥5.00"


def _refund_of_another_amount(books: Books) -> str:
    sql("UPDATE fees_refund SET amount_fen = 400 WHERE payment_id = %s", books.refunded.pk)
    return f"{books.refunded.reference}: refund: -¥4.00, in the books -¥5.00"


def _line_that_gave_back_less(books: Books) -> str:
    sql("UPDATE fees_paymentline SET back_fen = 0 WHERE payment_id = %s", books.refunded.pk)
    return (
        f"{books.refunded.reference} → {books.again.reference}: gone of the bill: ¥0.00, in the books ¥5.00"
    )


def _deposit_off(books: Books) -> str:
    sql("UPDATE fees_account SET held_fen = held_fen - 1 WHERE kind = 'deposit'")
    return f"{books.deposit.payment.reference}: deposit: ¥1999.99, in the books ¥2000.00"


def _deposit_entry_changed(books: Books) -> str:
    sql(
        f"UPDATE fees_entry SET amount_fen = -1 WHERE id = {entry_of(f'payment:{books.deposit.payment_id}', 'deposit')}"
    )
    return f"deposit:{books.deposit.payment_id}: deposit: ¥2000.00, in the books ¥0.01"


def _moved_payment_of_another_amount(books: Books) -> str:
    sql("UPDATE fees_payment SET amount_fen = 1 WHERE id = %s", books.moved.pk)
    return f"{books.moved.reference}: payment moved: ¥0.01, in the books ¥6.00"


def _line_of_another_amount(books: Books) -> str:
    sql("UPDATE fees_paymentline SET applied_fen = 1 WHERE payment_id = %s", books.online.pk)
    return (
        f"{books.online.reference} → {books.paid.reference}: taken by the bill: ¥0.01, in the books ¥231.48"
    )


def _line_of_a_waiting_payment(books: Books) -> str:
    sql("UPDATE fees_paymentline SET applied_fen = 7 WHERE payment_id = %s", books.waiting.pk)
    return f"{books.waiting.reference} → {books.open.reference}: taken by the bill: ¥0.07, in the books ¥0.00"


def _rest_not_kept(books: Books) -> str:
    sql("UPDATE fees_paymentline SET applied_fen = 9000 WHERE payment_id = %s", books.cash.pk)
    return f"{books.cash.reference}: rest of the payment: ¥310.00, in the books ¥300.00"


SPOILT = [
    _an_entry_changed,
    _a_transaction_without_entries,
    _account_of_another_estate,
    _bill_made_out_differently,
    _bill_not_in_the_books,
    _line_beside_the_amount,
    _bill_voided_beside_the_books,
    _voided_bill_revived,
    _paid_more_than_booked,
    _entry_on_another_home,
    _prepayment_off,
    _payment_of_another_amount,
    _payment_from_prepayment_of_another_amount,
    _payment_not_in_the_books,
    _paid_payment_forgotten,
    _refund_not_in_the_books,
    _refund_forgotten,
    _refund_of_another_amount,
    _line_that_gave_back_less,
    _deposit_off,
    _deposit_entry_changed,
    _moved_payment_of_another_amount,
    _line_of_another_amount,
    _line_of_a_waiting_payment,
    _rest_not_kept,
]


@pytest.mark.parametrize("spoil", SPOILT, ids=lambda spoil: spoil.__name__.strip("_"))
def test_check_ledger__one_thing_spoilt__names_it_with_both_figures(
    books: Books, spoil: Callable[[Books], str]
):
    said_of = spoil(books)
    code, said = run()
    assert code == 1
    assert said_of in said
    with pytest.raises(AssertionError):
        assert_in_balance()


def test_check_ledger__state_that_does_not_fit__is_named(books: Books):
    """The database refuses it; one that was restored without its constraints does not."""
    _without_constraints()
    Bill.objects.filter(pk=books.open.pk).update(status="settled")
    code, said = run()
    assert (code, f"{books.open.reference}: state settled: ¥231.48, in the books ¥0.00" in said) == (1, True)


def _without_constraints() -> None:
    if connection.vendor == "postgresql":
        sql("SET CONSTRAINTS ALL IMMEDIATE")
        sql("ALTER TABLE fees_bill DROP CONSTRAINT bill_settled_when_paid")
    else:
        sql("PRAGMA ignore_check_constraints = ON")


@pytest.fixture(autouse=True)
def _constraints_again():
    yield
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA ignore_check_constraints = OFF")
