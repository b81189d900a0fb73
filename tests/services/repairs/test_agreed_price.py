"""An agreed price becomes a bill when the work is done: once, and only for what was agreed to."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import StaffRole
from community.core import clock
from community.core.errors import ActionError
from community.notifications.models import OutboxMessage
from services.fees.billing.actions import void_bill
from services.fees.models import Bill
from services.repairs import actions
from services.repairs.models import Repair
from tests.factories import make_cashier, make_delegation, make_place, make_repair, make_staff
from tests.support.books import assert_in_balance

pytestmark = pytest.mark.django_db
Status = Repair.Status


def signed_in(user) -> Client:
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(user)
    return client


def ask(repair: Repair, fen: int, words: str = "换水龙头") -> None:
    actions.quote_price(repair=repair, by=repair.worker, fen=fen, words=words, now=clock.now())


def answer(repair: Repair, *, agrees: bool = True) -> None:
    actions.answer_quote(
        repair=repair, by=repair.resident, agrees=agrees, fen=repair.quote_fen, now=clock.now()
    )


def finish(repair: Repair) -> None:
    actions.finish_work(repair=repair, by=repair.worker, words="已修好", now=clock.now())


def bills_of(repair: Repair) -> list[int]:
    return list(
        Bill.objects.filter(charged_to=repair.resident).order_by("pk").values_list("amount_fen", flat=True)
    )


def test_work__done_at_an_agreed_price__is_billed_once_to_who_agreed():
    repair = make_repair(status=Status.IN_WORK)
    ask(repair, 4500)
    answer(repair)
    assert bills_of(repair) == []
    finish(repair)
    actions.finish_work(
        repair=Repair.objects.get(pk=repair.pk), by=repair.worker, words="已修好", now=clock.now()
    )
    bill = Bill.objects.get(charged_to=repair.resident)
    assert (bill.amount_fen, bill.home, repair.bill) == (4500, repair.home, bill)
    assert repair.reference in bill.words
    assert OutboxMessage.objects.filter(recipient=repair.resident, template="bill_made").exists()
    assert_in_balance()


def test_work__done_without_a_price__is_not_billed():
    repair = make_repair(status=Status.IN_WORK)
    finish(repair)
    assert not Bill.objects.exists()


def test_materials__added_with_a_yes__are_part_of_the_one_bill():
    repair = make_repair(status=Status.IN_WORK)
    for fen in (4500, 8000):
        ask(repair, fen)
        answer(repair)
    finish(repair)
    assert bills_of(repair) == [8000]


def test_materials__refused__leave_the_price_agreed_before():
    repair = make_repair(status=Status.IN_WORK)
    ask(repair, 4500)
    answer(repair)
    ask(repair, 8000, "另换角阀")
    page = signed_in(repair.resident).get(reverse("repair_quote", args=[repair.pk])).content.decode()
    assert "¥45.00" in page
    response = signed_in(repair.resident).post(
        reverse("repair_quote", args=[repair.pk]), {"answer": "no", "fen": 8000}, follow=True
    )
    repair.refresh_from_db()
    assert (repair.status, repair.quote_fen, repair.quote_words) == (Status.IN_WORK, 4500, "换水龙头")
    assert "不同意 ¥80.00" in response.content.decode()
    told = OutboxMessage.objects.get(recipient=repair.worker, template="job_quote_refused")
    assert told.params["fen"] == 8000
    finish(repair)
    assert bills_of(repair) == [4500]


def test_work__done_again_after_reopening__bills_only_what_was_agreed_to_since():
    repair = make_repair(status=Status.IN_WORK)
    ask(repair, 4500)
    answer(repair)
    finish(repair)
    for more in (None, 6000):
        repair = mend_again(repair, more)
    assert bills_of(repair) == [4500, 1500]
    assert_in_balance()


def mend_again(repair: Repair, fen: int | None) -> Repair:
    now = clock.now()
    actions.reopen_repair(repair=repair, by=repair.resident, words="还漏", now=now)
    manager = make_staff(role=StaffRole.Role.MANAGER, estate=repair.estate)
    worker = Bill.objects.get(pk=repair.bill_id).history.first().actor
    actions.assign_repair(repair=repair, worker=worker, by=manager, now=now)
    actions.start_work(repair=repair, by=worker, now=now)
    if fen:
        ask(repair, fen)
        answer(repair)
    finish(repair)
    return Repair.objects.get(pk=repair.pk)


def test_work__bill_voided_and_done_again__is_not_billed_again():
    repair = make_repair(status=Status.IN_WORK)
    ask(repair, 4500)
    answer(repair)
    finish(repair)
    cashier = make_cashier(estate=repair.estate)
    void_bill(bill=repair.bill, reason="没修好", by=cashier, now=clock.now() + timedelta(minutes=1))
    mend_again(repair, None)
    assert Bill.objects.exclude(status=Bill.Status.VOIDED).count() == 0


def test_price__for_a_shared_area__is_refused_and_not_offered():
    place = make_place()
    repair = make_repair(status=Status.IN_WORK, estate=place.estate, home=None, place=place)
    with pytest.raises(ActionError, match="shared_area"):
        ask(repair, 4500)
    page = signed_in(repair.worker).get(reverse("work_job", args=[repair.pk])).content.decode()
    assert "quote" not in page


def test_page__billed__leads_the_resident_to_pay_and_a_helper_without_fees_not():
    repair = make_repair(status=Status.IN_WORK)
    ask(repair, 4500)
    answer(repair)
    finish(repair)
    helper = make_delegation(resident=repair.resident).delegate
    url, bill_url = reverse("repair", args=[repair.pk]), reverse("bill", args=[repair.bill_id])
    assert bill_url in signed_in(repair.resident).get(url).content.decode()
    assert bill_url not in signed_in(helper).get(url).content.decode()
    actions.confirm_repair(repair=repair, by=repair.resident, face=3, now=clock.now())
    assert f"?bill={repair.bill_id}" in signed_in(repair.resident).get(url).content.decode()
