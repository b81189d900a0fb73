"""Calling for help, answering, and bringing it to its end."""

import logging
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import StaffRole, User
from accounts.policies import homes_of
from community.core import clock
from community.core.errors import ActionError, Forbidden
from community.core.transitions import AlreadyMoved, move, record_first_status
from community.estates.models import Entrance, Estate, Home
from services.common.actions import silence_alarm
from services.common.models import Alarm
from services.common.references import next_reference
from services.help import policies
from services.help.actions.alarms import as_read, description_of, reopen_lately, sound
from services.help.actions.escalation import carry_out, tell_again, tell_place
from services.help.actions.notify import (
    alarmed_family,
    notify_open_pages,
    tell_caller,
    tell_family,
    tell_staff,
    tell_taken_back,
)
from services.help.models import HelpCall

logger = logging.getLogger(__name__)
S = HelpCall.Status
MAX_WORDS = 2000
# Who presses while others press or answer looks again, so often at most.
MOST_LOOKS = 5


def raise_call(
    *, resident: User, by: User, home: Home | None, key: UUID, now: datetime, words: str = ""
) -> HelpCall:
    """Call for help: the alarm stands in the database before anybody is told anything.

    While a call of this resident is open, pressing again returns it, with the other home or the words that
    are said now; but where nobody has come, or everybody was told and nobody has answered, it alarms them
    all anew. One that was taken back a few minutes ago is that call again. A key that was used before calls
    again once that call is over. Where several homes are theirs
    and none is named it is the first: nobody is asked twice who needs help. Raises ``Forbidden``, and
    ``ActionError`` only for one of whom no home is known.
    """
    if by.pk != resident.pk and not policies.may_name(by, resident):
        raise Forbidden
    homes, named = list(homes_of(resident).with_address()), home
    if home is None:
        home = homes[0] if homes else None
    if home is None:
        message = _("We do not know where you live. Please call the desk, or 120 in danger.")
        raise ActionError("no_home", message, field="home")
    if not policies.may_call_for(by, resident, estate_id=home.estate.pk):
        raise Forbidden
    if home not in homes:
        raise ActionError("not_their_home", _("Please choose one of the homes shown."), field="home")
    _check_length(words)
    call = HelpCall(estate=home.estate, home=home, resident=resident, reported_by=by, key=key)
    call.description = words.strip()
    for _look in range(MOST_LOOKS):
        found = _find_or_write(call, now)
        if found is not call:
            # Where they were, unless they say another home or have moved since.
            place = named if named is not None or found.home in homes else home
            act = _call_again if found.may_be_called_again(now) else _add
            if not act(found, call, place, now):
                continue
        if found.status == S.CALLING:
            _carry_out(found, now)
        return found
    raise AlreadyMoved


def start_drill(
    *, by: User, estate: Estate, where: Home | Entrance | None, key: UUID, now: datetime
) -> HelpCall:
    """Practise: everything as in earnest, marked so, and the family is left in peace."""
    policies.must_keep_roster(by, estate.pk)
    call = HelpCall(estate=estate, resident=by, reported_by=by, key=key, is_drill=True)
    if isinstance(where, Home):
        call.home = where
    else:
        call.entrance = where
    if where is not None and _estate_of(where) != estate:
        raise ActionError("wrong_estate", _("This is in another estate."), field="home")
    found = _find_or_write(call, now)
    if found.status == S.CALLING:
        _carry_out(found, now)
    return found


def _estate_of(where: Home | Entrance) -> Estate:
    entrance = where.entrance if isinstance(where, Home) else where
    return entrance.building.estate


def _find_or_write(call: HelpCall, now: datetime) -> HelpCall:
    """The call that is there; or ``call`` itself, with its alarm, written now."""
    found = _already(call) or reopen_lately(call, now)
    if found is not None:
        return found
    if HelpCall.objects.filter(key=call.key).exists():
        # A page from before, a button with one key for ever: no reason to refuse help.
        call.key = uuid4()
    try:
        with transaction.atomic():
            _write(call, now)
    except IntegrityError:
        # Pressed twice at the same instant: one of the two is there now.
        found = _already(call)
        if found is None:
            raise
        return found
    return call


def _carry_out(call: HelpCall, now: datetime, went: User | None = None) -> None:
    """The first steps, at once; ``went``: who was to come, and has not."""
    try:
        carry_out(call, now)
        if went is not None:
            tell_again(call, went, now)
    except Exception:
        # The board sounds already; whoever asks next carries out what is due.
        logger.exception("help: nobody could be told of call %s yet", call.pk)


def _already(call: HelpCall) -> HelpCall | None:
    """The call of this resident that is still open; one that is over, or was taken back, is none."""
    return (
        HelpCall.objects.open().with_people().filter(resident=call.resident, is_drill=call.is_drill).first()
    )


def _call_again(call: HelpCall, pressed: HelpCall, home: Home | None, now: datetime) -> bool:
    """Nobody has come: alarm everybody anew, once however often it is pressed. ``home``: if it is another.

    False where it is to be looked at again: somebody was faster, or they call from another estate now,
    where nobody knows of it.
    """
    by, went = pressed.reported_by, call.responder
    changes: dict[str, Any] = {"responder": None, "answered_at": None, "escalation_level": 0, "reminded": 0}
    changes |= {"round": call.round + 1, "pressed_again_at": now, "home": home or call.home}
    changes["description"] = description_of(call, pressed)
    only_if = as_read(call)
    try:
        if home is not None and home.estate != call.estate:
            _take_back(call, by=by, now=now)
            return False
        with transaction.atomic():
            changes["alarm"] = sound(call, home or call.home, by=by, now=now)
            for_whom = call.resident
            move(call, S.CALLING, by=by, now=now, on_behalf_of=for_whom, only_if=only_if, **changes)
            notify_open_pages(call)
    except AlreadyMoved:
        call.refresh_from_db()
        return False
    _carry_out(call, now, went)
    return True


def _add(call: HelpCall, pressed: HelpCall, home: Home | None, now: datetime) -> bool:
    """They say another ``home`` than the call has, or more words: whoever answers it knows at once.

    What somebody else has written meanwhile is never written over. False as ``_call_again``.
    """
    by = pressed.reported_by
    moves = home is not None and home != call.home
    changes: dict[str, Any] = {"description": description_of(call, pressed), "additions": call.additions + 1}
    if not moves and changes["description"] == call.description:
        return True
    still_there = HelpCall.objects.filter(pk=call.pk, status=call.status, **as_read(call))
    try:
        if home is not None and home.estate != call.estate:
            _take_back(call, by=by, now=now)
            return False
        with transaction.atomic():
            if moves:
                # The alarm before the call, as whoever answers locks them.
                changes |= {"home": home, "alarm": sound(call, home, by=by, now=now)}
            if not still_there.update(**changes):
                raise AlreadyMoved
            for name, value in changes.items():
                setattr(call, name, value)
            _write_addition(call, by=by, now=now, place=str(home) if moves else "")
            if moves:
                tell_place(call, now)
            notify_open_pages(call)
    except AlreadyMoved:
        call.refresh_from_db()
        return False
    return True


def _write_addition(call: HelpCall, *, by: User, now: datetime, place: str) -> None:
    """A step of its life in which its state stays as it is, and since when."""
    on_behalf_of = call.resident if by.pk != call.resident_id else None
    call.history.create(
        from_status=call.status,
        to_status=call.status,
        actor=by,
        on_behalf_of=on_behalf_of,
        at=now,
        is_addition=True,
        place=place,
        **call.history_fields(),
    )


def _write(call: HelpCall, now: datetime) -> None:
    call.created_at = call.status_changed_at = now
    call.reference = next_reference(letter="H", estate=call.estate, on=clock.today(now))
    call.save()
    record_first_status(
        call, by=call.reported_by, now=now, on_behalf_of=None if call.is_drill else call.resident
    )
    call.alarm = sound(call, call.home, by=call.reported_by, now=now)
    call.save(update_fields=["alarm"])
    notify_open_pages(call)


def cancel_call(*, call: HelpCall, by: User, now: datetime) -> None:
    """Pressed by mistake, within ten minutes. Staff still call back and write what had happened."""
    if not policies.may_call_for(by, call.resident, estate_id=call.estate_id):
        raise Forbidden
    if call.status == S.CANCELLED:
        return
    if call.is_open and not call.may_be_taken_back(now):
        message = _("It is too late to take it back. Please call the desk.")
        raise ActionError("too_late", message)
    _take_back(call, by=by, now=now)


def _take_back(call: HelpCall, *, by: User, now: datetime) -> None:
    with transaction.atomic():
        Alarm.objects.filter(help_call=call, kind=Alarm.Kind.HELP).update(kind=Alarm.Kind.TAKEN_BACK)
        on_behalf_of = call.resident if by.pk != call.resident_id else None
        move(call, S.CANCELLED, by=by, now=now, on_behalf_of=on_behalf_of)
        tell_family(call, alarmed_family(call), "help_taken_back", key=call.key_of("taken_back"), now=now)
        if call.responder and call.responder_id != by.pk:
            tell_taken_back(call, call.responder, now=now)
        notify_open_pages(call)


def take_call(*, call: HelpCall, by: User, now: datetime, goes: User | None = None) -> None:
    """Answer: ``by`` goes, or sends ``goes``. The alarm falls silent, the elder reads who is coming."""
    policies.must_answer(by, call, now)
    goes = goes or by
    _check_goes(goes, call)
    try:
        with transaction.atomic():
            _silence(call, by=by, now=now)
            answer(call, by=by, goes=goes, now=now)
    except AlreadyMoved:
        call.refresh_from_db()
        if call.status != S.COMING or call.responder_id != goes.pk:
            raise
        _has_seen(call, by=by, now=now)


def _as_seen(call: HelpCall) -> dict[str, Any]:
    """A condition on the row: they have not said another home since ``call`` was read."""
    return {"home": call.home_id, "alarm": call.alarm_id}


def _silence(call: HelpCall, *, by: User, now: datetime) -> bool:
    return call.alarm is not None and silence_alarm(alarm=call.alarm, by=by, now=now)


def _has_seen(call: HelpCall, *, by: User, now: datetime) -> None:
    """Who is on the way takes the alarm that says another home."""
    with transaction.atomic():
        if _silence(call, by=by, now=now):
            notify_open_pages(call)


def send(*, call: HelpCall, by: User, goes: User, now: datetime) -> None:
    """``goes`` is to go, whether nobody has answered yet or somebody else is on the way."""
    act = send_other if call.status == S.COMING else take_call
    act(call=call, by=by, goes=goes, now=now)


def answer(call: HelpCall, *, by: User, goes: User, now: datetime) -> None:
    """Inside a transaction in which the alarm was taken."""
    if call.status != S.CALLING:
        raise AlreadyMoved
    changes: dict[str, Any] = {"responder": goes, "answered_at": now, "reminded": 0}
    move(call, S.COMING, by=by, now=now, only_if=_as_seen(call), **changes)
    _tell_who_comes(call, by=by, now=now)


def send_other(*, call: HelpCall, by: User, goes: User, now: datetime) -> None:
    """Somebody else goes instead."""
    policies.must_answer(by, call, now)
    _check_goes(goes, call)
    if call.status == S.COMING and call.responder_id == goes.pk:
        return
    if call.status != S.COMING:
        raise AlreadyMoved
    with transaction.atomic():
        _silence(call, by=by, now=now)
        only_if = _as_seen(call) | {"responder": call.responder_id}
        move(call, S.COMING, by=by, now=now, only_if=only_if, responder=goes, reminded=0)
        _tell_who_comes(call, by=by, now=now)


def _tell_who_comes(call: HelpCall, *, by: User, now: datetime) -> None:
    key = f"coming:{call.responder_id}:{now.timestamp():.0f}"
    assert call.responder is not None
    if call.responder_id != by.pk:
        tell_staff(call, call.responder, key=key, now=now)
    tell_caller(call, "help_coming", key=key, by=by, now=now)
    tell_family(call, alarmed_family(call), "help_coming", key=key, now=now)
    notify_open_pages(call)


def _check_goes(goes: User, call: HelpCall) -> None:
    works_here = StaffRole.objects.held_by(goes).filter(estate_id=call.estate_id, user__is_active=True)
    if not works_here.exists():
        raise ActionError("not_staff", _("Please choose somebody who works here."), field="goes")


def end_call(*, call: HelpCall, by: User, outcome: str, words: str = "", now: datetime) -> None:
    """Write what had happened; only then is a call over, one that was taken back too."""
    policies.must_answer(by, call, now)
    if outcome not in HelpCall.Outcome.values:
        raise ActionError("no_outcome", _("Please choose what had happened."), field="outcome")
    if outcome == HelpCall.Outcome.OTHER and not words.strip():
        raise ActionError("words_missing", _("Please write what had happened."), field="words")
    if (outcome == HelpCall.Outcome.DRILL) != call.is_drill:
        raise ActionError(
            "wrong_outcome", _("“Drill finished” is for drills, and for them alone."), field="outcome"
        )
    _check_length(words)
    if call.status == S.ENDED and call.outcome == outcome:
        return
    with transaction.atomic():
        _silence(call, by=by, now=now)
        move(call, S.ENDED, by=by, now=now, only_if=_as_seen(call), outcome=outcome, words=words.strip())
        tell_caller(call, "help_ended", key="ended", by=by, now=now)
        tell_family(call, alarmed_family(call), "help_ended", key="ended", now=now)
        notify_open_pages(call)


def _check_length(words: str) -> None:
    if len(words) > MAX_WORDS:
        raise ActionError("too_long", _("Please keep it under 2,000 characters."), field="words")
