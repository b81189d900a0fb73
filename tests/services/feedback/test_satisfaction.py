"""How it was: every service asks once, a face is one of three, and a bad one opens a follow-up by itself."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from community.core.errors import ActionError, Forbidden
from community.estates.models import Estate
from services.feedback import actions
from services.feedback.models import Feedback
from services.repairs.models import Repair
from tests import factories as make
from tests.services.feedback.complaints import MONDAY, clock_of, sent, told

pytestmark = pytest.mark.django_db

S = Feedback.Status


def test_bad_face__opens_a_follow_up_by_itself__once_and_not_of_a_follow_up(
    estate: Estate, clerk: Any
) -> None:
    feedback = sent(estate)
    actions.ask_solved(feedback=feedback, by=clerk, words="处理好了", now=MONDAY)
    actions.confirm_solved(feedback=feedback, by=feedback.resident, face=1, words="态度差", now=MONDAY)
    follow_up = Feedback.objects.get(is_follow_up=True)
    assert (follow_up.resident, follow_up.about) == (feedback.resident, feedback.reference)
    assert (follow_up.kind, follow_up.status, follow_up.description) == ("complaint", S.NEW, "态度差")
    assert clock_of(follow_up).answered_at is None
    actions.ask_solved(feedback=follow_up, by=clerk, words="对不起", now=MONDAY)
    actions.confirm_solved(feedback=follow_up, by=feedback.resident, face=1, now=MONDAY)
    assert Feedback.objects.filter(is_follow_up=True).count() == 1


def test_bad_face__of_a_repair__opens_a_follow_up_in_the_residents_name(estate: Estate) -> None:
    from services.repairs import actions as repair_actions

    repair = make.make_repair(estate=estate, status=Repair.Status.DONE)
    repair_actions.confirm_repair(repair=repair, by=repair.resident, face=1, words="又漏了", now=MONDAY)
    follow_up = Feedback.objects.get()
    assert (follow_up.resident, follow_up.about, follow_up.is_follow_up) == (
        repair.resident,
        repair.reference,
        True,
    )


def test_questions__of_other_services__are_answered_once_and_a_bad_one_is_followed_up(estate: Estate) -> None:
    from services.common.models import RequestRef, Satisfaction
    from services.common.satisfaction import answer_question, ask_satisfaction

    resident = make.make_resident(home=make.make_home(estate=estate))
    paid = RequestRef(estate.pk, "fees", "P-261123-0001")
    question = ask_satisfaction(paid, what="缴费", resident=resident, now=MONDAY)
    assert ask_satisfaction(paid, what="缴费", resident=resident, now=MONDAY) == question
    assert told("how_was_it") == 1
    with pytest.raises(Forbidden):
        answer_question(question=question, face=3, by=make.make_resident(), now=MONDAY)
    answer_question(question=question, face=1, words="排队太久", by=resident, now=MONDAY)
    answer_question(question=question, face=3, by=resident, now=MONDAY)
    assert Satisfaction.objects.get().face == 1
    assert Feedback.objects.get().about == "P-261123-0001"


@pytest.mark.parametrize("face", [0, 4, 99])
def test_rating__of_no_face__is_refused(estate: Estate, clerk: Any, face: int) -> None:
    feedback = sent(estate)
    actions.ask_solved(feedback=feedback, by=clerk, words="好了", now=MONDAY)
    with pytest.raises(ActionError):
        actions.confirm_solved(feedback=feedback, by=feedback.resident, face=face, now=MONDAY)
    feedback.refresh_from_db()
    assert feedback.status == S.SOLVED_ASKED


def test_care_visit__thumb_down__opens_a_follow_up_in_the_elders_name() -> None:
    from services.care.actions import give_thumb
    from services.care.models import CareBooking

    booking = make.make_care_booking(status=CareBooking.Status.DONE)
    give_thumb(booking=booking, by=booking.resident, is_up=False, words="迟到了", now=MONDAY)
    follow_up = Feedback.objects.get(is_follow_up=True)
    assert (follow_up.resident, follow_up.about) == (booking.resident, booking.reference)


def test_payment__when_the_money_is_there__asks_once_on_its_own_page() -> None:
    from services.common.models import SatisfactionQuestion
    from services.fees.actions import CounterPayment, take_payment

    bill = make.make_bill()
    payer, cashier = make.make_resident(home=bill.home), make.make_cashier(estate=bill.estate)
    payment = take_payment(
        CounterPayment(
            home=bill.home, amounts={bill.pk: bill.amount_fen}, payer=payer, payer_name="", key=uuid4()
        ),
        extra_fen=0,
        by=cashier,
        now=MONDAY,
    )
    question = SatisfactionQuestion.objects.get()
    assert (question.resident, question.reference) == (payer, payment.reference)
    client = Client()
    client.force_login(payer)
    address = f"/how-was-it/{question.pk}/"
    assert address in client.get(f"/fees/payments/{payment.pk}/").content.decode()
    client.post(address, {"face": 3})
    assert address not in client.get(f"/fees/payments/{payment.pk}/").content.decode()


def test_appointment__not_good__opens_a_follow_up_in_the_residents_name() -> None:
    from services.renovation.actions import confirm_work
    from tests.factories.renovation import make_appointment

    appointment = make_appointment(status="done")
    confirm_work(appointment=appointment, by=appointment.resident, face=1, words="窗关不严", now=MONDAY)
    follow_up = Feedback.objects.get(is_follow_up=True)
    assert (follow_up.resident, follow_up.about) == (appointment.resident, appointment.reference)
