"""Follow-ups of every step of feedback: the response clock, the messages, the open pages."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID, uuid5

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core import pictures
from community.core.encryption import blind_index
from community.core.errors import ActionError
from community.core.recordings import Spoken, StoredRecording
from community.notifications import live
from services.common import response_clock
from services.common.steps import StepRules, tell_permitted
from services.feedback import policies
from services.feedback.models import Feedback

MAX_WORDS = 2000


def desk_topic(estate_id: int) -> str:
    """Returns the topic of the estate's queue for staff."""
    return f"feedback-desk:{estate_id}"


def stored_at(by: User | None, now: datetime) -> datetime:
    """Returns the time to store; the full hour for an anonymous writer, as the exact time could identify
    them.
    """
    return now if by is not None else response_clock.full_hour(now)


def acting_for(feedback: Feedback, verb: str, by: User | None) -> User | None:
    """Returns the resident if the verb is the writer's; the history omits it for residents who act
    themselves.
    """
    is_writers = policies.VERBS[verb].is_for(policies.RESIDENT_SIDE, policies.HOUSEHOLD)
    return feedback.resident if is_writers else None


def check_words(words: str, missing: object) -> str:
    """Returns the words without surrounding blanks.

    Raises ``ActionError`` with the field ``words`` for empty words or more than 2,000 characters.
    """
    words = words.strip()
    if not words:
        raise ActionError("words_missing", missing, field="words")  # type: ignore[arg-type]
    if len(words) > MAX_WORDS:
        raise ActionError("too_long", _("Please keep it under 2,000 characters."), field="words")
    return words


def key_used_error() -> ActionError:
    """Returns the error for a single-use key with which another person has sent something."""
    return ActionError("key_used", _("This was sent before. Please open the page again."))


def submission_key(
    feedback: Feedback, token: UUID | None, words: str, uploads: Iterable[pictures.Upload | Spoken] = ()
) -> UUID | None:
    """Returns a key derived from the page's token, the thread and the content; None without a token.

    The same content sent again by one page has the same key; other content, or another thread, has another
    one.
    """
    if token is None:
        return None
    digest = hashlib.sha256(f"{feedback.pk}:{words}".encode())
    for upload in uploads:
        if isinstance(upload, pictures.Prepared):
            digest.update(upload.key.encode())
            continue
        file = upload.upload if isinstance(upload, Spoken) else upload
        if isinstance(file, StoredRecording):
            digest.update(file.name.encode())
            continue
        file.seek(0)
        digest.update(hashlib.file_digest(file, "sha256").digest())  # type: ignore[arg-type]
        file.seek(0)
    return uuid5(token, digest.hexdigest())


def message_key(feedback: Feedback, what: str) -> str:
    """Returns the key under which a message is queued once.

    It is hashed: rows are numbered in the order in which they are written, so the numbers of two messages
    with a name would reveal when the anonymous one between them was written.
    """
    return f"feedback:{feedback.pk}:{blind_index(f'{feedback.pk} {what}')}"


def tell_writer(
    feedback: Feedback, template: str, *, key: str, by: User | None, now: datetime, sms: bool = False
) -> None:
    """Queues a message to the resident and to the person who wrote for them, except ``by``, who has just
    acted.

    An anonymous writer has no inbox.
    """
    resident = feedback.resident
    if resident is None:
        return
    tell_permitted(
        [person for person in (resident, feedback.reported_by) if person],
        template,
        but=by,
        may=lambda person: policies.may_write_for(person, resident, estate_id=feedback.estate_id),
        key=key,
        params={"reference": feedback.reference, "about": feedback.about},
        url=reverse("feedback", args=[feedback.pk]),
        sms=sms,
        now=now,
    )


def start_clock(feedback: Feedback, *, by: User | None, now: datetime) -> None:
    """Starts the response clock; for an anonymous writer from the next full hour on."""
    began = now if by is not None else response_clock.next_full_hour(now)
    response_clock.start_clock(feedback.ref, now=began, url=reverse("staff_feedback_one", args=[feedback.pk]))


def stop_clock(feedback: Feedback, *, now: datetime) -> None:
    """Stops the response clock of this feedback. Repeating it changes nothing."""
    response_clock.stop_clock(feedback.ref, now=now)


def notify_open_pages(feedback: Feedback, *, by: User | None, now: datetime) -> None:
    """Notifies the open pages of the feedback, of the queue and of the resident. Call it last in the
    transaction.

    A topic stores the time of its change; for an anonymous writer that is the end of the hour.
    """
    topics = {desk_topic(feedback.estate_id), feedback.live_topic}
    if feedback.resident_id:
        topics.add(f"resident:{feedback.resident_id}")
    live.notify_open_pages(
        *topics, at=response_clock.next_full_hour(now) if by is None and feedback.is_anonymous else None
    )


STEPS = StepRules(
    verbs=policies.VERBS,
    require=policies.require,
    acting_for=acting_for,
    message_key=lambda feedback, change: message_key(feedback, f"step {change.pk}"),
    tell_resident=tell_writer,
    notify_open_pages=lambda taken: notify_open_pages(taken.row, by=taken.by, now=taken.now),
    stored_at=lambda taken: stored_at(taken.by, taken.now),
)
