"""The cashier's counter and lists: what is typed, what is refused, and what the books say after."""

import io
import re
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from accounts.models import StaffRole
from community.core import clock
from community.core.models import AuditRecord
from community.estates.models import Home
from services.fees.models import Account, Bill, Payment, Refund
from tests.factories import (
    make_bill,
    make_cashier,
    make_home,
    make_item,
    make_payment,
    make_resident,
    make_roster_entry,
    make_staff,
)
from tests.support.backing import forget_kept
from tests.support.books import assert_in_balance
from tests.support.paying import take_payment

pytestmark = pytest.mark.django_db
LATE = date(2024, 3, 1)


def typed(bills: list[Bill], **overrides: Any) -> dict[str, Any]:
    """What the form sends as it stands: everything ticked, with what is owed."""
    given: dict[str, Any] = {"key": str(uuid4()), "extra": "", "payer": "other", "payer_name": "陈志强"}
    for bill in bills:
        given |= {f"tick_{bill.pk}": "on", f"amount_{bill.pk}": f"{bill.unpaid_fen / 100:.2f}"}
    return given | overrides


# -- Finding the home


@pytest.mark.parametrize("words", ["address", "phone", "name", "roster phone", "roster name"])
def test_search__one_home__opened(words: str, home: Home, client: Client) -> None:
    resident = make_resident(home=home, name="王秀英")
    entry = make_roster_entry(home=home, name="陈志强")
    building, entrance = home.entrance.building.name, home.entrance.name
    said = {
        "address": f"{building.removesuffix('号楼')}-{entrance.removesuffix('单元')}-{home.number}",
        "phone": resident.phone.removeprefix("+86"),
        "name": "王秀",
        "roster phone": entry.phone.removeprefix("+86"),
        "roster name": "陈志强",
    }[words]
    response = client.post("/staff/fees/", {"words": said})
    assert response["Location"] == f"/staff/fees/homes/{home.pk}/"


def test_search__several__listed_with_what_they_owe(home: Home, client: Client) -> None:
    other = make_home(estate=home.estate)
    make_bill(home=home)
    for one in (home, other):
        make_resident(home=one, name="王秀英")
    page = client.post("/staff/fees/", {"words": "王"}).content.decode()
    assert "¥231.48" in page
    assert "不欠" in page


def test_search__another_estates_home__not_found(client: Client) -> None:
    make_resident(home=make_home(), name="钱远")
    assert "没有找到" in client.post("/staff/fees/", {"words": "钱远"}).content.decode()


def test_search__nothing_typed__named(client: Client) -> None:
    response = client.post("/staff/fees/", {"words": " "})
    assert response.status_code == 422
    assert "请填要找的人或房号" in response.content.decode()


# -- Taking cash


def test_payer__offered_from_residents_and_roster__is_on_the_receipt(home: Home, client: Client) -> None:
    make_resident(home=home, name="李国强", kind="tenant")
    owner = make_resident(home=home, name="王秀英")
    entry = make_roster_entry(home=home, name="陈志强", kind="owner")
    make_roster_entry(home=home, name="王秀英")
    bill, url = make_bill(home=home), f"/staff/fees/homes/{home.pk}/"
    page = client.get(url).content.decode()
    offered = re.findall(r'name="payer" value="([^"]+)"', page)
    assert offered[0] == str(owner.pk)
    assert len(offered) == 4
    said = re.findall(r"<b>([^<]+)</b><span class=\"sub\">([^<]+)</span>", page)
    assert said[:3] == [("王秀英", "业主"), ("李国强", "租户"), ("陈志强", "业主")]
    client.post(url, typed([bill], payer=f"roster-{entry.pk}", payer_name="", yes="1"))
    paid = Payment.objects.get()
    assert (paid.payer, paid.payer_name) == (None, "陈志强")


def test_counter__prepayment__says_how_much_of_it_can_be_used(home: Home, client: Client) -> None:
    resident = make_resident(home=home, name="王秀英")
    make_bill(home=home, amount_fen=5000)
    take_payment(home, {}, extra_fen=7000)
    page = client.get(f"/staff/fees/homes/{home.pk}/").content.decode()
    assert "¥70.00" in page
    assert "其中 ¥50.00 现在可用" in page
    for mode in ("standard", "large"):
        client.force_login(resident)
        own = client.get(f"/fees/?mode={mode}").content.decode()
        assert "预存款 ¥70.00，其中 ¥50.00" in own


def test_cash__confirmed__settled_with_receipt(home: Home, client: Client) -> None:
    resident = make_resident(home=home, name="王秀英")
    bill = make_bill(home=home)
    given = typed([bill], payer=str(resident.pk))
    asked = client.post(f"/staff/fees/homes/{home.pk}/", given).content.decode()
    assert "收 ¥231.48？" in asked
    assert "贰佰叁拾壹元肆角捌分" in asked
    assert not Payment.objects.exists()
    response = client.post(f"/staff/fees/homes/{home.pk}/", given | {"yes": "1"})
    payment = Payment.objects.get()
    assert response["Location"] == f"/staff/fees/payments/{payment.pk}/"
    assert (payment.payer, payment.channel, payment.amount_fen) == (resident, "cash", 23148)
    assert "打印收据" in client.get(response["Location"]).content.decode()
    bill.refresh_from_db()
    assert bill.status == Bill.Status.SETTLED
    # The same page sent again takes nothing twice.
    again = client.post(f"/staff/fees/homes/{home.pk}/", given | {"yes": "1"})
    assert again["Location"] == response["Location"]
    assert Payment.objects.count() == 1
    assert_in_balance()


def test_cash__no_on_the_next_page__back_with_what_was_typed(home: Home, client: Client) -> None:
    bills = [make_bill(home=home), make_bill(home=home)]
    given = typed(bills, **{f"amount_{bills[0].pk}": "100.00"}, extra="12.34")
    del given[f"tick_{bills[1].pk}"]
    asked = client.post(f"/staff/fees/homes/{home.pk}/", given).content.decode()
    assert 'name="no"' in asked
    back = client.post(f"/staff/fees/homes/{home.pk}/", given | {"no": "1"})
    page = back.content.decode()
    assert back.status_code == 200
    for name, value in ((f"amount_{bills[0].pk}", "100.00"), ("payer_name", "陈志强"), ("extra", "12.34")):
        assert re.search(rf'name="{name}"[^>]*value="{value}"', page), name
    assert re.search(rf'name="tick_{bills[0].pk}"[^>]*checked', page)
    assert not re.search(rf'name="tick_{bills[1].pk}"[^>]*checked', page)
    assert given["key"] in page
    # What stands there was typed: no news may be written over it.
    assert "data-live-hold" in page
    assert "data-live-hold" not in client.get(f"/staff/fees/homes/{home.pk}/").content.decode()
    assert "data-live-hold" not in client.get(f"/staff/fees/homes/{home.pk}/live/").content.decode()
    assert not Payment.objects.exists()


def test_cash__a_bill_is_paid_by_phone_before_the_yes__nothing_is_booked_and_it_is_shown(
    home: Home, client: Client
) -> None:
    first, second = (make_bill(home=home, period=date(2024, month, 1)) for month in (3, 4))
    given = typed([first, second])
    assert 'name="fen" value="46296"' in client.post(f"/staff/fees/homes/{home.pk}/", given).content.decode()
    make_payment(bills=[first], paid=True)
    answers = (
        client.post(f"/staff/fees/homes/{home.pk}/", given | {"yes": "1", "fen": "46296"}),
        client.post(f"/staff/fees/homes/{home.pk}/", given),
    )
    for answer in answers:
        assert answer.status_code == 422
        page = answer.content.decode()
        assert "金额刚有变动" in page
        assert f"tick_{first.pk}" not in page
        assert f'name="amount_{second.pk}"' in page
    assert not Payment.objects.filter(channel="cash").exists()
    assert_in_balance()


def test_cash__another_sum_than_was_shown__is_not_booked(home: Home, client: Client) -> None:
    given = typed([make_bill(home=home)]) | {"yes": "1", "fen": "46296"}
    answer = client.post(f"/staff/fees/homes/{home.pk}/", given)
    assert answer.status_code == 422
    assert "金额刚有变动" in answer.content.decode()
    assert not Payment.objects.exists()


def test_cash__in_part_and_more__part_is_left_and_the_rest_is_prepayment(home: Home, client: Client) -> None:
    first, second = (make_bill(home=home, period=date(2024, month, 1)) for month in (3, 4))
    given = typed([first, second], extra="50") | {f"amount_{second.pk}": "100"}
    assert "部分缴纳，共欠 ¥231.48" in client.post(f"/staff/fees/homes/{home.pk}/", given).content.decode()
    client.post(f"/staff/fees/homes/{home.pk}/", given | {"yes": "1"})
    second.refresh_from_db()
    assert second.unpaid_fen == 13148
    assert Account.objects.get(kind="prepayment").held_fen == 5000
    assert Payment.objects.get().payer_name == "陈志强"
    assert "预存款：¥50.00" in client.get(f"/staff/fees/homes/{home.pk}/").content.decode()
    assert_in_balance()


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("0", "请填大于 0 的金额"),
        ("", "请填大于 0 的金额"),
        ("231.49", "只欠 ¥231.48"),
        ("abc", "请填数字，例如 231.48"),
        ("1.234", "小数点后最多 2 位"),
        ("-5", "请填数字，例如 231.48"),
    ],
)
def test_cash__bad_amount__named_and_kept(amount: str, said: str, home: Home, client: Client) -> None:
    bill = make_bill(home=home)
    given = typed([bill]) | {f"amount_{bill.pk}": amount, "yes": "1"}
    response = client.post(f"/staff/fees/homes/{home.pk}/", given)
    assert response.status_code == 422
    page = response.content.decode()
    assert said in page
    assert f'value="{amount}"' in page
    assert "陈志强" in page
    assert not Payment.objects.exists()


def test_cash__nothing_ticked__named(home: Home, client: Client) -> None:
    bill = make_bill(home=home)
    given = typed([]) | {f"amount_{bill.pk}": "231.48"}
    response = client.post(f"/staff/fees/homes/{home.pk}/", given)
    assert response.status_code == 422
    assert "请勾选账单" in response.content.decode()


def test_cash__a_token_that_is_none__takes_nothing(home: Home, client: Client) -> None:
    given = typed([make_bill(home=home)], key="none") | {"yes": "1"}
    assert client.post(f"/staff/fees/homes/{home.pk}/", given).status_code == 422
    assert not Payment.objects.exists()


def test_cash__nobody_named_as_payer__named(home: Home, client: Client) -> None:
    response = client.post(f"/staff/fees/homes/{home.pk}/", typed([make_bill(home=home)], payer_name=" "))
    assert response.status_code == 422
    assert "请填写交款人" in response.content.decode()


def test_cash__a_bill_of_another_home__is_not_taken(home: Home, client: Client) -> None:
    foreign = make_bill(home=make_home(estate=home.estate))
    response = client.post(f"/staff/fees/homes/{home.pk}/", typed([foreign]) | {"yes": "1"})
    assert response.status_code == 422
    assert not Payment.objects.exists()


def test_cash__by_who_only_looks__forbidden(home: Home) -> None:
    client = Client()
    client.force_login(make_staff(role=StaffRole.Role.FRONT_DESK, estate=home.estate))
    bill = make_bill(home=home)
    assert "data-amount" not in client.get(f"/staff/fees/homes/{home.pk}/").content.decode()
    assert client.post(f"/staff/fees/homes/{home.pk}/", typed([bill]) | {"yes": "1"}).status_code == 403
    assert not Payment.objects.exists()


# -- Back and void


def test_refund__without_a_reason__named(home: Home, client: Client) -> None:
    payment = make_payment(bills=[make_bill(home=home)], paid=True)
    response = client.post(f"/staff/fees/payments/{payment.pk}/refund/", {"reason": " "})
    assert response.status_code == 422
    assert response.context["form"].errors["reason"]
    assert not Refund.objects.exists()


def test_refund__with_a_reason__bills_are_open_again(home: Home, client: Client) -> None:
    payment = make_payment(bills=[make_bill(home=home)], paid=True)
    client.post(f"/staff/fees/payments/{payment.pk}/refund/", {"reason": "重复缴费"})
    refund = Refund.objects.get()
    assert (refund.reason, Bill.objects.open().count()) == ("重复缴费", 0)
    second = Client()
    second.force_login(make_cashier(estate=home.estate))
    second.post(f"/staff/fees/refunds/{refund.pk}/approve/")
    assert Bill.objects.open().count() == 1
    assert "重复缴费" in client.get(f"/staff/fees/payments/{payment.pk}/").content.decode()
    assert_in_balance()


def test_void__with_a_reason__paid_part_becomes_prepayment(home: Home, client: Client) -> None:
    bill = make_bill(home=home)
    assert client.post(f"/staff/fees/bills/{bill.pk}/void/", {"reason": ""}).status_code == 422
    client.post(f"/staff/fees/bills/{bill.pk}/void/", {"reason": "面积登记错了"})
    bill.refresh_from_db()
    assert bill.status == Bill.Status.VOIDED
    assert "面积登记错了" in client.get(f"/staff/fees/bills/{bill.pk}/").content.decode()
    assert_in_balance()


# -- Lists and sheets


def test_takings__by_way_and_one_by_one(home: Home, client: Client) -> None:
    client.post(f"/staff/fees/homes/{home.pk}/", typed([make_bill(home=home)]) | {"yes": "1"})
    make_payment(bills=[make_bill(home=home)], paid=True)
    page = client.get("/staff/fees/takings/").content.decode()
    assert "¥462.96" in page
    assert "陈志强" in page
    yesterday = clock.today(clock.now()) - timedelta(days=1)
    assert "还没有。" in client.get(f"/staff/fees/takings/?day={yesterday}").content.decode()


def test_takings_sheet__defuses_formulas_and_is_on_record(home: Home, client: Client) -> None:
    given = typed([make_bill(home=home)], payer_name="=1+1") | {"yes": "1"}
    client.post(f"/staff/fees/homes/{home.pk}/", given)
    response = client.get("/staff/fees/takings.xlsx")
    rows = list(load_workbook(io.BytesIO(response.content)).active.values)  # type: ignore[union-attr]
    assert rows[1][3] == "'=1+1"
    assert rows[1][6] == 231.48
    assert AuditRecord.objects.filter(action__startswith="export.takings").exists()


def test_arrears__late_homes_only__filtered_and_exported(home: Home, client: Client) -> None:
    item = make_item(estate=home.estate)
    for month in (3, 4, 5):
        make_bill(home=home, item=item, period=date(2024, month, 1))
    other = make_home(estate=home.estate)
    make_bill(home=other, item=item, period=LATE)
    make_bill(home=make_home(estate=home.estate), item=item, period=clock.today(clock.now()).replace(day=1))
    page = client.get("/staff/fees/arrears/")
    assert [one.late_bills for one, _contact, _marked in page.context["homes"]] == [3, 1]
    total = page.context["total"]
    assert (total["late_fen"], total["late_bills"], total["homes"]) == (4 * 23148, 4, 2)
    there = client.get(f"/staff/fees/arrears/?building={other.entrance.building_id}")
    assert [one.pk for one, _contact, _marked in there.context["homes"]] == [other.pk]
    path = f"/staff/fees/arrears.xlsx?building={other.entrance.building_id}"
    sheet = load_workbook(io.BytesIO(client.get(path).content))
    rows = list(sheet.active.values)  # type: ignore[union-attr]
    assert sum(231.48 in row for row in rows) >= 1


def test_arrears__pages_by_key(home: Home, client: Client) -> None:
    item = make_item(estate=home.estate)
    for _number in range(53):
        make_bill(home=make_home(entrance=home.entrance), item=item, period=LATE)
    first = client.get("/staff/fees/arrears/")
    assert len(first.context["homes"]) == 50
    older = client.get(f"/staff/fees/arrears/{first.context['next_url']}")
    assert len(older.context["homes"]) == 3


URLS = ["/staff/fees/takings/", "/staff/fees/arrears/", "/staff/fees/bills/", "/staff/fees/runs/"]


@pytest.mark.parametrize("url", [*URLS, "counter"])
def test_lists__same_number_of_queries_for_more_rows(url: str, home: Home, client: Client) -> None:
    item = make_item(estate=home.estate)
    resident = make_resident(home=home)
    url = f"/staff/fees/homes/{home.pk}/" if url == "counter" else url

    def add(number: int) -> None:
        make_bill(home=home, item=item, period=LATE, subject=f"o{number}")
        make_bill(home=make_home(entrance=home.entrance), item=item, period=LATE)
        paid = make_bill(home=home, item=item, subject=f"p{number}")
        make_payment(bills=[paid], payer=resident, paid=True)

    def count() -> int:
        forget_kept()
        with CaptureQueriesContext(connection) as found:
            assert client.get(url).status_code == 200
        return len(found)

    for number in range(2):
        add(number)
    client.get(url)
    few = count()
    for number in range(2, 12):
        add(number)
    assert count() == few


@pytest.mark.parametrize("query", ["estate=999999", "estate=abc"])
def test_lists__an_estate_that_is_not_ones_own__not_found(query: str, client: Client) -> None:
    for url in URLS:
        assert client.get(f"{url}?{query}").status_code == 404


def test_start_page__of_the_cashier_is_the_counter(client: Client) -> None:
    assert client.get("/")["Location"] == "/staff/fees/"
    assert "收费" in client.get("/staff/").content.decode()
