"""The writer's verbs after it was sent, and the clock's."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import Enum
from typing import IO, Any
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.policies import Role
from community.core import clock, limits, pictures
from community.core.errors import ActionError
from community.core.limit_table import FEEDBACK_WORDS
from community.core.transitions import AlreadyMoved, move, record_first_status
from community.notifications import outbox
from services.common import response
from services.common.models import Satisfaction
from services.common.satisfaction import give_satisfaction
from services.common.steps import Step
from services.feedback import KEY, policies
from services.feedback.actions.steps import (
    STEPS,
    await_answer,
    check_words,
    key_of,
    message_key,
    notify_open_pages,
    stored_at,
    tell_writer,
)
from services.feedback.actions.writing import MAX_PICTURES, blur_files, reference_for
from services.feedback.models import Feedback, FeedbackMessage, FeedbackPicture

Status = Feedback.Status
# From this time on the manager sees to it.
PATIENCE = 2


def withdraw_feedback(*, feedback: Feedback, by: User | None, now: datetime) -> None:
    """Take it back before anybody has answered."""
    with transaction.atomic():
        if STEPS.take(feedback, Step("withdraw_feedback", to=Status.WITHDRAWN), by=by, now=now):
            response.drop_clock(feedback.ref)


def add_words(
    *,
    feedback: Feedback,
    by: User | None,
    words: str,
    uploads: Iterable[IO[bytes]] = (),
    key: UUID | None = None,
    now: datetime,
) -> FeedbackMessage:
    """The writer goes on. What waited for these words is in hand again, and so is its clock; where it
    was asked whether it is solved, they are no yes, and an answer is due.

    The same said again by the same ``key`` is said once.
    """
    policies.require("add_words", by, feedback)
    policies.VERBS.require_status("add_words", feedback.status)
    words, uploads = words.strip(), list(uploads)
    if words or not uploads:
        words = check_words(words, _("Please write something or add a picture."))
    key = key_of(feedback, key, words, uploads)
    if said := feedback.messages.filter(key=key, key__isnull=False).first():
        return said
    _check_room(feedback, uploads)
    at = stored_at(by, now)
    with pictures.storing(uploads) as stored, transaction.atomic():
        if said := said_before(feedback, key):
            pictures.discard_all(stored)
            return said
        message = add_message(feedback, words, by=by, at=at, kind=MessageKind.WRITERS, key=key)
        FeedbackPicture.objects.bulk_create(
            FeedbackPicture(
                feedback=feedback,
                message=message,
                key=one.key,
                width=one.width,
                height=one.height,
                added_by=by,
                at=at,
            )
            for one in stored
        )
        if feedback.status in (Status.WAITING, Status.SOLVED_ASKED):
            _take_up(feedback, by=by, now=now)
        notify_open_pages(feedback, by=by, now=now)
    if by is None:
        blur_files([one.key for one in stored], at)
    return message


def _check_room(feedback: Feedback, uploads: list[IO[bytes]]) -> None:
    """Raises ``ActionError`` for more pictures, or words oftener, than a thread takes; by the thread alone."""
    if feedback.pictures.count() + len(uploads) > 2 * MAX_PICTURES or len(uploads) > MAX_PICTURES:
        raise ActionError("too_many_pictures", _("6 pictures are enough."), field="pictures")
    limits.hit(FEEDBACK_WORDS, feedback.pk)


def _take_up(feedback: Feedback, *, by: User | None, now: datetime) -> None:
    """In hand again by the writer's words: the clock that stood still goes on, one that was answered anew."""
    is_asked_for = feedback.status == Status.WAITING
    move(feedback, Status.IN_HAND, by=by, now=stored_at(by, now), on_behalf_of=feedback.resident)
    if not is_asked_for:
        await_answer(feedback, by=by, now=now)
        return
    began = now if by is not None else response.next_full_hour(now)
    response.resume(feedback.ref, now=began)


class MessageKind(Enum):
    """The side that a message of the thread comes from, and whether residents read it."""

    WRITERS = "writers"
    ANSWER = "answer"
    INTERNAL = "internal"


def said_before(feedback: Feedback, key: UUID | None) -> FeedbackMessage | None:
    """What was said by this key already; of two at once the second waits for the first. In a transaction."""
    if key is None:
        return None
    Feedback.objects.select_for_update().filter(pk=feedback.pk).values("pk").first()
    return feedback.messages.filter(key=key).first()


def add_message(
    feedback: Feedback,
    words: str,
    *,
    by: User | None,
    at: datetime,
    kind: MessageKind = MessageKind.ANSWER,
    key: UUID | None = None,
) -> FeedbackMessage:
    """Append to the thread; the same ``key`` is stored once."""
    is_writers = kind == MessageKind.WRITERS
    is_for_resident = is_writers and by is not None and by.pk != feedback.resident_id
    return FeedbackMessage.objects.create(
        feedback=feedback,
        author=by,
        on_behalf_of=feedback.resident if is_for_resident else None,
        words=words,
        is_writers=is_writers,
        is_internal=kind == MessageKind.INTERNAL,
        key=key,
        at=at,
    )


def confirm_solved(*, feedback: Feedback, by: User | None, face: int, words: str = "", now: datetime) -> None:
    """It is solved, and how content the writer is with how it was.

    Whoever is told that it was said for them can say that they did not.
    """
    is_own = by is None or policies.is_household(by, feedback)
    tells = "" if is_own else "feedback_closed"
    with transaction.atomic():
        done = STEPS.take(feedback, Step("confirm_solved", to=Status.CLOSED, tells=tells), by=by, now=now)
        # Closed by the clock meanwhile, it looks as if the same nobody had said so before.
        if done or feedback.satisfaction_id is None:
            _rate(feedback, by=by, face=face, words=words, now=now)


def rate_feedback(*, feedback: Feedback, by: User | None, face: int, words: str = "", now: datetime) -> None:
    """Say afterwards how it was, once."""
    policies.require("rate_feedback", by, feedback)
    policies.VERBS.require_status("rate_feedback", feedback.status)
    with transaction.atomic():
        _rate(feedback, by=by, face=face, words=words, now=now)
        notify_open_pages(feedback, by=by, now=now)


def _rate(feedback: Feedback, *, by: User | None, face: int, words: str, now: datetime) -> None:
    given = give_satisfaction(
        feedback.ref,
        face=face,
        words=words,
        resident=feedback.resident,
        by=by,
        now=stored_at(by, now),
    )
    Feedback.objects.filter(pk=feedback.pk, satisfaction=None).update(satisfaction=given)
    feedback.satisfaction = given


def say_not_solved(*, feedback: Feedback, by: User | None, words: str, now: datetime) -> None:
    """It is opened again, with what is still wrong; the second time it goes to the manager."""
    policies.require("say_not_solved", by, feedback)
    words = check_words(words, _("Please write what is still wrong."))
    # Said twice it is one time.
    times = feedback.times_reopened + (feedback.status != Status.REOPENED)
    is_for_manager = times >= PATIENCE
    changes: dict[str, Any] = {"times_reopened": times}
    if is_for_manager:
        changes |= {"is_escalated": True, "department": Role.MANAGER}
    with transaction.atomic():
        if not STEPS.take(
            feedback, Step("say_not_solved", to=Status.REOPENED, changes=changes), by=by, now=now
        ):
            return
        add_message(feedback, words, by=by, at=stored_at(by, now), kind=MessageKind.WRITERS)
        await_answer(feedback, by=by, now=now)
        if is_for_manager and by is not None:
            _tell_managers(feedback, now=now)


def tell_of_nameless(*, now: datetime) -> int:
    """The managers hear of what was opened again without a name when its hour is over, of all at once.

    A message that is written at once would say when it was, by its number if not by its time.
    """
    to_tell = list(Feedback.objects.with_manager_without_name(now).order_by("pk"))
    with transaction.atomic():
        for feedback in to_tell:
            _tell_managers(feedback, now=now)
    return len(to_tell)


def _tell_managers(feedback: Feedback, *, now: datetime) -> None:
    """Once each time."""
    for manager in response.managers_of(feedback.estate_id):
        outbox.queue_message(
            manager,
            "feedback_escalated",
            key=f"feedback:{feedback.pk}:escalated:{feedback.times_reopened}",
            params={"reference": feedback.reference},
            url=reverse("staff_feedback_one", args=[feedback.pk]),
            now=now,
        )


def close_unanswered(*, feedback: Feedback, now: datetime) -> bool:
    """Close what was asked about a week ago. False if the writer just said something."""
    try:
        with transaction.atomic():
            change = move(feedback, Status.CLOSED, by=None, now=now)
            tell_writer(
                feedback, "feedback_closed", key=message_key(feedback, f"step {change.pk}"), by=None, now=now
            )
            notify_open_pages(feedback, by=None, now=now)
    except AlreadyMoved:
        return False
    return True


def follow_up(*, satisfaction: Satisfaction, resident: User | None, now: datetime) -> Feedback | None:
    """Somebody was not satisfied: a complaint in their name that they need not write (回访).

    What was rated without a name is followed up without one. Of a follow-up there is no further one.
    """
    own = satisfaction.reference if satisfaction.service == KEY else ""
    mine = Feedback.objects.filter(estate=satisfaction.estate_id)
    if own and mine.filter(reference=own, is_follow_up=True).exists():
        return None
    at = heard_at = now
    if resident is None:
        # Of the rating only the hour is known; nobody could answer before it was over.
        at = response.full_hour(now)
        heard_at = at + timedelta(hours=1)
    with transaction.atomic():
        feedback = Feedback(
            estate=satisfaction.estate,
            kind=Feedback.Kind.COMPLAINT,
            about=satisfaction.reference,
            description=satisfaction.words,
            is_follow_up=True,
            is_anonymous=resident is None,
            resident=resident,
            reported_by=resident,
            created_at=at,
            status_changed_at=at,
            reference=reference_for(satisfaction.estate, clock.today(at), is_nameless=resident is None),
        )
        feedback.save()
        record_first_status(feedback, by=None, now=at)
        await_answer(feedback, by=resident, now=heard_at)
        tell_writer(feedback, "feedback_follow_up", key=f"feedback:{feedback.pk}:received", by=None, now=now)
        notify_open_pages(feedback, by=resident, now=heard_at)
    return feedback
