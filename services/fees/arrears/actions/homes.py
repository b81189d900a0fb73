"""Notes about a home in arrears: hardship marks, and calls."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core import audit, clock
from community.core.errors import ActionError
from community.estates.models import Home
from services.fees import policies
from services.fees.models import ArrearsCall, Hardship

MAX_NOTE = 300
# A day further ahead is a typing error.
LONGEST = timedelta(days=3660)


def mark_hardship(*, home: Home, reason: str, until_on: date | None, by: User, now: datetime) -> Hardship:
    """Marks a home whose household is in need, so that it is not reminded; returns the mark.

    Raises ``Forbidden``, and ``ActionError`` with the field for a missing or too long reason, a day that is
    over or too far ahead, and a home that is marked already.
    """
    policies.require("mark_hardship", by, home.estate.pk)
    _check_words(reason, "reason")
    _check_day(until_on, "until_on", now)
    mark = Hardship(
        estate=home.estate, home=home, reason=reason.strip(), until_on=until_on, by=by, created_at=now
    )
    try:
        with transaction.atomic():
            # A mark that has run out makes place for the new one.
            over = Hardship.objects.filter(home=home, ended_at=None, until_on__lt=clock.today(now))
            over.update(ended_at=now, ended_by=by)
            mark.save()
            audit.record("fees.hardship_marked", by=by, target=mark, estate_id=home.estate.pk)
    except IntegrityError:
        raise ActionError("marked_already", _("This home is marked already.")) from None
    return mark


def end_hardship(*, mark: Hardship, by: User, now: datetime) -> None:
    """Ends a mark. Repeating it changes nothing. Raises ``Forbidden``."""
    policies.require("mark_hardship", by, mark.estate_id)
    with transaction.atomic():
        if Hardship.objects.filter(pk=mark.pk, ended_at=None).update(ended_at=now, ended_by=by):
            audit.record("fees.hardship_ended", by=by, target=mark, estate_id=mark.estate_id)


def note_call(
    *, home: Home, words: str, promised_on: date | None, key: UUID, by: User, now: datetime
) -> ArrearsCall:
    """Writes down a call about arrears and returns the note; with the same ``key`` again, the same one.

    Raises ``Forbidden``, and ``ActionError`` with the field for missing or too long words and a day that is
    over or too far ahead.
    """
    policies.require("note_call", by, home.estate.pk)
    _check_words(words, "words")
    _check_day(promised_on, "promised_on", now)
    note, _is_new = ArrearsCall.objects.get_or_create(
        key=key,
        defaults={
            "estate": home.estate,
            "home": home,
            "words": words.strip(),
            "promised_on": promised_on,
            "by": by,
            "at": now,
        },
    )
    return note


def _check_words(words: str, name: str) -> None:
    if not words.strip():
        raise ActionError("words_missing", _("Please write a few words."), field=name)
    if len(words.strip()) > MAX_NOTE:
        raise ActionError("too_long", _("Please keep it under 300 characters."), field=name)


def _check_day(day: date | None, name: str, now: datetime) -> None:
    today = clock.today(now)
    if day is not None and not today <= day <= today + LONGEST:
        raise ActionError("day_is_over", _("Please choose today or a later day."), field=name)
