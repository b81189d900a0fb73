"""Steps of money that goes back, is held or moves to its home, for the machine of ``test_properties``."""

from django.db.models import Sum
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from accounts.models import User
from community.estates.models import Home
from services.fees import actions, policies
from services.fees.models import Account, Bill, Deposit, FeeItem, Payment, PaymentLine, Refund
from tests.services.fees.broken_off import BrokenOff
from tests.support import paying

picks = st.integers(0, 99)
some_fen = st.integers(1, 600)
REFUSALS = {
    *("refund_waits", "more_than_left", "nothing_left", "is_deposit", "deposit_used", "payment_moved"),
    "prepayment_used",
}


class MoneyBack(BrokenOff):
    """Refunds in parts, deposits, payouts and moved payments of the machine's home and of another."""

    home: Home
    other: Home
    item: FeeItem
    cashier: User
    second: User
    got_back: int
    handed_over: int
    # Fen that were kept of deposits.
    kept = 0

    def agree(self, refund: Refund | None) -> None:
        """Agrees to a refund that waits, and counts what goes out."""
        if refund is None or refund.status != Refund.Status.ASKED:
            return
        self.tries(actions.approve_refund, refund=refund, by=self.second)
        refund.refresh_from_db()
        if refund.booked_at is not None:
            self.got_back += refund.amount_fen
            self.kept += refund.kept_fen
        elif refund.status == Refund.Status.ASKED and refund.pk % 2:
            self.tries(actions.decline_refund, refund=refund, reason="不符", by=self.second)

    def any_payment(self, pick: int) -> Payment | None:
        """Returns one of all payments, those that were moved too; None without any."""
        payments = list(Payment.objects.order_by("pk"))
        return payments[pick % len(payments)] if payments else None

    @rule(pick=picks, fen=some_fen, rest=st.sampled_from([0, 0, 10, 200]))
    def pay_back_a_part(self, pick: int, fen: int, rest: int) -> None:
        """A part of the first bill of a payment, now and then more than is left of it, and of its rest."""
        payment = self.any_payment(pick)
        if payment is None:
            return
        line = payment.lines.order_by("pk").first()
        left = line.left_fen if line else 0
        lines = {line.pk: fen if fen % 7 == 0 else 1 + fen % max(left, 1)} if line else {}
        parts = actions.RefundParts(lines, rest)
        self.agree(
            self.tries(actions.request_refund, payment=payment, reason="多缴", parts=parts, by=self.cashier)
        )

    @rule(pick=picks)
    def move(self, pick: int) -> None:
        """To the other home, or back again, deposits too; its oldest bills are paid."""
        payment = self.any_payment(pick)
        if payment is None:
            return
        to = self.other if payment.home_id == self.home.pk else self.home
        open_bills = Bill.objects.filter(home=to).open().order_by("pk")
        # A deposit pays none.
        bills = [] if policies.is_deposit(payment) else list(open_bills[:2])
        made = self.tries(lambda now: paying.move_payment(payment, to, by=self.cashier, bills=bills))
        assert made is None or made.home_id == to.pk

    @rule(fen=some_fen)
    def take_deposit(self, fen: int) -> None:
        if Deposit.objects.filter(home=self.home).count() < 3:
            paying.take_deposit(self.home, fen, by=self.cashier)
            self.handed_over += fen

    @rule(pick=picks, fen=st.integers(0, 600), kept=st.sampled_from([0, 0, 5, 100]))
    def give_deposit_back(self, pick: int, fen: int, kept: int) -> None:
        """Some of it, all of it, too much of it; now and then with a deduction."""
        deposits = list(Deposit.objects.with_row().order_by("pk"))
        if not deposits or not fen + kept:
            return
        self.agree(
            self.tries(
                actions.ask_deposit_back,
                deposit=deposits[pick % len(deposits)],
                payout=paying.payout(fen),
                deduction=actions.Deduction(kept, self.item),
                by=self.cashier,
            )
        )

    @rule(pick=picks, fen=some_fen)
    def pay_out(self, pick: int, fen: int) -> None:
        accounts = list(Account.objects.filter(kind=Account.Kind.PREPAYMENT).order_by("pk"))
        if accounts:
            account = accounts[pick % len(accounts)]
            self.agree(
                self.tries(actions.ask_payout, account=account, payout=paying.payout(fen), by=self.cashier)
            )

    @invariant()
    def no_fen_is_lost(self) -> None:
        """Money in, less what went back, lies on bills, in prepayments and deposits, or was kept of these."""
        homes = [self.home, self.other]
        on_bills = Bill.objects.filter(home__in=homes).aggregate(fen=Sum("paid_fen"))["fen"] or 0
        held = Account.objects.filter(home__in=homes).aggregate(fen=Sum("held_fen"))["fen"] or 0
        assert self.handed_over - self.got_back == on_bills + held + self.kept

    @invariant()
    def what_went_out_of_a_payment_is_what_its_refunds_say(self) -> None:
        for payment in Payment.objects.prefetch_related("refunds", "lines"):
            booked = sum(refund.amount_fen for refund in payment.refunds.all() if refund.booked_at)
            moved = Payment.objects.filter(moved_from=payment).values_list("amount_fen", flat=True)
            assert payment.back_fen == booked + sum(moved) <= payment.amount_fen
            assert sum(line.back_fen for line in payment.lines.all()) <= payment.back_fen

    @invariant()
    def lines_took_no_more_than_was_meant(self) -> None:
        for line in PaymentLine.objects.select_related("payment"):
            assert 0 <= line.back_fen <= line.applied_fen <= line.amount_fen
            assert line.payment.paid_at is not None or line.applied_fen == 0
