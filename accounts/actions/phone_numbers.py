"""Changes of a person's number, which is the key to the account and stands in the roster."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, ProtectedError
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.actions.claims import claim_roster_homes
from accounts.actions.invitations import drop_invitations_of
from accounts.actions.moves import move_out, residency_of_entry
from accounts.actions.people import nothing_but_numbers, person_with_phone
from accounts.actions.residencies import tell_of_residency
from accounts.actions.roster import end_entries, is_shared, lock_entries_of_number, lock_roster_entries
from accounts.actions.tokens import revoke_all_tokens
from accounts.actions.wechat import drop_bindings_of
from accounts.models import DelegationRequest, RosterEntry, StaffRole, User
from accounts.models.consents import MAX_TRIES
from accounts.models.residents import FRESH_FOR
from accounts.policies import estates_of, is_security_admin, may_change_number, must_edit_roster
from community.core import audit
from community.core import changes as row_changes
from community.core.encryption import blind_index, blind_indexes
from community.core.errors import ActionError, Forbidden
from community.core.transitions import AlreadyMoved
from community.notifications import live, outbox


class NumberTaken(ActionError):
    """Raised when another person signs in with this number."""

    def __init__(self) -> None:
        super().__init__("number_taken", _("Somebody else has this number."), field="phone")


class NotYoursToChange(ActionError):
    """Raised when the person has a role, a home in another estate, or acts for a resident there.

    One estate's desk does not decide for another's.
    """

    def __init__(self) -> None:
        words = _("They have a role or a home elsewhere too: they or the administrator change the number.")
        super().__init__("not_yours_to_change", words, field="phone")


def change_number(
    *, user: User, phone: str, by: User, checked: str = "", is_verified: bool = False, now: datetime
) -> None:
    """Sets the number with which the person signs in to ``phone`` (E.164, or "" for none).

    The old number opens nothing any more; the roster entries follow. All sessions end (a person who changes
    their own keeps the present one with ``update_session_auth_hash``), pending codes are void, and a change
    by staff revokes the API tokens. Both numbers are told. Repeating it changes nothing. Raises
    ``Forbidden``, ``NumberTaken`` and ``AlreadyMoved``.
    """
    if not may_change_number(by, user):
        raise Forbidden
    user.refresh_from_db(fields=["phone", "phone_index", "phone_verified_at", "session_epoch"])
    old = user.phone
    if old == phone:
        return
    with transaction.atomic():
        lines = _move_entries(old, phone, by=by, is_own=by.pk == user.pk, now=now)
        _set_number(user, old, phone, verified_at=now if is_verified else None)
        tokens = 0 if by.pk == user.pk else revoke_all_tokens(user=user, by=by, now=now)
        # Codes for pending delegation requests were sent to the old number.
        DelegationRequest.objects.waiting().filter(resident=user).update(code_hash="", tries=MAX_TRIES)
        drop_invitations_of(user, by=by, now=now)
        drop_bindings_of(user)
        _tell_both(user, old, key=f"number:{user.pk}:{user.session_epoch}", now=now)
        audit.record(
            "number_changed",
            by=by,
            target=user,
            checked=checked,
            before=blind_index(old),
            after=blind_index(phone),
            lines=lines,
            tokens=tokens,
        )
        topics = (live.access_topic(user.pk), live.session_topic(user.pk))
        live.notify_open_pages(f"resident:{user.pk}", f"inbox:{user.pk}", *topics)


def _set_number(user: User, old: str, phone: str, *, verified_at: datetime | None) -> None:
    """Sets the number with one conditional UPDATE on the old one, so that the second of two changes is
    refused.
    """
    index = blind_index(phone) or None
    holding = User.objects.filter(pk=user.pk, phone_index__in=blind_indexes(old)) if old else None
    mine = User.objects.filter(pk=user.pk, phone_index=None) if holding is None else holding
    changes = {"phone": phone, "phone_index": index, "phone_verified_at": verified_at}
    try:
        with transaction.atomic():
            nothing_but_numbers().with_phone(phone).delete()
            with row_changes.covering(User, topics=[f"resident:{user.pk}"]):
                taken = mine.update(session_epoch=F("session_epoch") + 1, **changes)
    except (IntegrityError, ProtectedError) as error:
        raise NumberTaken from error
    if not taken:
        raise AlreadyMoved
    user.refresh_from_db(fields=[*changes, "session_epoch"])


def _move_entries(old: str, phone: str, *, by: User, is_own: bool, now: datetime) -> list[int]:
    """Moves the standing roster entries of the old number; returns their keys.

    In estates whose desk ``by`` is not, the entry is only marked as stale: one desk must not write a new
    number into another estate's roster.
    """
    if not old:
        return []
    kept = None if is_own or is_security_admin(by) else set(estates_of(by, *StaffRole.DESK))
    indexes = [*blind_indexes(old), *(blind_indexes(phone) if phone else [])]
    held = lock_roster_entries(RosterEntry.objects.filter(phone_index__in=indexes))
    there = {(line.home_id, line.name): line for line in held if line.phone != old}
    changed = [line for line in held if line.phone == old and line.ended_at is None]
    for line in changed:
        if kept is not None and line.home.estate not in kept:
            RosterEntry.objects.filter(pk=line.pk).update(confirmed_at=now - FRESH_FOR)
        else:
            known = there.get((line.home_id, line.name))
            _renumber(line, phone, known, confirmed_at=line.confirmed_at if is_own else now)
            if not phone or known is not None:
                end_entries([line], now=now)
    return [line.pk for line in changed]


def _renumber(line: RosterEntry, phone: str, there: RosterEntry | None, *, confirmed_at: datetime) -> None:
    """Gives the entry the new number, or reactivates the entry that already has it and the same name."""
    if there is not None:
        RosterEntry.objects.filter(pk=there.pk).update(ended_at=None, confirmed_at=confirmed_at)
    elif phone:
        line.phone, line.confirmed_at = phone, confirmed_at
        line.save(update_fields=["phone", "phone_index", "confirmed_at"])


def _tell_both(user: User, old: str, *, key: str, now: datetime) -> None:
    """Messages the person at the new number and the holder of the old one, without naming the person."""
    if user.phone:
        params = {"digits": user.phone[-4:]}
        outbox.queue_message(
            user, "number_changed", key=key, params=params, url=reverse("me"), sms=True, now=now
        )
    if old:
        outbox.queue_message(person_with_phone(old), "number_left", key=f"{key}:old", sms=True, now=now)


def change_roster_number(*, entry: RosterEntry, phone: str, by: User, checked: str, now: datetime) -> None:
    """Sets the number of a person's roster entry to ``phone`` (E.164, or "" for none).

    The account follows if this desk manages it. If the new number has an account already, that account gets
    the home. If the person never signed in, or shares the number with another entry of the home, only the
    entry changes. Repeating it changes nothing. Raises ``Forbidden`` for actors outside the estate's desk and
    for the actor's own number, ``NotYoursToChange``, ``NumberTaken`` and ``AlreadyMoved``.
    """
    must_edit_roster(by, entry.home.estate)
    if phone and phone == by.phone:
        # A roster entry gives a home away.
        raise Forbidden(_("A colleague must register you."))
    with transaction.atomic():
        held = lock_entries_of_number(entry)
        if not held or held[0].pk != entry.pk or held[0].phone == phone:
            return
        line = held[0]
        shared = is_shared(line)
        residency = None if shared else residency_of_entry(line)
        is_taken = User.objects.with_phone(phone).exclude(pk__in=nothing_but_numbers().values("pk")).exists()
        if residency is not None and not is_taken:
            if not may_change_number(by, residency.user):
                raise NotYoursToChange
            change_number(user=residency.user, phone=phone, by=by, checked=checked, now=now)
            return
        old = line.phone
        if residency is not None:
            move_out(residency=residency, by=by, checked=checked, now=now)
        _change_entry(line, phone, now=now)
        _tell_numbers(line, "" if shared else old, phone, now=now)
        detail: dict[str, Any] = {"checked": checked, "before": blind_index(old), "after": blind_index(phone)}
        audit.record("roster_number", by=by, target=entry, estate_id=entry.home.estate.pk, **detail)
        for given in _claimed(phone, now):
            tell_of_residency(given, "residency_approved", now=now)


def _change_entry(line: RosterEntry, phone: str, *, now: datetime) -> None:
    there = RosterEntry.objects.filter(
        home=line.home_id, name_index=line.name_index, phone_index__in=blind_indexes(phone)
    )
    known = there.exclude(pk=line.pk).first()
    if known is None and not phone:
        line.phone, line.confirmed_at = "", now
        line.save(update_fields=["phone", "phone_index", "confirmed_at"])
    else:
        _renumber(line, phone, known, confirmed_at=now)
    ended_at = now if known is not None else line.ended_at
    RosterEntry.objects.filter(pk=line.pk).update(ended_at=ended_at)


def _tell_numbers(line: RosterEntry, old: str, phone: str, *, now: datetime) -> None:
    key = f"roster:{line.pk}:number:{now.timestamp():.0f}"
    if phone:
        new, params = person_with_phone(phone), {"digits": phone[-4:]}
        outbox.queue_message(
            new, "number_changed", key=key, params=params, url=reverse("me"), sms=True, now=now
        )
    if old:
        outbox.queue_message(person_with_phone(old), "number_left", key=f"{key}:old", sms=True, now=now)


def _claimed(phone: str, now: datetime) -> list:
    person = User.objects.with_phone(phone).exclude(phone_verified_at=None).first()
    return claim_roster_homes(user=person, now=now) if person else []
