"""Deposits: held and no income, paid back by two people, whole or in part, less what is kept."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from community.core import clock
from community.core.errors import ActionError
from community.notifications.models import OutboxMessage
from services.fees import actions, receipts
from services.fees.actions import ledger
from services.fees.models import Account, Deposit, FeeItem, Payment, Refund
from tests.factories import make_bill, make_cashier, make_home, make_item, make_resident
from tests.support.backing import forget_kept
from tests.support.books import assert_in_balance
from tests.support.paying import held, move_payment, payout, take_deposit

pytestmark = pytest.mark.django_db


class Held:
    """A deposit of 2,000 yuan of an owner, and two cashiers."""

    def __init__(self) -> None:
        self.home = make_home()
        self.owner = make_resident(home=self.home)
        self.cashier, self.second = (make_cashier(estate=self.home.estate) for _n in range(2))
        self.item = make_item(estate=self.home.estate, basis=FeeItem.Basis.SINGLE)
        self.deposit = take_deposit(self.home, 200000, by=self.cashier, payer=self.owner, payer_name="")

    def ask(self, fen: int, kept: int = 0, **overrides: Any) -> Refund:
        deduction = actions.Deduction(kept, overrides.pop("item", self.item if kept else None))
        return actions.ask_deposit_back(
            deposit=self.deposit,
            payout=payout(fen, **overrides),
            deduction=deduction,
            by=self.cashier,
            now=clock.now(),
        )

    def back(self, fen: int, kept: int = 0) -> None:
        actions.approve_refund(refund=self.ask(fen, kept), by=self.second, now=clock.now())
        self.deposit = Deposit.objects.with_row().get()

    def balance(self, **account: Any) -> int:
        return Account.objects.get(estate=self.home.estate, **account).balance_fen


@pytest.fixture
def kept() -> Held:
    return Held()


def signed_in(user: User) -> Client:
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(user)
    return client


def test_take__is_held_beside_the_prepayment_and_is_no_income(kept: Held) -> None:
    assert (kept.deposit.held_fen, held(kept.home)) == (200000, 0)
    assert kept.balance(kind="deposit") == -200000
    assert kept.balance(kind="cash") == 200000
    assert not Account.objects.filter(kind="income").exists()
    assert_in_balance()


def test_back__in_part_with_a_deduction__the_rest_stays_held(kept: Held) -> None:
    kept.back(50000)
    kept.back(100000, kept=30000)
    assert (kept.deposit.held_fen, kept.balance(kind="cash")) == (20000, 50000)
    assert kept.balance(kind="income", item=kept.item) == -30000
    told = OutboxMessage.objects.filter(recipient=kept.owner, channel="inbox")
    assert sorted(told.exclude(template="payment_received").values_list("template", flat=True)) == [
        *("deposit_given_back", "deposit_given_back", "deposit_kept")
    ]
    assert_in_balance()


def test_back__all_of_it_kept__nothing_goes_out(kept: Held) -> None:
    kept.back(0, kept=200000)
    assert (kept.deposit.held_fen, kept.balance(kind="cash")) == (0, 200000)
    assert_in_balance()


def test_back__twice__refused(kept: Held) -> None:
    kept.back(200000)
    with pytest.raises(ActionError) as refused:
        kept.ask(200000)
    assert (refused.value.code, kept.balance(kind="cash")) == ("more_than_left", 0)


BAD_RETURNS: list[tuple[int, int, dict[str, Any], str, str]] = [
    (200001, 0, {}, "more_than_left", "amount"),
    (150000, 50001, {}, "more_than_left", "amount"),
    (0, 0, {}, "amount_not_positive", "amount"),
    (-1, 0, {}, "amount_not_positive", "amount"),
    (100, -1, {}, "amount_not_positive", "kept"),
    (100, 100, {"item": None}, "item_missing", "kept_item"),
    (100, 0, {"reason": " "}, "reason_missing", "reason"),
    (100, 0, {"payee_name": ""}, "payee_missing", "payee_name"),
    (100, 0, {"channel": "pos"}, "slip_missing", "slip_number"),
    (100, 0, {"channel": "gold"}, "unknown_way", "channel"),
]


def test_back__bad_input__names_the_field(kept: Held) -> None:
    for fen, deducted, given, code, field in BAD_RETURNS:
        with pytest.raises(ActionError) as refused:
            kept.ask(fen, deducted, **given)
        assert (refused.value.code, refused.value.field) == (code, field)
    assert not Refund.objects.exists()


def test_back__deduction_for_an_item_of_another_estate__refused(kept: Held) -> None:
    with pytest.raises(ActionError) as refused:
        kept.ask(100, 100, item=make_item())
    assert refused.value.code == "item_missing"


def test_refund__of_its_payment__leads_to_the_deposit(kept: Held) -> None:
    with pytest.raises(ActionError) as refused:
        actions.request_refund(payment=kept.deposit.payment, by=kept.cashier, reason="退", now=clock.now())
    assert refused.value.code == "is_deposit"


def test_pages__taken_with_a_receipt_listed_and_paid_back(kept: Held) -> None:
    home = make_home(estate=kept.home.estate)
    client, key = signed_in(kept.cashier), str(uuid4())
    typed = {
        "kind": "parking",
        "words": "苏A·12345",
        "amount": "500",
        "payer": "other",
        "payer_name": "周宁",
        "channel": "pos",
        "slip_number": "0012",
        "key": key,
    }
    assert "¥500.00" in client.post(f"/staff/fees/homes/{home.pk}/deposit/", typed).content.decode()
    assert Deposit.objects.count() == 1
    for _tap in range(2):
        answer = client.post(f"/staff/fees/homes/{home.pk}/deposit/", typed | {"yes": "1"})
    assert (answer.status_code, Deposit.objects.count()) == (302, 2)
    receipt = client.get(answer["Location"]).content.decode()
    assert "车位押金 苏A·12345" in receipt
    listed = client.get("/staff/fees/deposits/").content.decode()
    for said in ("¥2500.00", "¥500.00", "周宁"):
        assert said in listed
    assert "周宁" not in client.get("/staff/fees/deposits/?kind=fit_out").content.decode()
    page = f"/staff/fees/deposits/{kept.deposit.pk}/"
    back = {
        "amount": "1500",
        "kept": "600",
        "kept_item": kept.item.pk,
        "channel": "cash",
        "slip_number": "",
        "payee_name": "业主",
        "reason": "墙面损坏",
        "key": str(uuid4()),
    }
    refused = client.post(page, back)
    assert (refused.status_code, "只剩 ¥2000.00" in refused.content.decode()) == (422, True)
    client.post(page, back | {"kept": "500"})
    refund = Refund.objects.get()
    signed_in(kept.second).post(f"/staff/fees/refunds/{refund.pk}/approve/")
    assert "没有押金" not in client.get("/staff/fees/deposits/").content.decode()
    own = signed_in(kept.owner).get(f"/fees/deposits/{kept.deposit.pk}/").content.decode()
    for said in ("¥0.00", "¥1500.00", "墙面损坏"):
        assert said in own
    assert_in_balance()


def test_pages__foreign_deposit__not_found(kept: Held) -> None:
    assert signed_in(make_cashier()).get(f"/staff/fees/deposits/{kept.deposit.pk}/").status_code == 404
    stranger = make_resident()
    assert signed_in(stranger).get(f"/fees/deposits/{kept.deposit.pk}/").status_code == 404
    # Who pays it has it back: another resident of the home does not see it.
    wife = make_resident(home=kept.home)
    assert signed_in(wife).get(f"/fees/deposits/{kept.deposit.pk}/").status_code == 404
    assert "押金" not in signed_in(wife).get("/fees/").content.decode()


@pytest.mark.parametrize("mode", ["standard", "large"])
def test_resident__sees_their_deposits(mode: str, kept: Held) -> None:
    client = signed_in(kept.owner)
    client.cookies["mode"] = mode
    assert "/fees/deposits/" in client.get("/fees/").content.decode()
    assert "装修押金" in client.get("/fees/deposits/").content.decode()
    assert "¥2000.00" in client.get(f"/fees/deposits/{kept.deposit.pk}/").content.decode()


def test_list__same_number_of_queries_for_more_rows(kept: Held) -> None:
    client = signed_in(kept.cashier)
    client.get("/staff/fees/deposits/")
    counts = []
    for _round in range(2):
        forget_kept()
        with CaptureQueriesContext(connection) as queries:
            client.get("/staff/fees/deposits/")
        counts.append(len(queries))
        for _n in range(3):
            take_deposit(make_home(estate=kept.home.estate), 100, by=kept.cashier)
    assert counts[0] == counts[1]


def test_take__bad_input__names_the_field() -> None:
    home = make_home()
    cashier = make_cashier(estate=home.estate)
    for fen, given, field in (
        (0, {}, "amount"),
        (100, {"kind": "gold"}, "kind"),
        (100, {"channel": "pos"}, "slip_number"),
        (100, {"payer": make_resident(), "payer_name": ""}, "payer"),
    ):
        with pytest.raises(ActionError) as refused:
            take_deposit(home, fen, by=cashier, **given)
        assert refused.value.field == field
    assert not Payment.objects.exists()


def test_prepayment__pays_no_bill_from_a_deposit(kept: Held) -> None:
    bill = make_bill(home=kept.home)
    with pytest.raises(ActionError) as refused:
        actions.use_prepayment(
            actions.CounterPayment(
                home=kept.home, amounts={bill.pk: 100}, payer=kept.owner, payer_name="", key=uuid4()
            ),
            by=kept.cashier,
            now=clock.now(),
        )
    assert refused.value.code == "prepayment_short"
    assert ledger.prepayment(kept.home, kept.home.estate.pk).held_fen == 0


def test_move__deposit_of_the_wrong_home__is_held_for_the_right_one_and_both_keep_it(kept: Held) -> None:
    right = make_home(estate=kept.home.estate)
    there = make_resident(home=right)
    with pytest.raises(ActionError, match="is_deposit"):
        move_payment(kept.deposit.payment, right, by=kept.cashier, bills=[make_bill(home=right)])
    given = {"payer": there, "payer_name": ""}
    moved = move_payment(kept.deposit.payment, right, by=kept.cashier, **given)
    assert move_payment(kept.deposit.payment, right, by=kept.cashier, **given) == moved
    old, new = Deposit.objects.with_row().order_by("pk")
    assert (old.held_fen, old.payment.status, new.held_fen, new.amount_fen) == (0, "moved", 200000, 200000)
    assert (new.home, new.kind, held(right), kept.balance(kind="cash")) == (right, old.kind, 0, 200000)
    assert str(new) in [line.name for line in receipts.receipt_of(moved).lines]
    assert_in_balance()
    # Both pages of the office name the other home; the residents' do not.
    client = signed_in(kept.cashier)
    assert str(right) in client.get(f"/staff/fees/deposits/{old.pk}/").content.decode()
    assert str(kept.home) in client.get(f"/staff/fees/deposits/{new.pk}/").content.decode()
    page = signed_in(kept.owner).get(f"/fees/deposits/{old.pk}/").content.decode()
    assert "已转到其他房屋" in page
    assert str(right) not in page
    # It goes back by the way it came, from the right home.
    kept.deposit = new
    actions.approve_refund(refund=kept.ask(150000), by=kept.second, now=clock.now())
    assert kept.balance(kind="cash") == 50000
    assert_in_balance()
    with pytest.raises(ActionError, match="deposit_used"):
        move_payment(moved, kept.home, by=kept.cashier)


def test_move__deposit_through_the_pages__asks_for_no_bills(kept: Held) -> None:
    right = make_home(estate=kept.home.estate)
    make_bill(home=right)
    client, url = signed_in(kept.cashier), f"/staff/fees/payments/{kept.deposit.payment_id}/move/"
    assert url in client.get(f"/staff/fees/deposits/{kept.deposit.pk}/").content.decode()
    given = {"home": right.pk, "payer": "other", "payer_name": "李红", "reason": "房号记错"}
    page = client.get(f"{url}?home={right.pk}").content.decode()
    assert "tick_" not in page
    assert "仍是押金" in page
    assert "为那套房屋保管" in client.post(url, given).content.decode()
    client.post(url, given | {"yes": "1"})
    assert Deposit.objects.get(home=right).account.held_fen == 200000
