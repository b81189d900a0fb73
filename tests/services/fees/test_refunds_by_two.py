"""Cash goes back only when one has asked and another has agreed."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from pypdf import PdfReader

from accounts.models import StaffRole, User
from community.core import clock
from community.core.errors import ActionError, Forbidden
from community.core.models import AuditRecord
from community.core.transitions import AlreadyMoved
from community.notifications.models import OutboxMessage
from services.fees import actions, queries
from services.fees.actions import ledger
from services.fees.billing import actions as billing
from services.fees.models import LedgerTransaction, Payment, Refund
from services.fees.payout_slips import has_slip, slip_pdf
from services.fees.takings import takings
from tests.factories import (
    make_bill,
    make_cashier,
    make_delegation,
    make_payment,
    make_residency,
    make_resident,
    make_staff,
)
from tests.support.books import assert_in_balance
from tests.support.paying import take_payment

pytestmark = pytest.mark.django_db
Role = StaffRole.Role


class Counter:
    """231.48 yuan in cash, and who asks for it back."""

    def __init__(self, **asker: Any) -> None:
        self.bill = make_bill()
        self.payer = make_resident(home=self.bill.home)
        self.payment = take_payment(self.bill.home, {self.bill.pk: 23148}, payer=self.payer)
        self.asker = make_staff(estate=self.bill.estate, **{"role": Role.CASHIER, **asker})

    def ask(self) -> Refund:
        return actions.request_refund(payment=self.payment, by=self.asker, reason="缴错", now=clock.now())

    def agree(self, by: User) -> None:
        actions.approve_refund(refund=Refund.objects.get(), by=by, now=clock.now())

    def cash_fen(self) -> int:
        return ledger.money_account("cash", self.bill.estate_id).balance_fen


@pytest.fixture
def counter() -> Counter:
    return Counter()


def test_ask_back__cash__waits_and_nothing_is_booked(counter: Counter) -> None:
    refund = counter.ask()
    assert (refund.status, counter.payment.status, counter.cash_fen()) == ("asked", "paid", 23148)
    assert not LedgerTransaction.objects.filter(kind="refund").exists()
    assert [step.to_status for step in refund.history.all()] == ["asked"]
    assert counter.ask() == refund
    assert_in_balance()


def test_approve_refund__by_another__money_goes_and_the_household_is_told(counter: Counter) -> None:
    wife = make_resident(home=counter.bill.home)
    counter.ask()
    second = make_cashier(estate=counter.bill.estate)
    counter.agree(second)
    refund = Refund.objects.get()
    assert (refund.status, refund.made_by, refund.approved_by) == ("done", counter.asker, second)
    assert counter.cash_fen() == 0
    told = OutboxMessage.objects.filter(template="cash_given_back")
    assert set(told.values_list("recipient", flat=True)) == {counter.payer.pk, wife.pk}
    record = AuditRecord.objects.get(action="fees.refunded")
    assert (record.actor, record.detail["asked_by"]) == (second, counter.asker.pk)
    assert_in_balance()


@pytest.mark.parametrize("role", [Role.CASHIER, Role.MANAGER])
def test_approve_refund__by_who_asked__refused_whatever_the_role(role: str) -> None:
    counter = Counter(role=role)
    counter.ask()
    with pytest.raises(ActionError) as refused:
        counter.agree(counter.asker)
    assert (refused.value.code, Refund.objects.get().status) == ("needs_another", "asked")
    assert counter.cash_fen() == 23148


@pytest.mark.parametrize("how", ["payer", "lives there", "delegate"])
def test_approve_refund__own_money__refused(how: str, counter: Counter) -> None:
    second = make_cashier(estate=counter.bill.estate)
    if how == "payer":
        Payment.objects.update(payer=second)
    elif how == "lives there":
        make_residency(user=second, home=counter.bill.home)
    else:
        make_delegation(resident=counter.payer, delegate=second, service="fees")
    counter.ask()
    with pytest.raises(ActionError) as refused:
        counter.agree(second)
    assert refused.value.code == "needs_another"


@pytest.mark.parametrize("role", [Role.FRONT_DESK, Role.AUDITOR, Role.DISPATCHER])
def test_approve_refund__without_the_right__forbidden(role: str, counter: Counter) -> None:
    counter.ask()
    with pytest.raises(Forbidden):
        counter.agree(make_staff(role=role, estate=counter.bill.estate))
    with pytest.raises(Forbidden):
        counter.agree(make_cashier())


def test_approve_refund__same_person_twice__the_database_refuses_too(counter: Counter) -> None:
    refund = counter.ask()
    with pytest.raises(IntegrityError), transaction.atomic():
        Refund.objects.filter(pk=refund.pk).update(approved_by=counter.asker)


def test_decline_refund__then_asked_again__by_whom_it_is_asked_now(counter: Counter) -> None:
    refund = counter.ask()
    other = make_cashier(estate=counter.bill.estate)
    actions.decline_refund(refund=refund, by=other, reason="票据不符", now=clock.now())
    assert OutboxMessage.objects.get(template="refund_declined").recipient == counter.asker
    with pytest.raises(AlreadyMoved):
        counter.agree(other)
    again = actions.request_refund(payment=counter.payment, by=other, reason="核对过了", now=clock.now())
    assert (again.made_by, again.reason) == (other, "核对过了")
    with pytest.raises(ActionError):
        actions.approve_refund(refund=again, by=other, now=clock.now())
    actions.approve_refund(refund=again, by=counter.asker, now=clock.now())
    # Each request keeps a history of its own.
    states = [[step.to_status for step in row.history.all()] for row in (refund, again)]
    assert states == [["asked", "declined"], ["asked", "done"]]
    assert_in_balance()


def test_ask_back__tells_those_who_may_agree__each_time(counter: Counter) -> None:
    manager = make_staff(role=Role.MANAGER, estate=counter.bill.estate)
    counter.ask()
    asked = OutboxMessage.objects.filter(template="refund_asked")
    told = set(asked.values_list("recipient", flat=True))
    assert manager.pk in told
    assert counter.asker.pk not in told
    actions.decline_refund(refund=Refund.objects.get(), by=manager, reason="不对", now=clock.now())
    counter.ask()
    assert asked.filter(recipient=manager).count() == 2


def test_refund__ones_own_payment_by_a_cashier__only_as_a_resident() -> None:
    bill = make_bill()
    cashier = make_cashier(estate=bill.estate)
    make_residency(user=cashier, home=bill.home)
    payment = make_payment(bills=[bill], payer=cashier, paid=True)
    Payment.objects.update(paid_at=clock.now() - timedelta(minutes=11))
    payment.refresh_from_db()
    with pytest.raises(ActionError) as refused:
        actions.request_refund(payment=payment, by=cashier, reason="缴错", now=clock.now())
    assert refused.value.code == "refund_too_late"


def test_void__a_bill_of_ones_own_home__refused() -> None:
    bill = make_bill()
    cashier = make_cashier(estate=bill.estate)
    make_residency(user=cashier, home=bill.home)
    with pytest.raises(ActionError) as refused:
        billing.void_bill(bill=bill, reason="重复", by=cashier, now=clock.now())
    assert refused.value.code == "own_bill"


def test_takings__cash_counts_on_the_day_on_which_it_went_back(counter: Counter) -> None:
    today = clock.today(clock.now())
    counter.ask()
    assert takings(counter.bill.estate, today).refunded_fen == 0
    counter.agree(make_cashier(estate=counter.bill.estate))
    assert takings(counter.bill.estate, today).refunded_fen == 23148


def signed_in(user: User) -> Client:
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(user)
    return client


def test_pages__asked_here_agreed_there__and_no_button_for_who_asked(counter: Counter) -> None:
    page = f"/staff/fees/payments/{counter.payment.pk}/"
    asker, second = signed_in(counter.asker), signed_in(make_cashier(estate=counter.bill.estate))
    asker.post(f"{page}refund/", {"reason": "缴错"})
    approve = f"/staff/fees/refunds/{Refund.objects.get().pk}/approve/"
    assert queries.count_to_check([counter.bill.estate]) == 1
    for address in (page, "/staff/fees/checks/"):
        assert approve not in asker.get(address).content.decode()
        assert approve in second.get(address).content.decode()
    asker.post(approve)
    assert Refund.objects.get().status == "asked"
    second.post(approve)
    assert Refund.objects.get().status == "done"
    assert approve not in second.get(page).content.decode()


def test_pages__say_no__needs_a_reason(counter: Counter) -> None:
    page = f"/staff/fees/refunds/{counter.ask().pk}/decline/"
    client = signed_in(make_cashier(estate=counter.bill.estate))
    client.post(page, {"reason": " "})
    assert Refund.objects.get().status == "asked"
    client.post(page, {"reason": "票据不符"})
    assert Refund.objects.get().status == "declined"


def test_slip__cash_handed_out__names_both_people_the_reason_and_the_amount(counter: Counter) -> None:
    refund, second = counter.ask(), make_cashier(estate=counter.bill.estate, name="郑洁")
    assert not has_slip(refund), "nothing was handed out yet"
    counter.agree(second)
    refund.refresh_from_db()
    [page] = PdfReader(BytesIO(slip_pdf(refund))).pages
    words = page.extract_text()
    for part in (
        "231.48",
        "贰佰叁拾壹元肆角捌分",
        counter.payer.name,
        "缴错",
        counter.asker.name,
        "郑洁",
        "签字",
    ):
        assert part in words
