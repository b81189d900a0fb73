"""Actions of staff who answer feedback."""

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
from services.common import response_clock
from services.common.steps import Step
from services.feedback import policies
from services.feedback.actions.resident import MessageKind, add_message, stored_message
from services.feedback.actions.steps import (
    STEPS,
    check_words,
    message_key,
    notify_open_pages,
    stop_clock,
    submission_key,
    tell_writer,
)
from services.feedback.models import Feedback, FeedbackMessage
from services.feedback.roles import DEPARTMENTS

Status = Feedback.Status
NO_ANSWER = _("Please write the answer.")


def answer_feedback(
    *, feedback: Feedback, by: User, words: str, key: UUID | None = None, now: datetime
) -> None:
    """Answers; the first answer stops the response clock. More answers are possible while the feedback is
    open.

    Repeating it with the same ``key`` and words changes nothing. Raises ``Forbidden``, ``ActionError`` with
    the field ``words`` for empty or too long words, and ``AlreadyMoved`` for a status in which it cannot be
    answered.
    """
    policies.require("answer_feedback", by, feedback)
    words = check_words(words, NO_ANSWER)
    key = submission_key(feedback, key, words)
    with transaction.atomic():
        if stored_message(feedback, key):
            return
        if feedback.status == Status.IN_HAND:
            message = add_message(feedback, words, by=by, at=now, key=key)
            key_of_message = message_key(feedback, f"words {message.pk}")
            tell_writer(feedback, "feedback_answered", key=key_of_message, by=by, now=now)
            notify_open_pages(feedback, by=by, now=now)
        else:
            add_message(feedback, words, by=by, at=now, key=key)
            STEPS.take(
                feedback,
                Step("answer_feedback", to=Status.IN_HAND, tells="feedback_answered"),
                by=by,
                now=now,
            )
        stop_clock(feedback, now=now)


def ask_writer(*, feedback: Feedback, by: User, words: str, now: datetime) -> None:
    """Asks the writer a question: the feedback waits for their words, and the response clock is paused.

    Repeating it changes nothing. Raises ``Forbidden``, ``ActionError`` with the field ``words`` and
    ``AlreadyMoved``.
    """
    policies.require("ask_writer", by, feedback)
    words = check_words(words, _("Please write what you need to know."))
    with transaction.atomic():
        done = STEPS.take(
            feedback, Step("ask_writer", to=Status.WAITING, tells="feedback_asks", sms=True), by=by, now=now
        )
        if done is None:
            return
        add_message(feedback, words, by=by, at=now)
        response_clock.pause(feedback.ref, now=now)


def ask_solved(*, feedback: Feedback, by: User, words: str, now: datetime) -> None:
    """Answers and asks the writer whether it is solved; stops the response clock. Repeating it changes
    nothing.

    Raises ``Forbidden``, ``ActionError`` with the field ``words`` and ``AlreadyMoved``.
    """
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
        stop_clock(feedback, now=now)


def hand_over(*, feedback: Feedback, by: User, department: str, words: str = "", now: datetime) -> None:
    """Hands the feedback over to a department; ``words`` become an internal note.

    The desk and the manager still see it; the people of the department are notified. Repeating it, or doing
    it at the same moment as another request, changes nothing. Raises ``Forbidden``, ``ActionError`` with the
    field for an unknown department or too long words, and ``AlreadyMoved`` for closed feedback.
    """
    policies.require("hand_over", by, feedback)
    if department not in DEPARTMENTS:
        raise ActionError("no_department", _("Please choose a department."), field="department")
    policies.VERBS.require_status("hand_over", feedback.status)
    if words.strip():
        words = check_words(words, "")
    label = str(StaffRole.Role(department).label)
    with transaction.atomic():
        unchanged = Feedback.objects.filter(pk=feedback.pk, department=feedback.department)
        if feedback.department == department or not unchanged.update(department=department):
            return
        feedback.department = department
        note = add_message(
            feedback, f"→ {label}\n{words.strip()}".strip(), by=by, at=now, kind=MessageKind.INTERNAL
        )
        for person in _staff_of(feedback.estate_id, department).exclude(pk=by.pk):
            outbox.queue_message(
                person,
                "feedback_handed_over",
                key=message_key(feedback, f"words {note.pk}"),
                params={"reference": feedback.reference},
                url=reverse("staff_feedback_one", args=[feedback.pk]),
                now=now,
            )
        notify_open_pages(feedback, by=by, now=now)


def _staff_of(estate_id: int, department: str) -> QuerySet[User]:
    """Returns the active staff of a department in an estate."""
    members = StaffRole.objects.filter(estate=estate_id, role=department)
    return User.objects.filter(pk__in=members.values("user"), is_active=True)


def add_internal_note(
    *, feedback: Feedback, by: User, words: str, key: UUID | None = None, now: datetime
) -> FeedbackMessage:
    """Adds a note that only staff can read, and returns it.

    Repeating it with the same ``key`` and words returns the same note. Raises ``Forbidden``, and
    ``ActionError`` with the field ``words``.
    """
    policies.require("add_internal_note", by, feedback)
    words = check_words(words, _("Please write something."))
    key = submission_key(feedback, key, words)
    with transaction.atomic():
        if stored := stored_message(feedback, key):
            return stored
        message = add_message(feedback, words, by=by, at=now, kind=MessageKind.INTERNAL, key=key)
        notify_open_pages(feedback, by=by, now=now)
    return message


def link_repair(*, feedback: Feedback, by: User, reference: str, now: datetime) -> None:
    """Stores the reference of the repair made from the feedback, and answers with it; the thread stays open.

    Raises ``Forbidden``, ``AlreadyMoved`` if another request has linked a repair before, and every error of
    ``answer_feedback``.
    """
    policies.require("turn_into_repair", by, feedback)
    with transaction.atomic():
        unchanged = Feedback.objects.filter(pk=feedback.pk, repair_reference="")
        if not unchanged.update(repair_reference=reference):
            raise AlreadyMoved
        feedback.repair_reference = reference
        words = _("We have made a repair of it: %(reference)s.") % {"reference": reference}
        answer_feedback(feedback=feedback, by=by, words=str(words), now=now)
