"""Steps with bills that runs or opening balances have made, for the machines of what is owed."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet, Sum
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from accounts.models import User
from community.core import clock
from community.core.errors import ActionError
from community.core.transitions import AlreadyMoved
from community.estates.models import Estate, Home
from services.fees.billing import actions
from services.fees.billing.late_fees.actions import charge_late_fees
from services.fees.books.actions import NewOpening, OpeningBill, Totals, open_books, undo_opening
from services.fees.models import Account, Bill, BillingRun, FeeItem, Opening, Payment, Refund
from services.fees.terms import months_from
from tests.services.fees.broken_off import BrokenOff
from tests.support.books import assert_in_balance
from tests.support.paying import give_back, take_payment

DAY = timedelta(days=1)
picks = st.integers(0, 99)


class BillSteps(BrokenOff):
    """Voids, pays, gives back, charges late fees, brings balances in and takes them back."""

    estate: Estate
    homes: list[Home]
    items: list[FeeItem]
    cashier: User
    manager: User

    def __init__(self) -> None:
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        # Fen that openings brought in and not took back.
        self.paid_ahead = 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    def tries(self, act: Callable[..., Any], *, row: Any = None, **given: Any) -> Any:
        """Does it; returns None for what is refused. ``row`` is what the act changes, if ``given`` does not say."""
        try:
            with transaction.atomic():
                return self.whole(lambda: act(**given), row, *given.values())
        except (ActionError, AlreadyMoved):
            return None

    def bill(self, pick: int) -> Bill | None:
        bills = list(Bill.objects.order_by("pk"))
        return bills[pick % len(bills)] if bills else None

    @rule(pick=picks, is_exempt=st.booleans())
    def void(self, pick: int, is_exempt: bool) -> None:
        if bill := self.bill(pick):
            given = {"bill": bill, "reason": "重复", "is_exempt": is_exempt}
            self.tries(actions.void_bill, by=self.cashier, now=clock.now(), **given)

    @rule(pick=picks)
    def again(self, pick: int) -> None:
        if bill := self.bill(pick):
            self.tries(actions.bill_again, bill=bill, by=self.cashier, now=clock.now())

    @rule(pick=picks)
    def void_run(self, pick: int) -> None:
        runs = list(BillingRun.objects.order_by("pk"))
        if runs:
            run = runs[pick % len(runs)]
            self.tries(actions.void_run, run=run, reason="算错", by=self.cashier, now=clock.now())

    @rule(pick=picks, part=st.integers(1, 9000), back=st.booleans())
    def pay(self, pick: int, part: int, back: bool) -> None:
        bill = self.bill(pick)
        if bill is None or bill.status != "open":
            return
        fen = min(part, bill.unpaid_fen)
        paid = take_payment(bill.home, {bill.pk: fen}, payer_name="王强", by=self.cashier)
        if back:
            give_back(paid, asks=self.cashier, agrees=self.manager)

    @rule(after=st.integers(0, 40))
    def late_fees(self, after: int) -> None:
        self.whole(lambda: charge_late_fees(now=clock.now() + after * DAY))

    @rule(
        home=picks,
        pick=picks,
        month=st.integers(1, 11),
        fen=st.integers(0, 30_000),
        ahead=st.integers(0, 900),
    )
    def open_balances(self, home: int, pick: int, month: int, fen: int, ahead: int) -> None:
        """Of one home, and of its neighbour: arrears of a month, and money paid ahead."""
        two = [self.homes[home % 3], self.homes[(home + 1) % 3]]
        item = self.items[pick % len(self.items)]
        bills = [OpeningBill(one, item, date(2026, month, 1), fen) for one in two if fen]
        prepaid = [(one, ahead) for one in two[:1] if ahead]
        new = NewOpening(self.estate, bills, prepaid, Totals(fen * len(bills), ahead))
        made = self.tries(lambda: open_books(new, by=self.cashier, now=clock.now()))
        self.paid_ahead += ahead if made else 0

    @rule(pick=picks)
    def undo_balances(self, pick: int) -> None:
        openings = list(Opening.objects.filter(status="booked").order_by("pk"))
        if not openings:
            return
        one = openings[pick % len(openings)]
        self.tries(undo_opening, opening=one, reason="导错", by=self.cashier, now=clock.now())
        one.refresh_from_db()
        if one.status == "undone":
            self.paid_ahead -= one.prepaid_fen
            assert not one.bills.exclude(status="voided").exists()

    @invariant()
    def the_books_agree(self) -> None:
        assert_in_balance()

    @invariant()
    def nothing_is_billed_twice(self) -> None:
        standing = Bill.objects.exclude(status="voided").values_list("home", "item", "subject", "period")
        assert len(standing) == len(set(standing))

    @invariant()
    def no_fen_is_lost(self) -> None:
        """Money in, less what went back, and what was paid ahead lie on bills and in prepayments."""
        came = _sum(Payment.objects.filter(status__in=Payment.RECEIVED), "amount_fen")
        went = _sum(Refund.objects.filter(booked_at__isnull=False), "amount_fen")
        on_bills = _sum(Bill.objects.all(), "paid_fen")
        held = _sum(Account.objects.filter(kind=Account.Kind.PREPAYMENT), "held_fen")
        assert came - went + self.paid_ahead == on_bills + held

    @invariant()
    def no_month_of_an_opening_is_billed_again(self) -> None:
        standing = list(Bill.objects.exclude(status="voided").exclude(late_fee__isnull=False))
        by_run = {
            (bill.home_id, bill.item_id, month)
            for bill in standing
            if bill.run_id
            for month in months_from(bill.period, bill.months)
        }
        opened = [(bill.home_id, bill.item_id, bill.period) for bill in standing if bill.opening_id]
        assert not by_run.intersection(opened)


def _sum(rows: QuerySet[Any], of: str) -> int:
    return rows.order_by().aggregate(fen=Sum(of))["fen"] or 0
