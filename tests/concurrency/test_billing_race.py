"""Bills that are made from several sides at the same moment: each stands there once."""

from contextlib import suppress
from threading import Barrier
from uuid import uuid4

import pytest

from community.core import clock
from community.core.errors import ActionError, Refusal
from community.estates.models import Home
from services.fees import actions, tasks
from services.fees.billing import actions as billing
from services.fees.billing.actions import batches, owed
from services.fees.models import Bill, BillingRun, FeeItem, LedgerTransaction
from tests.factories import make_bill, make_building, make_cashier, make_entrance, make_home, make_item
from tests.support.at_once import at_once
from tests.support.books import assert_in_balance

pytestmark = pytest.mark.django_db(transaction=True)


def running(item: FeeItem, homes: int) -> BillingRun:
    entrance = make_entrance(building=make_building(estate=item.estate))
    Home.objects.bulk_create(
        Home(entrance=entrance, number=f"{number}", floor=1, area_dm2=9850) for number in range(homes)
    )
    run = billing.preview_run(
        item=item,
        period=clock.today(clock.now()).replace(day=1),
        by=make_cashier(estate=item.estate),
        now=clock.now(),
    )
    BillingRun.objects.filter(pk=run.pk).update(status="running", progressed_at=clock.now())
    return run


def test_run__by_three_workers_at_once__makes_each_bill_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "SIZE", 7)
    run = running(make_item(), 60)
    assert at_once(*[lambda: tasks.make_bills(run.pk)] * 3) == ["ok"] * 3
    run.refresh_from_db()
    assert (run.status, run.made, run.seen, run.total_fen) == ("done", 60, 60, 60 * 23148)
    assert Bill.objects.values("home").distinct().count() == Bill.objects.count() == 60
    assert LedgerTransaction.objects.count() == 60
    assert_in_balance()


def test_run__without_looking_at_what_is_there__would_stop_at_the_constraint(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two who both believe that nothing was made yet: the database keeps one bill, the books one entry."""
    monkeypatch.setattr(owed, "existing_bills", lambda item, period: Bill.objects.none())
    run = running(make_item(), 40)
    assert at_once(*[lambda: tasks.make_bills(run.pk)] * 2) == ["ok"] * 2
    run.refresh_from_db()
    assert (run.made, Bill.objects.count(), LedgerTransaction.objects.count()) == (40, 40, 40)
    assert_in_balance()


def test_two_runs__two_fees_of_one_estate_at_once__hand_out_each_reference_once() -> None:
    first = make_item()
    runs = [running(first, 30), running(make_item(estate=first.estate), 0)]
    assert at_once(*[lambda run=run: tasks.make_bills(run.pk) for run in runs]) == ["ok", "ok"]
    assert Bill.objects.count() == Bill.objects.values("reference").distinct().count() == 60
    assert_in_balance()


def test_run__cashiers_charge_by_hand_meanwhile__all_bills_stand_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(batches, "SIZE", 7)
    run = running(make_item(), 60)
    homes = list(Home.objects.order_by("-pk"))

    def charge_some(cashier: int) -> None:
        for number in range(8):
            home = homes[8 * cashier + number]
            billing.charge(
                billing.Charge(
                    item_kind=FeeItem.Kind.OTHER,
                    estate=run.estate,
                    home=home,
                    subject=f"lock:{number}",
                    period=run.period,
                    amount_fen=1000,
                    words="换锁",
                    charged_to=None,
                ),
                by=None,
                now=clock.now(),
            )

    cashiers = [lambda number=number: charge_some(number) for number in range(2)]
    assert at_once(lambda: tasks.make_bills(run.pk), *cashiers) == ["ok"] * 3
    run.refresh_from_db()
    assert (run.status, run.made, Bill.objects.count()) == ("done", 60, 76)
    assert Bill.objects.values("reference").distinct().count() == 76
    assert_in_balance()


def test_preview__four_at_once__is_one_run() -> None:
    item = make_item()
    make_home(estate=item.estate)
    cashier, period = make_cashier(estate=item.estate), clock.today(clock.now()).replace(day=1)

    def look() -> None:
        billing.preview_run(item=item, period=period, by=cashier, now=clock.now())

    assert at_once(*[look] * 4) == ["ok"] * 4
    assert BillingRun.objects.count() == 1


def test_charge__four_at_once__is_one_bill() -> None:
    home = make_home()

    def charge() -> None:
        billing.charge(
            billing.Charge(
                item_kind=FeeItem.Kind.CARE,
                estate=home.estate,
                home=home,
                subject="care:1",
                period=clock.today(clock.now()),
                amount_fen=3500,
                words="助洁",
                charged_to=None,
            ),
            by=None,
            now=clock.now(),
        )

    assert at_once(*[charge] * 4) == ["ok"] * 4
    assert Bill.objects.count() == LedgerTransaction.objects.count() == 1
    assert_in_balance()


def test_bill__paid_by_two_who_only_looked__one_payment_is_lost() -> None:
    """The race is real: who reads what is left, then writes, overwrites the other's money."""
    bill = make_bill()
    met, handed_over = Barrier(2), []

    def naive() -> None:
        mine = Bill.objects.get(pk=bill.pk)
        met.wait(timeout=10)
        Bill.objects.filter(pk=bill.pk).update(paid_fen=mine.paid_fen + mine.unpaid_fen, status="settled")
        handed_over.append(mine.unpaid_fen)

    assert at_once(naive, naive) == ["ok", "ok"]
    bill.refresh_from_db()
    assert (sum(handed_over), bill.paid_fen) == (2 * bill.amount_fen, bill.amount_fen)


def test_run__voided_while_its_bills_are_paid__is_void_whole_or_not_at_all() -> None:
    run = running(make_item(), 6)
    tasks.make_bills(run.pk)
    run.refresh_from_db()
    cashier = run.begun_by

    def pay(bills: list[Bill]) -> None:
        for bill in bills:
            counter_payment = actions.CounterPayment(
                home=bill.home, amounts={bill.pk: 100}, payer=None, payer_name="王先生", key=uuid4()
            )
            with suppress(Refusal):
                actions.take_payment(counter_payment, extra_fen=0, by=cashier, now=clock.now())

    def void() -> None:
        with suppress(ActionError):
            billing.void_run(run=run, reason="单价用错了", by=cashier, now=clock.now())

    bills = list(Bill.objects.order_by("pk"))
    assert at_once(void, lambda: pay(bills[:3]), lambda: pay(bills[3:][::-1])) == ["ok"] * 3
    states = set(Bill.objects.values_list("status", flat=True))
    run.refresh_from_db()
    assert (states, run.status) in (({"voided"}, "voided"), ({"open"}, "done"))
    assert_in_balance()
