"""Closing days and months: two signatures, nothing booked afterwards, and sheets that never change."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.db.models import Sum
from django.test import Client
from django.urls import reverse

from accounts.models import User
from community.core.clock import SHANGHAI
from community.core.errors import ActionError, Forbidden
from community.core.transitions import AlreadyMoved
from community.estates.models import Estate, Home
from services.fees.billing import actions
from services.fees.closing.actions import prepare_days, prepare_sheet, sign_days, sign_sheet
from services.fees.closing.figures import digest_of, figures_of
from services.fees.closing.hindrances import hindrances
from services.fees.counter.actions import Count, close_shift
from services.fees.models import Bill, ClosingSheet, Entry, LedgerTransaction, Shift
from tests.factories import make_bill, make_cashier, make_home, make_item, make_till
from tests.support import paying
from tests.support.books import assert_in_balance

pytestmark = pytest.mark.django_db
Kind = ClosingSheet.Kind
LATER = datetime(2026, 11, 30, 9, 0, tzinfo=SHANGHAI)


def at(month: int, day: int = 10, hour: int = 10) -> datetime:
    return datetime(2026, month, day, hour, 0, tzinfo=SHANGHAI)


@pytest.fixture
def home() -> Home:
    return make_home()


@pytest.fixture
def two(home: Home) -> tuple[User, User]:
    first, second = (make_cashier(estate=home.estate, float_fen=None) for _n in range(2))
    return first, second


def a_day(home: Home, by: User, when: datetime, *, item: Any, fen: int = 10000) -> Bill:
    """Bills a home and takes the cash for it in a shift of its own."""
    with time_machine.travel(when, tick=False):
        bill = make_bill(home=home, item=item, period=when.date().replace(day=1), amount_fen=fen)
        shift = make_till(by, home.estate)
        paying.take_payment(home, {bill.pk: fen}, by=by, payer_name="王秀英")
        close_shift(shift=shift, count=Count(fen), by=by, now=when + timedelta(hours=1))
    return bill


def close_month(estate: Estate, month: int, two: tuple[User, User], now: datetime = LATER) -> ClosingSheet:
    first, second = two
    prepare_days(estate=estate, month=date(2026, month, 1), by=first, now=now)
    sign_days(estate=estate, month=date(2026, month, 1), by=second, now=now)
    sheet = prepare_sheet(estate=estate, kind=Kind.MONTH, first=date(2026, month, 1), by=first, now=now)
    return sign_sheet(sheet=sheet, seen=sheet.digest, by=second, now=now)


def code_of(estate: Estate, month: int, now: datetime = LATER) -> list[str]:
    return [one.code for one in hindrances(estate, Kind.MONTH, date(2026, month, 1), now)]


def test_close__two_months__equal_the_ledger_and_refuse_what_is_dated_in_them(home, two) -> None:
    item = make_item(estate=home.estate)
    old = a_day(home, two[0], at(9), item=item, fen=12345)
    a_day(home, two[0], at(10), item=item, fen=20000)
    sheets = [close_month(home.estate, month, two) for month in (9, 10)]
    assert [sheet.left_fen for sheet in sheets] == [12345, 20000]
    for sheet in sheets:
        for row in sheet.figures["accounts"]:
            entries = Entry.objects.filter(account__kind=row["kind"], transaction__at__lt=sheet.ends_at)
            assert row["after_fen"] == (entries.aggregate(fen=Sum("amount_fen"))["fen"] or 0)
        assert sum(row["after_fen"] for row in sheet.figures["accounts"]) == 0
    count = LedgerTransaction.objects.count()
    with pytest.raises(ActionError) as refused, transaction.atomic():
        make_bill(home=home, item=item, period=date(2026, 8, 1), now=at(10, 31, 23))
    assert refused.value.code == "month_closed"
    # The bill of a closed month is voided by entries of today.
    actions.void_bill(bill=Bill.objects.with_lines().get(pk=old.pk), reason="算错了", by=two[1], now=LATER)
    assert LedgerTransaction.objects.get(key=f"void:{old.pk}").at == LATER
    assert LedgerTransaction.objects.count() == count + 2
    assert figures_of(home.estate, Kind.MONTH, sheets[0].span) == sheets[0].figures
    assert_in_balance()


def test_close__what_hinders__is_said(home, two) -> None:
    item, estate = make_item(estate=home.estate), home.estate
    a_day(home, two[0], at(9), item=item)
    a_day(home, two[0], at(10), item=item)
    assert code_of(estate, 11) == ["not_over"]
    assert code_of(estate, 12) == ["not_over"]
    assert code_of(estate, 10) == ["earlier_open", "days_open"]
    with time_machine.travel(at(10, 31, 22), tick=False):
        shift = make_till(two[1], estate)
    assert code_of(estate, 10) == ["earlier_open", "shift_open", "days_open"]
    with pytest.raises(ActionError) as refused:
        prepare_sheet(estate=estate, kind=Kind.DAY, first=date(2026, 10, 31), by=two[0], now=LATER)
    assert refused.value.code == "shift_open"
    close_shift(shift=Shift.objects.get(pk=shift.pk), count=Count(0), by=two[1], now=LATER)
    close_month(estate, 9, two)
    close_month(estate, 10, two)
    # Months before the first closed one have no entries and take none.
    with pytest.raises(ActionError):
        make_bill(home=home, item=item, period=date(2026, 7, 1), now=at(7))


def test_sign__by_the_same_person_or_unseen_figures__refused(home, two) -> None:
    a_day(home, two[0], at(9), item=make_item(estate=home.estate))
    day = {"estate": home.estate, "kind": Kind.DAY, "first": date(2026, 9, 10), "now": LATER}
    sheet = prepare_sheet(by=two[0], **day)
    with pytest.raises(Forbidden):
        sign_sheet(sheet=sheet, seen=sheet.digest, by=two[0], now=LATER)
    again = prepare_sheet(by=two[1], **day)
    assert again.pk == sheet.pk
    with pytest.raises(Forbidden):
        sign_sheet(sheet=again, seen=sheet.digest, by=two[1], now=LATER)
    with pytest.raises(AlreadyMoved):
        sign_sheet(sheet=again, seen="0" * 64, by=two[0], now=LATER)
    again.refresh_from_db()
    signed = sign_sheet(sheet=again, seen=again.digest, by=two[0], now=LATER)
    assert sign_sheet(sheet=signed, seen=signed.digest, by=two[0], now=LATER).status == "signed"
    with pytest.raises(AlreadyMoved):
        prepare_sheet(by=two[1], **day)


def test_sign__after_something_was_booked__refused(home, two) -> None:
    item = make_item(estate=home.estate)
    a_day(home, two[0], at(9), item=item)
    sheet = prepare_sheet(estate=home.estate, kind=Kind.DAY, first=date(2026, 9, 10), by=two[0], now=LATER)
    make_bill(home=home, item=item, period=date(2026, 8, 1), now=at(9, 10, 20))
    with pytest.raises(ActionError) as refused:
        sign_sheet(sheet=sheet, seen=sheet.digest, by=two[1], now=LATER)
    assert refused.value.code == "figures_changed"
    sheet.refresh_from_db()
    assert sheet.status == "prepared"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE fees_closingsheet SET figures = '{}'",
        "UPDATE fees_closingsheet SET status = 'prepared', signed_by_id = NULL",
        "DELETE FROM fees_closingsheet",
    ],
)
def test_signed_sheet__changed_in_sql__refused(home, two, statement: str) -> None:
    a_day(home, two[0], at(9), item=make_item(estate=home.estate))
    sheet = close_month(home.estate, 9, two)
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        connection.cursor().execute(statement)
    sheet.refresh_from_db()
    assert sheet.digest == digest_of(home.estate, Kind.MONTH, sheet.span, sheet.figures)


def test_entry__added_to_a_transaction_of_a_closed_month__refused(home, two) -> None:
    a_day(home, two[0], at(9), item=make_item(estate=home.estate))
    close_month(home.estate, 9, two)
    entry = Entry.objects.all()[0]
    entry.pk = None
    with pytest.raises(DatabaseError, match="closed"), transaction.atomic():
        entry.save(force_insert=True)


def test_pages__prepare_and_sign__close_the_month(home, two) -> None:
    a_day(home, two[0], at(9), item=make_item(estate=home.estate), fen=12345)
    clients = [Client(headers={"accept-language": "zh-CN"}) for _n in two]
    for client, person in zip(clients, two, strict=True):
        client.force_login(person)
    month = reverse("fees_closing_month", args=[2026, 9])
    with time_machine.travel(LATER, tick=False):
        assert "1 天还没有签字" in clients[0].get(month).content.decode()
        days = {"month": "2026-09-01", "act": "prepare"}
        clients[0].post(reverse("fees_closing_days"), days)
        clients[1].post(reverse("fees_closing_days"), days | {"act": "sign"})
        clients[0].post(reverse("fees_closing_prepare"), {"kind": "month", "first": "2026-09-01"})
        sheet = ClosingSheet.objects.get(kind=Kind.MONTH)
        page = reverse("fees_closing_sheet", args=[sheet.pk])
        assert "123.45" in clients[1].get(page).content.decode()
        assert clients[0].post(f"{page}sign/", {"digest": sheet.digest}).status_code == 403
        clients[1].post(f"{page}sign/", {"digest": sheet.digest})
        sheet.refresh_from_db()
        assert sheet.status == "signed"
        assert "已结账" in clients[0].get(reverse("fees_closing")).content.decode()
        assert clients[0].get(f"{page}sheet.pdf").content.startswith(b"%PDF")
        assert clients[0].get(f"{page}sheet.xlsx").status_code == 200


def test_close__twelve_months__a_wrong_entry_of_the_third_is_mended_today(home, two) -> None:
    item = make_item(estate=home.estate)
    days = [datetime(2025, month, 10, 10, tzinfo=SHANGHAI) for month in (11, 12)]
    days += [at(month) for month in range(1, 11)]
    bills = [a_day(home, two[0], day, item=item, fen=10000 + number) for number, day in enumerate(days)]
    sheets = []
    for day in days:
        first = day.date().replace(day=1)
        prepare_days(estate=home.estate, month=first, by=two[0], now=LATER)
        sign_days(estate=home.estate, month=first, by=two[1], now=LATER)
        sheet = prepare_sheet(estate=home.estate, kind=Kind.MONTH, first=first, by=two[0], now=LATER)
        sheets.append(sign_sheet(sheet=sheet, seen=sheet.digest, by=two[1], now=LATER))
    assert [sheet.left_fen for sheet in sheets] == [10000 + number for number in range(12)]
    wrong = Bill.objects.with_lines().get(pk=bills[2].pk)
    actions.void_bill(bill=wrong, reason="一月算错了", by=two[1], now=LATER)
    assert not LedgerTransaction.objects.filter(key=f"void:{wrong.pk}").exclude(at=LATER).exists()
    for before, sheet in zip([None, *sheets], sheets, strict=False):
        sheet.refresh_from_db()
        assert figures_of(home.estate, Kind.MONTH, sheet.span) == sheet.figures
        held = {row["kind"]: row["before_fen"] for row in sheet.figures["accounts"] if row["before_fen"]}
        if before:
            left = {row["kind"]: row["after_fen"] for row in before.figures["accounts"]}
            assert held == {kind: fen for kind, fen in left.items() if fen}
    assert_in_balance()
