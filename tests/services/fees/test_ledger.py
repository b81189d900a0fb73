"""The books: they balance or are not written, and what stands in them stays."""

from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from community.core import clock
from services.fees.actions import ledger
from services.fees.actions.ledger import Line, Unbalanced
from services.fees.actions.payment_requests import PaymentRequest, create_payment
from services.fees.models import Account, Entry, LedgerTransaction, Payment
from tests.factories import make_bill, make_home, make_item, make_resident

pytestmark = pytest.mark.django_db
Kind = LedgerTransaction.Kind


def post(lines: list[Line], *, key: str = "test:1") -> LedgerTransaction:
    estate = lines[0].account.estate_id
    return ledger.post(kind=Kind.PAYMENT, key=key, estate_id=estate, lines=lines, by=None, now=clock.now())


def two_accounts() -> tuple[Account, Account]:
    home = make_home()
    return ledger.money_account("cash", home.estate.pk), ledger.receivable(home, home.estate.pk)


def test_post__lines_that_sum_to_zero__are_written_and_balances_are_sums():
    cash, owed = two_accounts()
    post([Line(cash, 500), Line(owed, -500), Line(owed, 0)])
    assert (cash.balance_fen, owed.balance_fen) == (500, -500)
    assert Entry.objects.count() == 2


@pytest.mark.parametrize("fen", [-499, 500, 0])
def test_post__lines_that_do_not_sum_to_zero__writes_nothing(fen: int):
    cash, owed = two_accounts()
    with pytest.raises(Unbalanced):
        post([Line(cash, 500), Line(owed, fen)])
    with pytest.raises(Unbalanced):
        post([Line(cash, 0)])
    assert not LedgerTransaction.objects.exists()


def test_post__account_of_another_estate__is_refused():
    cash, _owed = two_accounts()
    _cash, elsewhere = two_accounts()
    with pytest.raises(Unbalanced):
        post([Line(cash, 500), Line(elsewhere, -500)])


def test_post__bill_of_another_home_than_the_account__is_refused():
    cash, owed = two_accounts()
    foreign = make_bill(home=make_home(estate=cash.estate))
    written = LedgerTransaction.objects.count()
    with pytest.raises(Unbalanced):
        post([Line(cash, 500), Line(owed, -500, foreign)])
    assert LedgerTransaction.objects.count() == written


def test_open_payment__with_a_bill_of_another_home__is_refused():
    home = make_home()
    payer = make_resident(home=home)
    foreign = make_bill(home=make_home(estate=home.estate))
    request = PaymentRequest(
        home=home, payer=payer, by=payer, channel="sandbox", key=uuid4(), lines=[(foreign, 100)]
    )
    with pytest.raises(Unbalanced):
        create_payment(request, now=clock.now())
    assert not Payment.objects.exists()


def test_post__same_key_again__is_refused_by_the_database():
    cash, owed = two_accounts()
    post([Line(cash, 500), Line(owed, -500)])
    with pytest.raises(IntegrityError), transaction.atomic():
        post([Line(cash, 500), Line(owed, -500)])


@pytest.mark.parametrize("table", ["fees_entry", "fees_ledgertransaction"])
@pytest.mark.parametrize("sql", ["UPDATE {0} SET id = id", "DELETE FROM {0}"])
def test_books__raw_change_in_the_database__is_refused(table: str, sql: str):
    make_bill()
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql.format(table))


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="REPLACE is SQLite's")
@pytest.mark.parametrize("table", ["fees_entry", "fees_ledgertransaction"])
def test_books__replaced_by_another_program__is_refused(table: str):
    make_bill()
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA recursive_triggers = OFF")
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            cursor.execute(f"REPLACE INTO {table} SELECT * FROM {table}")
        if table == "fees_ledgertransaction":
            # Another row of the same key.
            again = "REPLACE INTO fees_ledgertransaction (estate_id, kind, key, at) SELECT estate_id, kind, key, at"
            with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
                cursor.execute(f"{again} FROM fees_ledgertransaction")
        cursor.execute("PRAGMA recursive_triggers = ON")


def test_books__change_through_the_models__is_refused():
    make_bill()
    entry = Entry.objects.first()
    with pytest.raises(TypeError):
        Entry.objects.update(amount_fen=1)
    with pytest.raises(TypeError):
        LedgerTransaction.objects.all().delete()
    entry.amount_fen = 7
    with pytest.raises((DatabaseError, TypeError)), transaction.atomic():
        entry.save()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        entry.delete()


def test_opened__same_account_twice__is_one():
    home, item = make_home(), make_item()
    estate = home.estate.pk
    assert ledger.receivable(home, estate) == ledger.receivable(home, estate)
    assert ledger.income(item).item == item
    assert ledger.money_account("sandbox", estate).key == "provider:sandbox"
    assert ledger.prepayment(home, estate).home == home


def test_take_from_prepayment__more_than_there_is__takes_nothing():
    home = make_home()
    kept = ledger.prepayment(home, home.estate.pk)
    ledger.add_to_prepayment(kept, 300)
    assert not ledger.take_from_prepayment(kept, 301)
    assert ledger.take_from_prepayment(kept, 300)
    kept.refresh_from_db()
    assert kept.held_fen == 0
