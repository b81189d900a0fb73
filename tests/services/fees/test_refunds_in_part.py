"""A payment goes back in parts: never more than is left of it, nor than a bill took; a prepayment is paid out."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import Residency, User
from community.core import clock
from community.core.errors import ActionError, Forbidden
from community.notifications.models import OutboxMessage
from services.fees import actions, receipts, takings
from services.fees.actions import ledger
from services.fees.models import Account, Payment, Refund, SandboxRefund
from services.fees.providers import sandbox
from tests.factories import (
    make_bill,
    make_cashier,
    make_home,
    make_payment,
    make_residency,
    make_resident,
    make_user,
)
from tests.support.books import assert_in_balance
from tests.support.paying import begin, give_back, held, open_order, payout, take_payment

pytestmark = pytest.mark.django_db


class Paid:
    """Two bills of 100 yuan paid in cash, and 50 yuan ahead."""

    def __init__(self) -> None:
        self.one = make_bill(amount_fen=10000)
        self.home = self.one.home
        self.two = make_bill(home=self.home, amount_fen=10000)
        self.payer = make_resident(home=self.home)
        self.cashier, self.second = (make_cashier(estate=self.home.estate) for _n in range(2))
        self.payment = take_payment(
            self.home, {self.one.pk: 10000, self.two.pk: 10000}, extra_fen=5000, payer=self.payer
        )
        self.lines = {line.bill_id: line.pk for line in self.payment.lines.all()}

    def ask(self, fen: int = 0, rest: int = 0, **overrides: Any) -> Refund:
        lines = {self.lines[self.one.pk]: fen} if fen else {}
        given = {"by": self.cashier, "reason": "多缴", "parts": actions.RefundParts(lines, rest)} | overrides
        return actions.request_refund(payment=self.payment, now=clock.now(), **given)

    def back(self, fen: int = 0, rest: int = 0) -> None:
        actions.approve_refund(refund=self.ask(fen, rest), by=self.second, now=clock.now())
        self.fresh()

    def fresh(self) -> None:
        for row in (self.payment, self.one, self.two):
            row.refresh_from_db()

    def cash(self) -> int:
        return ledger.money_account("cash", self.home.estate.pk).balance_fen


@pytest.fixture
def paid() -> Paid:
    return Paid()


def test_refund__in_three_parts__bills_open_by_what_went_back(paid: Paid) -> None:
    paid.back(3000)
    assert (paid.payment.status, paid.payment.left_fen) == ("partly", 22000)
    assert (paid.one.status, paid.one.unpaid_fen, paid.two.status) == ("open", 3000, "settled")
    paid.back(0, 2000)
    assert (held(paid.home), paid.one.unpaid_fen, paid.cash()) == (3000, 3000, 20000)
    give_back(paid.payment, asks=paid.cashier, agrees=paid.second)
    paid.fresh()
    assert (paid.payment.status, paid.one.unpaid_fen, paid.two.unpaid_fen) == ("refunded", 10000, 10000)
    assert (held(paid.home), paid.cash()) == (0, 0)
    states = [step.to_status for step in paid.payment.history.all()]
    assert states == ["pending", "paid", "partly", "partly", "refunded"]
    assert_in_balance()


BAD_PARTS = [
    (10001, 0, "more_than_left", "amounts"),
    (0, 5001, "more_than_left", "rest"),
    (-1, 0, "amount_not_positive", "amounts"),
    (0, -1, "amount_not_positive", "amounts"),
    (0, 0, "nothing_left", "amounts"),
]


def test_refund__above_what_is_left_or_nothing__named_and_nothing_asked(paid: Paid) -> None:
    for fen, rest, code, field in BAD_PARTS:
        with pytest.raises(ActionError) as refused:
            paid.ask(fen, rest)
        assert (refused.value.code, refused.value.field) == (code, field)
    assert not Refund.objects.exists()


def test_refund__after_a_part__only_what_is_left_of_the_bill(paid: Paid) -> None:
    paid.back(7000)
    with pytest.raises(ActionError) as refused:
        paid.ask(3001)
    assert "30.00" in str(refused.value.message)
    paid.back(3000)
    assert_in_balance()


def test_refund__line_of_another_payment__refused(paid: Paid) -> None:
    other = Paid()
    parts = actions.RefundParts({other.lines[other.one.pk]: 100})
    with pytest.raises(ActionError) as refused:
        paid.ask(parts=parts)
    assert refused.value.code == "not_your_bill"


def test_refund__second_request_while_one_waits__refused_and_same_key_is_the_same(paid: Paid) -> None:
    key = uuid4()
    first = paid.ask(100, key=key)
    assert paid.ask(100, key=key) == first
    with pytest.raises(ActionError) as refused:
        paid.ask(100)
    assert refused.value.code == "refund_waits"


def test_refund__part_taken_back_on_line__the_provider_pays_that_part_each_time(
    django_capture_on_commit_callbacks: Any,
) -> None:
    payment = make_payment(bills=[make_bill()])
    open_order(payment)
    order = sandbox.SandboxOrder.objects.get(order_number=payment.order_number)
    sandbox.press_button(order, "pay", now=clock.now())
    actions.query_provider(payment=payment, now=clock.now())
    line = payment.lines.get().pk
    for fen in (10000, 5000):
        with django_capture_on_commit_callbacks(execute=True):
            actions.request_refund(
                payment=payment, by=payment.payer, parts=actions.RefundParts({line: fen}), now=clock.now()
            )
    assert sorted(SandboxRefund.objects.values_list("amount_fen", flat=True)) == [5000, 10000]
    assert set(payment.refunds.values_list("status", flat=True)) == {"done"}
    told = OutboxMessage.objects.filter(template="refund_done", channel="inbox")
    assert sorted(message.params["fen"] for message in told) == [5000, 10000]
    lines = sandbox.Sandbox().statement(None, clock.today(clock.now())).lines
    came = sum(line.amount_fen for line in lines if line.kind == "payment")
    went = sum(line.amount_fen for line in lines if line.kind == "refund")
    assert (came, went, payment.left_fen) == (23148, 15000, 8148)
    assert_in_balance()


def test_receipt_and_pages__say_what_came_back(paid: Paid) -> None:
    paid.back(3000)
    assert "¥30.00" in receipts.receipt_of(paid.payment).note
    assert receipts.receipt_pdf(paid.payment).startswith(b"%PDF")
    page = signed_in(paid.payer).get(f"/fees/payments/{paid.payment.pk}/").content.decode()
    for said in ("部分退款", "已退 ¥30.00", "¥220.00"):
        assert said in page
    for address in ("/fees/history/", "/mine/"):
        assert "部分退款" in signed_in(paid.payer).get(address).content.decode()
    large = signed_in(paid.payer)
    large.cookies["mode"] = "large"
    assert "部分退款" in large.get(f"/fees/payments/{paid.payment.pk}/").content.decode()


def test_takings__a_part_counts_with_its_own_fen(paid: Paid) -> None:
    paid.back(3000)
    assert takings.takings(paid.home.estate, clock.today(clock.now())).refunded_fen == 3000


def signed_in(user: User) -> Client:
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(user)
    return client


def test_page__part_by_bill__asked_with_its_amounts_and_errors_stand_at_the_field(paid: Paid) -> None:
    client, page = signed_in(paid.cashier), f"/staff/fees/payments/{paid.payment.pk}/"
    name = f"amount_{paid.lines[paid.one.pk]}"
    typed = {"how": "part", name: "100.01", "reason": "多缴", "key": str(uuid4())}
    refused = client.post(f"{page}refund/", typed)
    assert (refused.status_code, "只剩 ¥100.00" in refused.content.decode()) == (422, True)
    assert "100.01" in refused.content.decode()
    client.post(f"{page}refund/", typed | {name: "30", "rest": "5"})
    refund = Refund.objects.get()
    assert (refund.amount_fen, refund.lines.get().amount_fen) == (3500, 3000)
    assert "待另一人确认" in client.get(page).content.decode()


def test_page__foreign_payment_or_refund__not_found(paid: Paid) -> None:
    refund, stranger = paid.ask(100), signed_in(make_cashier())
    for address in (
        f"/staff/fees/payments/{paid.payment.pk}/refund/",
        f"/staff/fees/refunds/{refund.pk}/approve/",
        f"/staff/fees/refunds/{refund.pk}/decline/",
    ):
        assert stranger.post(address, {"reason": "x"}).status_code == 404


# -- Out of a prepayment


def leftover(home: Any, fen: int = 5000) -> Account:
    take_payment(home, {}, extra_fen=fen)
    return ledger.prepayment(home, home.estate.pk)


def test_pay_out__after_the_last_resident_left__goes_over_the_counter_by_two() -> None:
    home = make_home()
    residency = make_residency(user=make_user(), home=home)
    account = leftover(home)
    Residency.objects.filter(pk=residency.pk).update(status="ended")
    asks, agrees = make_cashier(estate=home.estate), make_cashier(estate=home.estate)
    client = signed_in(asks)
    assert (
        f"/staff/fees/accounts/{account.pk}/pay-out/"
        in client.get(f"/staff/fees/homes/{home.pk}/").content.decode()
    )
    typed = {
        "amount": "50.01",
        "channel": "transfer",
        "slip_number": "",
        "payee_name": "王强",
        "reason": "已搬走",
        "key": str(uuid4()),
    }
    page = client.post(f"/staff/fees/accounts/{account.pk}/pay-out/", typed)
    assert (page.status_code, "只剩 ¥50.00" in page.content.decode()) == (422, True)
    assert "请填写单号" in page.content.decode()
    client.post(f"/staff/fees/accounts/{account.pk}/pay-out/", typed | {"amount": "50", "slip_number": "T1"})
    refund = Refund.objects.with_source().get()
    assert (refund.status, held(home)) == ("asked", 5000)
    signed_in(agrees).post(f"/staff/fees/refunds/{refund.pk}/approve/")
    assert (held(home), ledger.money_account("transfer", home.estate.pk).balance_fen) == (0, -5000)
    assert_in_balance()


def test_pay_out__more_than_is_held_or_used_since__refused() -> None:
    bill = make_bill(amount_fen=4000)
    account = leftover(bill.home)
    cashier, payer = make_cashier(estate=bill.estate), make_resident(home=bill.home)
    with pytest.raises(ActionError) as refused:
        actions.ask_payout(account=account, payout=payout(5001), by=cashier, now=clock.now())
    assert refused.value.code == "more_than_left"
    refund = actions.ask_payout(account=account, payout=payout(5000), by=cashier, now=clock.now())
    begin([bill], payer, channel=Payment.PREPAYMENT)
    with pytest.raises(ActionError):
        actions.approve_refund(refund=refund, by=make_cashier(estate=bill.estate), now=clock.now())
    assert (Refund.objects.get().status, held(bill.home)) == ("asked", 1000)
    assert_in_balance()


def test_pay_out__of_ones_own_home__forbidden_for_both() -> None:
    home = make_home()
    account = leftover(home)
    asks, lives = make_cashier(estate=home.estate), make_cashier(estate=home.estate)
    make_residency(user=lives, home=home)
    with pytest.raises(Forbidden):
        actions.ask_payout(account=account, payout=payout(100), by=lives, now=clock.now())
    refund = actions.ask_payout(account=account, payout=payout(100), by=asks, now=clock.now())
    with pytest.raises(ActionError) as refused:
        actions.approve_refund(refund=refund, by=lives, now=clock.now())
    assert refused.value.code == "needs_another"


def test_take_back__of_a_rest_after_a_part__by_the_payer() -> None:
    payment = make_payment(paid=True)
    line = payment.lines.get().pk
    give_back(payment, asks=make_cashier(estate=payment.estate), lines={line: 100})
    payment.refresh_from_db()
    made = actions.request_refund(payment=payment, by=payment.payer, now=clock.now() + timedelta(minutes=1))
    assert (made.amount_fen, made.approved_by) == (23048, None)
    assert_in_balance()
