"""A bank's file: brought in once and whole, matched with counter payments by slip, sum and day, booking nothing."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from community.core import clock
from community.estates.models import Estate, ImportRun
from services.fees.counter.actions import open_shift
from services.fees.matching import actions
from services.fees.matching.actions import BankLine, NewBankSheet
from services.fees.models import (
    Account,
    BankSheet,
    Entry,
    MatchingDay,
    MatchingDifference,
    MatchingLine,
    Payment,
    Refund,
)
from tests.community.admin_pages import signed_in
from tests.community.estates.importing import check, complaints, confirm, sheet
from tests.factories import (
    make_bill,
    make_building,
    make_cashier,
    make_entrance,
    make_estate,
    make_home,
    make_payment,
)
from tests.support.books import assert_in_balance
from tests.support.paying import give_back

pytestmark = pytest.mark.django_db
MODEL = "fees_banksheet"
HEADINGS = [
    "记账日期",
    "摘要",
    "借方发生额",
    "贷方发生额",
    "交易流水号",
    "凭证号",
    "对方户名",
    "对方账号",
    "附言",
]
Kind = MatchingDifference.Kind


@pytest.fixture
def estate() -> Estate:
    return make_estate()


@pytest.fixture
def cashier(estate: Estate) -> User:
    return make_cashier(estate=estate)


@pytest.fixture
def client(cashier: User) -> Client:
    return signed_in(cashier)


def row(
    day: Any, came: Any, number: Any = "", party: str = "", *, went: Any = None, voucher: str = ""
) -> list[Any]:
    return [day, "转账", went, came, number, voucher, party, "6222****1234", "物业费"]


def today() -> date:
    return clock.today(clock.now())


def taken(
    estate: Estate, fen: int, slip: str = "", *, ago: int = 0, way: str = "transfer", name: str = ""
) -> Payment:
    """Creates a payment that was taken at the counter so many days ago."""
    payment = make_payment(bills=[make_bill(home=make_home(estate=estate), amount_fen=fen)], paid=True)
    at = clock.now() - timedelta(days=ago)
    changed = {"channel": way, "slip_number": slip, "paid_at": at, "payer": None, "payer_name": name}
    Payment.objects.filter(pk=payment.pk).update(provider_number="", **changed)
    payment.refresh_from_db()
    return payment


def brought_in(
    client: Client, estate: Estate, *rows: list[Any], source: str = "bank", headings=HEADINGS
) -> Any:
    checked = check(client, MODEL, estate, sheet(headings, *rows))
    return confirm(client, MODEL, checked, source=source)


def bank_sheet(estate: Estate, lines: list[tuple[date, int]]) -> MatchingDay:
    """Brings in lines of these days and sums, with today; returns its last day."""
    made = [BankLine(f"{n}{fen}", on, fen, 0, f"N{n}", "", "", "", "") for n, (on, fen) in enumerate(lines)]
    new = NewBankSheet(estate, "bank", f"{estate.pk}{lines}", (today(), today()), made)
    brought = actions.bring_in_sheet(new, by=make_cashier(estate=estate), now=clock.now())
    return brought.days.get()


def kinds() -> list[tuple[str, int | None]]:
    found = MatchingDifference.objects.open().order_by("pk")
    return [(one.kind, one.there_fen if one.line_id else one.here_fen) for one in found]


def test_bring_in__good_file__is_matched_and_books_nothing(client: Client, estate: Estate) -> None:
    day, before = today(), Entry.objects.count()
    by_number, by_voucher = taken(estate, 16380, "T-1", ago=9), taken(estate, 5000, "88012", way="cheque")
    by_sum, other_sum = taken(estate, 7700, "typed wrongly", name="王芳", ago=1), taken(estate, 900, "T-9")
    same_sum = taken(estate, 7700, name="李雷")
    late = taken(estate, 333, "nowhere", ago=5)
    booked = Entry.objects.count()
    checked = check(
        client,
        MODEL,
        estate,
        sheet(
            ["某银行交易明细"],
            HEADINGS,
            row(f"{day:%Y%m%d}", "163.80", "T-1", "张三"),
            row(f"{day:%Y-%m-%d} 10:21:33", 50, "B2", voucher="88012"),
            row(datetime(day.year, day.month, day.day), "77.00", "B3", "王芳"),
            row(f"{day:%Y/%m/%d}", "¥8.00", "T-9"),
            row(f"{day:%Y年%m月%d日}", "1,234.56", "B5", "赵六"),
            row(f"{day - timedelta(days=6):%Y-%m-%d}", None, "B6", "电力公司", went="9,000.00"),
            ["合计", "", "9000.00", "1533.36"],
        ),
    )
    outcome = checked.context["outcome"]
    assert outcome["sums"] == [["收入金额", 5, "¥1533.36"], ["支出金额", 1, "¥9000.00"]]
    assert not BankSheet.objects.exists()
    assert client.post(checked.context["confirm_url"], {}).context["run"].status == ImportRun.Status.READY
    confirm(client, MODEL, checked, source="bank")
    found = BankSheet.objects.get()
    assert (found.line_count, found.in_fen, found.out_fen) == (6, 153336, 900000)
    assert found.days.count() == 7
    linked = dict(MatchingLine.objects.exclude(payment=None).values_list("number", "payment"))
    assert linked == {"T-1": by_number.pk, "B2": by_voucher.pk, "T-9": other_sum.pk}
    assert sorted(kinds()) == [("amount", 800), ("not_there", 333), ("proposed", 7700), ("unknown", 123456)]
    proposal = MatchingDifference.objects.get(kind=Kind.PROPOSED)
    assert proposal.payment == by_sum
    assert same_sum.pk not in linked.values()
    assert late.pk == MatchingDifference.objects.get(kind=Kind.NOT_THERE).payment_id
    assert Entry.objects.count() == booked > before
    assert MatchingLine.objects.get(kind="other").amount_fen == 900000


def test_bring_in__bad_rows__are_named_and_nothing_is_stored(client: Client, estate: Estate) -> None:
    day = f"{today():%Y-%m-%d}"
    tomorrow = f"{today() + timedelta(days=1):%Y-%m-%d}"
    answer = check(
        client,
        MODEL,
        estate,
        sheet(
            HEADINGS,
            row(day, "1.00", "A"),
            row("someday", "1.00", "B"),
            row(day, "1.005", "C"),
            row(day, "1.00", "D", went="2.00"),
            row(day, None, "E"),
            row(tomorrow, "1.00", "F"),
            row(day, "1.00", 1.2345678901234567e19),
            row("", "1.00", "H"),
        ),
    )
    assert sorted(complaints(answer)) == [3, 4, 5, 6, 7, 8, 9]
    assert "第 3 行" in complaints(answer)[3]
    assert not MatchingLine.objects.exists()


def test_bring_in__same_file_again__is_refused_and_overlap_adds_only_new_lines(
    client: Client, estate: Estate
) -> None:
    day = f"{today():%Y-%m-%d}"
    rows = [row(day, "1.00", "A"), row(day, "2.00"), row(day, "2.00")]
    brought_in(client, estate, *rows)
    assert MatchingLine.objects.count() == 3
    again = check(client, MODEL, estate, sheet(HEADINGS, *rows))
    assert "已经" in complaints(again)[2]
    part = check(client, MODEL, estate, sheet(HEADINGS, *rows[:2]))
    assert "已经" in complaints(part)[2]
    brought_in(client, estate, *rows, row(day, "3.00", "B"))
    assert sorted(MatchingLine.objects.values_list("amount_fen", flat=True)) == [100, 200, 200, 300]
    other = make_estate()
    brought_in(signed_in(make_cashier(estate=other)), other, *rows)
    assert BankSheet.objects.count() == 3


def test_accept__proposal__links_it_once_and_a_day_books_its_fee(
    client: Client, estate: Estate, cashier: User
) -> None:
    day = today()
    headings = ["交易日期", "交易金额", "手续费", "参考号", "交易类型"]
    paid, typo = taken(estate, 10000, "R1", way="pos"), taken(estate, 2000, "R22", way="wechat_code")
    rows = [[f"{day}", "100.00", "0.38", "R1", "消费"], [f"{day}", "20.00", "0.08", "R2", "消费"]]
    brought_in(client, estate, *rows, source="acquirer", headings=headings)
    found = MatchingDifference.objects.get()
    assert (found.kind, found.payment) == (Kind.PROPOSED, typo)
    url = f"/staff/fees/matching/differences/{found.pk}/settle/"
    for _n in range(2):
        client.post(url)
    found.refresh_from_db()
    assert found.resolved_by == cashier
    assert set(MatchingLine.objects.values_list("payment", flat=True)) == {paid.pk, typo.pk}
    matched = MatchingDay.objects.get()
    for _n in range(2):
        assert client.post(f"/staff/fees/matching/{matched.pk}/agree/").status_code == 302
    fees = Account.objects.filter(kind=Account.Kind.PROVIDER_FEE).order_by("provider")
    assert [(one.provider, one.balance_fen) for one in fees] == [("pos", 38), ("wechat_code", 8)]
    assert MatchingDay.objects.get().status == MatchingDay.Status.AGREED


def test_differences__of_another_estate__are_404(client: Client, estate: Estate) -> None:
    other = make_estate()
    brought_in(signed_in(make_cashier(estate=other)), other, row(f"{today()}", "5.00", "A"))
    found = MatchingDifference.objects.get()
    for url in (
        f"/staff/fees/matching/{found.day_id}/",
        f"/staff/fees/matching/differences/{found.pk}/take/",
    ):
        assert client.get(url).status_code == 404
    assert (
        client.post(f"/staff/fees/matching/differences/{found.pk}/note/", {"words": "x"}).status_code == 404
    )
    assert check(client, MODEL, other, sheet(HEADINGS, row(f"{today()}", "5.00", "B"))).status_code == 200
    assert BankSheet.objects.count() == 1


def test_note__set_aside_with_a_reason__stays_so_when_matched_again(client: Client, estate: Estate) -> None:
    brought_in(client, estate, row(f"{today()}", "5.00", "A"), row(f"{today()}", "6.00", "B"))
    aside, left = MatchingDifference.objects.order_by("pk")
    client.post(f"/staff/fees/matching/differences/{aside.pk}/note/", {"words": "利息"})
    paid = taken(estate, 600, "B")
    day = MatchingDay.objects.select_related("sheet").get()
    actions.match_day(day=day, now=clock.now())
    left.refresh_from_db()
    assert MatchingLine.objects.get(number="B").payment == paid
    assert left.resolved_at is not None
    assert not kinds()


def test_take__line_of_nobody__suggests_homes_and_the_counter_settles_it(
    client: Client, estate: Estate, cashier: User
) -> None:
    entrance = make_entrance(building=make_building(estate=estate, name="3号楼"), name="1单元")
    named = make_home(entrance=entrance, number="101")
    owing, other = make_home(estate=estate), make_home(estate=estate)
    for home, fen in ((named, 4000), (named, 6000), (owing, 12000), (other, 500)):
        make_bill(home=home, amount_fen=fen)
    line = row(f"{today()}", "120.00", "B77", "赵六")
    line[-1] = "3-1-101物业费"
    brought_in(client, estate, line)
    found = MatchingDifference.objects.get()
    url = f"/staff/fees/matching/differences/{found.pk}/take/"
    shown = client.get(url)
    assert {home: why for home, _fen, _names, why in shown.context["homes"]} == {
        owing: "有金额相同的欠费。",
        named: "附言写了房号。",
    }
    assert client.post(url, {"words": "找不到的人"}).context["homes"] == []
    counter = f"{reverse('fees_counter', args=[named.pk])}?difference={found.pk}"
    form = client.get(counter).context["form"]
    assert (form["channel"].value(), form["slip_number"].value(), form["payer_name"].value()) == (
        *("transfer", "B77"),
        "赵六",
    )
    assert form["extra"].value() == "20.00"
    open_shift(estate=estate, float_fen=0, by=cashier, now=clock.now())
    bills = {f"tick_{bill.pk}": "on" for bill in form.bills}
    amounts = {f"amount_{bill.pk}": str(bill.amount_fen // 100) for bill in form.bills}
    typed = {
        **bills,
        **amounts,
        "extra": "20",
        "payer": "other",
        "payer_name": "赵六",
        "channel": "transfer",
        "slip_number": "B77",
        "key": str(uuid4()),
        "yes": "1",
    }
    for _n in range(2):
        assert client.post(counter, typed).status_code == 302
    payment = Payment.objects.get()
    found.refresh_from_db()
    assert (found.resolved_by, MatchingLine.objects.get().payment) == (cashier, payment)
    assert payment.amount_fen == 12000
    assert client.get(url).status_code == 404
    assert_in_balance()


def test_refunds__by_transfer__are_found_at_the_bank_or_missed(client: Client, estate: Estate) -> None:
    found, missed = (give_back(taken(estate, fen), asks=make_cashier(estate=estate)) for fen in (3000, 4000))
    at = clock.now() - timedelta(days=5)
    Refund.objects.update(channel="transfer", status="done", status_changed_at=at)
    Payment.objects.update(paid_at=clock.now() - timedelta(days=60))
    first, last = f"{today() - timedelta(days=6)}", f"{today()}"
    back = row(f"{today() - timedelta(days=4)}", None, went="30.00")
    brought_in(client, estate, row(first, "1", "A"), back, row(last, "2", "B"))
    assert MatchingLine.objects.get(kind="refund").refund == found
    assert MatchingDifference.objects.get(kind=Kind.REFUND_NOT_THERE).refund == missed


def test_admin__days_and_differences__are_read_only_and_of_ones_own_estates(
    client: Client, estate: Estate
) -> None:
    for owner in (estate, make_estate()):
        bank_sheet(owner, [(today(), 500)])
    own = MatchingDifference.objects.get(estate=estate)
    foreign = MatchingDifference.objects.exclude(estate=estate).get()
    for name, mine, other in (
        ("matchingday", own.day_id, foreign.day_id),
        ("matchingdifference", own.pk, foreign.pk),
        ("banksheet", own.day.sheet_id, foreign.day.sheet_id),
    ):
        listed = client.get(reverse(f"admin:fees_{name}_changelist"))
        assert [row.pk for row in listed.context["cl"].result_list] == [mine]
        page = reverse(f"admin:fees_{name}_change", args=[mine])
        assert client.get(page).status_code == 200
        assert client.post(page, {}).status_code == 403
        assert client.get(reverse(f"admin:fees_{name}_change", args=[other])).status_code == 302
