"""Bills paid at the counter from what is paid ahead: for a household on paper the only way to spend it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from accounts.models import StaffRole, User
from community.core import clock
from community.core.errors import ActionError, Forbidden
from community.core.models import AuditRecord
from community.estates.models import Home
from community.notifications.models import OutboxMessage
from services.fees import actions, receipts
from services.fees.actions import ledger
from services.fees.models import Bill, LedgerTransaction, Payment
from tests.factories import make_bill, make_cashier, make_home, make_item, make_resident, make_staff
from tests.support.arguments import grouped
from tests.support.at_once import at_once
from tests.support.books import assert_in_balance
from tests.support.paying import begin, held, take_payment

pytestmark = pytest.mark.django_db
ROUNDS = 5


def use(home: Home, amounts: dict[int, int], by: User, key: UUID | None = None, **overrides: Any) -> Payment:
    asked = {"payer": None, "payer_name": "陈志强", "now": clock.now()}
    asked |= {"home": home, "amounts": amounts, "by": by, "key": key or uuid4()}
    payment, rest = grouped(actions.CounterPayment, asked | overrides)
    return actions.use_prepayment(payment, **rest)


def typed(bills: list[Bill], **overrides: Any) -> dict[str, Any]:
    """What the form sends when its second button is pressed."""
    given: dict[str, Any] = {"key": str(uuid4()), "extra": "", "payer": "other", "payer_name": "陈志强"}
    for bill in bills:
        given |= {f"tick_{bill.pk}": "on", f"amount_{bill.pk}": f"{bill.unpaid_fen / 100:.2f}"}
    return given | {"way": "prepayment"} | overrides


# -- The page


def test_use__confirmed__settled_with_a_receipt_and_no_cash(home: Home, client: Client) -> None:
    url = f"/staff/fees/homes/{home.pk}/"
    bill = make_bill(home=home)
    assert 'name="way"' not in client.get(url).content.decode()
    take_payment(home, {}, extra_fen=30000)
    assert 'name="way" value="prepayment"' in client.get(url).content.decode()
    given = typed([bill])
    asked = client.post(url, given).content.decode()
    assert "用预存款缴 ¥231.48？" in asked
    assert 'name="way" value="prepayment"' in asked
    assert "data-received" not in asked
    assert held(home) == 30000
    answer = client.post(url, given | {"yes": "1", "fen": "23148"})
    payment = Payment.objects.get(channel="prepayment")
    assert answer["Location"] == f"/staff/fees/payments/{payment.pk}/"
    assert "已用预存款缴费" in client.get(answer["Location"]).content.decode()
    assert (payment.amount_fen, payment.payer_name, held(home)) == (23148, "陈志强", 30000 - 23148)
    assert (receipts.receipt_of(payment).cashier, receipts.receipt_of(payment).payer) == ("吴燕", "陈志强")
    assert client.post(url, given | {"yes": "1"})["Location"] == answer["Location"]
    assert ledger.money_account("cash", home.estate.pk).balance_fen == 30000
    assert_in_balance()


def test_use__more_than_there_is__says_how_much_and_books_nothing(home: Home, client: Client) -> None:
    bill = make_bill(home=home)
    take_payment(home, {}, extra_fen=5000)
    answer = client.post(f"/staff/fees/homes/{home.pk}/", typed([bill]) | {"yes": "1"})
    assert answer.status_code == 422
    assert "预存款只够付其中的 ¥50.00" in answer.content.decode()
    part = typed([bill]) | {f"amount_{bill.pk}": "50", "yes": "1"}
    assert client.post(f"/staff/fees/homes/{home.pk}/", part).status_code == 302
    bill.refresh_from_db()
    assert (bill.unpaid_fen, held(home)) == (18148, 0)
    assert_in_balance()


def test_use__with_an_extra__named(home: Home, client: Client) -> None:
    bill = make_bill(home=home)
    take_payment(home, {}, extra_fen=30000)
    answer = client.post(f"/staff/fees/homes/{home.pk}/", typed([bill], extra="10") | {"yes": "1"})
    assert answer.status_code == 422
    assert "预存款不能再转存" in answer.content.decode()
    assert held(home) == 30000


def test_use__spent_by_phone_before_the_yes__is_refused(home: Home, client: Client) -> None:
    resident = make_resident(home=home)
    bills = [make_bill(home=home), make_bill(home=home)]
    take_payment(home, {}, extra_fen=30000)
    given = typed([bills[0]])
    assert client.post(f"/staff/fees/homes/{home.pk}/", given).status_code == 200
    begin([bills[1]], resident, use_prepayment=True)
    answer = client.post(f"/staff/fees/homes/{home.pk}/", given | {"yes": "1", "fen": "23148"})
    assert answer.status_code == 422
    assert "预存款只够付其中的 ¥68.52" in answer.content.decode()
    assert_in_balance()


# -- The action


def test_use__for_a_resident__is_one_transaction_on_record_and_they_are_told(
    home: Home, cashier: User
) -> None:
    bill, payer = make_bill(home=home), make_resident(home=home)
    take_payment(home, {}, extra_fen=30000)
    payment = use(home, {bill.pk: 23148}, cashier, payer=payer, payer_name="")
    assert LedgerTransaction.objects.get(key=f"payment:{payment.pk}").kind == LedgerTransaction.Kind.PREPAID
    assert AuditRecord.objects.filter(action="fees.prepayment_used", actor=cashier).count() == 1
    assert payment.history.get(to_status="paid").actor == cashier
    assert OutboxMessage.objects.filter(recipient=payer).exists()


def test_use__same_key_twice__is_taken_once(home: Home, cashier: User) -> None:
    bill, key = make_bill(home=home), uuid4()
    take_payment(home, {}, extra_fen=30000)
    first = use(home, {bill.pk: 10000}, cashier, key)
    assert use(home, {bill.pk: 10000}, cashier, key) == first
    assert held(home) == 20000
    assert_in_balance()


def test_use__of_the_household_for_a_bill_in_somebodys_name__is_refused(home: Home, cashier: User) -> None:
    mother = make_resident(home=home)
    visit = make_bill(home=home, charged_to=mother, subject="care:1", amount_fen=3500)
    take_payment(home, {}, extra_fen=30000)
    with pytest.raises(ActionError) as refused:
        use(home, {visit.pk: 3500}, cashier)
    assert (refused.value.code, held(home)) == ("prepayment_short", 30000)
    assert not Payment.objects.filter(channel="prepayment").exists()


@pytest.mark.parametrize(("fen", "code"), [(0, "amount_not_positive"), (23149, "more_than_owed")])
def test_use__impossible_amount__names_it(fen: int, code: str, home: Home, cashier: User) -> None:
    bill = make_bill(home=home)
    take_payment(home, {}, extra_fen=30000)
    with pytest.raises(ActionError) as refused:
        use(home, {bill.pk: fen}, cashier)
    assert refused.value.code == code


def test_use__nothing_or_another_homes_bill__names_the_field(home: Home, cashier: User) -> None:
    foreign = make_bill(home=make_home(estate=home.estate))
    for amounts in ({}, {foreign.pk: 100}):
        with pytest.raises(ActionError) as refused:
            use(home, amounts, cashier)
        assert refused.value.field == "bills"


@pytest.mark.parametrize("role", [StaffRole.Role.FRONT_DESK, StaffRole.Role.AUDITOR, StaffRole.Role.CARER])
def test_use__by_who_is_no_cashier__is_forbidden(role: str, home: Home) -> None:
    bill = make_bill(home=home)
    take_payment(home, {}, extra_fen=30000)
    with pytest.raises(Forbidden):
        use(home, {bill.pk: 100}, make_staff(role=role, estate=home.estate))


# -- At the same moment


def counter(bill: Bill, cashier: User, key: UUID | None = None) -> Callable[[], object]:
    return lambda: use(bill.home, {bill.pk: bill.amount_fen}, cashier, key)


def phone(bill: Bill, payer: User) -> Callable[[], object]:
    return lambda: begin([bill], payer, channel=Payment.PREPAYMENT)


@pytest.mark.django_db(transaction=True)
def test_counter_and_phone__same_prepayment_at_once__one_has_it_and_nothing_falls_below_zero() -> None:
    home = make_home()
    item, cashier = make_item(estate=home.estate), make_cashier(estate=home.estate)
    payer = make_resident(home=home)
    for number in range(ROUNDS):
        bills = [make_bill(home=home, item=item, subject=f"{number}-{part}") for part in "ab"]
        take_payment(home, {}, extra_fen=23148, by=cashier)
        outcomes = at_once(counter(bills[0], cashier), phone(bills[1], payer))
        assert outcomes in (["ok", "prepayment_short"], ["already_moved", "ok"])
        assert sorted(Bill.objects.get(pk=bill.pk).status for bill in bills) == ["open", "settled"]
        assert held(home) == 0
    assert_in_balance()


@pytest.mark.django_db(transaction=True)
def test_counter_and_phone__same_bill_at_once__it_is_paid_once() -> None:
    home = make_home()
    item, cashier = make_item(estate=home.estate), make_cashier(estate=home.estate)
    payer = make_resident(home=home)
    for number in range(ROUNDS):
        bill = make_bill(home=home, item=item, subject=f"{number}")
        take_payment(home, {}, extra_fen=50000, by=cashier)
        before = held(home)
        outcomes = at_once(counter(bill, cashier), phone(bill, payer))
        assert outcomes.count("ok") == 1
        bill.refresh_from_db()
        assert (bill.status, before - held(home)) == ("settled", 23148)
    assert_in_balance()


@pytest.mark.django_db(transaction=True)
def test_counter__same_tap_4_times_at_once__is_taken_once() -> None:
    home = make_home()
    bill, cashier, key = make_bill(home=home), make_cashier(estate=home.estate), uuid4()
    take_payment(home, {}, extra_fen=50000, by=cashier)
    assert at_once(*[counter(bill, cashier, key)] * 4) == ["ok"] * 4
    assert held(home) == 50000 - 23148
    assert Payment.objects.filter(channel="prepayment").count() == 1
    assert_in_balance()
