"""Billing runs and tariffs on the cashier's pages."""

from datetime import date

import pytest
from django.test import Client

from accounts.models import StaffRole, User
from community.core import clock
from services.fees.billing import actions
from services.fees.models import Bill, BillingRun, FeeItem, Tariff
from tests.factories import make_bill, make_cashier, make_home, make_item, make_staff
from tests.support.by_two import agree_to_all

pytestmark = pytest.mark.django_db
Status = BillingRun.Status


@pytest.fixture
def item() -> FeeItem:
    home = make_home()
    make_home(entrance=home.entrance, area_dm2=7000)
    return make_item(estate=home.estate, name="物业费")


@pytest.fixture
def cashier(item: FeeItem) -> User:
    return make_cashier(estate=item.estate, name="吴燕")


@pytest.fixture
def client(cashier: User) -> Client:
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(cashier)
    return client


def preview(client: Client, item: FeeItem, period: str = "2024-06") -> BillingRun:
    response = client.post("/staff/fees/runs/", {"item": item.pk, "period": period})
    assert response.status_code == 302, response.content.decode()
    return BillingRun.objects.get()


def test_run__looked_at_first__counts_samples_and_nothing_made(client: Client, item: FeeItem) -> None:
    run = preview(client, item)
    page = client.get(f"/staff/fees/runs/{run.pk}/").content.decode()
    assert "98.50 m² × 2.35 元 × 1 月 = 231.48 元" in page
    assert "70.00 m² × 2.35 元 × 1 月 = 164.50 元" in page
    assert "¥395.98" in page
    assert "生成 2 笔账单" in page
    assert not Bill.objects.exists()


def test_run__confirmed__progress_then_the_bills(client: Client, item: FeeItem) -> None:
    run = preview(client, item)
    client.post(f"/staff/fees/runs/{run.pk}/start/")
    page = client.get(f"/staff/fees/runs/{run.pk}/").content.decode()
    assert '<progress class="bar-of" max="2" value="0"' in page
    assert "0 / 2</progress>" in page
    run.refresh_from_db()
    actions.make_bills(run=run)
    page = client.get(f"/staff/fees/runs/{run.pk}/live/").content.decode()
    assert "已生成 2 笔账单" in page
    listed = client.get(f"/staff/fees/bills/?estate={item.estate_id}&run={run.pk}")
    assert len(listed.context["bills"]) == 2


def test_run__twice__says_that_every_home_has_its_bill(client: Client, item: FeeItem) -> None:
    run = preview(client, item)
    client.post(f"/staff/fees/runs/{run.pk}/start/")
    run.refresh_from_db()
    actions.make_bills(run=run)
    response = client.post("/staff/fees/runs/", {"item": item.pk, "period": "2024-06"})
    assert response.status_code == 422
    assert response.context["form"].errors["period"]
    assert 'value="2024-06"' in response.content.decode()
    assert Bill.objects.count() == 2


def test_run__dropped__makes_nothing(client: Client, item: FeeItem) -> None:
    run = preview(client, item)
    client.post(f"/staff/fees/runs/{run.pk}/drop/")
    run.refresh_from_db()
    assert run.status == Status.DROPPED
    assert not Bill.objects.exists()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"period": ""}, "period"),
        ({"period": "soon"}, "period"),
        ({"period": "2024-13"}, "period"),
        ({"period": "2099-01"}, "period"),
        ({"period": "2020-01"}, "period"),
        ({"item": ""}, "item"),
        ({"item": "999999"}, "item"),
    ],
)
def test_run__bad_input__named_and_nothing_kept(
    given: dict[str, str], field: str, client: Client, item: FeeItem
) -> None:
    response = client.post("/staff/fees/runs/", {"item": str(item.pk), "period": "2024-06"} | given)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert not BillingRun.objects.exists()


def test_run__an_item_of_another_estate__refused(client: Client) -> None:
    response = client.post("/staff/fees/runs/", {"item": make_item().pk, "period": "2024-06"})
    assert list(response.context["form"].errors) == ["item"]


def test_run__by_who_only_looks__forbidden(item: FeeItem) -> None:
    client = Client()
    client.force_login(make_staff(role=StaffRole.Role.AUDITOR, estate=item.estate))
    assert client.get("/staff/fees/runs/").status_code == 200
    assert client.post("/staff/fees/runs/", {"item": item.pk, "period": "2024-06"}).status_code == 403


# -- Tariffs


def test_tariff__set_from_a_month__in_the_history(client: Client, item: FeeItem) -> None:
    response = client.post(f"/staff/fees/items/{item.pk}/", {"rate": "2.555", "from_on": "2026-12"})
    assert response.status_code == 302
    agree_to_all()
    assert Tariff.objects.get(from_on=date(2026, 12, 1)).rate_hao == 25550
    page = client.get(f"/staff/fees/items/{item.pk}/").content.decode()
    assert "2.555" in page
    assert "2.35" in page
    assert "现行" in page


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"rate": "0"}, "rate"),
        ({"rate": ""}, "rate"),
        ({"rate": "abc"}, "rate"),
        ({"rate": "-1"}, "rate"),
        ({"rate": "99999"}, "rate"),
        ({"rate": "1.23456"}, "rate"),
        ({"from_on": ""}, "from_on"),
        ({"from_on": "2024-99"}, "from_on"),
    ],
)
def test_tariff__bad_input__named_and_nothing_kept(
    given: dict[str, str], field: str, client: Client, item: FeeItem
) -> None:
    asked = {"rate": "2.5", "from_on": "2026-12"} | given
    response = client.post(f"/staff/fees/items/{item.pk}/", asked)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    typed = {name: value for name, value in asked.items() if value}
    assert all(f'value="{value}"' in response.content.decode() for value in typed.values())
    assert Tariff.objects.count() == 1


def test_tariff__into_a_month_with_bills__named(client: Client, item: FeeItem) -> None:
    make_bill(item=item, home=make_home(estate=item.estate), period=date(2026, 11, 1), now=clock.now())
    response = client.post(f"/staff/fees/items/{item.pk}/", {"rate": "2.5", "from_on": "2026-11"})
    assert list(response.context["form"].errors) == ["from_on"]


def test_tariff__of_another_estate__not_found(client: Client) -> None:
    assert client.get(f"/staff/fees/items/{make_item().pk}/").status_code == 404
