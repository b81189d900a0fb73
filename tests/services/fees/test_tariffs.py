"""Tariffs: from when they hold, and never into a month that is billed."""

from datetime import UTC, date, datetime

import pytest

from community.core.errors import ActionError, Forbidden
from community.core.models import AuditRecord
from services.fees.billing import actions
from services.fees.models import BillingRun, FeeItem, Tariff
from tests.community.admin_pages import signed_in
from tests.factories import (
    make_bill,
    make_cashier,
    make_home,
    make_item,
    make_staff,
)
from tests.support.by_two import agree_to_all

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
MONTH = date(2026, 11, 1)


def preview(item: FeeItem, **overrides) -> BillingRun:
    by = overrides.pop("by", None) or make_cashier(estate=item.estate)
    return actions.preview_run(item=item, by=by, **({"period": MONTH, "now": NOW} | overrides))


def set_tariff(item: FeeItem, **overrides) -> Tariff:
    asked = {"from_on": date(2026, 12, 1), "rate_hao": 25000, "now": NOW}
    by = overrides.pop("by", None) or make_cashier(estate=item.estate)
    return actions.set_tariff(item=item, by=by, **(asked | overrides))


def test_tariff__from_next_month__holds_from_there_and_is_recorded():
    item = make_item()
    set_tariff(item)
    assert item.tariff_for(MONTH).rate_hao == 23500
    assert item.tariff_for(date(2026, 12, 1)).rate_hao == 25000
    assert AuditRecord.objects.get(action="fees.tariff_set").detail["rate_hao"] == 25000


def test_tariff__same_day_again__corrects_it():
    item = make_item()
    set_tariff(item)
    set_tariff(item, rate_hao=26000)
    assert item.tariffs.get(from_on=date(2026, 12, 1)).rate_hao == 26000


def refused_tariff(item: FeeItem, **overrides) -> ActionError:
    before = list(Tariff.objects.values_list())
    with pytest.raises(ActionError) as refused:
        set_tariff(item, **overrides)
    assert str(refused.value.message)
    assert list(Tariff.objects.values_list()) == before
    return refused.value


@pytest.mark.parametrize("rate", [0, -1, 10_000_001])
def test_tariff__impossible_rate__names_the_field(rate: int):
    assert refused_tariff(make_item(), rate_hao=rate).field == "rate"


@pytest.mark.parametrize("day", [date(2024, 1, 1), date(2026, 10, 15), date(2026, 11, 1)])
def test_tariff__into_a_month_already_billed__names_the_field(day: date):
    bill = make_bill()
    assert refused_tariff(bill.item, from_on=day).field == "from_on"


def test_tariff__while_its_bills_are_being_made__names_the_field():
    item = make_item()
    make_home(estate=item.estate)
    run = preview(item)
    actions.start_run(run=run, by=run.begun_by, now=NOW)
    assert refused_tariff(item, from_on=MONTH).field == "from_on"


def test_tariff__of_a_fee_without_rates__names_the_field():
    assert refused_tariff(make_item(basis=FeeItem.Basis.SINGLE)).field == "item"


def test_tariff__by_a_cashier_of_another_estate__is_forbidden():
    with pytest.raises(Forbidden):
        set_tariff(make_item(), by=make_cashier())


def test_item__added_on_the_page__is_owed_by_all_and_asks_for_its_rate():
    cashier = make_cashier()
    estate = cashier.staff_roles.get().estate
    client = signed_in(cashier)
    given = {"estate": estate.pk, "name": "生活用水", "kind": "water", "every": "1", "due_days": "15"}
    answer = client.post("/staff/fees/items/", given | {"basis": "meter"})
    item = FeeItem.objects.get(estate=estate, name="生活用水")
    assert answer["Location"] == f"/staff/fees/items/{item.pk}/"
    assert (item.is_metered, item.reach, item.due_days, item.is_active) == (True, "all", 15, True)
    client.post(answer["Location"], {"rate": "3.25", "from_on": "2026-12-01"})
    assert not item.tariffs.exists()
    agree_to_all()
    assert item.tariffs.get().rate_hao == 32500
    assert AuditRecord.objects.get(action="fees.item_added").detail["name"] == "生活用水"
    again = client.post("/staff/fees/items/", given | {"basis": "share"})
    assert "name" in again.context["form"].errors
    yearly = client.post("/staff/fees/items/", given | {"name": "公摊电费", "basis": "share", "every": "12"})
    assert "every" in yearly.context["form"].errors
    assert FeeItem.objects.filter(estate=estate).count() == 1


def test_item__added_by_who_only_reads__is_refused():
    estate = make_home().estate
    client = signed_in(make_staff(role="auditor", estate=estate))
    assert "新增收费项目" not in client.get("/staff/fees/items/").content.decode()
    given = {
        "estate": estate.pk,
        "name": "垃圾费",
        "kind": "other",
        "basis": "home",
        "every": "1",
        "due_days": "30",
    }
    assert client.post("/staff/fees/items/", given).status_code == 403
    assert not FeeItem.objects.filter(estate=estate).exists()
