"""Voiding: a bill that is made again or never, and all bills of a run in one act."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import StaffRole
from community.core.errors import ActionError, Forbidden
from community.core.transitions import AlreadyMoved
from services.fees import actions, tasks
from services.fees.billing import actions as billing
from services.fees.models import Bill, BillingRun
from tests.factories import (
    make_building,
    make_cashier,
    make_entrance,
    make_home,
    make_item,
    make_residency,
    make_staff,
)
from tests.support.books import assert_in_balance
from tests.support.by_two import agree_to_all

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
# The bills are made at the time of the clock.
LATER = NOW + timedelta(days=3000)
MONTH = date(2026, 11, 1)


def make_run(homes: int = 3) -> BillingRun:
    item = make_item()
    entrance = make_entrance(building=make_building(estate=item.estate))
    for number in range(homes):
        make_home(entrance=entrance, number=f"{number + 1}01")
    return bill_month(item)


def bill_month(item) -> BillingRun:
    cashier = make_cashier(estate=item.estate)
    run = billing.preview_run(item=item, period=MONTH, by=cashier, now=NOW)
    billing.start_run(run=run, by=cashier, now=NOW)
    tasks.make_bills(run.pk)
    run.refresh_from_db()
    return run


def pay(bill: Bill, fen: int, cashier) -> None:
    actions.take_payment(
        actions.CounterPayment(
            home=bill.home, amounts={bill.pk: fen}, payer=None, payer_name="王先生", key=uuid4()
        ),
        extra_fen=0,
        by=cashier,
        now=NOW,
    )


def signed_in(user) -> Client:
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(user)
    return client


def test_run__voided__voids_its_bills_in_one_act_and_can_be_made_again():
    run = make_run()
    billing.void_run(run=run, reason="单价用错了", by=run.begun_by, now=LATER)
    billing.void_run(run=run, reason="单价用错了", by=run.begun_by, now=LATER)
    bills = Bill.objects.filter(run=run)
    assert {bill.status for bill in bills} == {"voided"}
    for bill in bills:
        assert [(step.to_status, step.reason) for step in bill.history.all()] == [
            ("open", ""),
            ("voided", "单价用错了"),
        ]
    assert_in_balance()
    again = bill_month(run.item)
    assert (again.made, Bill.objects.filter(status="open").count()) == (3, 3)
    assert_in_balance()


def test_run__one_bill_voided_before__leaves_it_as_it_was():
    run = make_run()
    first = run.bills.first()
    billing.void_bill(bill=first, reason="空房", is_exempt=True, by=run.begun_by, now=LATER)
    billing.void_run(run=run, reason="单价用错了", by=run.begun_by, now=LATER)
    assert first.history.last().reason == "空房"
    assert_in_balance()
    assert bill_month(run.item).made == 2


def test_run__partly_paid__is_not_voided_and_its_page_lists_what_is_paid():
    run = make_run()
    paid = run.bills.last()
    pay(paid, 100, run.begun_by)
    with pytest.raises(ActionError, match="something_paid"):
        billing.void_run(run=run, reason="单价用错了", by=run.begun_by, now=LATER)
    assert Bill.objects.filter(run=run, status="open").count() == 3
    run.refresh_from_db()
    assert run.status == "done"
    url = reverse("billing_run_void", args=[run.pk])
    response = signed_in(run.begun_by).post(url, {"reason": "单价用错了"})
    page = response.content.decode()
    assert response.status_code == 422
    assert "1 张账单已缴费" in page
    assert reverse("fees_bill", args=[paid.pk]) in page
    assert "单价用错了" in page


def test_run__being_made__is_not_voided():
    run = make_run()
    BillingRun.objects.filter(pk=run.pk).update(status="running")
    run.refresh_from_db()
    with pytest.raises(AlreadyMoved):
        billing.void_run(run=run, reason="单价用错了", by=run.begun_by, now=LATER)
    assert not Bill.objects.filter(status="voided").exists()


def test_run__voided_by_the_front_desk__is_forbidden():
    run = make_run(1)
    desk = make_staff(role=StaffRole.Role.FRONT_DESK, estate=run.estate)
    with pytest.raises(Forbidden):
        billing.void_run(run=run, reason="单价用错了", by=desk, now=LATER)


def test_run__of_many_bills__is_voided_with_as_many_queries_as_of_few():
    counts = []
    for homes in (2, 12):
        run = make_run(homes)
        with CaptureQueriesContext(connection) as captured:
            billing.void_run(run=run, reason="单价用错了", by=run.begun_by, now=LATER)
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_bill__voided_as_exempt__is_not_made_again_until_it_is_asked_for():
    run = make_run()
    bill = run.bills.first()
    url = reverse("fees_void", args=[bill.pk])
    client = signed_in(run.begun_by)
    assert client.post(url, {"reason": "空房"}).status_code == 422
    client.post(url, {"reason": "空房", "then": "exempt"})
    bill.refresh_from_db()
    assert (bill.status, bill.is_exempt) == ("voided", True)
    with pytest.raises(ActionError, match="nothing_to_bill"):
        bill_month(run.item)
    client.post(reverse("fees_bill_again", args=[bill.pk]))
    assert bill_month(run.item).made == 1
    assert_in_balance()


def test_bill__voided_as_wrong__is_made_again():
    run = make_run()
    bill = run.bills.first()
    signed_in(run.begun_by).post(reverse("fees_void", args=[bill.pk]), {"reason": "面积错", "then": "again"})
    assert bill_month(run.item).made == 1


def test_bill__of_the_cashiers_own_home__is_not_billed_again_by_them():
    run = make_run(1)
    bill = run.bills.get()
    billing.void_bill(bill=bill, reason="空房", is_exempt=True, by=run.begun_by, now=LATER)
    make_residency(user=run.begun_by, home=bill.home)
    with pytest.raises(ActionError, match="own_bill"):
        billing.bill_again(bill=bill, by=run.begun_by, now=LATER)


def test_page__of_a_run__offers_to_void_it_and_says_so_afterwards():
    run = make_run(1)
    client, url = signed_in(run.begun_by), reverse("billing_run", args=[run.pk])
    assert "作废这一批账单" in client.get(url).content.decode()
    response = client.post(reverse("billing_run_void", args=[run.pk]), {"reason": "单价用错了"}, follow=True)
    assert "等同事同意" in response.content.decode()
    assert Bill.objects.filter(run=run, status="open").count() == 1
    agree_to_all()
    page = client.get(url).content.decode()
    assert "已全部作废，可以重新出账" in page
    assert "作废这一批账单" not in page
