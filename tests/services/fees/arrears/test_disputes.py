"""Disputed bills: a resident or the desk objects, staff answer, and until then nothing presses."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Residency, StaffRole
from community.core.errors import ActionError, Forbidden
from community.core.transitions import AlreadyMoved
from community.notifications.models import OutboxMessage
from services.fees.arrears.actions import disputes
from services.fees.arrears.actions.disputes import Answer
from services.fees.models import Bill, Dispute
from tests.factories import (
    make_bill,
    make_cashier,
    make_delegation,
    make_payment,
    make_resident,
    make_staff,
)
from tests.support.books import assert_in_balance

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 30, 4, 0, tzinfo=UTC)


def raised(bill: Bill | None = None) -> Dispute:
    bill = bill or make_bill()
    resident = make_resident(home=bill.home)
    return disputes.raise_dispute(bill=bill, words="面积不对", resident=resident, by=resident, now=NOW)


def answer(dispute: Dispute, status: str, amount_fen: int | None = None, words: str = "核对过了") -> None:
    disputes.answer_dispute(
        dispute=dispute,
        answer=Answer(status, words, amount_fen),
        by=make_cashier(estate=dispute.bill.estate),
        now=NOW,
    )


def test_dispute__twice__is_one() -> None:
    dispute = raised()
    again = disputes.raise_dispute(
        bill=dispute.bill, words="还是不对", resident=dispute.raised_for, by=dispute.raised_for, now=NOW
    )
    assert again == dispute


def test_dispute__of_another_home__is_forbidden() -> None:
    stranger = make_resident()
    with pytest.raises(Forbidden):
        disputes.raise_dispute(bill=make_bill(), words="不对", resident=stranger, by=stranger, now=NOW)


@pytest.mark.parametrize(("words", "code"), [("  ", "words_missing"), ("长" * 501, "too_long")])
def test_dispute__bad_words__names_the_field(words: str, code: str) -> None:
    bill = make_bill()
    resident = make_resident(home=bill.home)
    with pytest.raises(ActionError) as refused:
        disputes.raise_dispute(bill=bill, words=words, resident=resident, by=resident, now=NOW)
    assert (refused.value.code, refused.value.field) == (code, "words")


def test_answer__kept__tells_the_resident_and_closes_the_way_back() -> None:
    dispute = raised()
    answer(dispute, "kept")
    assert OutboxMessage.objects.get(template="dispute_answered").recipient == dispute.raised_for
    with pytest.raises(ActionError) as refused:
        disputes.raise_dispute(
            bill=dispute.bill, words="再看看", resident=dispute.raised_for, by=dispute.raised_for, now=NOW
        )
    assert refused.value.code == "answered_before"
    # The desk may write it down again.
    desk = make_staff(role=StaffRole.Role.FRONT_DESK, estate=dispute.bill.estate)
    disputes.raise_dispute(bill=dispute.bill, words="再看看", resident=None, by=desk, now=NOW)
    assert Dispute.objects.open().count() == 1


def test_answer__lowered__takes_off_and_keeps_what_was_paid_too_much() -> None:
    """Of 231.48 yuan 200 are paid, 150 are right: the bill is settled, 50 are prepayment."""
    bill = make_bill()
    make_payment(bills=[bill], amounts={bill.pk: 20_000}, paid=True)
    bill.refresh_from_db()
    dispute = raised(bill)
    answer(dispute, "lowered", 15_000)
    bill.refresh_from_db()
    assert (bill.status, bill.amount_fen, bill.paid_fen) == ("settled", 15_000, 15_000)
    cashier = make_cashier(estate=bill.estate)
    page = logged_in(cashier).get(
        reverse("fees_bill", args=[bill.pk]), headers={"accept-language": "zh-hans"}
    )
    assert "-81.48" in page.content.decode()
    assert_in_balance()


@pytest.mark.parametrize("amount_fen", [None, 0, 23_148, 30_000])
def test_answer__lowered_to_a_wrong_amount__changes_nothing(amount_fen: int | None) -> None:
    dispute = raised()
    with pytest.raises(ActionError) as refused:
        answer(dispute, "lowered", amount_fen)
    assert refused.value.field == "amount"
    dispute.refresh_from_db()
    assert dispute.status == "open"


def test_answer__voided__voids_the_bill() -> None:
    dispute = raised()
    answer(dispute, "voided")
    assert Bill.objects.get(pk=dispute.bill_id).status == "voided"
    assert_in_balance()


def test_answer__twice__only_the_first_counts() -> None:
    dispute = raised()
    second = Dispute.objects.get(pk=dispute.pk)
    answer(dispute, "kept")
    with pytest.raises(AlreadyMoved):
        answer(second, "voided")
    assert Bill.objects.get(pk=dispute.bill_id).status == "open"


def test_answer__of_own_home__is_forbidden() -> None:
    dispute = raised()
    cashier = make_cashier(estate=dispute.bill.estate)
    make_resident(home=dispute.bill.home)
    Residency.objects.create(
        user=cashier,
        home=dispute.bill.home,
        kind="owner",
        status="active",
        status_changed_at=NOW,
        created_at=NOW,
    )
    with pytest.raises(Forbidden):
        disputes.answer_dispute(dispute=dispute, answer=Answer("kept", "没错"), by=cashier, now=NOW)


# -- Pages


def logged_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("mode", ["standard", "large"])
def test_pages__resident_objects_and_staff_answer__both_see_it(mode: str) -> None:
    bill = make_bill()
    son, mother = make_resident(), make_resident(home=bill.home)
    make_delegation(resident=mother, delegate=son, service="fees", relation="儿子")
    client = logged_in(son)
    client.cookies["mode"] = mode
    address = reverse("bill_dispute", args=[bill.pk])
    assert address in client.get(reverse("bill", args=[bill.pk])).content.decode()
    empty = client.post(address, {"words": "我家"})
    assert empty.status_code == 422
    assert client.post(address, {"reason": "amount", "words": "我家98平，不是100平"}).status_code == 302
    dispute = Dispute.objects.get(bill=bill)
    assert (dispute.raised_for, dispute.raised_by) == (mother, son)
    assert "我家98平" in client.get(reverse("bill", args=[bill.pk])).content.decode()
    staff = logged_in(make_cashier(estate=bill.estate))
    page = staff.get(reverse("fees_disputes")).content.decode()
    assert reverse("fees_dispute_answer", args=[dispute.pk]) in page
    answered = staff.post(
        reverse("fees_dispute_answer", args=[dispute.pk]), {"status": "kept", "words": "产权证上是100平"}
    )
    assert answered.status_code == 302
    assert "产权证上是100平" in client.get(reverse("bill", args=[bill.pk])).content.decode()
    assert OutboxMessage.objects.filter(template="dispute_answered").count() == 2


def test_lists__disputed_bill__is_marked() -> None:
    bill = make_bill()
    raised(bill)
    staff = logged_in(make_cashier(estate=bill.estate))
    for address in (
        reverse("fees_bills"),
        reverse("fees_counter", args=[bill.home_id]),
        reverse("fees_arrears_home", args=[bill.home_id]),
    ):
        page = staff.get(address, headers={"accept-language": "zh-hans"}).content.decode()
        if "arrears" not in address or bill.due_on < NOW.date():
            assert "有异议" in page, address


def test_answer_page__lowered_without_an_amount__names_the_field_and_keeps_the_words() -> None:
    dispute = raised()
    staff = logged_in(make_cashier(estate=dispute.bill.estate))
    page = staff.post(
        reverse("fees_dispute_answer", args=[dispute.pk]),
        {"status": "lowered", "words": "量错了", "amount": ""},
    )
    assert page.status_code == 422
    assert page.context["form"].errors.keys() == {"amount"}
    assert "量错了" in page.content.decode()
