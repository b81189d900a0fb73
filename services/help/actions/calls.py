"""Calls for help: raising, answering and ending them."""

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
from services.help.actions.alarms import (
    joined_description,
    reopen_recent_call,
    sound_alarm,
    unchanged_since_read,
)
from services.help.actions.escalation import escalate_call, tell_again, tell_new_place
from services.help.actions.notifications import (
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
# Retries when another request changes the call at the same time.
MAX_TRIES = 5


def raise_call(
    *, resident: User, by: User, home: Home | None, key: UUID, now: datetime, words: str = ""
) -> HelpCall:
    """Calls for help; the alarm is committed before anyone is notified.

    While the resident has an open call, it is returned, with the new home or words added. It notifies
    everyone again if the responder has not come or all were notified without an answer. From another estate,
    it is taken back and a new call is created. A call that was taken back a few minutes ago is reopened. A
    key that was used before is replaced once its call is over.

    Without ``home``, the resident's first home is used: a call asks no questions. Raises ``Forbidden``,
    ``ActionError`` (``no_home``, ``not_their_home``, ``too_long``), and ``AlreadyMoved`` after ``MAX_TRIES``
    conflicts.
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
    for _attempt in range(MAX_TRIES):
        found = _find_or_create(call, now)
        if found is not call:
            # The place stays, unless they name another home or have moved since.
            place = named if named is not None or found.home in homes else home
            act = _call_again if found.may_be_called_again(now) else _add_to_call
            if not act(found, call, place, now):
                continue
        if found.status == S.CALLING:
            _start_escalation(found, now)
        return found
    raise AlreadyMoved


def start_drill(
    *, by: User, estate: Estate, where: Home | Entrance | None, key: UUID, now: datetime
) -> HelpCall:
    """Starts a drill: like a real call, but marked, and without the family.

    Returns the open drill of ``by`` if there is one. Raises ``Forbidden`` and ``ActionError``
    (``wrong_estate``).
    """
    policies.must_edit_roster(by, estate.pk)
    call = HelpCall(estate=estate, resident=by, reported_by=by, key=key, is_drill=True)
    if isinstance(where, Home):
        call.home = where
    else:
        call.entrance = where
    if where is not None and _estate_of(where) != estate:
        raise ActionError("wrong_estate", _("This is in another estate."), field="home")
    found = _find_or_create(call, now)
    if found.status == S.CALLING:
        _start_escalation(found, now)
    return found


def _estate_of(where: Home | Entrance) -> Estate:
    entrance = where.entrance if isinstance(where, Home) else where
    return entrance.building.estate


def _find_or_create(call: HelpCall, now: datetime) -> HelpCall:
    """Returns the existing call, or ``call`` itself, created with its alarm."""
    found = _open_call_of(call) or reopen_recent_call(call, now)
    if found is not None:
        return found
    if HelpCall.objects.filter(key=call.key).exists():
        # An old page or a button with a fixed key: no reason to refuse help.
        call.key = uuid4()
    try:
        with transaction.atomic():
            _create(call, now)
    except IntegrityError:
        # Another request created the call at the same moment.
        found = _open_call_of(call)
        if found is None:
            raise
        return found
    return call


def _start_escalation(call: HelpCall, now: datetime, former: User | None = None) -> None:
    """Takes the first steps at once; ``former`` is the responder who has not come."""
    try:
        escalate_call(call, now)
        if former is not None:
            tell_again(call, former, now)
    except Exception:
        # The board sounds already; the next poll or task takes the steps that are due.
        logger.exception("help: nobody could be told of call %s yet", call.pk)


def _open_call_of(call: HelpCall) -> HelpCall | None:
    """Returns the open call of this resident; one that is over or was taken back does not count."""
    return (
        HelpCall.objects.open().with_people().filter(resident=call.resident, is_drill=call.is_drill).first()
    )


def _call_again(call: HelpCall, new_call: HelpCall, home: Home | None, now: datetime) -> bool:
    """Notifies everyone again because the responder has not come; simultaneous presses count once.

    ``home`` is the new home, if any. Returns False if the caller must look again: another request changed the
    call, or they call from another estate now, whose staff know nothing of it.
    """
    by, former = new_call.reported_by, call.responder
    changes: dict[str, Any] = {"responder": None, "answered_at": None, "escalation_level": 0, "reminded": 0}
    changes |= {"round": call.round + 1, "pressed_again_at": now, "home": home or call.home}
    changes["description"] = joined_description(call, new_call)
    only_if = unchanged_since_read(call)
    try:
        if home is not None and home.estate != call.estate:
            _take_back(call, by=by, now=now)
            return False
        with transaction.atomic():
            changes["alarm"] = sound_alarm(call, home or call.home, by=by, now=now)
            for_whom = call.resident
            move(call, S.CALLING, by=by, now=now, on_behalf_of=for_whom, only_if=only_if, **changes)
            notify_open_pages(call)
    except AlreadyMoved:
        call.refresh_from_db()
        return False
    _start_escalation(call, now, former)
    return True


def _add_to_call(call: HelpCall, new_call: HelpCall, home: Home | None, now: datetime) -> bool:
    """Adds another ``home`` or more words to the call and notifies its responder at once.

    Text of other requests is never overwritten. Returns False as ``_call_again`` does.
    """
    by = new_call.reported_by
    moves = home is not None and home != call.home
    changes: dict[str, Any] = {
        "description": joined_description(call, new_call),
        "additions": call.additions + 1,
    }
    if not moves and changes["description"] == call.description:
        return True
    unchanged = HelpCall.objects.filter(pk=call.pk, status=call.status, **unchanged_since_read(call))
    try:
        if home is not None and home.estate != call.estate:
            _take_back(call, by=by, now=now)
            return False
        with transaction.atomic():
            if moves:
                # Locks the alarm before the call, in the same order as answering does.
                changes |= {"home": home, "alarm": sound_alarm(call, home, by=by, now=now)}
            if not unchanged.update(**changes):
                raise AlreadyMoved
            for name, value in changes.items():
                setattr(call, name, value)
            _record_addition(call, by=by, now=now, place=str(home) if moves else "")
            if moves:
                tell_new_place(call, now)
            notify_open_pages(call)
    except AlreadyMoved:
        call.refresh_from_db()
        return False
    return True


def _record_addition(call: HelpCall, *, by: User, now: datetime, place: str) -> None:
    """Records an addition in the history; the status and its time stay the same."""
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


def _create(call: HelpCall, now: datetime) -> None:
    call.created_at = call.status_changed_at = now
    call.reference = next_reference(letter="H", estate=call.estate, on=clock.today(now))
    call.save()
    record_first_status(
        call, by=call.reported_by, now=now, on_behalf_of=None if call.is_drill else call.resident
    )
    call.alarm = sound_alarm(call, call.home, by=call.reported_by, now=now)
    call.save(update_fields=["alarm"])
    notify_open_pages(call)


def cancel_call(*, call: HelpCall, by: User, now: datetime) -> None:
    """Takes back a call that was a mistake, within ten minutes. Repeating it changes nothing.

    Staff still call back and write the outcome. Raises ``Forbidden``, ``ActionError`` (``too_late``) and
    ``AlreadyMoved``.
    """
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


def take_call(*, call: HelpCall, by: User, now: datetime, responder: User | None = None) -> None:
    """Answers the call: ``responder``, or ``by``, is on the way; the alarm stops and the resident is
    notified.

    Repeating it changes nothing. Raises ``Forbidden``, ``ActionError`` (``not_staff``) and ``AlreadyMoved``.
    """
    policies.must_answer(by, call, now)
    responder = responder or by
    _check_responder(responder, call)
    try:
        with transaction.atomic():
            _stop_alarm(call, by=by, now=now)
            answer(call, by=by, responder=responder, now=now)
    except AlreadyMoved:
        call.refresh_from_db()
        if call.status != S.COMING or call.responder_id != responder.pk:
            raise
        _acknowledge_new_place(call, by=by, now=now)


def _same_place(call: HelpCall) -> dict[str, Any]:
    """Returns a condition on the row: no other home was given since ``call`` was read."""
    return {"home": call.home_id, "alarm": call.alarm_id}


def _stop_alarm(call: HelpCall, *, by: User, now: datetime) -> bool:
    """Takes the alarm of the call; returns False if there is none or it was taken before."""
    return call.alarm is not None and silence_alarm(alarm=call.alarm, by=by, now=now)


def _acknowledge_new_place(call: HelpCall, *, by: User, now: datetime) -> None:
    """Takes the alarm about another home, for the responder on the way."""
    with transaction.atomic():
        if _stop_alarm(call, by=by, now=now):
            notify_open_pages(call)


def send(*, call: HelpCall, by: User, responder: User, now: datetime) -> None:
    """Sends ``responder``, whether the call is unanswered or another person is on the way.

    Raises as ``take_call`` and ``send_other`` do.
    """
    act = send_other if call.status == S.COMING else take_call
    act(call=call, by=by, responder=responder, now=now)


def answer(call: HelpCall, *, by: User, responder: User, now: datetime) -> None:
    """Sets the responder of an unanswered call and notifies the caller and the family.

    Call it in the transaction in which the alarm was taken. Checks no permission: the caller has. Raises
    ``AlreadyMoved``.
    """
    if call.status != S.CALLING:
        raise AlreadyMoved
    changes: dict[str, Any] = {"responder": responder, "answered_at": now, "reminded": 0}
    move(call, S.COMING, by=by, now=now, only_if=_same_place(call), **changes)
    _tell_of_responder(call, by=by, now=now)


def send_other(*, call: HelpCall, by: User, responder: User, now: datetime) -> None:
    """Sends a different person, who replaces the responder. Repeating it changes nothing.

    Raises ``Forbidden``, ``ActionError`` (``not_staff``) and ``AlreadyMoved``.
    """
    policies.must_answer(by, call, now)
    _check_responder(responder, call)
    if call.status == S.COMING and call.responder_id == responder.pk:
        return
    if call.status != S.COMING:
        raise AlreadyMoved
    with transaction.atomic():
        _stop_alarm(call, by=by, now=now)
        only_if = _same_place(call) | {"responder": call.responder_id}
        move(call, S.COMING, by=by, now=now, only_if=only_if, responder=responder, reminded=0)
        _tell_of_responder(call, by=by, now=now)


def _tell_of_responder(call: HelpCall, *, by: User, now: datetime) -> None:
    key = f"coming:{call.responder_id}:{now.timestamp():.0f}"
    assert call.responder is not None
    if call.responder_id != by.pk:
        tell_staff(call, call.responder, key=key, now=now)
    tell_caller(call, "help_coming", key=key, by=by, now=now)
    tell_family(call, alarmed_family(call), "help_coming", key=key, now=now)
    notify_open_pages(call)


def _check_responder(responder: User, call: HelpCall) -> None:
    works_here = StaffRole.objects.held_by(responder).filter(estate_id=call.estate_id, user__is_active=True)
    if not works_here.exists():
        raise ActionError("not_staff", _("Please choose somebody who works here."), field="goes")


def end_call(*, call: HelpCall, by: User, outcome: str, words: str = "", now: datetime) -> None:
    """Ends the call with its outcome, also one that was taken back. Repeating it changes nothing.

    Raises ``Forbidden``, ``ActionError`` with the field for a missing or wrong outcome or words, and
    ``AlreadyMoved``.
    """
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
        _stop_alarm(call, by=by, now=now)
        move(call, S.ENDED, by=by, now=now, only_if=_same_place(call), outcome=outcome, words=words.strip())
        tell_caller(call, "help_ended", key="ended", by=by, now=now)
        tell_family(call, alarmed_family(call), "help_ended", key="ended", now=now)
        notify_open_pages(call)


def _check_length(words: str) -> None:
    if len(words) > MAX_WORDS:
        raise ActionError("too_long", _("Please keep it under 2,000 characters."), field="words")
