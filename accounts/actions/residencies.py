"""Who lives where: asked for, taken from the roster, checked by staff, ended."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.actions.people import person_with_phone
from accounts.models import Delegation, Residency, RosterEntry, StaffRole, User
from accounts.policies import has_role, must_keep_desk
from community.core import audit, events
from community.core.errors import ActionError, Forbidden
from community.core.transitions import begin, move
from community.estates.models import Estate, Home
from community.notifications import live, outbox

Status = Residency.Status
MOST_REQUESTS = 3


class AlreadyThere(ActionError):
    """The person has this home, or has asked for it."""

    def __init__(self) -> None:
        super().__init__("already_there", _("You have this home already, or have asked for it."))


def request_residency(*, user: User, home: Home, kind: str, words: str = "", now: datetime) -> Residency:
    """Ask for a home; who is on the estate's roster with this number has it at once."""
    if Residency.objects.requested().filter(user=user).count() >= MOST_REQUESTS:
        raise ActionError("too_many_requests", _("Please wait for the answer to your earlier requests."))
    listed = user.phone_verified_at and RosterEntry.objects.with_phone(user.phone).filter(home=home).first()
    with transaction.atomic():
        if listed:
            residency = _add(user, home, listed.kind, Status.ACTIVE, by=None, now=now)
        else:
            residency = _add(user, home, kind, Status.REQUESTED, by=user, words=words, now=now)
        live.changed(f"board:{home.estate.pk}")
    return residency


def claim_roster_homes(*, user: User, now: datetime) -> list[Residency]:
    """Give a person with a checked number every home that a roster lists under it.

    A home that the person has left is not given back; a request that waits is granted.
    Repeating it changes nothing. ``user`` takes the roster's name if they have none.
    """
    entries = list(
        RosterEntry.objects.with_phone(user.phone).select_related("home__entrance__building__estate")
    )
    if not entries or not user.phone:
        return []
    known = {residency.home_id: residency for residency in user.residencies.exclude(status=Status.DECLINED)}
    claimed = []
    with transaction.atomic():
        for entry in entries:
            earlier = known.get(entry.home_id)
            if earlier is None:
                claimed.append(_add(user, entry.home, entry.kind, Status.ACTIVE, by=None, now=now))
            elif earlier.status == Status.REQUESTED:
                move(earlier, Status.ACTIVE, by=None, now=now)
                claimed.append(earlier)
        if not user.name:
            user.name = entries[0].name
            user.save(update_fields=["name"])
    return claimed


def claim_for_roster(*, estate: Estate, now: datetime) -> int:
    """After a roster was read or changed: who had signed in before has their homes as well, and is told.

    Returns how many homes were given. Repeating it changes nothing.
    """
    settled = Residency.objects.filter(
        home=OuterRef("home"),
        user__phone_index=OuterRef("phone_index"),
        status__in=[Status.ACTIVE, Status.ENDED],
    )
    new = RosterEntry.objects.filter(~Exists(settled), home__entrance__building__estate=estate)
    people = User.objects.exclude(phone_verified_at=None).filter(phone_index__in=new.values("phone_index"))
    given = 0
    with transaction.atomic():
        for person in people:
            for residency in claim_roster_homes(user=person, now=now):
                _tell(residency, "residency_approved", now=now)
                given += 1
    return given


def approve_residency(*, residency: Residency, by: User, now: datetime) -> None:
    """Staff have checked it, and never their own. Of two who answer at once, the second is told."""
    must_keep_desk(by, residency.home.estate)
    if residency.user_id == by.pk:
        raise Forbidden(_("A colleague must do this for you."))
    with transaction.atomic():
        move(residency, Status.ACTIVE, by=by, now=now)
        _tell(residency, "residency_approved", now=now)
        _record("residency_approved", residency, by)


def decline_residency(*, residency: Residency, by: User, reason: str, now: datetime) -> None:
    """The reason is shown to the resident."""
    must_keep_desk(by, residency.home.estate)
    if not reason.strip():
        raise ActionError("reason_missing", _("Please give a reason."), field="reason")
    with transaction.atomic():
        move(residency, Status.DECLINED, by=by, reason=reason.strip(), now=now)
        _tell(residency, "residency_declined", now=now)
        _record("residency_declined", residency, by)


def end_residency(*, residency: Residency, by: User, reason: str = "", now: datetime) -> None:
    """By the person, who leaves or takes a request back, or by the desk of the estate."""
    is_own = residency.user_id == by.pk
    if not is_own:
        must_keep_desk(by, residency.home.estate)
    if residency.status == Status.ENDED:
        return
    was_active = residency.status == Status.ACTIVE
    with transaction.atomic():
        move(residency, Status.ENDED, by=by, on_behalf_of=residency.user, reason=reason.strip(), now=now)
        if was_active:
            events.residency_ended.send(residency=residency, now=now)
        if not is_own:
            _tell(residency, "residency_ended", now=now)
        _record("residency_ended", residency, by)
        live.changed(f"board:{residency.home.estate.pk}", *_access_topics(residency.user))


def add_residency_at_desk(
    *, name: str, phone: str, home: Home, kind: str, by: User, now: datetime
) -> Residency:
    """Register somebody who phoned or came: the desk has checked that they live there.

    Whoever has the number already keeps their own name, and hears of it by SMS: it may be a mistake,
    or worse. Raises ``AlreadyThere``.
    """
    must_keep_desk(by, home.estate)
    with transaction.atomic():
        person = person_with_phone(phone)
        if StaffRole.objects.held_by(by).exists() and person.pk == by.pk:
            raise Forbidden(_("A colleague must register you."))
        if not person.name:
            person.name = name.strip()
            person.save(update_fields=["name"])
        waiting = Residency.objects.requested().filter(user=person, home=home).first()
        if waiting is not None:
            approve_residency(residency=waiting, by=by, now=now)
            return waiting
        residency = _add(person, home, kind, Status.ACTIVE, by=by, now=now)
        _tell(residency, "residency_approved", sms=True, now=now)
        _record("residency_added", residency, by)
    return residency


def add_residency_at_door(*, name: str, phone: str, home: Home, by: User, now: datetime) -> Residency:
    """Register who opened the door of a home in which nobody is registered: staff stand before it.

    Without a number it is somebody with no phone; they can never sign in, others act for them.
    """
    if not has_role(by, home.estate.pk, *StaffRole.DESK, StaffRole.Role.RENOVATION_COORDINATOR):
        raise Forbidden
    if not name.strip():
        raise ActionError("name_missing", _("Please write the name."), field="name")
    with transaction.atomic():
        if Residency.objects.active().filter(home=home).exists():
            raise AlreadyThere
        person = person_with_phone(phone) if phone else User.objects.create_user()
        if person.pk == by.pk:
            raise Forbidden(_("A colleague must register you."))
        if not person.name:
            person.name = name.strip()
            person.save(update_fields=["name"])
        residency = _add(person, home, Residency.Kind.OWNER, Status.ACTIVE, by=by, now=now)
        _tell(residency, "residency_approved", sms=True, now=now)
        _record("residency_added_at_door", residency, by)
    return residency


def _add(
    user: User, home: Home, kind: str, status: str, *, by: User | None, words: str = "", now: datetime
) -> Residency:
    """One open residency a person and home: the constraint decides between two at the same moment."""
    residency = Residency(
        user=user, home=home, kind=kind, status=status, words=words, status_changed_at=now, created_at=now
    )
    try:
        with transaction.atomic():
            residency.save()
    except IntegrityError:
        raise AlreadyThere
    begin(residency, by=by, on_behalf_of=user if by is not None else None, now=now)
    return residency


def _tell(residency: Residency, template: str, *, sms: bool = False, now: datetime) -> None:
    outbox.tell(
        residency.user,
        template,
        key=f"residency:{residency.pk}:{residency.status}",
        params={"home": str(residency.home)},
        url=reverse("me"),
        sms=sms,
        now=now,
    )
    live.changed(f"resident:{residency.user_id}", f"board:{residency.home.estate.pk}")


def _access_topics(user: User) -> list[str]:
    """Of whoever may see less without a residency of this person: they, and their delegates."""
    delegates = Delegation.objects.active().filter(resident=user).values_list("delegate", flat=True)
    return [live.access_topic(pk) for pk in {user.pk, *delegates}]


def _record(action: str, residency: Residency, by: User) -> None:
    audit.record(action, by=by, target=residency, estate_id=residency.home.estate.pk)
