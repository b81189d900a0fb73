"""An opening balance and a run of a period that has its month, at the same moment: the home owes it once."""

import time
from typing import Any

import pytest

from community.core import clock
from community.estates.models import Home
from services.fees import tasks
from services.fees.billing import actions as billing
from services.fees.billing.actions import batches
from services.fees.books.actions import NewOpening, OpeningBill, Totals, open_books, openings
from services.fees.models import Bill, BillingRun
from tests.factories import make_cashier, make_home, make_item
from tests.support.at_once import at_once
from tests.support.books import assert_in_balance

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("slower", ["opening", "run"])
def test_opening_and_run__at_once__the_second_sees_the_first(
    slower: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = make_home()
    estate = home.entrance.building.estate
    # No constraint keeps the two apart: the balance is of the second month of the run's quarter.
    item = make_item(estate=estate, every=3)
    cashier, now = make_cashier(estate=estate), clock.now()
    first = item.period_of(clock.today(now))
    run = billing.preview_run(item=item, period=first, by=cashier, now=now)
    BillingRun.objects.filter(pk=run.pk).update(status="running", progressed_at=now)
    month = first.replace(month=first.month + 1)
    new = NewOpening(estate, [OpeningBill(Home.objects.get(), item, month, 9000)], [], Totals(9000, 0))
    _delay(monkeypatch, openings if slower == "opening" else batches)
    outcomes = at_once(lambda: open_books(new, by=cashier, now=clock.now()), lambda: tasks.make_bills(run.pk))
    standing = Bill.objects.exclude(status="voided")
    assert standing.count() == 1, outcomes
    assert outcomes == (["ok", "ok"] if standing.get().opening_id else ["billed_already", "ok"])
    assert_in_balance()


def _delay(monkeypatch: pytest.MonkeyPatch, module: Any) -> None:
    """Lets the other side come in between what one has looked at and what it writes."""
    name = "_post_bills" if module is batches else "_create_bills"
    genuine = getattr(module, name)

    def later(*args: Any, **named: Any) -> Any:
        time.sleep(0.4)
        return genuine(*args, **named)

    monkeypatch.setattr(module, name, later)
