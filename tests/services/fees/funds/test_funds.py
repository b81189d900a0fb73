"""The owners' money: lines with vouchers, spendings by two, a quarter that equals the ledger, questions."""

import io
from datetime import date, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Sum
from django.test import Client
from django.urls import reverse
from PIL import Image

from accounts.models import User
from community.core.clock import SHANGHAI
from community.core.errors import ActionError, Forbidden
from community.core.services.nav import StaffMember
from community.estates.models import Home
from services.fees.closing.actions import prepare_sheet, sign_sheet
from services.fees.funds.actions import (
    NewLine,
    agree_to_line,
    answer_question,
    ask_question,
    ask_reversal,
    decline_line,
    write_line,
)
from services.fees.funds.quarters import quarter_of
from services.fees.models import Account, Entry, Fund, FundLine, FundQuestion, LedgerTransaction
from services.fees.nav import NAV
from tests.factories import make_cashier, make_home, make_resident, make_staff
from tests.support.books import assert_in_balance
from tests.support.photos import halves, packed

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 30, 9, 0, tzinfo=SHANGHAI)
# The tag of a camera's maker.
MAKE = 0x010F
PDF = b"%PDF-1.7 %%EOF"


def pdf(name: str = "voucher.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


@pytest.fixture
def home() -> Home:
    return make_home()


@pytest.fixture
def two(home: Home) -> tuple[User, User]:
    first, second = (make_cashier(estate=home.estate, float_fen=None) for _n in range(2))
    return first, second


def new_line(home: Home, category: str, fen: int, **overrides: Any) -> NewLine:
    given: dict[str, Any] = {
        "kind": "public",
        "on": date(2026, 11, 5),
        "counterparty": "分众传媒",
        "purpose": "11月电梯广告费",
        "files": {"voucher": pdf()},
    }
    return NewLine(estate=home.estate, category=category, amount_fen=fen, **(given | overrides))


def booked(home: Home, two: tuple[User, User], category: str, fen: int, **overrides: Any) -> FundLine:
    line = write_line(new_line(home, category, fen, **overrides), by=two[0], now=NOW)
    if line.status == "asked":
        agree_to_line(line=line, by=two[1], now=NOW)
    return line


MAINTENANCE = {"kind": "maintenance", "ground": "decision", "ground_words": "业主大会〔2026〕3号"}


def test_quarter__of_a_fund__equals_the_ledger(home, two) -> None:
    booked(home, two, "opening", 500000, on=date(2026, 6, 30))
    booked(home, two, "adverts", 120000, on=date(2026, 10, 1))
    booked(home, two, "parking", 80050, on=date(2026, 12, 1).replace(month=11))
    booked(home, two, "cost", 30025, on=date(2026, 11, 30))
    fund = Fund.objects.get()
    quarter = quarter_of(fund, date(2026, 11, 30))
    assert (quarter.opening_fen, quarter.in_fen, quarter.out_fen) == (500000, 200050, 30025)
    money = Entry.objects.filter(account__kind=Account.Kind.FUND)
    assert quarter.closing_fen == money.aggregate(fen=Sum("amount_fen"))["fen"] == 670025
    assert [kind.percent for kind in quarter.receipts] == [100, 66]
    assert quarter_of(fund, date(2026, 7, 1)).opening_fen == 500000
    assert quarter_of(fund, date(2026, 6, 1)).closing_fen == 500000
    assert_in_balance()


def test_spending__by_one_alone__is_not_booked(home, two) -> None:
    booked(home, two, "opening", 10000)
    line = write_line(new_line(home, "upkeep", 4000), by=two[0], now=NOW)
    assert not LedgerTransaction.objects.filter(key=f"fund:{line.pk}").exists()
    with pytest.raises(Forbidden):
        agree_to_line(line=line, by=two[0], now=NOW)
    agree_to_line(line=line, by=two[1], now=NOW)
    agree_to_line(line=line, by=two[1], now=NOW)
    assert Account.objects.get(kind=Account.Kind.FUND).held_fen == 6000
    declined = write_line(new_line(home, "upkeep", 100), by=two[0], now=NOW)
    decline_line(line=declined, reason="发票不符", by=two[1], now=NOW)
    with pytest.raises(ActionError):
        agree_to_line(line=declined, by=two[1], now=NOW)
    assert_in_balance()


@pytest.mark.parametrize(
    ("category", "changes", "field", "code"),
    [
        ("upkeep", {"amount_fen": 10001}, "amount", "not_enough"),
        ("adverts", {"amount_fen": 0}, "amount", "amount_wrong"),
        ("adverts", {"on": date(2026, 12, 1)}, "on", "day_wrong"),
        ("adverts", {"files": {}}, "voucher", "voucher_missing"),
        ("adverts", {"files": {"voucher": b"GIF"}}, "voucher", ""),
        ("adverts", {"counterparty": " "}, "counterparty", "words_missing"),
        ("repair", {}, "category", "unknown_kind"),
        ("repair", {"kind": "maintenance"}, "ground", "ground_missing"),
        ("repair", MAINTENANCE, "decision", "decision_missing"),
        (
            "repair",
            {"kind": "maintenance", "ground": "emergency", "ground_words": " "},
            "ground_words",
            "ground_words_missing",
        ),
    ],
)
def test_line__bad_input__refused(home, two, category, changes, field, code) -> None:
    booked(home, two, "opening", 10000)
    changes = dict(changes)
    if changes.get("files", {}).get("voucher") == b"GIF":
        changes["files"] = {"voucher": pdf("a.png", b"GIF89a nothing")}
    fen = changes.pop("amount_fen", 100)
    with pytest.raises(ActionError) as refused:
        write_line(new_line(home, category, fen, **changes), by=two[0], now=NOW)
    assert refused.value.field == field
    assert code in ("", refused.value.code)
    assert FundLine.objects.count() == 1


def test_spending__of_the_maintenance_fund__with_a_decision_or_an_emergency(home, two) -> None:
    booked(home, two, "owners", 100000, kind="maintenance")
    files = {"voucher": pdf(), "decision": pdf("decision.pdf")}
    repair = booked(home, two, "repair", 60000, **MAINTENANCE | {"files": files})
    assert {file.kind for file in repair.files.all()} == {"voucher", "decision"}
    urgent = {"kind": "maintenance", "ground": "emergency", "ground_words": "3号楼电梯困人"}
    booked(home, two, "repair", 40000, **urgent)
    assert Account.objects.get(kind=Account.Kind.FUND).held_fen == 0


def test_line__in_a_closed_month__refused_and_taken_back_today(home, two) -> None:
    wrong = booked(home, two, "adverts", 12000, on=date(2026, 10, 5))
    month = {"estate": home.estate, "kind": "month", "first": date(2026, 10, 1), "now": NOW}
    sheet = prepare_sheet(by=two[0], **month)
    sign_sheet(sheet=sheet, seen=sheet.digest, by=two[1], now=NOW)
    with pytest.raises(ActionError) as refused:
        write_line(new_line(home, "adverts", 100, on=date(2026, 10, 6)), by=two[0], now=NOW)
    assert refused.value.code == "month_closed"
    back = ask_reversal(line=wrong, reason="记错项目", by=two[0], now=NOW)
    assert ask_reversal(line=wrong, reason="记错项目", by=two[0], now=NOW) == back
    agree_to_line(line=back, by=two[1], now=NOW)
    assert LedgerTransaction.objects.get(key=f"fund:{back.pk}").at == NOW
    quarter = quarter_of(wrong.fund, NOW.date())
    assert (quarter.receipts, quarter.closing_fen) == ([], 0)
    assert_in_balance()


def test_question__answered__is_read_by_all_without_the_name(home, two) -> None:
    line = booked(home, two, "adverts", 12000)
    asker, neighbour = (
        make_resident(home=home, name="王秀英"),
        make_resident(home=make_home(estate=home.estate)),
    )
    stranger = make_resident(home=make_home())
    with pytest.raises(Forbidden):
        ask_question(line=line, words="为什么", spoken=None, by=stranger, now=NOW)
    question = ask_question(line=line, words="广告费按什么标准收", spoken=None, by=asker, now=NOW)
    assert not FundQuestion.objects.visible_to(neighbour).exists()
    answer_question(question=question, answer="按合同每月120元", by=two[0], now=NOW)
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(neighbour)
    page = client.get(reverse("fund_line", args=[line.pk])).content.decode()
    assert "按合同每月120元" in page
    assert "王秀英" not in page
    client.force_login(stranger)
    for name in ("fund_line", "fund"):
        assert (
            client.get(reverse(name, args=[line.pk if "line" in name else line.fund_id])).status_code == 404
        )
    assert client.get(reverse("fund_file", args=[line.files.get().pk])).status_code == 404


def test_pages__of_a_resident__have_the_quarter(home, two) -> None:
    booked(home, two, "adverts", 12345)
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(make_resident(home=home))
    fund = Fund.objects.get()
    for mode in ("standard", "large"):
        client.cookies["mode"] = mode
        assert "123.45" in client.get(reverse("funds")).content.decode()
        page = client.get(reverse("fund", args=[fund.pk]) + "?day=2026-11-30").content.decode()
        assert "电梯广告" in page
    pdf_file = client.get(reverse("fund_pdf", args=[fund.pk]) + "?day=2026-11-30")
    assert pdf_file.content.startswith(b"%PDF")
    assert client.get(reverse("fund_sheet", args=[fund.pk]) + "?day=2026-11-30").status_code == 200
    assert client.get(reverse("fund_file", args=[FundLine.objects.get().files.get().pk])).content == PDF


def test_pages__of_staff__write_agree_and_answer(home, two) -> None:
    clients = [Client(headers={"accept-language": "zh-CN"}) for _n in two]
    for client, person in zip(clients, two, strict=True):
        client.force_login(person)
    booked(home, two, "opening", 10000)
    address = reverse("fees_fund_new", args=["public"])
    assert clients[0].get(address).status_code == 200
    typed = {
        "category": "upkeep",
        "amount": "12.50",
        "on": "2026-11-05",
        "counterparty": "绿化公司",
        "purpose": "修剪",
        "key": "7d444840-9dc0-11d1-b245-5ffdce74fad2",
    }
    assert clients[0].post(address, typed).status_code == 422
    clients[0].post(address, typed | {"voucher": pdf()})
    line = FundLine.objects.get(category="upkeep")
    assert clients[0].post(reverse("fees_fund_agree", args=[line.pk])).status_code == 403
    clients[1].post(reverse("fees_fund_agree", args=[line.pk]))
    assert "12.50" in clients[0].get(reverse("fees_fund_line", args=[line.pk])).content.decode()
    assert "绿化公司" in clients[0].get(reverse("fees_funds")).content.decode()
    line.refresh_from_db()
    assert (line.status, line.approved_by) == ("booked", two[1])


def test_voucher__that_is_a_photo__is_shown_to_residents_without_its_exif(home, two) -> None:
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(two[0])
    exif = Image.Exif()
    exif[MAKE] = "张三的手机"
    photo = packed(halves(), "JPEG", exif=exif)
    assert b"Exif" in photo.getvalue()
    typed = {
        "category": "adverts",
        "amount": "12.50",
        "on": "2026-11-05",
        "counterparty": "楼宇传媒",
        "purpose": "电梯广告费",
        "key": "7d444840-9dc0-11d1-b245-5ffdce74fad3",
        "voucher": SimpleUploadedFile("IMG_0001.jpg", photo.getvalue(), "image/jpeg"),
    }
    client.post(reverse("fees_fund_new", args=["public"]), typed)
    line = FundLine.objects.get()
    assert line.files.get().picture
    client.force_login(make_resident(home=home))
    address = reverse("fund_file", args=[line.files.get().pk])
    assert address in client.get(reverse("fund_line", args=[line.pk])).content.decode()
    shown = client.get(address)
    assert shown["Content-Type"] == "image/jpeg"
    content = b"".join(shown.streaming_content) if shown.streaming else shown.content
    with Image.open(io.BytesIO(content)) as picture:
        assert picture.format == "JPEG"
        assert not picture.getexif()
    assert b"Exif" not in content


def test_nav__counts_what_waits_in_funds(home, two) -> None:
    def counted(user: User) -> int:
        member = StaffMember(User.objects.get(pk=user.pk), frozenset(), NOW)
        return NAV[0].count(member)  # type: ignore[misc]

    desk = make_staff(role="front_desk", estate=home.estate)
    booked(home, two, "opening", 10000)
    assert [counted(user) for user in (*two, desk)] == [0, 0, 0]
    line = write_line(new_line(home, "upkeep", 4000), by=two[0], now=NOW)
    ask_question(line=line, words="多少钱", spoken=None, by=make_resident(home=home), now=NOW)
    # Who asked is not the second person; the desk answers questions.
    assert [counted(user) for user in (*two, desk)] == [1, 2, 1]
