"""Whatever providers, residents and cashiers do in whatever order: the books agree, and no fen is lost."""

from itertools import pairwise
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule, run_state_machine_as_test

from accounts.models import User
from community.core import clock
from community.estates.models import Home
from services.fees import actions
from services.fees.billing import actions as billing
from services.fees.models import Bill, FeeItem, Payment, ProviderNotice
from services.fees.providers.base import Notice
from tests.factories import make_bill, make_cashier, make_home, make_item, make_resident
from tests.services.fees import money_back
from tests.services.fees.money_back import MoneyBack
from tests.services.fees.till_steps import TillSteps
from tests.support import paying
from tests.support.books import assert_in_balance
from tests.support.draws import DEAR_PROFILES

BILLS = 3
# Outcomes of a notice whose money was taken.
CREDITED = {ProviderNotice.Outcome.CREDITED, ProviderNotice.Outcome.SECOND, ProviderNotice.Outcome.LATE}
picks = st.integers(0, 99)
some_fen = st.integers(1, 600)
# What people and providers are told no by; anything else is a mistake of ours.
REFUSALS = {
    *("bill_settled", "bill_voided", "more_than_owed", "prepayment_short", "already_moved"),
    *("not_paid", "paid_ahead"),
    *money_back.REFUSALS,
}


class Money(TillSteps, MoneyBack):
    """One home, a few small bills, one resident with a phone, one cashier, one provider that misbehaves."""

    home: Home
    item: FeeItem
    payer: User
    cashier: User
    second: User
    refusals = REFUSALS

    def __init__(self) -> None:
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.bills: list[int] = []
        self.numbers = 0
        # Money that the outside world really handed over, and got back, in fen.
        self.handed_over = self.got_back = 0
        # Notices that the provider has sent, to be sent again in any order.
        self.sent: list[Notice] = []
        for _n in range(BILLS):
            self.make_bill(100)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    def bill(self, pick: int) -> Bill:
        return Bill.objects.get(pk=self.bills[pick % len(self.bills)])

    def payment(self, pick: int) -> Payment | None:
        payments = list(Payment.objects.exclude(channel__in=["cash", *Payment.NO_MONEY]).order_by("pk"))
        return payments[pick % len(payments)] if payments else None

    @rule(fen=some_fen)
    def make_bill(self, fen: int) -> None:
        if len(self.bills) < 8:
            subject = f"{len(self.bills)}"
            bill = make_bill(home=self.home, item=self.item, amount_fen=fen, subject=subject)
            self.bills.append(bill.pk)

    @rule(which=st.sets(st.integers(0, BILLS), min_size=1, max_size=3), part=some_fen, uses=st.booleans())
    def begin(self, which: set[int], part: int, uses: bool) -> None:
        """On the phone: whole bills, or parts, perhaps with what was paid ahead."""
        bills = [self.bill(pick) for pick in which]
        bills = list({bill.pk: bill for bill in bills if bill.status == "open"}.values())
        amounts = {bill.pk: min(part, bill.unpaid_fen) for bill in bills} if part % 3 == 0 else None
        if bills:
            self.tries(
                paying.begin,
                bills=bills,
                payer=self.payer,
                by=self.payer,
                channel="sandbox",
                key=uuid4(),
                amounts=amounts,
                use_prepayment=uses,
            )

    @rule(pick=picks, off=st.sampled_from([0, 0, 0, 0, -1, 1]), second=st.integers(0, 9))
    def money_arrives(self, pick: int, off: int, second: int) -> None:
        """The provider calls: in time, late, after giving up, of a wrong amount, under a second number."""
        payment = self.payment(pick)
        if payment is None:
            return
        number = f"N{payment.pk}" if second else f"N{payment.pk}-{self.numbers}"
        self.numbers += 1
        notice = Notice(payment.order_number, True, number, payment.amount_fen + off)
        self.sent.append(notice)
        self.hear(notice)

    @rule(pick=picks)
    def call_comes_again(self, pick: int) -> None:
        """An old call, whenever: repeated, or overtaken by later ones."""
        if self.sent:
            self.hear(self.sent[pick % len(self.sent)])

    @rule(pick=picks)
    def provider_says_no(self, pick: int) -> None:
        payment = self.payment(pick)
        if payment is not None:
            self.hear(Notice(payment.order_number, False, "", payment.amount_fen))

    @rule(pick=picks)
    def number_of_another(self, pick: int) -> None:
        """A provider that mixes up its numbers gets nothing credited."""
        payment = self.payment(pick)
        used = Payment.objects.exclude(provider_number="").order_by("pk").first()
        if payment is not None and used is not None and used.pk != payment.pk:
            notice = Notice(payment.order_number, True, used.provider_number, payment.amount_fen)
            assert actions.handle_notice(provider="sandbox", notice=notice, now=clock.now()) not in CREDITED

    def hear(self, notice: Notice) -> None:
        given = {"provider": "sandbox", "notice": notice}
        outcome = self.whole(lambda: actions.handle_notice(now=clock.now(), **given))
        assert outcome in ProviderNotice.Outcome.values
        if outcome in CREDITED:
            self.handed_over += notice.amount_fen

    @rule(pick=picks)
    def give_up(self, pick: int) -> None:
        payment = self.payment(pick)
        if payment is not None:
            self.tries(actions.close_payment, payment=payment, by=self.payer)

    @rule(
        pick=picks,
        fen=some_fen,
        extra=st.sampled_from([0, 0, 50, 300]),
        channel=st.sampled_from(Payment.AT_COUNTER),
    )
    def counter(self, pick: int, fen: int, extra: int, channel: str) -> None:
        """Money for a part of a bill, and some ahead; now and then for more than is owed."""
        bill = self.bill(pick)
        self.cash(bill, fen if fen % 7 == 0 else 1 + fen % max(bill.unpaid_fen, 1), extra, channel)

    def cash(self, bill: Bill, fen: int, extra: int, channel: str = Payment.CASH) -> None:
        paid = self.tries(
            paying.take_payment,
            home=self.home,
            amounts={bill.pk: fen},
            extra_fen=extra,
            payer=self.payer,
            payer_name="",
            by=self.cashier,
            key=uuid4(),
            channel=channel,
            slip_number="0012345",
        )
        self.handed_over += paid.amount_fen if paid else 0

    @rule(pick=picks, part=some_fen)
    def counter_and_phone_at_once(self, pick: int, part: int) -> None:
        """Both have begun with the whole bill; the cash, or a part of it, is in before the phone's money."""
        bill = self.bill(pick)
        if bill.status == "open":
            self.begin({pick}, 1, uses=False)
            self.cash(bill, min(part, bill.unpaid_fen), 0)
            newest = Payment.objects.filter(channel="sandbox").order_by("pk").count() - 1
            self.money_arrives(newest, 0, 1)

    @rule(pick=picks)
    def pay_ahead(self, pick: int) -> None:
        """From the prepayment alone."""
        bill = self.bill(pick)
        self.tries(
            paying.begin,
            bills=[bill],
            payer=self.payer,
            by=self.payer,
            channel=Payment.PREPAYMENT,
            key=uuid4(),
        )

    @rule(pick=picks)
    def void(self, pick: int) -> None:
        self.tries(billing.void_bill, bill=self.bill(pick), reason="重复", by=self.cashier)

    @rule(pick=picks)
    def pay_back(self, pick: int) -> None:
        payments = list(Payment.objects.order_by("pk"))
        if not payments:
            return
        payment = payments[pick % len(payments)]
        # Nothing is booked before another agrees, or where what it became is used.
        self.agree(self.tries(actions.request_refund, payment=payment, reason="缴错", by=self.cashier))

    @invariant()
    def the_books_agree(self) -> None:
        assert_in_balance()

    @invariant()
    def no_bill_is_settled_twice(self) -> None:
        for bill in Bill.objects.filter(home=self.home).prefetch_related("history"):
            assert 0 <= bill.paid_fen <= bill.amount_fen
            assert (bill.status == "settled") == (bill.paid_fen == bill.amount_fen)
            states = [change.to_status for change in bill.history.all()]
            settled = [n for n, state in enumerate(states) if state == "settled"]
            # Between two settlements lies the refund that opened it again.
            assert all("open" in states[one:two] for one, two in pairwise(settled))


@pytest.mark.django_db
@DEAR_PROFILES
def test_money__whatever_happens__books_agree_and_no_fen_is_lost(profile: str) -> None:
    Money.home = make_home()
    Money.other = make_home(estate=Money.home.estate)
    Money.item = make_item(estate=Money.home.estate, basis=FeeItem.Basis.SINGLE)
    Money.payer = make_resident(home=Money.home)
    Money.cashier, Money.second = (make_cashier(estate=Money.home.estate) for _n in range(2))
    run_state_machine_as_test(Money, settings=settings.get_profile(profile))
    # Acts were ended in the middle.
    assert Money.ended or profile == "few"
