"""Ratings of finished requests, for all services: given once; those who follow up are notified of bad ones."""

from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core import events
from community.core.errors import ActionError, Forbidden
from community.core.recordings import Spoken, StoredRecording, storing_if_spoken
from community.notifications import outbox
from services.common.models import RequestRef, Satisfaction, SatisfactionQuestion, SatisfactionRecording

MAX_WORDS = 2000


@dataclass(frozen=True)
class Rating:
    """A face, and words or what was spoken; the recording comes from ``recordings.storing_if_spoken()``."""

    face: int
    words: str = ""
    sound: StoredRecording | None = None


def give_satisfaction(
    request: RequestRef, rating: Rating, *, resident: User | None, by: User | None, now: datetime
) -> Satisfaction:
    """Stores a resident's rating of a finished request; the first one stays, with its recording.

    The service checks the permission before. A bad rating notifies in the same transaction. ``resident`` and
    ``by`` are None for anonymous requests, which have no recording. Raises ``ActionError`` for an unknown face
    or too many words.
    """
    if rating.face not in Satisfaction.Face.values:
        raise ActionError("no_face", _("Please choose one of the three faces."), field="face")
    if len(rating.words) > MAX_WORDS:
        raise ActionError("too_long", _("Please keep it under 2,000 characters."), field="words")
    with transaction.atomic():
        given, is_first = Satisfaction.objects.get_or_create(
            **asdict(request),
            defaults={"face": rating.face, "words": rating.words.strip(), "given_by": by, "at": now},
        )
        if rating.sound and not is_first:
            rating.sound.discard()
        elif rating.sound and by:
            SatisfactionRecording.objects.create(
                satisfaction=given, added_by=by, at=now, **rating.sound.take()
            )
        if is_first and given.face == Satisfaction.Face.BAD:
            events.rated_badly.send(satisfaction=given, resident=resident, now=now)
    return given


def ask_satisfaction(
    request: RequestRef,
    *,
    what: str,
    resident: User,
    tells: bool = True,
    now: datetime,
) -> SatisfactionQuestion:
    """Asks a resident once about a visit, an appointment or a payment; call it in the cause's transaction.

    ``tells=False`` sends no message, for frequent requests; the question is shown on pages only.
    """
    question, is_new = SatisfactionQuestion.objects.get_or_create(
        **asdict(request),
        defaults={"what": what[:60], "resident": resident, "asked_at": now},
    )
    if is_new and tells:
        outbox.queue_message(
            resident,
            "how_was_it",
            key=f"satisfaction:{question.pk}",
            params={"what": question.what, "reference": request.reference},
            url=reverse("how_was_it", args=[question.pk]),
            now=now,
        )
    return question


def open_question(request: RequestRef, *, user: User) -> SatisfactionQuestion | None:
    """Returns the unanswered question to this person about the request, if any."""
    return SatisfactionQuestion.objects.open().filter(resident=user, **asdict(request)).first()


def answer_question(
    *,
    question: SatisfactionQuestion,
    face: int,
    words: str = "",
    spoken: Spoken | None = None,
    by: User,
    now: datetime,
) -> Satisfaction:
    """Stores the answer of the resident, of a relative who acts for them in the service, or the one that the
    desk heard by phone. Repeating it changes nothing.

    Raises ``Forbidden`` for anyone else, and ``ActionError`` as ``give_satisfaction`` does.
    """
    if not SatisfactionQuestion.objects.visible_to(by).filter(pk=question.pk).exists():
        raise Forbidden
    with storing_if_spoken(spoken) as sound, transaction.atomic():
        given = give_satisfaction(
            question.ref,
            Rating(face, words, sound),
            resident=question.resident,
            by=by,
            now=now,
        )
        SatisfactionQuestion.objects.filter(pk=question.pk, answer=None).update(answer=given)
        question.answer = given
    return given
