"""One bill for one thing, and the end of a wrong one."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import StaffRole
from community.core import clock
from community.core.errors import ActionError, Forbidden
from community.core.events import bill_settled
from community.core.models import AuditRecord
from community.estates.models import Home
from community.notifications.models import OutboxMessage
from services.fees import actions
from services.fees.actions import ledger
from services.fees.billing import actions as billing
from services.fees.models import Bill, BillLine, FeeItem, LedgerTransaction
from tests.factories import (
    make_bill,
    make_cashier,
    make_estate,
    make_home,
    make_payment,
    make_resident,
    make_staff,
)
from tests.support.arguments import grouped
from tests.support.books import assert_in_balance
from tests.support.events_sent import sent

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def charge(home: Home, **overrides) -> Bill:
    asked = {
        "item_kind": FeeItem.Kind.CARE,
        "estate": home.estate,
        "home": home,
        "subject": "care:42",
        "period": date(2026, 11, 23),
        "amount_fen": 3500,
        "words": "助洁 2 小时",
        "charged_to": None,
        "by": None,
        "now": NOW,
    }
    given, rest = grouped(billing.Charge, asked | overrides)
    return billing.charge(given, **rest)


def test_charge__care_visit__is_billed_and_told_to_whose_it_is():
    home = make_home()
    mother, _son = make_resident(home=home), make_resident(home=home)
    bill = charge(home, charged_to=mother)
    assert (bill.amount_fen, bill.period, bill.due_on) == (3500, date(2026, 11, 1), date(2026, 12, 30))
    assert bill.reference.startswith("B-261123-")
    message = OutboxMessage.objects.get()
    assert (message.recipient, message.channel, message.params["fen"]) == (mother, "inbox", 3500)
    assert_in_balance()


def test_charge__whose_caller_tells_of_it__sends_no_message_of_its_own():
    home = make_home()
    mother = make_resident(home=home)
    charge(home, charged_to=mother, tell=False)
    assert Bill.objects.get().charged_to == mother
    assert not OutboxMessage.objects.exists()
    assert_in_balance()


def test_charge__again_for_the_same_visit__is_the_same_bill():
    home = make_home()
    first = charge(home)
    assert charge(home, amount_fen=9900) == first
    assert charge(home, subject="care:43") != first
    assert LedgerTransaction.objects.count() == 2
    assert_in_balance()


def test_charge__after_the_bill_was_voided__makes_another():
    home = make_home()
    first = charge(home)
    billing.void_bill(bill=first, reason="取消", by=make_cashier(estate=home.estate), now=NOW)
    assert charge(home) != first
    assert_in_balance()


def test_charge__with_lines__keeps_them_in_order():
    lines = (
        BillLine(kind="words", words="门锁", amount_fen=3000),
        BillLine(kind="words", words="上门费", amount_fen=500),
    )
    bill = charge(make_home(), amount_fen=3500, lines=lines)
    kept = bill.lines.values_list("number", "words", "amount_fen")
    assert list(kept) == [(1, "门锁", 3000), (2, "上门费", 500)]


def test_charge__lines_that_do_not_add_up__writes_nothing():
    with pytest.raises(ValueError, match="do not add up"):
        charge(make_home(), amount_fen=3500, lines=(BillLine(kind="words", words="门锁", amount_fen=1),))
    assert not Bill.objects.exists()


@pytest.mark.parametrize("fen", [0, -1, 100_000_001])
def test_charge__impossible_amount__names_the_field_and_writes_nothing(fen: int):
    home = make_home()
    with pytest.raises(ActionError) as refused:
        charge(home, amount_fen=fen)
    assert refused.value.field == "amount_fen"
    assert str(refused.value.message)
    assert not Bill.objects.exists()
    assert not LedgerTransaction.objects.exists()


def test_charge__home_of_another_estate__names_the_field():
    with pytest.raises(ActionError) as refused:
        charge(make_home(), estate=make_estate())
    assert refused.value.field == "home"
    assert not Bill.objects.exists()


def test_void__open_bill__is_reversed_recorded_and_owed_no_more():
    bill = make_bill()
    cashier = make_cashier(estate=bill.estate)
    billing.void_bill(bill=bill, reason="面积登记错误", by=cashier, now=clock.now())
    bill.refresh_from_db()
    assert (bill.status, bill.paid_fen, bill.unpaid_fen) == ("voided", 0, 0)
    assert bill.history.last().reason == "面积登记错误"
    assert AuditRecord.objects.filter(action="fees.bill_voided", actor=cashier).exists()
    assert ledger.receivable(bill.home, bill.estate_id).balance_fen == 0
    assert_in_balance()


def test_void__bill_that_was_paid__leaves_the_money_as_prepayment():
    bill = make_bill()
    make_payment(bills=[bill], paid=True)
    bill.refresh_from_db()
    billing.void_bill(bill=bill, reason="重复", by=make_cashier(estate=bill.estate), now=clock.now())
    assert ledger.prepayment(bill.home, bill.estate_id).held_fen == bill.amount_fen
    assert [change.to_status for change in bill.history.all()] == ["open", "settled", "open", "voided"]
    assert_in_balance()


def test_void__bill_paid_in_part__leaves_the_part_as_prepayment():
    bill = make_bill()
    make_payment(bills=[bill], amounts={bill.pk: 5000}, paid=True)
    bill.refresh_from_db()
    billing.void_bill(bill=bill, reason="重复", by=make_cashier(estate=bill.estate), now=NOW)
    assert ledger.prepayment(bill.home, bill.estate_id).held_fen == 5000
    assert_in_balance()


def test_void__twice__is_voided_once():
    bill = make_bill()
    cashier = make_cashier(estate=bill.estate)
    billing.void_bill(bill=bill, reason="重复", by=cashier, now=NOW)
    billing.void_bill(bill=bill, reason="重复", by=cashier, now=NOW)
    assert LedgerTransaction.objects.filter(kind="void").count() == 1


def test_void__bill_paid_since_it_was_read__is_told_and_nothing_is_lost():
    bill = make_bill()
    as_read = Bill.objects.get(pk=bill.pk)
    make_payment(bills=[bill], amounts={bill.pk: 5000}, paid=True)
    with pytest.raises(ActionError) as refused:
        billing.void_bill(bill=as_read, reason="重复", by=make_cashier(estate=bill.estate), now=NOW)
    assert refused.value.code == "already_moved"
    bill.refresh_from_db()
    assert (bill.status, bill.paid_fen) == ("open", 5000)
    assert_in_balance()


@pytest.mark.parametrize("reason", ["", "  ", "长" * 201])
def test_void__without_a_fitting_reason__names_the_field(reason: str):
    bill = make_bill()
    with pytest.raises(ActionError) as refused:
        billing.void_bill(bill=bill, reason=reason, by=make_cashier(estate=bill.estate), now=NOW)
    assert refused.value.field == "reason"
    assert Bill.objects.get().status == "open"


@pytest.mark.parametrize("role", [StaffRole.Role.FRONT_DESK, StaffRole.Role.AUDITOR])
def test_void__by_who_only_reads__is_forbidden(role: str):
    bill = make_bill()
    with pytest.raises(Forbidden):
        billing.void_bill(bill=bill, reason="重复", by=make_staff(role=role, estate=bill.estate), now=NOW)


def test_void__by_a_cashier_of_another_estate__is_forbidden():
    with pytest.raises(Forbidden):
        billing.void_bill(bill=make_bill(), reason="重复", by=make_cashier(), now=NOW)


def test_settled__by_its_last_fen__is_told_to_other_services_once(monkeypatch: pytest.MonkeyPatch):
    told = sent(bill_settled, monkeypatch)
    bill = make_bill()
    cashier = make_cashier(estate=bill.estate)
    for fen in (1, bill.amount_fen - 1):
        actions.take_payment(
            actions.CounterPayment(
                home=bill.home, amounts={bill.pk: fen}, payer=None, payer_name="", key=uuid4()
            ),
            extra_fen=0,
            by=cashier,
            now=NOW,
        )
    assert told == [{"bill": bill, "now": NOW}]


def test_owed__bill_of_a_repair__names_it_in_the_large_mode(client: Client) -> None:
    home = make_home()
    charge(
        home, item_kind=FeeItem.Kind.REPAIR, subject="repair:7:1", words="漏水 R-261123-0007", amount_fen=900
    )
    client.force_login(make_resident(home=home))
    client.cookies["mode"] = "large"
    assert "漏水 R-261123-0007" in client.get(reverse("fees")).content.decode()
