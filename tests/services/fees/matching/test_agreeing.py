"""All clean days are agreed to by one press, and a month is not closed before its days are agreed to."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from accounts.models import StaffRole
from community.core import clock
from community.core.services.figures import Span
from services.fees import providers
from services.fees.closing.hindrances import days_not_agreed
from services.fees.matching import actions
from services.fees.models import LedgerTransaction, MatchingDay, MerchantAccount
from tests.community.admin_pages import signed_in
from tests.factories import make_cashier, make_company, make_estate, make_payment, make_staff
from tests.services.fees.matching.statements import Written, matched, new_day, paid_line
from tests.services.fees.matching.test_bank import bank_sheet
from tests.support.books import assert_in_balance

pytestmark = pytest.mark.django_db
URL = "/staff/fees/matching/agree/"


def test_agree_all__clean_days_of_the_month__each_once_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    written = Written()
    monkeypatch.setitem(providers.KNOWN, "sandbox", written)
    payment = make_payment(paid=True)
    estate, today = payment.estate, clock.today(clock.now())
    written.lines = [paid_line(payment, fee=12)]
    clean = matched()
    bank_sheet(estate, [(today, 500)])
    other = bank_sheet(make_estate(), [])
    differs = MatchingDay.objects.get(sheet__estate=estate)
    waiting = new_day(today - timedelta(days=1))
    manager = make_staff(role=StaffRole.Role.MANAGER, estate=estate)
    span = Span(today.replace(day=1), today)
    months = {today.replace(day=1), waiting.day.replace(day=1)}
    assert [one.code for one in days_not_agreed(estate, span)] == ["days_not_agreed"]
    client = signed_in(manager)
    assert "全部确认" in client.get(f"/staff/fees/matching/?month={today}").content.decode()
    for _n in range(2):
        for month in months:
            answer = client.post(URL, {"month": f"{month:%Y-%m-%d}"})
            assert answer["Location"] == f"/staff/fees/matching/?month={month:%Y-%m-%d}"
    for day, status in ((clean, "agreed"), (differs, "matched"), (waiting, "waiting"), (other, "matched")):
        day.refresh_from_db()
        assert day.status == status
    assert clean.history.get(to_status="agreed").actor == manager
    assert LedgerTransaction.objects.filter(kind="fee").count() == 1
    assert_in_balance()


def test_days_not_agreed__name_the_days_and_forget_those_that_never_come() -> None:
    estate = make_estate(company=make_company())
    account = MerchantAccount.objects.create(
        company=estate.company,
        provider="wechat",
        merchant_number="19",
        credentials="{}",
        created_at=clock.now(),
    )
    days = [new_day(date(2026, 8, number), account, "wechat") for number in (3, 9)]
    span = Span(date(2026, 8, 1), date(2026, 8, 31))
    MatchingDay.objects.update(ask_at=clock.midnight(date(2026, 9, 1)))
    (found,) = days_not_agreed(estate, span)
    assert "2 天" in str(found.message)
    assert "08-03" in str(found.message)
    assert found.url == f"{reverse('matching')}?month=2026-08-01"
    assert not list(days_not_agreed(make_estate(), span))
    MatchingDay.objects.filter(pk=days[0].pk).update(ask_at=clock.midnight(date(2026, 11, 30)))
    (found,) = days_not_agreed(estate, span)
    assert "1 天" in str(found.message)
    MatchingDay.objects.update(status="agreed")
    assert not list(days_not_agreed(estate, span))
    assert actions.agree_clean_days(
        first=span.first, last=span.last, by=make_cashier(estate=estate), now=clock.now()
    ) == (0, 0)
