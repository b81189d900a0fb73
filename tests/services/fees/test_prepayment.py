"""What is paid ahead is its household's, or a person's own: nobody else sees or spends it."""

import re
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import Residency, User
from community.core import clock
from community.core.errors import ActionError
from community.estates.models import Home
from services.fees import actions
from services.fees.actions import ledger
from services.fees.billing import actions as billing
from services.fees.models import Account, Bill, Payment
from tests.factories import make_bill, make_cashier, make_home, make_resident
from tests.support.books import assert_in_balance
from tests.support.paying import begin, credit, give_back, held, take_payment

pytestmark = pytest.mark.django_db


def own(person: User, home: Home) -> int:
    return ledger.prepayment(home, home.estate.pk, person.pk).held_fen


@pytest.fixture
def home() -> Home:
    return make_home()


@pytest.fixture
def mother(home: Home) -> User:
    return make_resident(home=home)


@pytest.fixture
def visit(home: Home, mother: User) -> Bill:
    """A bill in the mother's own name."""
    return make_bill(home=home, charged_to=mother, subject="care:1", amount_fen=3500)


def moved_out(person: User) -> None:
    Residency.objects.filter(user=person).update(status=Residency.Status.ENDED)


def page(person: User, name: str, **query: object) -> str:
    client = Client()
    client.force_login(person)
    return client.get(reverse(name), query).content.decode()


def test_prepayment_of_the_household__is_not_spent_on_a_bill_in_somebodys_name(
    home: Home, mother: User, visit: Bill
) -> None:
    take_payment(home, {}, extra_fen=30000)
    assert "use_prepayment" not in page(mother, "fees_pay", bill=visit.pk)
    assert begin([visit], mother, use_prepayment=True).status == "pending"
    with pytest.raises(ActionError) as refused:
        begin([visit], mother, channel=Payment.PREPAYMENT)
    assert (refused.value.code, held(home)) == ("prepayment_short", 30000)
    assert_in_balance()


def test_prepayment_of_the_household__pays_its_bill_beside_one_in_somebodys_name(
    home: Home, mother: User, visit: Bill
) -> None:
    take_payment(home, {}, extra_fen=30000)
    household = make_bill(home=home)
    payment = begin([household, visit], mother, use_prepayment=True)
    household.refresh_from_db()
    assert (household.status, payment.status, payment.amount_fen) == ("settled", "pending", 3500)
    assert held(home) == 30000 - 23148
    assert_in_balance()


def test_prepayment_of_the_household__who_moved_out__neither_sees_nor_spends_it(
    home: Home, mother: User, visit: Bill
) -> None:
    moved_out(mother)
    make_resident(home=home)
    take_payment(home, {}, extra_fen=30000)
    assert "300.00" not in page(mother, "fees")
    assert "300.00" not in page(mother, "fees_pay", bill=visit.pk)
    assert begin([visit], mother, use_prepayment=True).amount_fen == 3500
    assert held(home) == 30000


def test_paid_twice__by_who_moved_out__is_kept_in_their_own_name(
    home: Home, mother: User, visit: Bill
) -> None:
    moved_out(mother)
    new = make_resident(home=home)
    payments = [begin([visit], mother), begin([visit], mother)]
    assert [credit(one, number) for one, number in zip(payments, ("N1", "N2"), strict=True)] == [
        "credited",
        "late",
    ]
    assert (held(home), own(mother, home)) == (0, 3500)
    assert "35.00" in page(mother, "fees")
    assert "35.00" not in page(new, "fees")
    assert_in_balance()


def test_paid_twice__the_same_payment_under_two_numbers__is_kept_in_their_own_name(
    home: Home, mother: User, visit: Bill
) -> None:
    household = make_bill(home=home)
    payment = begin([visit, household], mother)
    assert [credit(payment, number) for number in ("N1", "N2", "N2")] == ["credited", "second", "repeated"]
    assert (held(home), own(mother, home)) == (23148, 3500)
    assert_in_balance()


def test_paid_twice__household_bill_of_who_moved_out_meanwhile__is_theirs(home: Home, mother: User) -> None:
    household = make_bill(home=home)
    payments = [begin([household], mother), begin([household], mother)]
    credit(payments[0], "N1")
    moved_out(mother)
    credit(payments[1], "N2")
    assert (held(home), own(mother, home)) == (0, 23148)
    assert_in_balance()


def test_kept_in_ones_own_name__goes_back_the_way_it_came(home: Home, mother: User, visit: Bill) -> None:
    moved_out(mother)
    payments = [begin([visit], mother), begin([visit], mother)]
    credit(payments[0], "N1")
    credit(payments[1], "N2")
    payments[1].refresh_from_db()
    refund = actions.request_refund(payment=payments[1], by=mother, now=clock.now())
    visit.refresh_from_db()
    assert (refund.amount_fen, own(mother, home), visit.status) == (3500, 0, "settled")
    assert_in_balance()


def test_kept_in_ones_own_name__pays_ones_next_bill_and_nobody_elses(
    home: Home, mother: User, visit: Bill
) -> None:
    payment = begin([visit], mother)
    credit(payment, "N1")
    credit(payment, "N2")
    household = make_bill(home=home)
    assert begin([household], mother, use_prepayment=True).status == "pending"
    following = make_bill(home=home, charged_to=mother, subject="care:2", amount_fen=3000, item=visit.item)
    assert "¥30.00" in page(mother, "fees_pay", bill=following.pk)
    paid = begin([following], mother, use_prepayment=True)
    assert (paid.status, paid.channel, own(mother, home)) == ("paid", "prepayment", 500)
    assert_in_balance()


def test_void__of_a_paid_bill_in_somebodys_name__is_kept_for_them(
    home: Home, mother: User, visit: Bill
) -> None:
    payment = begin([visit], mother)
    credit(payment)
    visit.refresh_from_db()
    cashier = make_cashier(estate=home.estate)
    billing.void_bill(bill=visit, reason="未上门", by=cashier, now=clock.now())
    assert (held(home), own(mother, home)) == (0, 3500)
    payment.refresh_from_db()
    give_back(payment, asks=cashier)
    assert own(mother, home) == 0
    assert_in_balance()


def test_cash__for_somebodys_bill_that_the_phone_has_just_paid__is_theirs(
    home: Home, mother: User, visit: Bill, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The extra that a cashier takes for the home stays with the home."""
    monkeypatch.setattr("services.fees.actions.steps.apply_to_bill", lambda *_args, **_words: 0)
    take_payment(home, {visit.pk: 3500}, extra_fen=100)
    assert (held(home), own(mother, home)) == (100, 3500)
    client = Client()
    client.force_login(make_cashier(estate=home.estate))
    counter = client.get(reverse("fees_counter", args=[home.pk])).content.decode()
    assert f"{mother.name}名下预存：¥35.00" in counter
    assert "¥1.00" in counter


# -- Where people pay at the counter only


def pay_ahead(person: User, bills: list[Bill], **given: object) -> HttpResponse:
    """What the page of these bills would send, but for ``given``."""
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(person)
    named: dict[str, object] = {"bill": [bill.pk for bill in bills]}
    shown = dict(
        re.findall(
            r'name="(key|fen|held|use_prepayment|channel)" value="([^"]*)"',
            client.get("/fees/pay/", named).content.decode(),
        )
    )
    return client.post("/fees/pay/", named | shown | given, follow=True)


@pytest.mark.parametrize("mode", ["standard", "large"])
def test_no_provider__prepayment_covers_all__pays_it(mode: str, home: Home, mother: User, settings) -> None:
    settings.FEES_PROVIDERS = []
    take_payment(home, {}, extra_fen=30000)
    bill = make_bill(home=home)
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(mother)
    client.cookies["mode"] = mode
    assert "用预存款</span>" in client.get("/fees/").content.decode()
    page = pay_ahead(mother, [bill]).content.decode()
    assert "缴费成功" in page
    assert "钱已收到，请放心" in page
    bill.refresh_from_db()
    assert (bill.status, held(home)) == ("settled", 30000 - 23148)
    assert_in_balance()


def test_no_provider__prepayment_covers_a_part__that_is_paid_and_the_rest_is_for_the_counter(
    home: Home, mother: User, settings
) -> None:
    settings.FEES_PROVIDERS = []
    first, second = make_bill(home=home), make_bill(home=home)
    take_payment(home, {}, extra_fen=30000)
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(mother)
    asked = client.get("/fees/pay/", {"bill": [first.pk, second.pk]}).content.decode()
    assert "从预存款里扣 ¥300.00" in asked
    assert "还剩 ¥162.96，请到收费处缴" in asked
    assert "还有 ¥162.96 待缴" in pay_ahead(mother, [first, second]).content.decode()
    second.refresh_from_db()
    assert (second.unpaid_fen, held(home)) == (16296, 0)
    payment = Payment.objects.exclude(channel="cash").get()
    assert (payment.channel, payment.status, payment.amount_fen) == ("prepayment", "paid", 30000)
    assert "请到收费处缴费" in client.get("/fees/").content.decode()
    assert_in_balance()


def test_no_provider__the_same_page_sent_twice__pays_once(home: Home, mother: User, settings) -> None:
    settings.FEES_PROVIDERS = []
    take_payment(home, {}, extra_fen=30000)
    bills, key = [make_bill(home=home), make_bill(home=home)], str(uuid4())
    pages = [pay_ahead(mother, bills, key=key).redirect_chain[-1] for _tap in range(2)]
    assert pages[0] == pages[1]
    assert Payment.objects.filter(channel="prepayment").count() == 1
    assert held(home) == 0
    assert_in_balance()


def test_no_provider__nothing_paid_ahead_for_it__is_for_the_counter(
    home: Home, mother: User, visit: Bill, settings
) -> None:
    settings.FEES_PROVIDERS = []
    take_payment(home, {}, extra_fen=30000)
    answer = pay_ahead(mother, [visit], use_prepayment="1")
    assert answer.status_code == 422
    assert "请到收费处缴费" in answer.content.decode()
    assert "用预存款</span>" not in answer.content.decode()
    assert held(home) == 30000


def test_prepayment__short_and_by_a_way_that_is_not_there__takes_nothing(home: Home, mother: User) -> None:
    take_payment(home, {}, extra_fen=100)
    with pytest.raises(ActionError) as refused:
        begin([make_bill(home=home)], mother, channel="", use_prepayment=True)
    assert (refused.value.field, held(home)) == ("channel", 100)
    assert not Payment.objects.exclude(channel="cash").exists()


def test_prepayment__changed_since_it_was_shown__is_shown_anew(home: Home, mother: User, settings) -> None:
    settings.FEES_PROVIDERS = []
    take_payment(home, {}, extra_fen=100)
    answer = pay_ahead(mother, [make_bill(home=home)], held="50")
    assert answer.status_code == 422
    assert "预存款刚刚变了" in answer.content.decode()
    assert held(home) == 100


def test_accounts__of_a_person__stand_beside_the_households(home: Home, mother: User) -> None:
    first = ledger.prepayment(home, home.estate.pk, mother.pk)
    assert first.key == f"prepayment:{home.pk}:{mother.pk}"
    assert mother.name in str(first)
    assert ledger.prepayment(home, home.estate.pk) != first
    assert Account.objects.filter(home=home).count() == 2
