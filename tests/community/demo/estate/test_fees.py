"""The demo's two years of bills: plausible, and the books agree."""

from django.db.models import Count

from accounts.models import User
from community.core import clock
from community.estates.models import Estate
from services.fees import queries
from services.fees.closing.figures import figures_of
from services.fees.closing.hindrances import hindrances, months, open_days
from services.fees.models import (
    Account,
    Bill,
    ClosingSheet,
    Deposit,
    FeeItem,
    FundLine,
    MatchingDay,
    MatchingDifference,
    Payment,
    Refund,
)
from tests.support.books import assert_in_balance


def owed(phone: str) -> tuple[int, int]:
    fen, bills, _late_fen = queries.owed_by(
        User.objects.with_phone(f"+86{phone}").get(), clock.today(clock.now())
    )
    return fen, bills


def test_fees__two_years_for_every_home__some_in_arrears_and_the_books_agree(demo: None) -> None:
    assert Bill.objects.filter(item__kind="property", opening=None).count() == 36_000
    assert_in_balance()
    late = Bill.objects.in_arrears(clock.today(clock.now())).values("home").distinct().count()
    assert 1500 * 0.09 < late < 1500 * 0.16
    assert {1, 2} <= {len(set(item.tariffs.values_list("rate_hao"))) for item in FeeItem.objects.all()}
    assert Account.objects.filter(held_fen__gt=0).exists()
    assert Payment.objects.filter(channel="cash").exists()


def test_fees__of_those_who_can_be_tried(demo: None) -> None:
    assert owed("13900010001")[1] == 1
    # Three months of the property fee, two of water, one of the shared water.
    assert owed("13900010003")[1] == 6
    assert owed("13900010004") == (0, 0)
    son = User.objects.with_phone("+8613900010002").get()
    assert [one.owed_fen for one in queries.residents_to_pay_for(son)] == [owed("13900010001")[0]]
    assert all(bill.created_at <= clock.now() for bill in Bill.objects.order_by("-created_at")[:5])


def test_fees__a_rate_that_changes_in_the_middle_of_a_month__two_lines_a_bill(demo: None) -> None:
    bills = Bill.objects.filter(item__name_en="Lift").prefetch_related("lines")
    assert bills
    for bill in bills:
        before, after = bill.lines.all()
        assert (before.rate_hao, after.rate_hao) == (250_000, 280_000)
        assert (before.to_on.day, after.from_on.day) == (15, 16)
        assert bill.amount_fen == before.amount_fen + after.amount_fen


def test_fees__deposits_of_each_kind_refunds_in_part_and_a_moved_payment(demo: None) -> None:
    assert set(Deposit.objects.held().values_list("kind", flat=True)) == set(Deposit.Kind.values)
    assert Refund.objects.filter(deposit__isnull=False, status="done", kept_fen__gt=0).exists()
    assert Payment.objects.filter(status="partly").exists()
    assert Payment.objects.filter(moved_from__isnull=False).exists()
    assert Refund.objects.waiting_for_second().filter(payment__isnull=False).exists()
    owner = User.objects.with_phone("+8613900010003").get()
    assert Deposit.objects.of_payer(owner).exists()


def test_fees__paid_on_line_by_both_providers__as_at_the_payment_server(demo: None) -> None:
    online = Payment.objects.exclude(merchant=None)
    assert set(online.values_list("channel", flat=True)) == {"wechat", "alipay"}
    assert not Payment.objects.filter(channel="sandbox").exists()
    back = Refund.objects.filter(channel__in=("wechat", "alipay"))
    assert set(back.values_list("channel", "status")) == {
        ("wechat", "done"),
        ("alipay", "done"),
        ("wechat", "pending"),
    }
    # Statements of the server, read by our own code, agree but for what is planted.
    days = (
        MatchingDay.objects.exclude(merchant=None)
        .values("provider", "status")
        .annotate(days=Count("pk"))
        .order_by()
    )
    found = {(row["provider"], row["status"]): row["days"] for row in days}
    assert found.pop(("alipay", "agreed")) == 12
    assert found.pop(("alipay", "matched")) == 2
    # Two days with differences, unless both are on one.
    assert found.pop(("wechat", "agreed")) in (10, 11)
    assert set(found) == {("wechat", "matched")}
    differences = MatchingDifference.objects.exclude(day__merchant=None)
    kinds = differences.order_by("kind").values_list("kind", flat=True)
    assert list(kinds) == ["amount", "unknown"]


def test_fees__months_are_closed_by_two_but_the_last(demo: None) -> None:
    now = clock.now()
    for estate in Estate.objects.all():
        signed = ClosingSheet.objects.signed().filter(estate=estate)
        closed = list(signed.filter(kind="month").values_list("first", flat=True))
        assert closed == months(estate, now)[1:]
        newest = signed.filter(kind="month")[0]
        assert newest.prepared_by != newest.signed_by
        assert figures_of(estate, newest.kind, newest.span) == newest.figures
        assert open_days(estate, newest.span) == []
        # Only what is open in the last month is in the way of closing it.
        found = {one.code for one in hindrances(estate, "month", months(estate, now)[0], now)}
        assert found <= {"differences_open", "days_not_agreed", "days_open", "shift_open"}


def test_fees__a_year_of_funds_with_a_spending_that_waits(demo: None) -> None:
    lines = FundLine.objects.filter(fund__estate__code="xingfuli", fund__kind="public")
    first, last = (lines.order_by(by).values_list("on", flat=True)[0] for by in ("on", "-on"))
    assert (last - first).days > 330
    assert lines.filter(status=FundLine.Status.ASKED).exists()
