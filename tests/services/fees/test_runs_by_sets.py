"""Bills that the database makes from its own tables are the ones that Python would have made one by one."""

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError
from django.urls import reverse

from community.core import clock, money
from community.core.inserts import insert_rows
from community.estates.models import Home
from community.notifications.models import OutboxMessage
from services.common.models import ReferenceCounter
from services.common.references import next_references
from services.fees import tasks
from services.fees.billing import actions
from services.fees.billing.actions import bill_rows
from services.fees.models import Account, Bill, BillingRun, FeeItem, LedgerTransaction
from tests.factories import (
    make_bill,
    make_building,
    make_cashier,
    make_entrance,
    make_home,
    make_item,
    make_resident,
)
from tests.support.books import assert_in_balance

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
MONTH = date(2026, 11, 1)


def make_homes(item: FeeItem, areas_dm2: list[int]) -> list[Home]:
    entrance = make_entrance(building=make_building(estate=item.estate))
    homes = (
        Home(entrance=entrance, number=f"{number}", floor=1, area_dm2=area)
        for number, area in enumerate(areas_dm2)
    )
    return Home.objects.bulk_create(homes)


def started(item: FeeItem) -> BillingRun:
    cashier = make_cashier(estate=item.estate)
    run = actions.preview_run(item=item, period=MONTH, by=cashier, now=NOW)
    actions.start_run(run=run, by=cashier, now=NOW)
    return run


def finished(item: FeeItem) -> BillingRun:
    run = started(item)
    tasks.make_bills(run.pk)
    run.refresh_from_db()
    return run


# 0.5 fen and just below and above it, and an area times a rate that exceeds 32 bits.
@pytest.mark.parametrize("rate_hao", [1, 4999, 5000, 5001, 23500, 1_234_567])
def test_run__sums_on_the_half_fen__are_rounded_as_in_python(rate_hao: int) -> None:
    item = make_item(rate_hao=rate_hao)
    areas = [1, 2, 3, 5, 7, 101, 9850, 9999, 10_001, 1_500_000]
    homes = make_homes(item, areas)
    run = finished(item)
    expected = {home.pk: money.of_quantity(home.area_dm2 * 10, rate_hao) for home in homes}
    charged = {pk: fen for pk, fen in expected.items() if fen}
    assert dict(Bill.objects.values_list("home", "amount_fen")) == charged
    assert (run.seen, run.made, run.total_fen) == (len(homes), len(charged), sum(charged.values()))
    assert_in_balance()


def test_run__homes_of_0_fen__get_no_bill_and_are_not_offered_again() -> None:
    item = make_item(rate_hao=4999)
    nothing, something = make_homes(item, [1, 9850])
    run = finished(item)
    assert (run.status, run.seen, run.made) == ("done", 2, 1)
    assert Bill.objects.get().home == something
    forecast = actions.forecast_run(run)
    assert (forecast.reached, forecast.to_make, forecast.already, forecast.samples) == (2, 0, 1, [])
    assert not Account.objects.filter(home=nothing).exists()


def test_run__over_ten_thousand_bills_a_day__cuts_no_reference() -> None:
    item = make_item()
    today = clock.today(clock.now())
    ReferenceCounter.objects.create(estate=item.estate, letter="B", day=today, last=9_997)
    make_homes(item, [9850] * 4)
    finished(item)
    told = list(Bill.objects.order_by("home").values_list("reference", flat=True))
    assert told == [f"B-{today:%y%m%d}-{number}" for number in ("9998", "9999", "10000", "10001")]
    following = next_references(letter="B", estate=item.estate, on=today, count=1)
    assert following == [f"B-{today:%y%m%d}-10002"]


def test_run__reference_that_exists_already__fails_and_loses_no_bill_unseen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    item = make_item()
    make_homes(item, [9850] * 3)
    other = make_bill(home=make_home(estate=item.estate), item=make_item(estate=item.estate))
    prefix, _dash, number = other.reference.rpartition("-")
    taken = [f"{prefix}-{int(number) - 1 + more:04d}" for more in range(4)]
    run = started(item)
    monkeypatch.setattr(bill_rows, "next_references", lambda **asked: taken)
    with pytest.raises(IntegrityError):
        tasks.make_bills(run.pk)
    run.refresh_from_db()
    assert (run.status, Bill.objects.filter(item=item).count()) == ("failed", 0)
    monkeypatch.undo()
    actions.start_run(run=run, by=run.begun_by, now=NOW)
    tasks.make_bills(run.pk)
    assert Bill.objects.filter(item=item).count() == 4
    assert_in_balance()


def test_run__bill_voided_in_the_middle__needs_no_more_references_than_it_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    item = make_item()
    homes = make_homes(item, [9850] * 3)
    wrong = make_bill(home=homes[0], item=item, period=MONTH)
    run = started(item)

    def meanwhile(**asked) -> list[str]:
        given = next_references(**asked)
        actions.void_bill(bill=wrong, reason="面积错", by=make_cashier(estate=item.estate), now=NOW)
        # Taken by another at the same moment.
        next_references(**asked | {"count": 1})
        return given

    monkeypatch.setattr(bill_rows, "next_references", meanwhile)
    tasks.make_bills(run.pk)
    monkeypatch.undo()
    assert Bill.objects.filter(run=run).count() == 2
    assert finished(item).made == 1
    assert set(Bill.objects.filter(status="open").values_list("home", flat=True)) == {
        home.pk for home in homes
    }
    assert_in_balance()


def test_run__is_told_as_a_single_bill_would_be() -> None:
    item = make_item(name='物业费 "甲" 50%')
    lived_in, _empty = make_homes(item, [9850, 9850])
    resident = make_resident(home=lived_in)
    run = finished(item)
    bill = Bill.objects.get(home=lived_in)
    message = OutboxMessage.objects.get()
    assert message.recipient == resident
    assert message.params == {"what": '物业费 "甲" 50%', "month": "2026-11", "fen": 23148}
    assert message.url == reverse("bill", args=[bill.pk])
    assert (message.key, message.channel) == (f"billing:{run.pk}:{bill.pk}", "inbox")
    assert (message.status, message.tries, message.sent_at) == ("pending", 0, None)


def test_run__is_booked_as_a_single_bill_would_be() -> None:
    item = make_item()
    make_homes(item, [9850])
    single = make_bill(item=item, home=make_home(estate=item.estate), period=date(2026, 10, 1))
    Bill.objects.filter(pk=single.pk).update(period=MONTH)
    run = finished(item)
    bill = Bill.objects.get(run=run)
    booked = [
        [
            (
                entry.account.kind,
                entry.account.home_id == one.home_id,
                entry.account.item_id,
                entry.amount_fen,
            )
            for entry in LedgerTransaction.objects.get(key=f"bill:{one.pk}").entries.order_by("pk")
        ]
        for one in (bill, single)
    ]
    assert booked[0] == [("receivable", True, None, 23148), ("income", False, item.pk, -23148)]
    assert [line[:3] for line in booked[1]] == [line[:3] for line in booked[0]]
    change = bill.history.get()
    assert (change.from_status, change.to_status, change.actor) == ("", "open", run.begun_by)
    assert (change.reason, change.on_behalf_of) == ("", None)
    assert (bill.status, bill.paid_fen, bill.months, bill.subject, bill.words) == ("open", 0, 1, "", "")


def test_insert__unknown_field_or_constraint__is_refused() -> None:
    homes = Home.objects.all()
    with pytest.raises(ValueError, match="colour"):
        insert_rows(Bill, homes, {"colour": 1})
    with pytest.raises(ValueError, match="no unique constraint"):
        insert_rows(Bill, homes, {}, once="bill_positive")
