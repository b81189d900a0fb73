"""What a resident sees of bills, and paying them."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Residency, StaffRole, User
from community.core import clock
from community.estates.models import Home
from services.fees import actions
from services.fees.models import Bill, Payment, Refund, SandboxOrder
from services.fees.providers import sandbox
from tests.factories import (
    make_bill,
    make_cashier,
    make_delegation,
    make_home,
    make_item,
    make_payment,
    make_resident,
    make_staff,
    make_user,
)
from tests.support.paying import open_order

pytestmark = pytest.mark.django_db
LATE = date(2024, 3, 1)


@pytest.fixture
def home() -> Home:
    return make_home()


@pytest.fixture
def resident(home: Home) -> User:
    return make_resident(home=home, name="王秀英")


def signed_in(user: User, mode: str = "standard") -> Client:
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(user)
    client.cookies["mode"] = mode
    return client


def pay_at_sandbox(client: Client, payment: Payment, button: str = "pay") -> str:
    """Press a button on the provider's page; the address that it leads back to."""
    client.get(f"/fees/payments/{payment.pk}/go/")
    response = client.post(f"/fees/sandbox/{payment.order_number}/", {"button": button})
    return response["Location"]


def test_owed__bills_with_their_sums__late_ones_first_and_named(home: Home, resident: User) -> None:
    item = make_item(estate=home.estate, name="物业费")
    this_month = clock.today(clock.now()).replace(day=1)
    make_bill(home=home, item=item, period=this_month)
    make_bill(home=home, item=item, period=LATE)
    page = signed_in(resident).get("/fees/").content.decode()
    assert "98.50 m² × 2.35 元 × 1 月 = 231.48 元" in page
    assert "¥462.96" in page
    assert "有 1 笔已逾期，共 ¥231.48" in page
    assert page.index("物业费 2024年3月") < page.index(f"物业费 {this_month.year}年")


def test_owed__nothing__said_kindly(resident: User) -> None:
    page = signed_in(resident).get("/fees/").content.decode()
    assert "没有欠费" in page
    assert "都缴清了，谢谢您" in page


@pytest.mark.parametrize("mode", ["standard", "large"])
def test_pay__picked_confirmed_and_paid__settled_with_a_receipt(
    mode: str, home: Home, resident: User
) -> None:
    bills = [make_bill(home=home, period=date(2024, month, 1)) for month in (3, 4)]
    client = signed_in(resident, mode)
    asked = client.get("/fees/pay/", {"bill": [bill.pk for bill in bills]})
    assert "¥462.96" in asked.content.decode()
    given = {"bill": [bill.pk for bill in bills], "key": str(uuid4()), "fen": 46296, "channel": "sandbox"}
    begun = client.post("/fees/pay/", given)
    payment = Payment.objects.get()
    assert begun["Location"] == reverse("payment_go", args=[payment.pk])
    assert client.get(begun["Location"])["Location"] == f"/fees/sandbox/{payment.order_number}/"
    done = client.get(pay_at_sandbox(client, payment)).content.decode()
    assert "缴费成功" in done
    assert "肆佰陆拾贰元玖角陆分" in done
    assert not Bill.objects.open().exists()
    # The same token again leads to the same payment.
    assert client.post("/fees/pay/", given)["Location"] == begun["Location"]
    assert Payment.objects.count() == 1


def test_pay__only_one_of_two__the_other_stays(home: Home, resident: User) -> None:
    first, second = (make_bill(home=home, period=date(2024, month, 1)) for month in (3, 4))
    client = signed_in(resident)
    client.post("/fees/pay/", {"bill": [first.pk], "key": str(uuid4())})
    payment = Payment.objects.get()
    pay_at_sandbox(client, payment)
    client.get(f"/fees/payments/{payment.pk}/")
    assert list(Bill.objects.open()) == [second]


def test_pay__nothing_picked__named_and_nothing_begun(home: Home, resident: User) -> None:
    make_bill(home=home)
    response = signed_in(resident).get("/fees/pay/")
    assert response.status_code == 422
    assert "请至少勾选一笔账单" in response.content.decode()
    assert not Payment.objects.exists()


def test_pay__anothers_bill_in_the_address__not_found(resident: User) -> None:
    foreign = make_bill()
    client = signed_in(resident)
    assert client.get(f"/fees/pay/?bill={foreign.pk}").status_code == 404
    assert client.post("/fees/pay/", {"bill": foreign.pk}).status_code == 404
    assert client.get(f"/fees/{foreign.pk}/").status_code == 404
    assert client.get("/fees/pay/?bill=abc").status_code == 404
    assert not Payment.objects.exists()


def test_pay__bill_settled_meanwhile__said_and_nothing_begun(home: Home, resident: User) -> None:
    bill = make_bill(home=home)
    make_payment(bills=[bill], payer=resident, paid=True)
    response = signed_in(resident).post("/fees/pay/", {"bill": bill.pk, "key": str(uuid4())})
    assert response.status_code == 422
    assert "已经缴过了" in response.content.decode()
    assert Payment.objects.count() == 1


def test_pay__amount_changed_meanwhile__shown_anew(home: Home, resident: User) -> None:
    bill = make_bill(home=home)
    given = {"bill": bill.pk, "key": str(uuid4()), "fen": 999, "channel": "sandbox"}
    response = signed_in(resident).post("/fees/pay/", given)
    assert response.status_code == 422
    assert "金额刚有变动" in response.content.decode()
    assert given["key"] in response.content.decode()
    assert not Payment.objects.exists()


def test_pay__two_homes_at_once__refused(resident: User, home: Home) -> None:
    other = make_home(estate=home.estate)
    Residency.objects.create(
        user=resident,
        home=other,
        kind="owner",
        status="active",
        status_changed_at=clock.now(),
        created_at=clock.now(),
    )
    bills = [make_bill(home=home), make_bill(home=other)]
    client = signed_in(resident)
    for ask in (client.get, client.post):
        response = ask("/fees/pay/", {"bill": [one.pk for one in bills]})
        assert response.status_code == 422
        assert "一户一户" in response.content.decode()
    assert not Payment.objects.exists()


def test_pay__unknown_way__refused(resident: User, home: Home) -> None:
    response = signed_in(resident).post("/fees/pay/", {"bill": make_bill(home=home).pk, "channel": "gold"})
    assert response.status_code == 422
    assert not Payment.objects.exists()


def test_pay__with_prepayment__used_first(home: Home, resident: User) -> None:
    cashier = make_cashier(estate=home.estate)
    actions.take_payment(
        actions.CounterPayment(home=home, amounts={}, payer=resident, payer_name="", key=uuid4()),
        extra_fen=50000,
        by=cashier,
        now=clock.now(),
    )
    bill = make_bill(home=home)
    client = signed_in(resident)
    assert "有预存款 ¥231.48" in client.get(f"/fees/pay/?bill={bill.pk}").content.decode()
    response = client.post(
        "/fees/pay/", {"bill": bill.pk, "key": str(uuid4()), "use_prepayment": "1", "channel": "sandbox"}
    )
    page = client.get(response["Location"], follow=True).content.decode()
    assert "缴费成功" in page
    assert "预存 ¥268.52" in client.get("/fees/").content.decode()


def test_sandbox__late__being_confirmed_then_paid_by_itself(
    home: Home, resident: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in(resident)
    payment = make_payment(bills=[make_bill(home=home)], payer=resident)
    page = client.get(pay_at_sandbox(client, payment, "late")).content.decode()
    assert "正在确认" in page
    assert "还没付" in page
    assert "正在确认" in client.get("/fees/").content.decode()
    later = clock.now() + sandbox.LATE + timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert "缴费成功" in client.get(f"/fees/payments/{payment.pk}/live/").content.decode()


def test_sandbox__fails__nothing_taken_and_try_again(home: Home, resident: User) -> None:
    client = signed_in(resident)
    payment = make_payment(bills=[make_bill(home=home)], payer=resident)
    page = client.get(pay_at_sandbox(client, payment, "fail")).content.decode()
    assert "付款没成功" in page
    assert Bill.objects.open().count() == 1


def test_sandbox__switched_off__not_found(resident: User, home: Home, settings) -> None:
    payment = make_payment(bills=[make_bill(home=home)], payer=resident)
    open_order(payment)
    settings.FEES_PROVIDERS = []
    assert signed_in(resident).get(f"/fees/sandbox/{payment.order_number}/").status_code == 404


def test_sandbox__anothers_order__not_found(home: Home, resident: User) -> None:
    payment = make_payment(bills=[make_bill(home=home)], payer=resident)
    open_order(payment)
    response = signed_in(make_resident()).post(f"/fees/sandbox/{payment.order_number}/", {"button": "pay"})
    assert response.status_code == 404
    assert SandboxOrder.objects.get().status == "open"


def test_no_provider__the_page_says_where_to_pay(home: Home, resident: User, settings) -> None:
    settings.FEES_PROVIDERS = []
    bill = make_bill(home=home)
    client = signed_in(resident)
    for mode in ("standard", "large"):
        client.cookies["mode"] = mode
        assert "收费处" in client.get("/fees/").content.decode()
    assert client.get(f"/fees/pay/?bill={bill.pk}").status_code == 200
    assert client.post("/fees/pay/", {"bill": bill.pk}).status_code == 422


def test_give_up__nothing_paid__closed(home: Home, resident: User) -> None:
    client = signed_in(resident)
    payment = make_payment(bills=[make_bill(home=home)], payer=resident)
    client.get(f"/fees/payments/{payment.pk}/go/")
    client.post(f"/fees/payments/{payment.pk}/give-up/")
    payment.refresh_from_db()
    assert payment.status == Payment.Status.CLOSED


def test_take_back__asked_first_then_on_its_way(home: Home, resident: User) -> None:
    client = signed_in(resident)
    payment = make_payment(bills=[make_bill(home=home)], payer=resident, paid=True)
    assert "申请退款" in client.get(f"/fees/payments/{payment.pk}/").content.decode()
    assert "申请退款" in client.get(f"/fees/payments/{payment.pk}/take-back/").content.decode()
    assert not Refund.objects.exists()
    client.post(f"/fees/payments/{payment.pk}/take-back/")
    assert Refund.objects.get().payment == payment
    assert Bill.objects.open().count() == 1


def test_take_back__manager_for_whoever_phoned__as_they_could_themselves(home: Home, resident: User) -> None:
    payment = make_payment(bills=[make_bill(home=home)], payer=resident, paid=True)
    manager = make_staff(role=StaffRole.Role.MANAGER, estate=home.estate)
    client = signed_in(manager)
    assert "申请退款" in client.get(f"/fees/payments/{payment.pk}/").content.decode()
    client.post(f"/fees/payments/{payment.pk}/take-back/")
    assert Refund.objects.get().made_by == manager
    assert Refund.objects.get().history.get(to_status=Refund.Status.PENDING).on_behalf_of == resident


def test_take_back__manager_after_ten_minutes__at_the_counter_with_a_reason(
    home: Home, resident: User
) -> None:
    payment = make_payment(bills=[make_bill(home=home)], payer=resident, paid=True)
    Payment.objects.update(paid_at=clock.now() - timedelta(minutes=11))
    client = signed_in(make_staff(role=StaffRole.Role.MANAGER, estate=home.estate))
    assert "申请退款" not in client.get(f"/fees/payments/{payment.pk}/").content.decode()
    assert (
        f"/staff/fees/payments/{payment.pk}/refund/"
        in client.get(f"/staff/fees/payments/{payment.pk}/").content.decode()
    )


def test_take_back__too_late__not_offered_and_refused(home: Home, resident: User) -> None:
    payment = make_payment(bills=[make_bill(home=home)], payer=resident, paid=True)
    Payment.objects.update(paid_at=clock.now() - timedelta(minutes=11))
    client = signed_in(resident)
    assert "申请退款" not in client.get(f"/fees/payments/{payment.pk}/").content.decode()
    assert client.get(f"/fees/payments/{payment.pk}/take-back/").status_code == 302
    client.post(f"/fees/payments/{payment.pk}/take-back/")
    assert not Refund.objects.exists()


# -- For others


def test_delegate__sees_and_pays_for_the_mother(home: Home, resident: User) -> None:
    bill = make_bill(home=home)
    son = make_user(name="李强")
    make_delegation(resident=resident, delegate=son, service="fees")
    client = signed_in(son)
    assert "待缴 ¥231.48" in client.get("/").content.decode()
    assert "待缴 ¥231.48" in client.get("/fees/").content.decode()
    page = client.get(f"/fees/?for={resident.pk}").content.decode()
    assert "您正在帮王秀英办" in page
    given = {"bill": bill.pk, "for": resident.pk, "key": str(uuid4()), "channel": "sandbox"}
    client.post("/fees/pay/", given)
    payment = Payment.objects.get()
    assert (payment.payer, payment.made_by) == (resident, son)
    pay_at_sandbox(client, payment)
    assert "缴费成功" in client.get(f"/fees/payments/{payment.pk}/").content.decode()


@pytest.mark.parametrize("service", ["repairs", "care"])
def test_delegate__of_another_service__not_found(service: str, home: Home, resident: User) -> None:
    bill, son = make_bill(home=home), make_user()
    make_delegation(resident=resident, delegate=son, service=service)
    client = signed_in(son)
    assert client.get(f"/fees/?for={resident.pk}").status_code == 404
    assert client.post("/fees/pay/", {"bill": bill.pk, "for": resident.pk}).status_code == 404
    assert not Payment.objects.exists()


def test_desk__only_the_bills_of_its_own_estate(home: Home, resident: User) -> None:
    elsewhere = make_home()
    Residency.objects.create(
        user=resident,
        home=elsewhere,
        kind="owner",
        status="active",
        status_changed_at=clock.now(),
        created_at=clock.now(),
    )
    make_bill(home=home)
    foreign = make_bill(home=elsewhere)
    client = signed_in(make_staff(role=StaffRole.Role.FRONT_DESK, estate=home.estate))
    page = client.get(f"/fees/?for={resident.pk}").content.decode()
    assert str(home) in page
    assert str(elsewhere) not in page
    assert client.get(f"/fees/pay/?for={resident.pk}&bill={foreign.pk}").status_code == 404


# -- Lists


def test_history__pages_by_key(home: Home, resident: User) -> None:
    for number in range(25):
        at = clock.now() - timedelta(days=number)
        make_payment(bills=[make_bill(home=home, subject=str(number))], payer=resident, now=at)
    client = signed_in(resident)
    first = client.get("/fees/history/")
    assert len(first.context["payments"]) == 20
    older = client.get("/fees/history/", {"before": first.context["older"]})
    assert len(older.context["payments"]) == 5


def queries_of(client: Client, url: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as found:
        assert client.get(url).status_code == 200
    return len(found)


@pytest.mark.parametrize("url", ["/fees/", "/fees/history/", "/fees/paid/"])
def test_lists__same_number_of_queries_for_more_rows(url: str, home: Home, resident: User) -> None:
    client = signed_in(resident)
    item = make_item(estate=home.estate)

    def add(number: int) -> None:
        make_bill(home=home, item=item, subject=f"o{number}")
        paid = make_bill(home=home, item=item, subject=f"p{number}")
        make_payment(bills=[paid], payer=resident, paid=True)

    for number in range(2):
        add(number)
    client.get(url)
    few = queries_of(client, url)
    for number in range(2, 14):
        add(number)
    assert queries_of(client, url) == few
