"""Reports: whatever their rows are by, the rows add up to the total, and the total is the money in the books."""

import io
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from community.core import clock
from community.core.services.figures import Span
from community.estates.models import Estate
from services.fees import actions, takings
from services.fees.books import reports
from services.fees.models import Account, Entry, Payment
from tests.community.admin_pages import signed_in
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
)
from tests.support.books import assert_in_balance
from tests.support.paying import give_back

pytestmark = pytest.mark.django_db
NOW = clock.midnight(date(2026, 11, 12)) + timedelta(hours=10)
NOVEMBER = Span(date(2026, 11, 1), date(2026, 11, 30))


@pytest.fixture
def estate() -> Estate:
    """Payments of every kind on two days, in two buildings, for two items, by two cashiers; one paid back."""
    estate = make_estate()
    item, other = make_item(estate=estate, name="物业费"), make_item(estate=estate, name="垃圾清运费")
    cashiers = [make_cashier(estate=estate, name=name) for name in ("周敏", "吴燕")]
    for number in range(2):
        home = make_home(entrance=make_entrance(building=make_building(estate=estate)))
        payer = make_resident(home=home)
        bills = [
            make_bill(home=home, item=one, period=date(2026, month, 1))
            for one in (item, other)
            for month in (9, 10, 11)
        ]
        for way, bill, extra in (("cash", bills[0], 30000), ("pos", bills[1], 0), ("cheque", bills[3], 5)):
            payment = actions.take_payment(
                actions.CounterPayment(
                    home,
                    {bill.pk: bill.amount_fen - number},
                    payer,
                    "",
                    uuid4(),
                    way,
                    "" if way == "cash" else "88",
                ),
                extra_fen=extra,
                by=cashiers[number],
                now=NOW + timedelta(days=number),
            )
        make_payment(bills=[bills[4]], payer=payer, channel=Payment.PREPAYMENT, now=NOW)
        online = make_payment(bills=[bills[2], bills[5]], payer=payer, now=NOW)
        actions.credit(payment=online, provider_number=f"N{number}", amount_fen=online.amount_fen, now=NOW)
        if number:
            give_back(payment, asks=cashiers[0])
            refund = actions.request_refund(
                payment=online, by=cashiers[0], reason="付错了", now=NOW + timedelta(days=1)
            )
            actions.approve_refund(refund=refund, by=cashiers[1], now=NOW + timedelta(days=1))
    return estate


def total_of(rows: list[reports.ReportRow]) -> takings.Sums:
    sums = [row.sums for row in rows]
    return takings.Sums(
        *(sum(getattr(one, f"{name}_fen") for one in sums) for name in ("taken", "back", "used"))
    )


def test_report__by_anything__rows_add_up_to_the_money_in_the_books(estate: Estate):
    span = Span(NOVEMBER.first, clock.today(clock.now()) + timedelta(days=1))
    total = takings.totals(estate, span)
    for by, make_rows in reports.BY.items():
        rows = make_rows(estate, span)
        assert len(rows) >= 2, by
        assert total_of(rows) == total, by
    money = Entry.objects.filter(account__kind__in=Account.MONEY, account__estate=estate)
    assert total.fen == sum(money.values_list("amount_fen", flat=True))
    used = sum(Payment.objects.filter(channel="prepayment").values_list("amount_fen", flat=True))
    assert total.used_fen == used > 0
    assert total.back_fen > 0
    assert_in_balance()


def test_report__prepayment_used__is_no_takings_of_its_day(estate: Estate):
    day = Span(NOW.date(), NOW.date())
    [row] = reports.rows_by_day(estate, day)
    came_in = Payment.objects.filter(paid_at__date=NOW.date()).exclude(channel="prepayment")
    assert row.sums.taken_fen == sum(came_in.values_list("amount_fen", flat=True))
    assert row.sums.back_fen == 0


def test_report__other_estate__shows_nothing_of_it(estate: Estate):
    assert takings.totals(make_estate(), NOVEMBER) == takings.Sums()
    assert reports.rows_by_item(make_estate(), NOVEMBER) == []


def test_collected__by_item_and_building__add_up_to_all_bills(estate: Estate):
    span = Span(date(2026, 9, 1), date(2026, 11, 30))
    total = reports.collected_total(estate, span)
    for rows in (reports.collected_by_item(estate, span), reports.collected_by_building(estate, span)):
        assert sum(row.billed_fen for row in rows) == total.billed_fen
        assert sum(row.paid_fen for row in rows) == total.paid_fen
    assert total.percent == "74.9"


def columns(response: Any) -> dict[str, Decimal]:
    """The sums of the columns of numbers by their headings."""
    sheet: Any = load_workbook(io.BytesIO(response.content)).active
    headings, *rows = sheet.values
    return {
        heading: sum((Decimal(str(row[at])) for row in rows if row[at] is not None), Decimal())
        for at, heading in enumerate(headings)
        if "元" in heading
    }


def test_sheet__by_anything__columns_add_up_to_the_page(estate: Estate):
    client = signed_in(make_cashier(estate=estate))
    for by in reports.BY:
        query = {"first": "2026-11-01", "last": "2027-06-30", "by": by}
        total = client.get("/staff/fees/reports/", query).context["total"]
        sheet = columns(client.get("/staff/fees/reports.xlsx", query))
        shown = [total.taken_fen, total.back_fen, total.fen, total.used_fen]
        assert list(sheet.values()) == [Decimal(fen) / 100 for fen in shown], by
    collected = client.get("/staff/fees/reports/", query | {"by": "item"}).context["collected_total"]
    sheet = columns(client.get("/staff/fees/reports.xlsx", query | {"by": "item", "of": "collected"}))
    shown = [collected.billed_fen, collected.paid_fen, collected.open_fen]
    assert list(sheet.values()) == [Decimal(fen) / 100 for fen in shown]


def test_takings_sheet__of_a_day__columns_add_up_to_the_page(estate: Estate):
    client = signed_in(make_cashier(estate=estate))
    for day in ("2026-11-12", "2026-11-13", f"{clock.today(clock.now()):%Y-%m-%d}"):
        found = client.get("/staff/fees/takings/", {"day": day}).context["takings"]
        sheet = list(columns(client.get("/staff/fees/takings.xlsx", {"day": day})).values())
        assert sheet == [Decimal(fen) / 100 for fen in (found.fen, found.refunded_fen, found.used_fen)]


@pytest.mark.parametrize(
    "query", [{"first": "2026-12-01", "last": "2026-11-01"}, {"first": "2024-01-01", "last": "2026-11-01"}]
)
def test_report__days_turned_round_or_too_many__names_the_field(estate: Estate, query: dict[str, str]):
    response = signed_in(make_cashier(estate=estate)).get("/staff/fees/reports/", query)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["last"]


def test_report__nonsense_in_the_address__shows_this_month(estate: Estate):
    client = signed_in(make_cashier(estate=estate))
    today = clock.today(clock.now())
    for query in ({"first": "x"}, {"by": "x"}, {"last": "9999-99-99"}):
        assert client.get("/staff/fees/reports/", query).context["span"] == Span(today.replace(day=1), today)


def test_report__more_payments__no_more_queries(estate: Estate):
    client = signed_in(make_cashier(estate=estate))
    asked = count_of(client)
    home = make_home(estate=estate)
    for _number in range(3):
        make_payment(bills=[make_bill(home=home, item=make_item(estate=estate))], paid=True)
    assert count_of(client) == asked


def count_of(client: Client) -> int:
    with CaptureQueriesContext(connection) as asked:
        client.get("/staff/fees/reports/", {"by": "item"})
    return len(asked)
