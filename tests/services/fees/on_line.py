"""Acts on bills that are paid on line, drawn one after another, and what must be so after each and in the end."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import time_machine
from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test

from accounts.models import User
from community.core import clock
from community.estates.models import Home
from services.fees import actions, providers, tasks
from services.fees.billing import actions as billing
from services.fees.models import Bill, FeeItem, MerchantAccount, Payment, PaymentLine, ProviderNotice, Refund
from services.fees.providers.base import Client, Notice, RefundNotice, State
from tests.factories import (
    make_bill,
    make_cashier,
    make_company,
    make_estate,
    make_home,
    make_item,
    make_resident,
)
from tests.services.fees.broken_off import BrokenOff
from tests.support import paying
from tests.support.books import assert_in_balance
from tests.support.scripted import Order, Scripted

NAMES = ("wechat", "alipay")
PHONE = Client("203.0.113.9")
TEN = timedelta(hours=10)
picks = st.integers(0, 99)
names = st.sampled_from(NAMES)
Outcome = ProviderNotice.Outcome
REFUSALS = {
    *("bill_settled", "bill_voided", "more_than_owed", "already_moved", "not_paid", "paid_ahead"),
    *("provider_down", "paid_meanwhile", "payment_ended", "refund_waits", "more_than_left", "nothing_left"),
    "prepayment_used",
}


def there_is(state: State) -> Any:
    """A rule that is drawn while an order is in ``state``, so that few steps of a run do nothing."""
    return precondition(lambda self: any(order.state == state for *_which, order in self.orders()))


begun = precondition(lambda self: self.begun)
refunded = precondition(lambda self: self.refunded)


class OnLine(BrokenOff):
    """Bills paid by WeChat Pay, Alipay and in cash; both providers lose answers and send notices anyhow."""

    home: Home
    item: FeeItem
    payer: User
    cashier: User
    second: User
    refusals = REFUSALS
    in_steps = (actions.open_order, actions.close_payment, actions.send_refund)
    # Makes a provider, by its name.
    make_provider: Callable[[str], Any] = Scripted

    def __init__(self) -> None:
        super().__init__()
        self.began = clock.today(clock.now())
        self.time = time_machine.travel(clock.now(), tick=False)
        self.moved = self.time.start()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.begun = self.refunded = False
        self.there = {name: type(self).make_provider(name) for name in NAMES}
        self.known = dict(providers.KNOWN)
        providers.KNOWN.update(self.there)
        self.bills = [
            make_bill(home=self.home, item=self.item, amount_fen=fen, subject=f"{fen}").pk
            for fen in (100, 250, 999, 5000, 1)
        ]

    def teardown(self) -> None:
        try:
            self.all_is_found_out_in_the_end()
        finally:
            providers.KNOWN.clear()
            providers.KNOWN.update(self.known)
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)
            self.time.stop()

    def payment(self, pick: int) -> Payment | None:
        found = list(Payment.objects.filter(channel__in=NAMES).order_by("pk"))
        return found[pick % len(found)] if found else None

    def refund(self, pick: int) -> Refund | None:
        found = list(Refund.objects.with_source().filter(channel__in=NAMES).order_by("pk"))
        return found[pick % len(found)] if found else None

    def orders(self) -> list[tuple[str, str, Order]]:
        return [(name, one, there.orders[one]) for name, there in self.there.items() for one in there.orders]

    # -- The payer

    @rule(pick=picks, name=names, both=st.booleans())
    def begin(self, pick: int, name: str, both: bool) -> None:
        keys = self.bills if both else [self.bills[pick % len(self.bills)]]
        bills = list(Bill.objects.filter(pk__in=keys, status="open"))
        if bills:
            payment = paying.begin(bills, self.payer, channel=name, key=uuid4())
            self.begun = True
            self.tries(actions.open_order, payment=payment, client=PHONE)

    @begun
    @rule(pick=picks)
    def open_again(self, pick: int) -> None:
        payment = self.payment(pick)
        if payment is not None:
            self.tries(actions.open_order, payment=payment, client=PHONE)

    @there_is(State.WAITING)
    @rule(pick=picks)
    def pays(self, pick: int) -> None:
        orders = self.orders()
        if orders:
            name, number, _order = orders[pick % len(orders)]
            self.there[name].pay(number)

    @begun
    @rule(pick=picks)
    def gives_up(self, pick: int) -> None:
        payment = self.payment(pick)
        if payment is not None:
            self.tries(actions.close_payment, payment=payment, by=self.payer)

    # -- The providers

    @rule(name=names, when=st.sampled_from(["before", "after"]))
    def answer_is_lost(self, name: str, when: str) -> None:
        self.there[name].fails = when

    @there_is(State.PAID)
    @rule(pick=picks, times=st.integers(1, 3))
    def tells(self, pick: int, times: int) -> None:
        """In time, late, repeated, after the payment was given up: of an order that is paid."""
        paid = [one for one in self.orders() if one[2].state == State.PAID]
        if paid:
            name, number, _order = paid[pick % len(paid)]
            for _time in range(times):
                outcome = self.hear(name, self.there[name].paid_notice(number))
                assert outcome in {Outcome.CREDITED, Outcome.REPEATED, Outcome.LATE}

    @there_is(State.PAID)
    @rule(pick=picks)
    def tells_out_of_order(self, pick: int) -> None:
        """That the payer still enters a password, after all is paid."""
        paid = [one for one in self.orders() if one[2].state == State.PAID]
        if paid:
            name, number, _order = paid[pick % len(paid)]
            assert self.hear(name, self.there[name].waiting_notice(number)) == Outcome.NOT_PAID

    @begun
    @rule(pick=picks, what=st.sampled_from(["sum", "account", "order", "signature"]))
    def tells_wrongly(self, pick: int, what: str) -> None:
        payment = self.payment(pick)
        if payment is None:
            return
        notice = self.there[payment.channel].wrong_notice(payment, what, f"X{pick}")
        if notice is None:
            # The provider's client has refused it.
            return
        other = next(one for one in NAMES if one != payment.channel)
        merchant = MerchantAccount.objects.get(provider=other) if what == "account" else payment.merchant
        outcome = self.hear(payment.channel, notice, merchant)
        assert outcome == (Outcome.WRONG_AMOUNT if what == "sum" else Outcome.UNKNOWN)

    def hear(self, name: str, notice: Notice | RefundNotice, merchant: MerchantAccount | None = None) -> str:
        account = merchant or MerchantAccount.objects.get(provider=name)
        return str(
            self.whole(
                lambda: actions.handle_notice(provider=name, notice=notice, merchant=account, now=clock.now())
            )
        )

    @refunded
    @rule(pick=picks)
    def refund_arrives(self, pick: int) -> None:
        waiting = [
            (name, number)
            for name, _number, one in self.orders()
            for number, result in one.refunds.items()
            if result.state == State.WAITING
        ]
        if waiting:
            name, number = waiting[pick % len(waiting)]
            self.there[name].finish_refund(number)

    @refunded
    @rule(pick=picks)
    def tells_of_a_refund(self, pick: int) -> None:
        """WeChat Pay says what became of it, Alipay that something did."""
        refund = self.refund(pick)
        notice = self.there[refund.channel].refund_notice(refund) if refund else None
        if refund and notice:
            assert self.hear(refund.channel, notice) == "refund"

    # -- The counter

    @rule(pick=picks)
    def cash(self, pick: int) -> None:
        bill = Bill.objects.get(pk=self.bills[pick % len(self.bills)])
        if bill.status == "open":
            self.tries(
                paying.take_payment,
                home=self.home,
                amounts={bill.pk: bill.unpaid_fen},
                payer=self.payer,
                key=uuid4(),
                by=self.cashier,
            )

    @rule(pick=picks)
    def void(self, pick: int) -> None:
        bill = Bill.objects.get(pk=self.bills[pick % len(self.bills)])
        self.tries(billing.void_bill, bill=bill, reason="重复", by=self.cashier)

    @there_is(State.PAID)
    @rule(pick=picks, fen=st.integers(1, 400))
    def pay_back_a_part(self, pick: int, fen: int) -> None:
        lines = list(PaymentLine.objects.filter(payment__channel__in=NAMES).order_by("pk"))
        if not lines:
            return
        line = lines[pick % len(lines)]
        parts = actions.RefundParts({line.pk: fen})
        refund = self.tries(
            actions.request_refund, payment=line.payment, by=self.cashier, reason="缴错", parts=parts
        )
        if refund is not None:
            self.refunded = True
            self.tries(actions.approve_refund, refund=refund, by=self.second)
            refund.refresh_from_db()
        if refund is not None and refund.status == Refund.Status.ASKED:
            self.tries(actions.decline_refund, refund=refund, reason="不符", by=self.second)

    @refunded
    @rule(pick=picks)
    def send_a_refund(self, pick: int) -> None:
        refund = self.refund(pick)
        if refund is not None:
            self.tries(actions.send_refund, refund=refund)

    # -- The clock

    @rule(minutes=st.sampled_from([1, 3, 20, 45]))
    def time_passes(self, minutes: int) -> None:
        self.moved.shift(timedelta(minutes=minutes))
        tasks.close_overtaken(self.bills)
        tasks.ask_providers()
        tasks.sweep_refunds()

    # -- What must be so

    @invariant()
    def the_books_agree(self) -> None:
        assert_in_balance()

    @invariant()
    def a_bill_can_be_paid_by_one_order(self) -> None:
        payable = [number for _name, number, order in self.orders() if order.can_be_paid]
        meant: list[int] = []
        for number in payable:
            meant += Payment.objects.with_order_number(number).get().lines.values_list("bill", flat=True)
        assert len(meant) == len(set(meant))

    @invariant()
    def nothing_is_credited_that_was_not_paid(self) -> None:
        paid = {order.number for _name, _number, order in self.orders() if order.state == State.PAID}
        received = Payment.objects.filter(channel__in=NAMES, status__in=Payment.RECEIVED)
        assert set(received.values_list("provider_number", flat=True)) <= paid

    def all_is_found_out_in_the_end(self) -> None:
        """Once the providers answer, every fen that was paid there is here, and every refund is at its end."""
        for there in self.there.values():
            there.fails = ""
        for payment in Payment.objects.filter(channel__in=NAMES).waiting():
            actions.query_provider(payment=payment, now=clock.now())
        for refund in Refund.objects.with_source().filter(channel__in=NAMES, status="pending"):
            actions.send_refund(refund=refund, now=clock.now())
            self.there[refund.channel].finish_refund(refund.order_number)
            refund.refresh_from_db()
            actions.send_refund(refund=refund, now=clock.now())
        assert_in_balance()
        for name, there in self.there.items():
            lines = self.lines(there)
            said = {line.number: line.amount_fen for line in lines if line.kind == "payment"}
            here = Payment.objects.filter(channel=name, status__in=Payment.RECEIVED)
            assert dict(here.values_list("provider_number", "amount_fen")) == said
            back = {line.refund_number: line.amount_fen for line in lines if line.kind == "refund"}
            done = Refund.objects.with_source().filter(channel=name, status="done")
            assert {one.order_number: one.amount_fen for one in done} == back

    def lines(self, there: Any) -> list[Any]:
        """The lines of a provider's statements of all days."""
        days = (clock.today(clock.now()) - self.began).days
        said = [there.statement(self.began + timedelta(days=more)) for more in range(days + 1)]
        return [line for statement in said for line in statement.lines]


def run(machine: type[OnLine], profile: settings, make_merchant: Callable[..., MerchantAccount]) -> None:
    """Draws acts on a home whose company has an account at each provider, from ten in the morning on."""
    with time_machine.travel(clock.midnight(clock.today(clock.now())) + TEN, tick=False):
        company = make_company()
        machine.home = make_home(estate=make_estate(company=company))
        for name in NAMES:
            make_merchant(provider=name, company=company)
        machine.item = make_item(estate=machine.home.estate, basis=FeeItem.Basis.SINGLE)
        machine.payer = make_resident(home=machine.home)
        machine.cashier, machine.second = (make_cashier(estate=machine.home.estate) for _n in range(2))
        run_state_machine_as_test(machine, settings=profile)
