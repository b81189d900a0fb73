"""A feedback's life: who may do what when, the clock behind it, the repair made of it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import StaffRole
from community.core import clock
from community.core.errors import Forbidden
from community.core.services.figures import Span
from community.core.transitions import AlreadyMoved
from community.desk.counts import first_answers
from community.desk.start import waiting
from community.estates.models import Estate
from community.notifications.models import OutboxMessage
from services.common.models import ResponseClock
from services.common.response_clock import escalate_due, standings
from services.feedback import actions, policies, tasks, timeline
from services.feedback.actions.feedback import FeedbackContent
from services.feedback.models import Feedback
from services.repairs.actions import ComplaintRepair, turn_into_repair
from services.repairs.models import Repair
from tests import factories as make
from tests.services.feedback.complaints import MONDAY, clock_of, sent, told

pytestmark = pytest.mark.django_db

S = Feedback.Status
Role = StaffRole.Role
CODE = "7K4M-9XQ2-HJ3T-V8PW"


def test_states__every_one__is_reached_from_new() -> None:
    reached, seen = {S.NEW}, set()
    while reached - seen:
        state = (reached - seen).pop()
        seen.add(state)
        reached |= Feedback.TRANSITIONS[state]
    assert reached == set(S.values)
    for verb in policies.VERBS.values():
        assert verb.states <= set(S.values)


def test_answer__stops_the_clock_and_tells_the_resident(estate: Estate, clerk: Any) -> None:
    feedback = sent(estate)
    assert clock_of(feedback).due_at == MONDAY + timedelta(hours=1)
    at = MONDAY + timedelta(minutes=20)
    actions.answer_feedback(feedback=feedback, by=clerk, words="马上去看", now=at)
    assert (feedback.status, clock_of(feedback).answered_at) == (S.IN_HAND, at)
    assert told("feedback_answered") == 1
    actions.answer_feedback(feedback=feedback, by=clerk, words="已经派人", now=at + timedelta(hours=3))
    assert clock_of(feedback).answered_at == at
    assert [message.words for message in feedback.messages.all()] == ["马上去看", "已经派人"]


def test_clock__stands_still_while_we_wait_for_the_resident(estate: Estate, clerk: Any) -> None:
    feedback = sent(estate)
    actions.ask_writer(feedback=feedback, by=clerk, words="哪个单元?", now=MONDAY + timedelta(minutes=20))
    much_later = MONDAY + timedelta(days=1)
    assert standings(estate, "feedback", [feedback.reference], much_later)[feedback.reference].minutes == 40
    assert escalate_due(much_later) == 0
    actions.add_words(feedback=feedback, by=feedback.resident, words="2单元", now=much_later)
    assert feedback.status == S.IN_HAND
    assert clock_of(feedback).due_at == much_later + timedelta(minutes=40)
    # What was left of Monday, and Tuesday's first half hour.
    assert clock_of(feedback).paused_minutes == 370 + 30


def test_clock__runs_out__the_manager_hears_of_it_once_a_level(estate: Estate) -> None:
    manager = make.make_staff(role=Role.MANAGER, estate=estate)
    feedback = sent(estate)
    assert escalate_due(MONDAY + timedelta(minutes=59)) == 0
    for _n in range(3):
        escalate_due(MONDAY + timedelta(minutes=61))
    assert told("answer_overdue") == 1
    for _n in range(3):
        escalate_due(MONDAY + timedelta(minutes=121))
    assert told("answer_overdue") == 2
    escalate_due(MONDAY + timedelta(days=3))
    assert told("answer_overdue") == 2
    message = OutboxMessage.objects.filter(template="answer_overdue").first()
    assert message is not None
    assert (message.recipient, message.params["reference"]) == (manager, feedback.reference)


def first_answers_on_monday(estate: Estate) -> tuple[int, int]:
    day = MONDAY.date()
    return first_answers(estate.pk, Span(day, day)).figures[day, "feedback"]


def test_clock__answered_while_it_stood_still__is_in_time(estate: Estate, clerk: Any) -> None:
    feedback = sent(estate)
    actions.ask_writer(feedback=feedback, by=clerk, words="哪个单元?", now=MONDAY + timedelta(minutes=10))
    assert first_answers_on_monday(estate) == (0, 0)
    answered = MONDAY + timedelta(hours=5, minutes=30)
    actions.answer_feedback(feedback=feedback, by=clerk, words="找到了", now=answered)
    after = clock_of(feedback)
    assert (after.answered_at, after.paused_at) == (answered, None)
    assert after.due_at >= answered
    assert first_answers_on_monday(estate) == (1, 1)


def test_clock__late_already__stays_late_when_the_resident_is_asked_something(
    estate: Estate, clerk: Any
) -> None:
    make.make_staff(role=Role.MANAGER, estate=estate)
    feedback = sent(estate)
    asked = MONDAY + timedelta(minutes=70)
    actions.ask_writer(feedback=feedback, by=clerk, words="哪个单元?", now=asked)
    later = MONDAY + timedelta(hours=6)
    assert ResponseClock.objects.overdue(later).get().reference == feedback.reference
    assert first_answers_on_monday(estate) == (0, 1)
    # It was late by ten minutes, and is not later by now: once to the manager.
    assert [escalate_due(later), escalate_due(later)] == [1, 0]
    actions.answer_feedback(feedback=feedback, by=clerk, words="找到了", now=later)
    assert first_answers_on_monday(estate) == (0, 1)


def test_repair__starts_the_clock_and_the_first_act_of_staff_stops_it(estate: Estate) -> None:
    from services.repairs import actions as repair_actions

    home = make.make_home(estate=estate)
    resident = make.make_resident(home=home)
    dispatcher = make.make_staff(role=Role.DISPATCHER, estate=estate)
    category = make.make_category(estate=estate)
    draft = repair_actions.begin_report(
        repair_actions.NewReport(resident=resident, estate=estate, home=home, category=category, key=uuid4()),
        by=resident,
        now=MONDAY,
    )
    repair = repair_actions.send_report(draft=draft, by=resident, now=MONDAY)
    running = ResponseClock.objects.get(service="repairs", reference=repair.reference)
    assert (running.due_at, running.answered_at) == (MONDAY + timedelta(hours=1), None)
    repair_actions.add_words(repair=repair, by=resident, words="快点", now=MONDAY + timedelta(minutes=1))
    running.refresh_from_db()
    assert running.answered_at is None
    repair_actions.accept_repair(repair=repair, by=dispatcher, now=MONDAY + timedelta(minutes=5))
    running.refresh_from_db()
    assert running.answered_at == MONDAY + timedelta(minutes=5)


def test_not_solved__opens_again_and_the_second_time_goes_to_the_manager(estate: Estate, clerk: Any) -> None:
    make.make_staff(role=Role.MANAGER, estate=estate)
    feedback = sent(estate)
    for turn, is_escalated in ((1, False), (2, True)):
        actions.ask_solved(feedback=feedback, by=clerk, words="处理好了", now=MONDAY)
        actions.say_not_solved(feedback=feedback, by=feedback.resident, words="没有", now=MONDAY)
        feedback.refresh_from_db()
        assert (feedback.status, feedback.times_reopened) == (S.REOPENED, turn)
        assert feedback.is_escalated == is_escalated
        assert clock_of(feedback).round == turn + 1
        assert told("feedback_escalated") == int(is_escalated)
    assert feedback.department == Role.MANAGER


@pytest.mark.parametrize("has_name", [True, False])
def test_add_words__when_asked_whether_it_is_solved__is_no_yes_and_waits_for_an_answer(
    estate: Estate, clerk: Any, has_name: bool
) -> None:
    feedback = sent(estate) if has_name else make.make_feedback(estate=estate, code=CODE)
    actions.ask_solved(feedback=feedback, by=clerk, words="换了垫圈", now=MONDAY)
    actions.add_internal_note(feedback=feedback, by=clerk, words="去看过", now=MONDAY)
    assert feedback.status == S.SOLVED_ASKED
    said = MONDAY + timedelta(hours=5)
    actions.add_words(feedback=feedback, by=feedback.resident, words="还在滴", now=said)
    assert feedback.status == S.IN_HAND
    assert clock_of(feedback).due_at == said + timedelta(hours=1)
    assert not Feedback.objects.to_close(MONDAY + timedelta(days=30)).exists()
    step = timeline.entries(feedback, clerk)[0]
    assert (step.title, step.by) == ("处理中", str(feedback.resident or "没写名字"))
    # It can be answered again, and is asked about anew.
    actions.ask_solved(feedback=feedback, by=clerk, words="换了水管", now=said)
    assert clock_of(feedback).answered_at == said
    assert told("feedback_solved_asked") == (2 if has_name else 0)


def test_closed__by_itself_after_seven_days__and_not_before(
    estate: Estate, clerk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    feedback = sent(estate)
    actions.ask_solved(feedback=feedback, by=clerk, words="处理好了", now=MONDAY)
    for days, expected in ((6.9, S.SOLVED_ASKED), (7.1, S.CLOSED)):
        monkeypatch.setattr(clock, "now", lambda days=days: MONDAY + timedelta(days=days))
        tasks.close_answered_feedback()
        feedback.refresh_from_db()
        assert feedback.status == expected
    assert feedback.satisfaction is None
    actions.rate_feedback(feedback=feedback, by=feedback.resident, face=3, now=MONDAY + timedelta(days=8))
    assert feedback.satisfaction is not None


def test_hand_over__another_department_sees_and_answers_it(estate: Estate, clerk: Any) -> None:
    cashier = make.make_staff(role=Role.CASHIER, estate=estate)
    feedback = sent(estate)
    assert not Feedback.objects.for_staff(cashier).exists()
    with pytest.raises(Forbidden):
        actions.answer_feedback(feedback=feedback, by=cashier, words="我来", now=MONDAY)
    actions.hand_over(feedback=feedback, by=clerk, department=Role.CASHIER, words="是费用的事", now=MONDAY)
    assert Feedback.objects.for_staff(cashier).get() == feedback
    assert OutboxMessage.objects.get(template="feedback_handed_over").recipient == cashier
    actions.answer_feedback(feedback=feedback, by=cashier, words="已核对", now=MONDAY)
    notes = feedback.messages.filter(is_internal=True)
    assert "是费用的事" in notes.get().words


def _counted(person: Any) -> int:
    """What the start page says waits for this person on the page of feedback."""
    return next(entry.count for entry in waiting(person) if entry.url == "/staff/feedback/")


def test_hand_over__in_hand__counts_for_the_other_department_and_tells_it_once(
    estate: Estate, clerk: Any
) -> None:
    cashier = make.make_staff(role=Role.CASHIER, estate=estate)
    make.make_staff(role=Role.CASHIER)
    feedback = sent(estate)
    actions.answer_feedback(feedback=feedback, by=clerk, words="我们去问", now=MONDAY)
    assert (_counted(clerk), _counted(cashier)) == (0, 0)
    for _tap in range(2):
        actions.hand_over(feedback=feedback, by=clerk, department=Role.CASHIER, words="费用", now=MONDAY)
    assert (_counted(clerk), _counted(cashier)) == (0, 1)
    message = OutboxMessage.objects.get(template="feedback_handed_over")
    assert (message.recipient, message.params) == (cashier, {"reference": feedback.reference})
    actions.ask_solved(feedback=feedback, by=cashier, words="已核对", now=MONDAY)
    assert _counted(cashier) == 0
    # The writer goes on: whoever oversees it reads it too.
    actions.add_words(feedback=feedback, by=feedback.resident, words="还不对", now=MONDAY)
    assert (_counted(clerk), _counted(cashier)) == (1, 1)


def test_hand_over__whoever_sees_it_no_more__goes_back_to_the_queue(estate: Estate, clerk: Any) -> None:
    cashier = make.make_staff(role=Role.CASHIER, estate=estate)
    feedback = sent(estate)
    address = f"/staff/feedback/{feedback.pk}/do/hand-over/"
    for person, department, back in (
        (clerk, Role.CASHIER, f"/staff/feedback/{feedback.pk}/"),
        (cashier, Role.DISPATCHER, f"/staff/feedback/?estate={estate.pk}"),
    ):
        client = Client(headers={"accept-language": "zh-CN"})
        client.force_login(person)
        page = client.post(address, {"department": department}, follow=True)
        assert (page.status_code, page.redirect_chain[-1][0]) == (200, back)
        assert feedback.reference in page.content.decode()


def test_internal_note__is_never_shown_to_the_resident(estate: Estate, clerk: Any) -> None:
    feedback = sent(estate)
    actions.add_internal_note(feedback=feedback, by=clerk, words="老问题户", now=MONDAY)
    client = Client()
    client.force_login(feedback.resident)
    for address in (f"/feedback/{feedback.pk}/", f"/feedback/{feedback.pk}/live/"):
        assert "老问题户" not in client.get(address).content.decode()
    client.force_login(clerk)
    assert "老问题户" in client.get(f"/staff/feedback/{feedback.pk}/").content.decode()


def test_auditor__reads_and_does_nothing(estate: Estate) -> None:
    auditor = make.make_staff(role=Role.AUDITOR, estate=estate)
    feedback = sent(estate)
    assert policies.allowed_verbs(auditor, feedback) == set()
    with pytest.raises(Forbidden):
        actions.add_internal_note(feedback=feedback, by=auditor, words="看看", now=MONDAY)


def test_turn_into_repair__links_both_by_reference_and_the_thread_goes_on(estate: Estate, clerk: Any) -> None:
    feedback = sent(estate)
    home = feedback.resident.residencies.get().home
    category = make.make_category(estate=estate)
    given = {"category": category, "where": {"home": home}, "description": "漏水", "key": uuid4()}
    details = ComplaintRepair(**given)
    repair = turn_into_repair(feedback=feedback, details=details, by=clerk, now=MONDAY)
    feedback.refresh_from_db()
    assert feedback.repair_reference == repair.reference
    assert (repair.resident, repair.home, repair.description) == (feedback.resident, home, "漏水")
    assert feedback.status == S.IN_HAND
    assert repair.reference in feedback.messages.get().words
    client = Client()
    client.force_login(clerk)
    assert feedback.reference in client.get(f"/staff/repairs/{repair.pk}/").content.decode()
    with pytest.raises(AlreadyMoved):
        turn_into_repair(feedback=feedback, details=replace(details, key=uuid4()), by=clerk, now=MONDAY)
    assert Repair.objects.count() == 1


def test_turn_into_repair__in_hand_already__is_an_answer_and_the_resident_is_told(
    estate: Estate, clerk: Any
) -> None:
    feedback = sent(estate)
    actions.ask_writer(feedback=feedback, by=clerk, words="哪里漏?", now=MONDAY)
    actions.add_words(feedback=feedback, by=feedback.resident, words="厨房", now=MONDAY)
    assert (feedback.status, clock_of(feedback).answered_at) == (S.IN_HAND, None)
    home, at = feedback.resident.residencies.get().home, MONDAY + timedelta(minutes=10)
    given = {"category": make.make_category(estate=estate), "where": {"home": home}, "description": "漏水"}
    turn_into_repair(feedback=feedback, details=ComplaintRepair(**given, key=uuid4()), by=clerk, now=at)
    assert (feedback.status, clock_of(feedback).answered_at) == (S.IN_HAND, at)
    assert told("feedback_answered") == 1


def test_turn_into_repair__the_complaint_is_not_what_the_household_will_read(
    estate: Estate, clerk: Any
) -> None:
    feedback = sent(estate)
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(clerk)
    page = client.get(f"/staff/feedback/{feedback.pk}/repair/")
    assert not page.context["form"]["description"].value()
    assert "住户家里人和维修师傅都能看到" in page.content.decode()


def test_turn_into_repair__written_without_a_name__is_of_whoever_does_it(estate: Estate, clerk: Any) -> None:
    feedback = make.make_feedback(estate=estate, code=CODE)
    place = make.make_place(estate=estate)
    category = make.make_category(estate=estate)
    repair = turn_into_repair(
        feedback=feedback,
        details=ComplaintRepair(category, {"place": place}, "灯坏了", key=uuid4()),
        by=clerk,
        now=MONDAY,
    )
    assert repair.resident == clerk


def test_send_named__twice_with_one_key__is_one(estate: Estate) -> None:
    resident = make.make_resident(home=make.make_home(estate=estate))
    written, key = FeedbackContent(estate, "praise", "谢谢"), uuid4()
    first, second = (
        actions.send_named(content=written, resident=resident, by=resident, key=key, now=MONDAY)
        for _n in range(2)
    )
    assert first == second


def test_withdraw__before_an_answer_only(estate: Estate, clerk: Any) -> None:
    feedback, answered = sent(estate), sent(estate)
    actions.withdraw_feedback(feedback=feedback, by=feedback.resident, now=MONDAY)
    assert feedback.status == S.WITHDRAWN
    assert not ResponseClock.objects.filter(reference=feedback.reference).exists()
    actions.answer_feedback(feedback=answered, by=clerk, words="好", now=MONDAY)
    with pytest.raises(AlreadyMoved):
        actions.withdraw_feedback(feedback=answered, by=answered.resident, now=MONDAY)


@pytest.mark.parametrize("role", [Role.FRONT_DESK, Role.MANAGER])
def test_withdraw__is_not_for_staff(estate: Estate, role: str) -> None:
    staff = make.make_staff(estate=estate, role=role)
    feedback = sent(estate)
    assert "withdraw_feedback" not in policies.allowed_verbs(staff, feedback)
    with pytest.raises(Forbidden):
        actions.withdraw_feedback(feedback=feedback, by=staff, now=MONDAY)
    assert feedback.status == S.NEW


def test_solved__said_by_staff__the_resident_is_told__but_not_of_what_they_said_themselves(
    estate: Estate, clerk: Any
) -> None:
    own, by_phone = sent(estate), sent(estate)
    for feedback, by, number in ((own, own.resident, 0), (by_phone, clerk, 1)):
        actions.ask_solved(feedback=feedback, by=clerk, words="处理好了", now=MONDAY)
        actions.confirm_solved(feedback=feedback, by=by, face=3, now=MONDAY)
        assert told("feedback_closed") == number
    assert OutboxMessage.objects.filter(template="feedback_closed", recipient=by_phone.resident).exists()


def test_stranger__finds_nothing(estate: Estate) -> None:
    feedback = sent(estate)
    stranger = make.make_resident()
    assert not Feedback.objects.visible_to(stranger).exists()
    with pytest.raises(Forbidden):
        actions.add_words(feedback=feedback, by=stranger, words="我也是", now=MONDAY)


def test_queue__overdue_first_then_by_what_is_due(estate: Estate, clerk: Any) -> None:
    soon, late, answered = sent(estate), sent(estate, now=MONDAY - timedelta(days=3)), sent(estate)
    actions.answer_feedback(feedback=answered, by=clerk, words="好", now=MONDAY)
    rows = list(Feedback.objects.for_staff(clerk).open().most_urgent_first())
    assert rows == [late, soon, answered]


def test_promise__is_what_the_estate_says(estate: Estate) -> None:
    from services.common.models import ResponseTime

    ResponseTime.objects.create(estate=estate, service="feedback", minutes=90)
    feedback = sent(estate)
    assert clock_of(feedback).due_at == MONDAY + timedelta(minutes=90)
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(feedback.resident)
    assert "上班时间 1 小时 30 分内答复" in client.get(f"/feedback/{feedback.pk}/").content.decode()
