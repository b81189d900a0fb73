"""Moving out and changes of owner; everything that rests on the residency ends in one transaction."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.actions.delegations import close_delegations
from accounts.actions.invitations import drop_invitations_of
from accounts.actions.people import person_with_phone, take_name
from accounts.actions.residencies import record_residency, start_residency, tell_of_residency
from accounts.actions.roster import (
    end_entries,
    entries_of,
    is_shared,
    lock_entries_of_number,
    lock_roster_entries,
)
from accounts.actions.tokens import revoke_all_tokens
from accounts.models import Delegation, DelegationRequest, Residency, RosterEntry, User
from accounts.policies import is_staff_person, lodgers_of, must_edit_roster
from community.core import audit, changes, events
from community.core.encryption import blind_indexes
from community.core.errors import Forbidden
from community.core.transitions import AlreadyMoved, move
from community.estates.models import Home
from community.notifications import live, outbox

Status, Kind = Residency.Status, Residency.Kind


@dataclass(frozen=True)
class NewOwner:
    """New owner as named in the deed; ``phone`` in E.164, or "" for none."""

    name: str
    phone: str
    birth_year: int | None = None
    landline: str = ""


def move_out(*, residency: Residency, by: User, reason: str = "", checked: str = "", now: datetime) -> None:
    """Ends a residency, or withdraws the request for one.

    The person may, the desk of the estate, and an owner of the home, but for another owner's. The roster
    entries end too, so that the number does not reopen the home. When the last home ends, the delegations
    that the person gave and their API tokens end. Repeating it changes
    nothing. Raises ``Forbidden`` for any other actor and ``AlreadyMoved``.
    """
    if residency.user_id != by.pk and not lodgers_of(by).filter(pk=residency.pk).exists():
        must_edit_roster(by, residency.home.estate)
    if residency.status == Status.ENDED:
        return
    try:
        with transaction.atomic():
            lines = lock_roster_entries(entries_of(residency))
            ended = end_entries(lines, now=now) if residency.status == Status.ACTIVE else []
            _end_residency(residency, by=by, reason=reason, now=now, checked=checked, lines=ended)
    except AlreadyMoved:
        residency.refresh_from_db()
        if residency.status != Status.ENDED:
            raise


def end_roster_entry(*, entry: RosterEntry, by: User, checked: str = "", now: datetime) -> None:
    """Ends a roster entry; the person whose home rests on it moves out. Repeating it changes nothing.

    A number that another entry of the home shares goes on opening the home. Raises ``Forbidden`` for actors
    outside the estate's desk and ``AlreadyMoved``.
    """
    must_edit_roster(by, entry.home.estate)
    with transaction.atomic():
        lock_entries_of_number(entry)
        residency = None if is_shared(entry) else residency_of_entry(entry)
        if residency is not None:
            move_out(residency=residency, by=by, checked=checked, now=now)
        elif end_entries([entry], now=now):
            detail: dict[str, Any] = {"lines": [entry.pk], "checked": checked}
            audit.record("roster_ended", by=by, target=entry, estate_id=entry.home.estate.pk, **detail)


def residency_of_entry(entry: RosterEntry) -> Residency | None:
    """Returns the active residency of the holder of this entry's number in its home, if any."""
    if not entry.phone:
        return None
    living = Residency.objects.active().filter(home=entry.home_id, user__phone_index=entry.phone_index)
    return living.select_related("user", "home__entrance__building__estate").first()


def _end_residency(residency: Residency, *, by: User, reason: str, now: datetime, **detail: Any) -> None:
    """Ends the residency and everything that rests on it; the caller has locked and ended the roster entries."""
    was_active, is_own = residency.status == Status.ACTIVE, residency.user_id == by.pk
    move(residency, Status.ENDED, by=by, on_behalf_of=residency.user, reason=reason.strip(), now=now)
    delegates = list(
        Delegation.objects.active().filter(resident=residency.user_id).values_list("delegate", flat=True)
    )
    # Notified before all other topics, so that pages of the leaving person close first.
    live.access_ended(*{residency.user_id, *delegates})
    if was_active:
        events.residency_ended.send(residency=residency, now=now)
        detail |= _end_dependents(residency, by=by, now=now)
    if not is_own:
        tell_of_residency(residency, "residency_ended", sms=was_active, now=now)
    record_residency("residency_ended", residency, by, **detail)
    live.notify_open_pages(f"resident:{residency.user_id}", f"board:{residency.home.estate.pk}")


def _end_dependents(residency: Residency, *, by: User, now: datetime) -> dict[str, int]:
    """Ends delegations and tokens that rested on the residency; returns the counts for the audit record.

    A tenant stops acting for those who stay. With the last home, the delegations that the person gave end. A
    daughter who moves out goes on acting for her mother.
    """
    person = residency.user
    resting = Delegation.objects.open().none()
    if residency.kind == Kind.TENANT:
        staying = Residency.objects.active().filter(home=residency.home_id).values("user")
        resting = Delegation.objects.open().filter(delegate=person, resident__in=staying)
    has_home = Residency.objects.active().filter(user=person).exists()
    if not has_home:
        resting |= Delegation.objects.open().filter(resident=person)
        for request in DelegationRequest.objects.waiting().filter(resident=person):
            move(request, DelegationRequest.Status.DROPPED, by=by, on_behalf_of=person, now=now)
        drop_invitations_of(person, by=by, now=now)
    pairs = {
        (one.resident_id, one.delegate_id): one for one in resting.select_related("resident", "delegate")
    }
    for one in pairs.values():
        between = Delegation.objects.open().filter(resident=one.resident, delegate=one.delegate)
        close_delegations(between, resident=one.resident, delegate=one.delegate, by=by, now=now)
    acts = Delegation.objects.active().filter(delegate=person).exists()
    keeps_tokens = has_home or acts or is_staff_person(person)
    tokens = 0 if keeps_tokens else revoke_all_tokens(user=person, by=by, now=now)
    return {"delegations": len(pairs), "tokens": tokens}


def change_owner(
    *,
    home: Home,
    owner: NewOwner,
    by: User,
    checked: str,
    leaving: Collection[RosterEntry] | None = None,
    now: datetime,
) -> RosterEntry:
    """Gives the home a new owner and returns their roster entry; both sides are told.

    The former owners and their families move out, or only those of the entries in ``leaving``; tenants stay
    (Civil Code of the PRC, art. 725: sale does not break a lease). A new owner who has signed in before has
    the home at once. Repeating it changes nothing. Raises ``Forbidden`` for actors outside the estate's desk
    and for the actor's own number, and ``AlreadyMoved``.
    """
    must_edit_roster(by, home.estate)
    known = User.objects.with_phone(owner.phone).first()
    if known is not None and known.pk == by.pk:
        raise Forbidden(_("A colleague must register you."))
    with transaction.atomic():
        lines = lock_roster_entries(RosterEntry.objects.filter(home=home))
        here = _entry_of_owner(owner, lines)
        going = _leaving_entries(lines, here, leaving)
        gone = _end_residencies(
            home, going, owner.phone, is_whole=leaving is None, by=by, checked=checked, now=now
        )
        if _is_unchanged(here, owner) and not going and not gone:
            return here  # type: ignore[return-value]
        line = _write_entry(here, home, owner, now)
        _give_home(line, by=by, now=now)
        detail: dict[str, Any] = {"before": [one.pk for one in going], "after": line.pk, "checked": checked}
        audit.record("owner_changed", by=by, target=home, estate_id=home.estate.pk, **detail)
        live.notify_open_pages(f"board:{home.estate.pk}")
    return line


def _entry_of_owner(owner: NewOwner, lines: list[RosterEntry]) -> RosterEntry | None:
    """Returns the entry with this number and name; otherwise the only entry with the number."""
    same = [line for line in lines if line.phone == owner.phone]
    named = next((line for line in same if line.name == owner.name), None)
    return named or (same[0] if len(same) == 1 and owner.phone else None)


def _leaving_entries(
    lines: list[RosterEntry], here: RosterEntry | None, leaving: Collection[RosterEntry] | None
) -> list[RosterEntry]:
    chosen = None if leaving is None else {line.pk for line in leaving}
    return [
        line
        for line in lines
        if line.ended_at is None
        and line is not here
        and (line.kind != Kind.TENANT if chosen is None else line.pk in chosen)
    ]


def _end_residencies(
    home: Home, going: list[RosterEntry], phone: str, *, is_whole: bool, by: User, checked: str, now: datetime
) -> int:
    """Ends the residencies of leaving people and tells them; those who never signed in are told by their
    number.
    """
    end_entries(going, now=now)
    indexes = blind_indexes(phone)
    living = Residency.objects.active().filter(home=home).exclude(user__phone_index__in=indexes)
    numbers = [line.phone_index for line in going if line.phone]
    former = living.exclude(kind=Kind.TENANT) if is_whole else living.filter(user__phone_index__in=numbers)
    told: set[str | None] = {"", *indexes}
    rows = list(former.select_related("user", "home__entrance__building__estate").order_by("pk"))
    for residency in rows:
        _end_residency(residency, by=by, reason="", now=now, checked=checked)
        told.add(residency.user.phone_index)
    for line in going:
        if line.phone_index not in told:
            told.add(line.phone_index)
            _tell_number(line, "residency_ended", now=now)
    return len(rows)


def _is_unchanged(line: RosterEntry | None, owner: NewOwner) -> bool:
    return line is not None and line.ended_at is None and line.kind == Kind.OWNER and line.name == owner.name


def _write_entry(line: RosterEntry | None, home: Home, owner: NewOwner, now: datetime) -> RosterEntry:
    line = line or RosterEntry(home=home, phone=owner.phone)
    line.name, line.kind = owner.name, Kind.OWNER
    line.landline = owner.landline or line.landline
    line.birth_year = owner.birth_year or line.birth_year
    line.confirmed_at, line.ended_at = now, None
    line.save()
    return line


def _give_home(line: RosterEntry, *, by: User, now: datetime) -> None:
    """Gives the home to a new owner who has signed in before; otherwise tells the number to sign in."""
    person = User.objects.with_phone(line.phone).exclude(phone_verified_at=None).first()
    if person is None:
        _tell_number(line, "owner_noted", now=now)
        return
    open_ones = person.residencies.filter(home=line.home_id, status__in=[Status.REQUESTED, Status.ACTIVE])
    residency = open_ones.select_related("home__entrance__building__estate").first()
    if residency is None:
        residency = start_residency(
            Residency(user=person, home=line.home, kind=line.kind, status=Status.ACTIVE), by=by, now=now
        )
    elif residency.status == Status.REQUESTED:
        move(residency, Status.ACTIVE, by=by, now=now)
    with changes.of(residency):
        Residency.objects.filter(pk=residency.pk).exclude(kind=line.kind).update(kind=line.kind)
    take_name(person, line.name)
    tell_of_residency(residency, "residency_approved", sms=True, now=now)
    record_residency("residency_added", residency, by)


def _tell_number(line: RosterEntry, template: str, *, now: datetime) -> None:
    """Messages the holder of the entry's number, whether or not they have ever signed in."""
    if not line.phone:
        return
    outbox.queue_message(
        person_with_phone(line.phone),
        template,
        key=f"roster:{line.pk}:{template}:{now.timestamp():.0f}",
        params={"home": str(line.home)},
        url=reverse("me"),
        sms=True,
        now=now,
    )
