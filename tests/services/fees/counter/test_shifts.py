"""Shifts of the till: what they hold, who closes them, and what the books say of a difference."""

from datetime import date
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from pypdf import PdfReader

from accounts.models import StaffRole, User
from community.core import clock
from community.core.errors import ActionError, Forbidden
from community.estates.models import Home
from services.fees.actions.receipt_numbers import void_receipt
from services.fees.counter import actions, queries, sheets
from services.fees.counter.banking import Slip, bank_cash, undo_banked
from services.fees.models import Account, Payment, Shift
from services.fees.reconciliation import differences
from tests.factories import make_bill, make_cashier, make_item, make_staff
from tests.support import paying
from tests.support.books import assert_in_balance

pytestmark = pytest.mark.django_db


def close(shift: Shift, counted_fen: int, by: User, **given: Any) -> Shift:
    return actions.close_shift(shift=shift, count=actions.Count(counted_fen, **given), by=by, now=clock.now())


def shift_of(cashier: User) -> Shift:
    return Shift.objects.get(cashier=cashier)


def take(home: Home, cashier: User, fen: int, **given: Any) -> Payment:
    return paying.take_payment(home, {}, extra_fen=fen, by=cashier, payer_name="王秀英", **given)


def test_shift__cash_and_other_ways__only_cash_is_expected(home: Home) -> None:
    cashier = make_cashier(estate=home.estate, float_fen=20000)
    take(home, cashier, 5000)
    back = take(home, cashier, 700)
    take(home, cashier, 300, channel="pos", slip_number="0012")
    paying.give_back(back, asks=cashier)
    sheet = queries.hand_over(shift_of(cashier))
    assert sheet.expected_fen == 25000
    assert [(one.way, one.count, one.fen, one.back_count, one.back_fen) for one in sheet.ways] == [
        ("cash", 2, 5700, 1, 700),
        ("pos", 1, 300, 0, 0),
    ]
    assert sheet.total_fen == 5300


def test_shift__another_cashiers_money__is_in_their_own(home: Home) -> None:
    first, second = make_cashier(estate=home.estate), make_cashier(estate=home.estate)
    take(home, first, 100)
    take(home, second, 200)
    assert [queries.expected_fen(shift_of(one)) for one in (first, second)] == [100, 200]


@pytest.mark.parametrize(("counted_fen", "books_fen"), [(10500, -500), (9900, 100)])
def test_close__counted_otherwise__books_the_difference(home: Home, counted_fen: int, books_fen: int) -> None:
    cashier = make_cashier(estate=home.estate, float_fen=4000)
    take(home, cashier, 6000)
    with pytest.raises(ActionError) as refused:
        close(shift_of(cashier), counted_fen, cashier)
    assert (refused.value.code, refused.value.field) == ("words_missing", "words")
    shift = close(shift_of(cashier), counted_fen, cashier, words="找零数错")
    assert (shift.expected_fen, shift.difference_fen) == (10000, counted_fen - 10000)
    assert Account.objects.get(kind="over_short").balance_fen == books_fen
    assert [str(difference) for difference in differences()] == []


def test_close__as_expected__books_nothing(home: Home, cashier: User) -> None:
    take(home, cashier, 6000)
    close(shift_of(cashier), 6000, cashier)
    assert not Account.objects.filter(kind="over_short").exists()
    assert_in_balance()


def test_close__twice_or_by_another__is_refused(home: Home, cashier: User) -> None:
    shift = shift_of(cashier)
    for other in (make_cashier(estate=home.estate), make_staff(role="manager", estate=home.estate)):
        with pytest.raises(Forbidden):
            close(shift, 0, other)
    close(shift, 0, cashier)
    with pytest.raises(ActionError) as refused:
        close(Shift.objects.get(pk=shift.pk), 0, cashier)
    assert refused.value.code == "already_moved"
    assert shift_of(cashier).history.count() == 2


def test_close__money_came_since_the_page__asks_to_look_again(home: Home, cashier: User) -> None:
    take(home, cashier, 500)
    with pytest.raises(ActionError) as refused:
        close(shift_of(cashier), 0, cashier, expected=0)
    assert refused.value.code == "expected_changed"
    assert shift_of(cashier).status == "open"


def test_open__again__is_the_same_shift_and_another_float_is_refused(home: Home, cashier: User) -> None:
    opened = {"estate": home.estate, "by": cashier, "now": clock.now()}
    assert actions.open_shift(float_fen=0, **opened).pk == shift_of(cashier).pk
    with pytest.raises(ActionError) as refused:
        actions.open_shift(float_fen=100, **opened)
    assert (refused.value.code, refused.value.field) == ("shift_open", "float")


def test_take__without_a_shift__offers_one_on_the_page_and_keeps_what_was_typed(home: Home) -> None:
    cashier = make_cashier(estate=home.estate, float_fen=None)
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(cashier)
    bill, url = make_bill(home=home), f"/staff/fees/homes/{home.pk}/"
    given = {f"tick_{bill.pk}": "on", f"amount_{bill.pk}": "100", "payer": "other", "payer_name": "陈志强"}
    given |= {"key": "0e6f3f0e-6a3e-4d0e-8f1e-111111111111", "extra": "12.34"}
    refused = client.post(url, given | {"yes": "1"})
    assert refused.status_code == 422
    assert "还没有开班" in refused.content.decode()
    assert not Payment.objects.exists()
    assert client.post(url, given | {"open": "1", "float": ""}).status_code == 422
    opened = client.post(url, given | {"open": "1", "float": "200"}).content.decode()
    assert "还没有开班" not in opened
    assert all(f'value="{typed}"' in opened for typed in ("100", "12.34", "陈志强"))
    assert shift_of(cashier).float_fen == 20000
    client.post(url, given | {"yes": "1"})
    assert Payment.objects.get().amount_fen == 11234


def test_refund__cash_without_any_open_till__is_refused(home: Home, cashier: User) -> None:
    paid = take(home, cashier, 500)
    close(shift_of(cashier), 500, cashier)
    second = make_cashier(estate=home.estate, float_fen=None)
    with pytest.raises(ActionError) as refused:
        paying.give_back(paid, asks=cashier, agrees=second)
    assert refused.value.code == "no_shift"
    paid.refresh_from_db()
    assert paid.status == "paid"


def test_shifts__cashiers__see_their_own_and_managers_all(home: Home, client: Client, cashier: User) -> None:
    make_cashier(estate=home.estate, name="何敏")
    assert "何敏" not in client.get("/staff/fees/shifts/").content.decode()
    other = Client(headers={"accept-language": "zh-CN"})
    other.force_login(make_staff(role="manager", estate=home.estate))
    page = other.get("/staff/fees/shifts/").content.decode()
    assert "何敏" in page
    assert "吴燕" in page


def test_close__on_the_page__shows_the_difference_then_asks_for_a_yes(
    home: Home, client: Client, cashier: User
) -> None:
    take(home, cashier, 5000)
    url = f"/staff/fees/shifts/{shift_of(cashier).pk}/"
    short = client.post(url, {"counted": "49.5"})
    assert short.status_code == 422
    assert "短款 ¥0.50" in short.content.decode()
    asked = client.post(url, {"counted": "49.5", "words": "少找"}).content.decode()
    assert "确认交班" in asked
    assert shift_of(cashier).status == "open"
    client.post(url, {"counted": "49.5", "words": "少找", "expected": "5000", "yes": "1"})
    assert shift_of(cashier).difference_fen == -50
    again = client.post(url, {"counted": "49.5", "words": "少找", "yes": "1"})
    assert again.status_code == 422
    assert shift_of(cashier).history.count() == 2


def test_hand_over_sheet__says_ways_numbers_voided_ones_and_the_difference(home: Home) -> None:
    cashier = make_cashier(estate=home.estate, name="吴燕", float_fen=20000)
    bill = make_bill(home=home, item=make_item(estate=home.estate), period=date(2024, 3, 1))
    first = paying.take_payment(home, {bill.pk: 10000}, by=cashier, payer_name="王秀英")
    take(home, cashier, 300, channel="cheque", slip_number="K1")
    void_receipt(receipt=first.receipts.get(), reason="卡纸", by=cashier, now=clock.now())
    shift = close(shift_of(cashier), 30001, cashier, words="多收一分")
    pdf = PdfReader(BytesIO(sheets.hand_over_pdf(queries.hand_over(shift))))
    said = "".join("".join(page.extract_text() for page in pdf.pages).split())
    for words in (
        *("交班单", "吴燕", "现金·1笔", "¥100.00", "支票·1笔", "¥3.00", "0000001–0000003", "3张"),
        *("作废0000001", "卡纸", "备用金¥200.00", "应有现金¥300.00", "清点现金¥300.01", "¥0.01", "多收一分"),
        *("交班人", "接班人"),
    ):
        assert words in said, words


def test_close__cashier_has_left__a_manager_counts_and_is_named(home: Home) -> None:
    cashier, manager = make_cashier(estate=home.estate), make_staff(role="manager", estate=home.estate)
    take(home, cashier, 500)
    shift = shift_of(cashier)
    colleague = make_staff(role="cashier", estate=home.estate)
    for other in (manager, colleague):
        with pytest.raises(Forbidden):
            close(shift, 500, by=other)
    StaffRole.objects.filter(user=cashier).delete()
    with pytest.raises(Forbidden):
        close(Shift.objects.get(pk=shift.pk), 500, by=colleague)
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(manager)
    page = f"/staff/fees/shifts/{shift.pk}/"
    assert "已不在岗" in client.get(page).content.decode()
    told = client.post(page, {"counted": "4.00", "words": "少1元", "expected": 500, "yes": "1"}, follow=True)
    assert "清点人" in told.content.decode()
    shift.refresh_from_db()
    assert (shift.status, shift.counted_fen, shift.difference_fen) == ("closed", 400, -100)
    closing = shift.history.get(to_status="closed")
    assert (closing.actor, closing.reason) == (manager, "少1元")
    assert queries.hand_over(shift).counted_by == manager
    pdf = PdfReader(BytesIO(sheets.hand_over_pdf(queries.hand_over(shift))))
    assert manager.name in pdf.pages[0].extract_text()
    assert_in_balance()


# -- Notes and coins, and cash that goes to the bank


def test_close__by_notes_and_coins__adds_up_and_prints_them(
    home: Home, cashier: User, client: Client
) -> None:
    take(home, cashier, 35060)
    url = f"/staff/fees/shifts/{shift_of(cashier).pk}/"
    assert "data-pieces" in client.get(url).content.decode()
    pieces = {"piece_10000": "3", "piece_5000": "1", "piece_50": "1", "piece_10": "1"}
    wrong = client.post(url, {**pieces, "counted": "350", "words": ""})
    assert "各面额合计是 ¥350.60" in wrong.content.decode()
    assert client.post(url, {**pieces, "piece_100": "-1"}).status_code == 422
    asked = client.post(url, {**pieces, "counted": ""})
    assert "¥350.60" in asked.content.decode()
    assert 'name="piece_10000" value="3"' in asked.content.decode()
    given = {**pieces, "counted": "350.60", "expected": "35060", "words": "", "yes": "1"}
    assert client.post(url, given).status_code == 302
    shift = shift_of(cashier)
    assert (shift.counted_fen, shift.pieces) == (35060, {"10000": 3, "5000": 1, "50": 1, "10": 1})
    paper = words_of(shift)
    assert "¥100.00 × 3" in paper
    assert "¥0.10 × 1" in paper
    with pytest.raises(ActionError, match="pieces_differ"):
        close(shift, 100, cashier, pieces={100: 2})


def words_of(shift: Shift) -> str:
    pdf = PdfReader(BytesIO(sheets.hand_over_pdf(queries.hand_over(shift))))
    return " ".join(page.extract_text() for page in pdf.pages)


def slip(fen: int, number: str = "JK001") -> Slip:
    return Slip(number, fen, uuid4())


def test_bank__cash_of_the_till__is_expected_no_more_and_is_no_takings(
    home: Home, cashier: User, client: Client
) -> None:
    take(home, cashier, 6000)
    shift, page = shift_of(cashier), f"/staff/fees/shifts/{shift_of(cashier).pk}/"
    given = {"amount": "50", "slip_number": "JK001", "key": str(uuid4())}
    for _again in range(2):
        assert client.post(f"{page}bank/", given).status_code == 302
    sheet = queries.hand_over(shift)
    assert (sheet.expected_fen, sheet.banked_fen, sheet.total_fen) == (1000, 5000, 6000)
    assert [one.fen for one in sheet.ways] == [6000]
    assert Account.objects.get(key="bank:cash").balance_fen == 5000
    refused = client.post(f"{page}bank/", given | {"key": str(uuid4()), "slip_number": "JK002"})
    assert "钱箱里应只有 ¥10.00" in refused.content.decode()
    again = client.post(f"{page}bank/", given | {"key": str(uuid4()), "amount": "5"})
    assert "这张缴款单已经入账" in again.content.decode()
    assert "单号JK001 吴燕" in words_of(shift)
    close(shift_of(cashier), 1000, cashier)
    assert_in_balance()


def test_banked__by_mistake__is_undone_by_a_second_person_while_the_shift_is_open(
    home: Home, cashier: User, client: Client
) -> None:
    take(home, cashier, 6000)
    now, manager = clock.now(), make_staff(role="manager", estate=home.estate)
    banked = bank_cash(shift=shift_of(cashier), slip=slip(5000), by=cashier, now=now)
    assert client.post(f"/staff/fees/banked/{banked.pk}/undo/", {"reason": "金额写错"}).status_code == 403
    other = Client(headers={"accept-language": "zh-CN"})
    other.force_login(manager)
    url = f"/staff/fees/banked/{banked.pk}/undo/"
    assert url in other.get(f"/staff/fees/shifts/{banked.shift_id}/").content.decode()
    for _again in range(2):
        other.post(url, {"reason": "金额写错"})
    banked.refresh_from_db()
    assert (banked.status, queries.expected_fen(banked.shift)) == ("undone", 6000)
    # The slip with the right sum is no second one of its number.
    second = bank_cash(shift=shift_of(cashier), slip=slip(500), by=cashier, now=now)
    close(shift_of(cashier), 5500, cashier)
    second.shift.refresh_from_db()
    with pytest.raises(ActionError, match="shift_closed"):
        undo_banked(banked=second, reason="再看看", by=manager, now=now)
    with pytest.raises(ActionError, match="already_moved"):
        bank_cash(shift=shift_of(cashier), slip=slip(500, "JK003"), by=cashier, now=now)
    assert_in_balance()
