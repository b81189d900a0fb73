"""Opening balances: a sheet is brought in whole or not at all, balances, and is undone while nothing hangs on it."""

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from accounts.models import User
from community.core import clock
from community.core.errors import ActionError, Forbidden
from community.core.models import AuditRecord
from community.estates.models import Estate, Home, ImportRun
from community.estates.sheets.table import Row
from community.notifications.models import OutboxMessage
from services.fees.actions import ledger
from services.fees.billing import actions
from services.fees.books.actions import NewOpening, OpeningBill, Totals, open_books, undo_opening
from services.fees.books.imports import MAX_BILL_FEN, OpeningImport
from services.fees.models import Bill, BillingRun, Entry, FeeItem, FeeListing, Opening, Payment
from tests.community.admin_pages import signed_in
from tests.community.estates.importing import check, complaints, confirm, sheet
from tests.factories import (
    make_bill,
    make_building,
    make_cashier,
    make_entrance,
    make_estate,
    make_home,
    make_item,
    make_payment,
    make_resident,
    make_staff,
)
from tests.support.at_once import at_once
from tests.support.books import assert_in_balance
from tests.support.paying import take_payment

pytestmark = pytest.mark.django_db
HEADINGS = ["楼栋", "单元", "房号", "收费项目", "所属月份", "欠费金额", "预存金额"]
MODEL = "fees_opening"


@pytest.fixture
def estate() -> Estate:
    estate = make_estate()
    entrance = make_entrance(building=make_building(estate=estate, name="1号楼"), name="1单元")
    for number in ("101", "102", "103"):
        make_home(entrance=entrance, number=number)
    for name in ("物业费", "垃圾清运费"):
        make_item(estate=estate, name=name)
    return estate


@pytest.fixture
def cashier(estate: Estate) -> User:
    return make_cashier(estate=estate)


@pytest.fixture
def client(cashier: User) -> Client:
    return signed_in(cashier)


def row(
    room: str = "101", item: str = "物业费", month: Any = "2025-06", owed: Any = 231.48, ahead: Any = None
) -> list[Any]:
    return ["1号楼", "1单元", room, item, month, owed, ahead]


GOOD = (
    HEADINGS,
    row(),
    row(month="2025年7月", owed="231.48元"),
    row(item="垃圾清运费", month=202501, owed="1,200"),
    row("102", month=date(2025, 6, 1), owed=98.39999999999999, ahead=300),
    row("103", item="", month="", owed="", ahead="88.88"),
)
TOTALS = {"arrears_fen": "1761.36", "prepaid_fen": "388.88"}


def test_import_openings__good_sheet__is_in_the_books_after_the_yes(client: Client, estate: Estate) -> None:
    make_resident(home=Home.objects.get(number="101"))
    checked = check(client, MODEL, estate, sheet(*GOOD))
    assert checked.context["outcome"]["sums"] == [
        ["物业费", 3, "¥561.36"],
        ["垃圾清运费", 1, "¥1200.00"],
        ["预存金额", 2, "¥388.88"],
    ]
    assert not Bill.objects.exists()
    done = confirm(client, MODEL, checked, **TOTALS)
    assert done.context["run"].status == ImportRun.Status.DONE
    bills = Bill.objects.order_by("pk").values_list("home__number", "item__name", "period", "amount_fen")
    assert list(bills) == [
        ("101", "物业费", date(2025, 6, 1), 23148),
        ("101", "物业费", date(2025, 7, 1), 23148),
        ("101", "垃圾清运费", date(2025, 1, 1), 120000),
        ("102", "物业费", date(2025, 6, 1), 9840),
    ]
    assert Bill.objects.filter(due_on=date(2025, 7, 30)).count() == 2
    assert ledger.opening(estate.pk).balance_fen == 38888 - 176136
    assert not OutboxMessage.objects.exists()
    assert_in_balance()
    assert "¥1761.36" in client.get("/staff/fees/openings/").content.decode()


def test_import_openings__totals_that_differ__are_refused_with_the_difference(
    client: Client, estate: Estate
) -> None:
    checked = check(client, MODEL, estate, sheet(*GOOD))
    given = TOTALS | {"arrears_fen": "1761.37", "prepaid_fen": "400"}
    answer = client.post(checked.context["confirm_url"], given)
    errors = answer.context["confirm_form"].errors
    assert "-¥0.01" in errors["arrears_fen"][0]
    assert "-¥11.12" in errors["prepaid_fen"][0]
    assert "1761.37" in answer.content.decode()
    assert ImportRun.objects.get().status == ImportRun.Status.READY
    client.post(checked.context["confirm_url"], {"arrears_fen": "", "prepaid_fen": "0"})
    assert not Opening.objects.exists()


WRONG = {
    "no such home": row("999"),
    "no such item": row(item="电费"),
    "no item": row(item=""),
    "no month": row(month=""),
    "a month that is none": row(month="2025-13"),
    "October or January": row(month=2025.1),
    "a month that has not begun": row(month="2099-01"),
    "a text for an amount": row(owed="两百"),
    "below 0": row(owed=-5),
    "three places": row(owed=1.234),
    "too much": row(owed=MAX_BILL_FEN // 100 + 1),
    "nothing owed or paid": row(owed=0),
    "no number": row(owed="NaN"),
    "billed already": row(month="2024-05"),
}


def test_import_openings__each_bad_row__is_named_with_its_column(client: Client, estate: Estate) -> None:
    make_bill(
        home=Home.objects.get(number="101"), item=FeeItem.objects.get(name="物业费"), period=date(2024, 5, 1)
    )
    answer = check(client, MODEL, estate, sheet(HEADINGS, *WRONG.values()))
    found = complaints(answer)
    columns = ["C", "D", "D", "E", "E", "E", "E", "F", "F", "F", "F", "F", "F", "E"]
    for number, (name, column) in enumerate(zip(WRONG, columns, strict=True), start=2):
        assert f"第 {number} 行，{column} 列" in found[number], name
    assert Bill.objects.count() == 1


def test_import_openings__month_twice__names_both_rows(client: Client, estate: Estate) -> None:
    twice = sheet(
        HEADINGS,
        row(),
        row("102"),
        row(month="202506"),
        row("103", ahead=5),
        row("103", month="2025-05", ahead=5),
    )
    found = complaints(check(client, MODEL, estate, twice))
    assert list(found) == [4, 6]
    assert "第 2 行" in found[4]
    assert not Bill.objects.exists()


def test_import_openings__3_bad_rows_of_20000__nothing_is_written_and_the_rows_are_named(
    client: Client, estate: Estate
) -> None:
    entrance = Home.objects.filter(number="101").get().entrance
    Home.objects.bulk_create(
        Home(entrance=entrance, number=f"{number}", floor=1, area_dm2=9000) for number in range(1000, 1834)
    )
    months = [f"{year}-{month:02d}" for year in (2024, 2025) for month in range(1, 13)]
    rows = [row(str(room), month=month, owed=1) for room in range(1000, 1834) for month in months][:20_000]
    for at, bad in (
        (41, row("9999")),
        (12_345, row("1500", owed="许多")),
        (19_999, row("1002", month="2025-06")),
    ):
        rows[at] = bad
    checker = OpeningImport(estate, by=None, answers={}, known={}, now=clock.now())
    wrong = checked_rows(checker, rows)
    assert [(one.number, error.key) for one, error in wrong] == [
        (43, "room"),
        (12_347, "arrears"),
        (20_001, ""),
    ]
    assert not Bill.objects.exists()


def checked_rows(checker: OpeningImport, rows: list[list[Any]]) -> list[tuple[Any, Any]]:
    keys = [column.key for column in checker.columns]
    at = {key: number for number, key in enumerate(keys)}
    table = [
        Row("", number, dict(zip(keys, cells, strict=True)), at) for number, cells in enumerate(rows, start=2)
    ]
    checker.prepare(table)
    _plans, wrong = checker.plans(table)
    return wrong


def test_import_openings__by_the_front_desk__is_refused(estate: Estate) -> None:
    client = signed_in(make_staff(role="front_desk", estate=estate))
    assert client.get("/admin/fees/opening/import/").status_code == 403


def test_template__has_the_headings(client: Client) -> None:
    content = client.get("/admin/fees/opening/import/template/").content
    book: Any = load_workbook(BytesIO(content)).active
    assert [cell.value for cell in book[1]] == HEADINGS


# -- In the books


@pytest.fixture
def opening(estate: Estate, cashier: User) -> Opening:
    """101 owes two months; 101 and 102 have paid ahead."""
    item = FeeItem.objects.get(name="物业费")
    first, second = Home.objects.filter(number__in=["101", "102"]).order_by("number")
    new = NewOpening(
        estate,
        [OpeningBill(first, item, date(2025, month, 1), 10000) for month in (5, 6)],
        [(first, 7000), (second, 8000)],
        Totals(20000, 15000),
    )
    return open_books(new, by=cashier, now=clock.now())


def test_opening__paid_and_used__like_any_bill(opening: Opening) -> None:
    bills = list(opening.bills.order_by("pk"))
    payer = make_resident(home=bills[0].home)
    make_payment(bills=bills[:1], payer=payer, paid=True)
    make_payment(bills=bills[1:], payer=payer, channel=Payment.PREPAYMENT, amounts={bills[1].pk: 7000})
    assert [bill.paid_fen for bill in opening.bills.order_by("pk")] == [10000, 7000]
    assert_in_balance()


def test_run__of_a_month_brought_in__does_not_bill_it_again(opening: Opening, cashier: User) -> None:
    item = opening.bills.first().item
    run = actions.preview_run(item=item, period=date(2025, 5, 1), by=cashier, now=clock.now())
    assert actions.forecast_run(run).to_make == 2
    assert BillingRun.objects.count() == 1


MONTHS_OF_LONGER = {
    "a later month of a quarter": (date(2025, 2, 1), 3, "all"),
    "the last month of a year": (date(2025, 12, 1), 12, "all"),
    "a month of a space": (date(2025, 1, 1), 1, "listed"),
}


@pytest.mark.parametrize(("month", "every", "reach"), MONTHS_OF_LONGER.values(), ids=MONTHS_OF_LONGER)
def test_run__month_of_its_period_brought_in__leaves_the_home_out_and_names_it(
    client: Client, estate: Estate, cashier: User, month: date, every: int, reach: str
) -> None:
    basis = FeeItem.Basis.HOME if reach == "listed" else FeeItem.Basis.AREA
    item = make_item(estate=estate, every=every, reach=reach, basis=basis)
    homes = list(Home.objects.order_by("number"))
    for home in homes if reach == "listed" else []:
        listed = {
            "subject": f"A{home.number}",
            "from_on": date(2024, 1, 1),
            "by": cashier,
            "created_at": clock.now(),
        }
        FeeListing.objects.create(item=item, home=home, **listed)
    new = NewOpening(estate, [OpeningBill(homes[0], item, month, 9000)], [], Totals(9000, 0))
    opening = open_books(new, by=cashier, now=clock.now())
    assert billed_by_run(item, month, cashier) == {home.pk for home in homes[1:]}
    # The preview of what is left names it; once the balance is taken back, its bill is made.
    with pytest.raises(ActionError) as refused:
        actions.preview_run(item=item, period=month, by=cashier, now=clock.now())
    assert refused.value.code == "nothing_to_bill"
    undo_opening(opening=opening, reason="导错了", by=cashier, now=clock.now())
    assert billed_by_run(item, month, cashier) == {homes[0].pk}
    # And a balance of a month that is billed is refused.
    with pytest.raises(ActionError) as refused:
        open_books(new, by=cashier, now=clock.now())
    assert refused.value.code == "billed_already"
    found = complaints(
        check(client, MODEL, estate, sheet(HEADINGS, row(item=item.name, month=f"{month:%Y-%m}")))
    )
    assert "已经有账单" in found[2]


def billed_by_run(item: FeeItem, month: date, by: User) -> set[int]:
    run = actions.preview_run(item=item, period=month, by=by, now=clock.now())
    actions.start_run(run=run, by=by, now=clock.now())
    actions.make_bills(run=run)
    assert_in_balance()
    return set(run.bills.values_list("home", flat=True))


def test_run__with_homes_left_out__says_so_before_it_is_started(
    client: Client, estate: Estate, cashier: User
) -> None:
    item = make_item(estate=estate, every=3)
    home = Home.objects.get(number="102")
    new = NewOpening(estate, [OpeningBill(home, item, date(2025, 2, 1), 9000)], [], Totals(9000, 0))
    open_books(new, by=cashier, now=clock.now())
    run = actions.preview_run(item=item, period=date(2025, 3, 1), by=cashier, now=clock.now())
    assert actions.forecast_run(run).left_out == [(home, "")]
    page = client.get(f"/staff/fees/runs/{run.pk}/").content.decode()
    assert str(home) in page
    assert "差额请逐户另记" in page


def test_opening__of_months_before_a_tenant_came__is_not_shown_to_the_tenant(opening: Opening) -> None:
    home = opening.bills.first().home
    tenant = make_resident(home=home, kind="tenant")
    owner = make_resident(home=home)
    assert Bill.objects.visible_to(owner).count() == 2
    assert not Bill.objects.visible_to(tenant).exists()


def test_opening__does_not_balance__is_refused(estate: Estate, cashier: User) -> None:
    home = Home.objects.get(number="101")
    with pytest.raises(ActionError) as refused:
        open_books(NewOpening(estate, [], [(home, 100)], Totals(0, 99)), by=cashier, now=clock.now())
    assert refused.value.code == "does_not_balance"
    assert "¥0.01" in str(refused.value.message)
    assert not Opening.objects.exists()


def test_opening__by_staff_who_only_read__is_refused(opening: Opening, estate: Estate) -> None:
    auditor = make_staff(role="auditor", estate=estate)
    with pytest.raises(Forbidden):
        undo_opening(opening=opening, reason="导错了", by=auditor, now=clock.now())


def test_undo_opening__nothing_paid__is_undone_whole_and_stays_on_record(
    client: Client, opening: Opening, estate: Estate
) -> None:
    for _time in range(2):
        answer = client.post(f"/staff/fees/openings/{opening.pk}/undo/", {"reason": "导错了"}, follow=True)
        assert answer.status_code == 200
    assert set(opening.bills.values_list("status", flat=True)) == {Bill.Status.VOIDED}
    assert ledger.opening(estate.pk).balance_fen == 0
    assert not Entry.objects.filter(account__held_fen__gt=0).exists()
    assert "导错了" in client.get(f"/staff/fees/openings/{opening.pk}/").content.decode()
    assert AuditRecord.objects.filter(action="fees.opening_undone").count() == 1
    assert_in_balance()


def test_undo_opening__one_bill_paid__is_refused_and_says_which(client: Client, opening: Opening) -> None:
    paid = opening.bills.order_by("pk").last()
    make_payment(bills=[paid], payer=make_resident(home=paid.home), paid=True)
    answer = client.post(f"/staff/fees/openings/{opening.pk}/undo/", {"reason": "导错了"})
    assert answer.status_code == 422
    assert paid.reference in answer.content.decode()
    opening.refresh_from_db()
    assert opening.status == Opening.Status.BOOKED
    assert_in_balance()


def test_undo_opening__prepayment_used__is_refused_and_says_whose(client: Client, opening: Opening) -> None:
    home = opening.bills.first().home
    other = make_bill(home=home, period=date(2026, 2, 1))
    make_payment(
        bills=[other], payer=make_resident(home=home), channel=Payment.PREPAYMENT, amounts={other.pk: 1}
    )
    answer = client.post(f"/staff/fees/openings/{opening.pk}/undo/", {"reason": "导错了"})
    assert answer.status_code == 422
    assert "预存已用" in answer.content.decode()
    assert not opening.bills.filter(status=Bill.Status.VOIDED).exists()
    assert_in_balance()


def test_undo_opening__one_bill_voided_before__undoes_the_others(opening: Opening, cashier: User) -> None:
    actions.void_bill(bill=opening.bills.first(), reason="旧账算错", by=cashier, now=clock.now())
    undo_opening(opening=opening, reason="导错了", by=cashier, now=clock.now())
    assert set(opening.bills.values_list("status", flat=True)) == {Bill.Status.VOIDED}
    assert_in_balance()


@pytest.mark.django_db(transaction=True)
def test_undo_opening__while_a_bill_is_paid__one_of_both_wins(estate: Estate, cashier: User) -> None:
    home, item = Home.objects.get(number="101"), FeeItem.objects.get(name="物业费")
    for month in range(1, 4):
        new = NewOpening(
            estate, [OpeningBill(home, item, date(2025, month, 1), 10000)], [(home, 500)], Totals(10000, 500)
        )
        opening = open_books(new, by=cashier, now=clock.now())
        bill = opening.bills.get()
        outcomes = at_once(
            lambda opening=opening: undo_opening(
                opening=opening, reason="导错了", by=cashier, now=clock.now()
            ),
            lambda bill=bill: take_payment(home, {bill.pk: 10000}, by=cashier),
        )
        opening.refresh_from_db()
        bill.refresh_from_db()
        assert (opening.status, bill.status) in {("undone", "voided"), ("booked", "settled")}, outcomes
        assert_in_balance()
