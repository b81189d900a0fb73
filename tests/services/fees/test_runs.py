"""The bills of a month: previewed, made once, whoever else makes bills at the same moment."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext

from accounts.models import Residency, StaffRole
from community.core import clock
from community.core.errors import ActionError, Forbidden
from community.core.models import AuditRecord
from community.estates.models import Home
from community.notifications.models import LiveTopic, OutboxMessage
from services.common.references import next_references
from services.fees import tasks
from services.fees.billing import actions as billing
from services.fees.billing.actions import batches, bill_rows, runs
from services.fees.models import Bill, BillingRun, Entry, FeeItem, LedgerTransaction, Tariff
from tests.factories import (
    make_bill,
    make_building,
    make_cashier,
    make_entrance,
    make_estate,
    make_home,
    make_item,
    make_residency,
    make_resident,
    make_staff,
)
from tests.support.books import assert_in_balance

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
MONTH = date(2026, 11, 1)


def make_homes(count: int, *, estate=None) -> list[Home]:
    entrance = make_entrance(building=make_building(estate=estate or make_estate()))
    homes = [
        Home(entrance=entrance, number=f"{number}", floor=1, area_dm2=5000 + number)
        for number in range(count)
    ]
    return Home.objects.bulk_create(homes)


def preview(item: FeeItem, **overrides) -> BillingRun:
    by = overrides.pop("by", None) or make_cashier(estate=item.estate)
    return billing.preview_run(item=item, by=by, **({"period": MONTH, "now": NOW} | overrides))


def run_through(item: FeeItem, **overrides) -> BillingRun:
    run = preview(item, **overrides)
    billing.start_run(run=run, by=run.begun_by, now=NOW)
    tasks.make_bills(run.pk)
    run.refresh_from_db()
    return run


def test_preview__counts_without_making_anything():
    item = make_item()
    homes = make_homes(7, estate=item.estate)
    make_bill(home=homes[0], item=item)
    run = preview(item)
    forecast = billing.forecast_run(run)
    assert (forecast.reached, forecast.already, forecast.to_make) == (7, 1, 6)
    assert forecast.total_fen == sum((2 * home.area_dm2 * 23500 + 10000) // 20000 for home in homes[1:])
    assert [sample.home for sample in forecast.samples] == homes[1:6]
    assert (run.status, run.homes, run.total_fen) == ("preview", 7, forecast.total_fen)
    assert Bill.objects.count() == 1


def test_preview__again__counts_anew_in_the_same_run():
    item = make_item()
    make_homes(2, estate=item.estate)
    first = preview(item)
    make_homes(1, estate=item.estate)
    again = preview(item)
    assert (again.pk, again.homes) == (first.pk, 3)


@pytest.mark.parametrize(("verb", "status"), [("start_run", "running"), ("drop_run", "dropped")])
def test_preview__of_a_run_that_is_started_or_dropped_meanwhile__leaves_it_so(
    verb: str, status: str, monkeypatch: pytest.MonkeyPatch
):
    item = make_item()
    make_homes(2, estate=item.estate)
    first = preview(item)
    forecast_run = runs.forecast_run

    def while_somebody_acts(run: BillingRun) -> runs.Forecast:
        forecast = forecast_run(run)
        other = BillingRun.objects.get(pk=first.pk)
        getattr(billing, verb)(run=other, by=first.begun_by, now=NOW)
        return forecast

    monkeypatch.setattr(runs, "forecast_run", while_somebody_acts)
    with pytest.raises(ActionError) as refused:
        preview(item)
    assert refused.value.code == "run_under_way"
    assert BillingRun.objects.get().status == status


def test_run__by_area__makes_a_bill_of_its_sum_for_each_home():
    item = make_item()
    home = make_home(estate=item.estate)
    run = run_through(item)
    bill = Bill.objects.get()
    assert (bill.home, bill.amount_fen, bill.months) == (home, 23148, 1)
    line = bill.lines.get()
    assert (line.quantity_milli, line.unit, line.rate_hao, line.amount_fen) == (98500, "m2", 23500, 23148)
    assert (line.from_on, line.to_on, line.days) == (date(2026, 11, 1), date(2026, 11, 30), None)
    made_on = clock.today(bill.created_at)
    assert (bill.reference, bill.due_on, bill.run) == (f"B-{made_on:%y%m%d}-0001", date(2026, 12, 30), run)
    assert bill.history.get().to_status == "open"
    assert (run.status, run.seen, run.made, run.total_fen) == ("done", 1, 1, 23148)
    assert AuditRecord.objects.filter(action="fees.run_started", actor=run.begun_by).exists()
    assert_in_balance()


def test_run__fixed_rate__is_the_same_for_each_home():
    item = make_item(basis=FeeItem.Basis.HOME, rate_hao=80000)
    make_homes(3, estate=item.estate)
    run_through(item)
    assert set(Bill.objects.values_list("amount_fen", "lines__unit", "lines__rate_hao")) == {
        (800, "home", 80000)
    }
    assert_in_balance()


def test_run__rate_that_changes_in_the_month__has_a_line_for_each_part():
    item = make_item()
    make_home(estate=item.estate)
    for from_on, rate in ((date(2026, 11, 11), 30000), (date(2026, 10, 1), 25000)):
        Tariff.objects.create(item=item, from_on=from_on, rate_hao=rate)
    run_through(item)
    lines = Bill.objects.get().lines.values_list("rate_hao", "days", "of_days", "amount_fen")
    # 98.50 m² × 2.50 yuan × 10/30 and 98.50 m² × 3.00 yuan × 20/30.
    assert list(lines) == [(25000, 10, 30, 8208), (30000, 20, 30, 19700)]
    assert Bill.objects.get().amount_fen == 8208 + 19700
    assert_in_balance()


def test_run__tells_each_resident_once_and_the_open_pages():
    item = make_item(estate=make_estate(tenants_pay=True))
    home = make_home(estate=item.estate)
    owner, tenant = make_resident(home=home), make_resident(home=home, kind=Residency.Kind.TENANT)
    make_residency(user=owner, home=make_home(estate=item.estate))
    gone = make_residency(user=make_resident(), home=home, status=Residency.Status.ENDED)
    run = run_through(item)
    told = OutboxMessage.objects.filter(template="bill_made")
    assert sorted(told.values_list("recipient", flat=True)) == sorted([owner.pk, owner.pk, tenant.pk])
    assert set(told.values_list("channel", flat=True)) == {"inbox"}
    assert not told.filter(recipient=gone.user).exists()
    assert LiveTopic.objects.filter(name=run.live_topic).exists()


def test_run__twice__makes_nothing_twice():
    item = make_item()
    make_homes(5, estate=item.estate)
    run = run_through(item)
    with pytest.raises(ActionError) as refused:
        preview(item)
    assert (refused.value.code, refused.value.field) == ("nothing_to_bill", "period")
    run.status = "running"
    billing.make_bills(run=run)
    tasks.make_bills(run.pk)
    assert Bill.objects.count() == 5
    assert_in_balance()


def test_run__after_one_bill_was_voided__makes_that_one():
    item = make_item()
    make_homes(5, estate=item.estate)
    run_through(item)
    wrong = Bill.objects.first()
    billing.void_bill(bill=wrong, reason="面积错", by=make_cashier(estate=item.estate), now=NOW)
    run = run_through(item)
    assert run.made == 1
    assert Bill.objects.open().filter(home=wrong.home).count() == 1
    assert_in_balance()


def test_run__homes_of_other_estates__are_left_alone():
    item = make_item()
    make_home(estate=item.estate)
    elsewhere = make_home()
    run_through(item)
    assert not Bill.objects.filter(home=elsewhere).exists()


def test_run__more_homes__takes_no_more_queries_a_batch(django_assert_max_num_queries, monkeypatch):
    from django.db import connection

    counts = []
    for homes in (10, batches.SIZE):
        item = make_item()
        made = make_homes(homes, estate=item.estate)
        make_residency(user=make_resident(), home=made[0])
        run = preview(item)
        billing.start_run(run=run, by=run.begun_by, now=NOW)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            tasks.make_bills(run.pk)
        counts.append(len(queries))
    # SQLite puts at most so many values into one INSERT; PostgreSQL takes all at once.
    inserts = 0 if connection.vendor == "postgresql" else 40
    assert counts[1] <= counts[0] + inserts
    assert counts[0] < 45


def test_run__in_several_batches__counts_its_progress(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(batches, "SIZE", 3)
    item = make_item()
    make_homes(8, estate=item.estate)
    run = run_through(item)
    assert (run.seen, run.made) == (8, 8)
    assert LiveTopic.objects.get(name=run.live_topic).number >= 4
    assert_in_balance()


def test_run__cut_off_between_batches__goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(batches, "SIZE", 3)
    item = make_item()
    make_homes(8, estate=item.estate)
    run = preview(item)
    billing.start_run(run=run, by=run.begun_by, now=NOW)
    real, calls = batches.make_batch, []

    def cut(*args, **kwargs):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(*args, **kwargs)

    monkeypatch.setattr(batches, "make_batch", cut)
    with pytest.raises(KeyboardInterrupt):
        tasks.make_bills(run.pk)
    assert Bill.objects.count() == 3
    assert_in_balance()
    run.refresh_from_db()
    assert (run.status, run.seen, run.made) == ("running", 3, 3)
    assert billing.runs_to_resume(clock.now() + timedelta(minutes=2)) == [run]
    BillingRun.objects.update(progressed_at=NOW - timedelta(days=1))
    assert tasks.resume_billing() == 1
    run.refresh_from_db()
    assert (run.status, run.seen, run.made, Bill.objects.count()) == ("done", 8, 8, 8)
    assert_in_balance()


def test_run__that_fails__says_so_and_can_be_begun_again(monkeypatch: pytest.MonkeyPatch):
    item = make_item()
    make_homes(2, estate=item.estate)
    run = preview(item)
    billing.start_run(run=run, by=run.begun_by, now=NOW)
    with monkeypatch.context() as broken:
        broken.setattr(batches, "_post_bills", lambda *args, **kwargs: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            tasks.make_bills(run.pk)
    run.refresh_from_db()
    assert (run.status, Bill.objects.count()) == ("failed", 0)
    billing.start_run(run=run, by=run.begun_by, now=NOW)
    tasks.make_bills(run.pk)
    assert Bill.objects.count() == 2
    assert_in_balance()


def test_run__bill_made_by_another_in_the_middle__is_neither_made_nor_booked_twice(
    monkeypatch: pytest.MonkeyPatch,
):
    item = make_item()
    homes = make_homes(4, estate=item.estate)
    run = preview(item)
    billing.start_run(run=run, by=run.begun_by, now=NOW)

    def meanwhile(**asked):
        make_bill(home=homes[1], item=item, amount_fen=777)
        return next_references(**asked)

    monkeypatch.setattr(bill_rows, "next_references", meanwhile)
    tasks.make_bills(run.pk)
    run.refresh_from_db()
    assert (run.made, Bill.objects.count()) == (3, 4)
    assert run.total_fen == Bill.objects.filter(run=run).aggregate(fen=Sum("amount_fen"))["fen"]
    assert LedgerTransaction.objects.count() == 4
    assert Entry.objects.count() == 8
    assert_in_balance()


def test_start__twice__is_begun_once():
    item = make_item()
    make_home(estate=item.estate)
    run = preview(item)
    for _n in range(2):
        billing.start_run(run=run, by=run.begun_by, now=NOW)
    assert run.history.filter(to_status="running").count() == 1


def test_start__tariff_changed_since_the_preview__is_refused():
    item = make_item()
    make_home(estate=item.estate)
    run = preview(item)
    billing.set_tariff(item=item, from_on=MONTH, rate_hao=25000, by=run.begun_by, now=NOW)
    with pytest.raises(ActionError) as refused:
        billing.start_run(run=run, by=run.begun_by, now=NOW)
    assert refused.value.code == "tariff_changed"
    assert (BillingRun.objects.get().status, Bill.objects.count()) == ("preview", 0)


def test_drop__preview__makes_room_for_another():
    item = make_item()
    make_home(estate=item.estate)
    run = preview(item)
    billing.drop_run(run=run, by=run.begun_by, now=NOW)
    assert preview(item).pk != run.pk


# -- Bad input.


def refused_preview(item: FeeItem, **overrides) -> ActionError:
    with pytest.raises(ActionError) as refused:
        preview(item, **overrides)
    assert str(refused.value.message)
    assert not BillingRun.objects.filter(status="preview").exists()
    assert not Bill.objects.exists()
    return refused.value


def test_preview__without_a_tariff__names_the_field():
    item = make_item(rate_hao=None)
    make_home(estate=item.estate)
    assert refused_preview(item).field == "period"


def test_preview__month_before_the_first_tariff__names_the_field():
    item = make_item()
    make_home(estate=item.estate)
    assert refused_preview(item, period=date(2020, 1, 1)).field == "period"


@pytest.mark.parametrize("period", [date(2027, 1, 1), date(2099, 12, 1)])
def test_preview__impossible_month__names_the_field(period: date):
    item = make_item()
    make_home(estate=item.estate)
    assert refused_preview(item, period=period).field == "period"


@pytest.mark.parametrize("overrides", [{"basis": FeeItem.Basis.SINGLE}, {"is_active": False}])
def test_preview__fee_that_is_not_billed_in_runs__names_the_field(overrides):
    item = make_item(**overrides)
    make_home(estate=item.estate)
    assert refused_preview(item).field == "item"


def test_preview__estate_without_homes__names_the_field():
    assert refused_preview(make_item()).field == "period"


def test_preview__while_it_is_being_made__names_the_field():
    item = make_item()
    make_home(estate=item.estate)
    run = preview(item)
    billing.start_run(run=run, by=run.begun_by, now=NOW)
    assert refused_preview(item).code == "run_under_way"


@pytest.mark.parametrize("role", [StaffRole.Role.FRONT_DESK, StaffRole.Role.AUDITOR])
def test_preview__by_who_only_reads__is_forbidden(role: str):
    item = make_item()
    with pytest.raises(Forbidden):
        preview(item, by=make_staff(role=role, estate=item.estate))
