"""Actions of the writer after sending, and of periodic tasks."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import Enum
from typing import Any
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.policies import Role
from community.core import changes, clock, limits, pictures
from community.core.errors import ActionError
from community.core.limit_table import FEEDBACK_WORDS
from community.core.recordings import Spoken, StoredRecording, storing_if_spoken
from community.core.transitions import AlreadyMoved, move, record_first_status
from community.notifications import outbox
from services.common import response_clock
from services.common.models import Satisfaction
from services.common.satisfaction import Rating, give_satisfaction
from services.common.steps import Step
from services.feedback import KEY, policies
from services.feedback.actions.feedback import blur_file_times, reference_for
from services.feedback.actions.spoken import check_spoken, keep_spoken
from services.feedback.actions.steps import (
    STEPS,
    check_words,
    message_key,
    notify_open_pages,
    start_clock,
    stored_at,
    submission_key,
    tell_writer,
)
from services.feedback.models import Feedback, FeedbackMessage, FeedbackPicture
from services.feedback.models.feedback import MAX_PICTURES_OF_FEEDBACK

Status = Feedback.Status
# Number of reopenings from which the manager is responsible.
REOPENINGS_FOR_MANAGER = 2


def withdraw_feedback(*, feedback: Feedback, by: User | None, now: datetime) -> None:
    """Withdraws feedback that nobody has answered yet. Repeating it changes nothing.

    Raises ``Forbidden`` and ``AlreadyMoved``.
    """
    with transaction.atomic():
        if STEPS.take(feedback, Step("withdraw_feedback", to=Status.WITHDRAWN), by=by, now=now):
            response_clock.drop_clock(feedback.ref)


def add_words(
    *,
    feedback: Feedback,
    by: User | None,
    words: str,
    uploads: Iterable[pictures.Upload | Spoken] = (),
    key: UUID | None = None,
    now: datetime,
) -> FeedbackMessage:
    """Adds words, pictures or a spoken message of the writer to the thread, and returns the message.

    Feedback that waited for words is being handled again and its response clock goes on; if the writer was
    asked whether it is solved, a new answer is due. Repeating it with the same ``key`` and content returns
    the same message. Raises ``Forbidden``, ``AlreadyMoved`` for closed feedback, ``ActionError`` with the
    field for empty or too long words, too many pictures or a picture that cannot be read, and ``TooMany``.
    """
    policies.require("add_words", by, feedback)
    policies.VERBS.require_status("add_words", feedback.status)
    words, given = words.strip(), list(uploads)
    if words or not given:
        words = check_words(words, _("Please write something or add a picture."))
    key = submission_key(feedback, key, words, given)
    photos = [one for one in given if not isinstance(one, Spoken)]
    spoken = next((one for one in given if isinstance(one, Spoken)), None)
    if earlier := feedback.messages.filter(key=key, key__isnull=False).first():
        return earlier
    _check_limits(feedback, photos)
    check_spoken(feedback, spoken, by)
    at = stored_at(by, now)
    with (
        storing_if_spoken(spoken) as sound,
        pictures.storing(photos) as stored,
        transaction.atomic(),
    ):
        if earlier := stored_message(feedback, key):
            pictures.discard_all(stored)
            if sound:
                sound.discard()
            return earlier
        message = add_message(feedback, words, by=by, at=at, kind=MessageKind.WRITERS, key=key)
        _attach_pictures(message, stored)
        keep_spoken(message, sound)
        if feedback.status in (Status.WAITING, Status.SOLVED_ASKED):
            _resume_handling(feedback, by=by, now=now)
        notify_open_pages(feedback, by=by, now=now)
    if by is None:
        blur_file_times([picture.key for picture in stored], at)
    return message


def _attach_pictures(message: FeedbackMessage, stored: Iterable[pictures.StoredPicture]) -> None:
    FeedbackPicture.objects.bulk_create(
        FeedbackPicture(
            feedback=message.feedback,
            message=message,
            key=picture.key,
            width=picture.width,
            height=picture.height,
            added_by=message.author,
            at=message.at,
        )
        for picture in stored
    )


def _check_limits(feedback: Feedback, uploads: list[pictures.Upload]) -> None:
    """Raises ``ActionError`` for too many pictures and ``TooMany`` for too frequent words, counted by thread."""
    if (
        feedback.pictures.count() + len(uploads) > 2 * MAX_PICTURES_OF_FEEDBACK
        or len(uploads) > MAX_PICTURES_OF_FEEDBACK
    ):
        raise ActionError(
            "too_many_pictures",
            _("%(most)s pictures are enough.") % {"most": MAX_PICTURES_OF_FEEDBACK},
            field="pictures",
        )
    limits.hit(FEEDBACK_WORDS, feedback.pk)


def _resume_handling(feedback: Feedback, *, by: User | None, now: datetime) -> None:
    """Moves the feedback back to being handled; resumes a paused response clock, restarts an answered one."""
    is_asked_for = feedback.status == Status.WAITING
    move(feedback, Status.IN_HAND, by=by, now=stored_at(by, now), on_behalf_of=feedback.resident)
    if not is_asked_for:
        start_clock(feedback, by=by, now=now)
        return
    began = now if by is not None else response_clock.next_full_hour(now)
    response_clock.resume(feedback.ref, now=began)


class MessageKind(Enum):
    """Origin of a message of the thread, and whether residents may read it."""

    WRITERS = "writers"
    ANSWER = "answer"
    INTERNAL = "internal"


def stored_message(feedback: Feedback, key: UUID | None) -> FeedbackMessage | None:
    """Returns the message stored with this key. Locks the feedback, so that of two requests at once the
    second waits; call it inside a transaction.
    """
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
    """Appends a message to the thread and returns it. Checks no permission: the caller has.

    Raises ``IntegrityError`` if a message with the same ``key`` is stored.
    """
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


def confirm_solved(
    *,
    feedback: Feedback,
    by: User | None,
    face: int,
    words: str = "",
    spoken: Spoken | None = None,
    now: datetime,
) -> None:
    """Closes the feedback as solved, with the writer's rating (``face`` 1 to 3).

    If staff confirm it for the writer, the writer is notified and can object. Repeating it changes nothing.
    Raises ``Forbidden``, ``AlreadyMoved``, and ``ActionError`` for a wrong rating.
    """
    is_own = by is None or policies.is_household(by, feedback)
    tells = "" if is_own else "feedback_closed"
    check_spoken(feedback, spoken, by)
    with storing_if_spoken(spoken) as sound, transaction.atomic():
        done = STEPS.take(feedback, Step("confirm_solved", to=Status.CLOSED, tells=tells), by=by, now=now)
        # A periodic task has closed it meanwhile, so the step of an anonymous writer looks repeated: store
        # the rating.
        is_first = (done or feedback.satisfaction_id is None) and _rate(
            feedback, by=by, face=face, words=words, now=now
        )
        _keep_with_rating(feedback, sound if is_first else None, by=by, now=now)
    if sound and not is_first:
        sound.discard()


def rate_feedback(
    *,
    feedback: Feedback,
    by: User | None,
    face: int,
    words: str = "",
    spoken: Spoken | None = None,
    now: datetime,
) -> None:
    """Stores the rating of closed feedback, once.

    Raises ``Forbidden``, ``AlreadyMoved`` for feedback that is not closed, and ``ActionError`` for a wrong
    rating.
    """
    policies.require("rate_feedback", by, feedback)
    policies.VERBS.require_status("rate_feedback", feedback.status)
    check_spoken(feedback, spoken, by)
    with storing_if_spoken(spoken) as sound, transaction.atomic():
        is_first = _rate(feedback, by=by, face=face, words=words, now=now)
        _keep_with_rating(feedback, sound if is_first else None, by=by, now=now)
        notify_open_pages(feedback, by=by, now=now)
    if sound and not is_first:
        sound.discard()


def _keep_with_rating(
    feedback: Feedback, sound: StoredRecording | None, *, by: User | None, now: datetime
) -> None:
    """Appends what was spoken with the rating to the thread, where it is heard."""
    if sound:
        message = add_message(feedback, "", by=by, at=stored_at(by, now), kind=MessageKind.WRITERS)
        keep_spoken(message, sound)


def _rate(feedback: Feedback, *, by: User | None, face: int, words: str, now: datetime) -> bool:
    """Stores the rating; returns whether it is the first, which stays."""
    rating = give_satisfaction(
        feedback.ref,
        Rating(face, words),
        resident=feedback.resident,
        by=by,
        now=stored_at(by, now),
    )
    with changes.of(feedback):
        is_first = bool(
            Feedback.objects.filter(pk=feedback.pk, satisfaction=None).update(satisfaction=rating)
        )
    feedback.satisfaction = rating
    return is_first


def say_not_solved(
    *, feedback: Feedback, by: User | None, words: str, spoken: Spoken | None = None, now: datetime
) -> None:
    """Reopens the feedback with the words, or the spoken message, about what is still wrong.

    The second time it goes to the manager. Repeating it changes nothing. Raises ``Forbidden``,
    ``ActionError`` with the field ``words`` and ``AlreadyMoved``.
    """
    policies.require("say_not_solved", by, feedback)
    if words.strip() or spoken is None:
        words = check_words(words, _("Please write what is still wrong."))
    check_spoken(feedback, spoken, by)
    # A repeated request must not count twice.
    times = feedback.times_reopened + (feedback.status != Status.REOPENED)
    is_for_manager = times >= REOPENINGS_FOR_MANAGER
    changes: dict[str, Any] = {"times_reopened": times}
    if is_for_manager:
        changes |= {"is_escalated": True, "department": Role.MANAGER}
    with storing_if_spoken(spoken) as sound, transaction.atomic():
        if not STEPS.take(
            feedback, Step("say_not_solved", to=Status.REOPENED, changes=changes), by=by, now=now
        ):
            if sound:
                sound.discard()
            return
        message = add_message(feedback, words, by=by, at=stored_at(by, now), kind=MessageKind.WRITERS)
        keep_spoken(message, sound)
        start_clock(feedback, by=by, now=now)
        if is_for_manager and by is not None:
            _tell_managers(feedback, now=now)


def notify_managers_of_anonymous(*, now: datetime) -> int:
    """Notifies the managers of reopened anonymous feedback whose hour has ended; returns how many there are.

    All are notified together: a message written at once would reveal the time of writing, by its number if
    not by its time.
    """
    reopened = list(Feedback.objects.anonymous_to_escalate(now).order_by("pk"))
    with transaction.atomic():
        for feedback in reopened:
            _tell_managers(feedback, now=now)
    return len(reopened)


def _tell_managers(feedback: Feedback, *, now: datetime) -> None:
    """Queues a message to each manager, once for each reopening."""
    for manager in response_clock.managers_of(feedback.estate_id):
        outbox.queue_message(
            manager,
            "feedback_escalated",
            key=f"feedback:{feedback.pk}:escalated:{feedback.times_reopened}",
            params={"reference": feedback.reference},
            url=reverse("staff_feedback_one", args=[feedback.pk]),
            now=now,
        )


def close_unanswered(*, feedback: Feedback, now: datetime) -> bool:
    """Closes feedback whose writer was asked a week ago; returns False if its status has changed meanwhile."""
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
    """Creates a complaint for the rater of a bad rating (回访), who need not write it; returns it.

    A rating without a name gets an anonymous one. Returns None for the rating of a follow-up. Checks no
    permission: the rating has.
    """
    own = satisfaction.reference if satisfaction.service == KEY else ""
    of_estate = Feedback.objects.filter(estate=satisfaction.estate_id)
    if own and of_estate.filter(reference=own, is_follow_up=True).exists():
        return None
    at = known_at = now
    if resident is None:
        # The exact time of the rating is unknown, only its hour; nobody could answer before it ended.
        at = response_clock.full_hour(now)
        known_at = at + timedelta(hours=1)
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
        start_clock(feedback, by=resident, now=known_at)
        tell_writer(feedback, "feedback_follow_up", key=f"feedback:{feedback.pk}:received", by=None, now=now)
        notify_open_pages(feedback, by=resident, now=known_at)
    return feedback
