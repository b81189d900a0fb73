"""The verbs of those who answer."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import StaffRole, User
from community.core.errors import ActionError
from community.core.transitions import AlreadyMoved
from community.notifications import outbox
from services.common import response
from services.common.steps import Step
from services.feedback import policies
from services.feedback.actions.following import MessageKind, add_message, said_before
from services.feedback.actions.steps import (
    STEPS,
    check_words,
    key_of,
    message_key,
    notify_open_pages,
    tell_writer,
)
from services.feedback.models import Feedback, FeedbackMessage
from services.feedback.roles import DEPARTMENTS

Status = Feedback.Status
NO_ANSWER = _("Please write the answer.")


def _stop_clock(feedback: Feedback, now: datetime) -> None:
    response.answer(feedback.ref, now=now)


def answer_feedback(
    *, feedback: Feedback, by: User, words: str, key: UUID | None = None, now: datetime
) -> None:
    """Answer; the first one stops the clock. More can be said as long as it is open.

    The same said again by the same ``key`` is said once.
    """
    policies.require("answer_feedback", by, feedback)
    words = check_words(words, NO_ANSWER)
    key = key_of(feedback, key, words)
    with transaction.atomic():
        if said_before(feedback, key):
            return
        if feedback.status == Status.IN_HAND:
            message = add_message(feedback, words, by=by, at=now, key=key)
            told_by = message_key(feedback, f"words {message.pk}")
            tell_writer(feedback, "feedback_answered", key=told_by, by=by, now=now)
            notify_open_pages(feedback, by=by, now=now)
        else:
            add_message(feedback, words, by=by, at=now, key=key)
            STEPS.take(
                feedback,
                Step("answer_feedback", to=Status.IN_HAND, tells="feedback_answered"),
                by=by,
                now=now,
            )
        _stop_clock(feedback, now)


def ask_writer(*, feedback: Feedback, by: User, words: str, now: datetime) -> None:
    """Something must be known first: it waits for the writer's words, and the clock with it."""
    policies.require("ask_writer", by, feedback)
    words = check_words(words, _("Please write what you need to know."))
    with transaction.atomic():
        done = STEPS.take(
            feedback, Step("ask_writer", to=Status.WAITING, tells="feedback_asks", sms=True), by=by, now=now
        )
        if done is None:
            return
        add_message(feedback, words, by=by, at=now)
        response.pause(feedback.ref, now=now)


def ask_solved(*, feedback: Feedback, by: User, words: str, now: datetime) -> None:
    """The last answer: the writer is asked whether it is solved."""
    policies.require("ask_solved", by, feedback)
    words = check_words(words, NO_ANSWER)
    with transaction.atomic():
        done = STEPS.take(
            feedback,
            Step("ask_solved", to=Status.SOLVED_ASKED, tells="feedback_solved_asked", sms=True),
            by=by,
            now=now,
        )
        if done is None:
            return
        add_message(feedback, words, by=by, at=now)
        _stop_clock(feedback, now)


def hand_over(*, feedback: Feedback, by: User, department: str, words: str = "", now: datetime) -> None:
    """To whom it belongs; the desk and the manager go on seeing it. The words are an internal note."""
    policies.require("hand_over", by, feedback)
    if department not in DEPARTMENTS:
        raise ActionError("no_department", _("Please choose a department."), field="department")
    policies.VERBS.require_status("hand_over", feedback.status)
    if words.strip():
        words = check_words(words, "")
    label = str(StaffRole.Role(department).label)
    with transaction.atomic():
        mine = Feedback.objects.filter(pk=feedback.pk, department=feedback.department)
        if feedback.department == department or not mine.update(department=department):
            return
        feedback.department = department
        said = add_message(
            feedback, f"→ {label}\n{words.strip()}".strip(), by=by, at=now, kind=MessageKind.INTERNAL
        )
        for person in _people_of(feedback.estate_id, department).exclude(pk=by.pk):
            outbox.queue_message(
                person,
                "feedback_handed_over",
                key=message_key(feedback, f"words {said.pk}"),
                params={"reference": feedback.reference},
                url=reverse("staff_feedback_one", args=[feedback.pk]),
                now=now,
            )
        notify_open_pages(feedback, by=by, now=now)


def _people_of(estate_id: int, department: str) -> QuerySet[User]:
    there = StaffRole.objects.filter(estate=estate_id, role=department)
    return User.objects.filter(pk__in=there.values("user"), is_active=True)


def add_internal_note(
    *, feedback: Feedback, by: User, words: str, key: UUID | None = None, now: datetime
) -> FeedbackMessage:
    """Only staff read it. The same said again by the same ``key`` is said once."""
    policies.require("add_internal_note", by, feedback)
    words = check_words(words, _("Please write something."))
    key = key_of(feedback, key, words)
    with transaction.atomic():
        if said := said_before(feedback, key):
            return said
        message = add_message(feedback, words, by=by, at=now, kind=MessageKind.INTERNAL, key=key)
        notify_open_pages(feedback, by=by, now=now)
    return message


def link_repair(*, feedback: Feedback, by: User, reference: str, now: datetime) -> None:
    """A repair was made of it: the writer reads its reference in the thread, which goes on.

    Only one: raises ``AlreadyMoved`` if a colleague was faster.
    """
    policies.require("turn_into_repair", by, feedback)
    with transaction.atomic():
        mine = Feedback.objects.filter(pk=feedback.pk, repair_reference="")
        if not mine.update(repair_reference=reference):
            raise AlreadyMoved
        feedback.repair_reference = reference
        words = _("We have made a repair of it: %(reference)s.") % {"reference": reference}
        answer_feedback(feedback=feedback, by=by, words=str(words), now=now)
