"""Residencies: requested by residents, answered and entered by staff."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.actions.people import holder_of, take_name
from accounts.actions.roster import CLOSED, confirm_entries, lock_roster_entries, opens_home
from accounts.models import Residency, RosterEntry, StaffRole, User
from accounts.policies import has_role, may_confirm, must_be_desk_of
from community.core import audit
from community.core.errors import ActionError, Forbidden
from community.core.transitions import move, record_first_status
from community.estates.models import Home
from community.notifications import live, outbox

Status = Residency.Status
MAX_REQUESTS = 3


class AlreadyThere(ActionError):
    """Raised when the person has this home or has requested it."""

    def __init__(self) -> None:
        super().__init__("already_there", _("You have this home already, or have asked for it."))


def request_residency(
    *, user: User, home: Home, kind: str, words: str = "", name: str = "", now: datetime
) -> Residency:
    """Requests a home; a fresh roster entry with the person's number gives it at once.

    The owners of the home are told of a request: they may confirm it, as the desk may. ``name`` is stored for
    a person who has none, or else the roster's. Raises ``ActionError`` (``too_many_requests``,
    ``name_missing``) and ``AlreadyThere``.
    """
    if Residency.objects.requested().filter(user=user).count() >= MAX_REQUESTS:
        raise ActionError("too_many_requests", _("Please wait for the answer to your earlier requests."))
    with transaction.atomic():
        lines = lock_roster_entries(RosterEntry.objects.with_phone(user.phone).filter(home=home))
        closed = list(user.residencies.filter(home=home, status__in=CLOSED))
        listed = next((line for line in lines if opens_home(line, user, closed, now)), None)
        take_name(user, name or (listed.name if listed else ""))
        if not user.name:
            raise ActionError("name_missing", _("Please write your name."), field="name")
        if listed:
            residency = start_residency(
                Residency(user=user, home=home, kind=listed.kind, status=Status.ACTIVE), by=None, now=now
            )
        else:
            residency = start_residency(
                Residency(user=user, home=home, kind=kind, status=Status.REQUESTED, words=words),
                by=user,
                now=now,
            )
            tell_owners(residency, now=now)
        live.notify_open_pages(f"board:{home.estate.pk}")
    return residency


def approve_residency(*, residency: Residency, by: User, now: datetime) -> None:
    """Confirms a request, for the desk of the estate or an owner of the home, never for the person
    themselves.

    Raises ``Forbidden``, and ``AlreadyMoved`` if it was answered at the same moment.
    """
    if residency.user_id == by.pk:
        raise Forbidden(_("A colleague must do this for you."))
    if not may_confirm(by, residency):
        raise Forbidden
    with transaction.atomic():
        confirm_entries(residency, now=now)
        move(residency, Status.ACTIVE, by=by, now=now)
        tell_of_residency(residency, "residency_approved", now=now)
        record_residency("residency_approved", residency, by)


def decline_residency(*, residency: Residency, by: User, reason: str, now: datetime) -> None:
    """Declines a request; the reason is shown to the resident.

    Raises ``Forbidden`` for actors outside the estate's desk, ``ActionError`` without a reason, and
    ``AlreadyMoved``.
    """
    must_be_desk_of(by, residency.home.estate)
    if not reason.strip():
        raise ActionError("reason_missing", _("Please give a reason."), field="reason")
    with transaction.atomic():
        move(residency, Status.DECLINED, by=by, reason=reason.strip(), now=now)
        tell_of_residency(residency, "residency_declined", now=now)
        record_residency("residency_declined", residency, by)


def add_residency_at_desk(
    *, name: str, phone: str, home: Home, kind: str, by: User, now: datetime
) -> Residency:
    """Registers a person who phoned or came; the desk has checked that they live there.

    A known holder of ``phone`` (E.164) keeps their own name and is told by SMS, in case of a mistake or
    fraud. A person without a number can never sign in; others act for them. Raises ``Forbidden``,
    ``AlreadyThere`` and ``ActionError`` for an unconfirmed number of a staff account.
    """
    must_be_desk_of(by, home.estate)
    if not phone:
        return _add_without_number(name=name, home=home, kind=kind, by=by, now=now)
    with transaction.atomic():
        person = holder_of(phone)
        if StaffRole.objects.held_by(by).exists() and person.pk == by.pk:
            raise Forbidden(_("A colleague must register you."))
        take_name(person, name)
        waiting = Residency.objects.requested().filter(user=person, home=home).first()
        if waiting is not None:
            approve_residency(residency=waiting, by=by, now=now)
            return waiting
        # Entries first, in the order in which a sign-in that claims the home locks them.
        lock_roster_entries(RosterEntry.objects.with_phone(phone).filter(home=home))
        residency = start_residency(
            Residency(user=person, home=home, kind=kind, status=Status.ACTIVE), by=by, now=now
        )
        confirm_entries(residency, now=now)
        tell_of_residency(residency, "residency_approved", sms=True, now=now)
        record_residency("residency_added", residency, by)
    return residency


def _add_without_number(*, name: str, home: Home, kind: str, by: User, now: datetime) -> Residency:
    with transaction.atomic():
        # Without a number no constraint prevents two rows, so the second request waits for this lock.
        Home.objects.select_for_update().get(pk=home.pk)
        living = Residency.objects.active().filter(home=home)
        if living.filter(user__in=User.objects.named(name.strip())).exists():
            raise AlreadyThere
        person = User.objects.create_user(name=name.strip())
        residency = start_residency(
            Residency(user=person, home=home, kind=kind, status=Status.ACTIVE), by=by, now=now
        )
        tell_of_residency(residency, "residency_approved", now=now)
        record_residency("residency_added", residency, by)
    return residency


def add_residency_at_door(*, name: str, phone: str, home: Home, by: User, now: datetime) -> Residency:
    """Registers the person who opened the door of a home without registered residents, as its owner.

    ``phone`` in E.164; without one they can never sign in, and others act for them. Raises ``Forbidden`` for
    roles other than the desk and the renovation coordinator and for the actor's own number, ``ActionError``
    without a name, and ``AlreadyThere``.
    """
    if not has_role(by, home.estate.pk, *StaffRole.DESK, StaffRole.Role.RENOVATION_COORDINATOR):
        raise Forbidden
    if not name.strip():
        raise ActionError("name_missing", _("Please write the name."), field="name")
    with transaction.atomic():
        if Residency.objects.active().filter(home=home).exists():
            raise AlreadyThere
        person = holder_of(phone) if phone else User.objects.create_user()
        if person.pk == by.pk:
            raise Forbidden(_("A colleague must register you."))
        take_name(person, name)
        residency = start_residency(
            Residency(user=person, home=home, kind=Residency.Kind.OWNER, status=Status.ACTIVE), by=by, now=now
        )
        tell_of_residency(residency, "residency_approved", sms=True, now=now)
        record_residency("residency_added_at_door", residency, by)
    return residency


def start_residency(residency: Residency, *, by: User | None, now: datetime) -> Residency:
    """Stores a new residency with its first status; a constraint allows one open residency for each
    person and home. Raises ``AlreadyThere``.
    """
    residency.status_changed_at = residency.created_at = now
    try:
        with transaction.atomic():
            residency.save()
    except IntegrityError:
        raise AlreadyThere
    record_first_status(residency, by=by, on_behalf_of=residency.user if by is not None else None, now=now)
    return residency


def tell_owners(residency: Residency, *, now: datetime) -> None:
    """Tells the owners of the home that a residency was requested."""
    owning = Residency.objects.active().filter(home=residency.home_id, kind=Residency.Kind.OWNER)
    params = {"home": str(residency.home)}
    for one in owning.exclude(user=residency.user_id).select_related("user"):
        key = f"residency:{residency.pk}:asked"
        outbox.queue_message(one.user, "residency_asked", key=key, params=params, url=reverse("me"), now=now)


def tell_of_residency(residency: Residency, template: str, *, sms: bool = False, now: datetime) -> None:
    """Messages the person about the state of their residency and refreshes open pages."""
    outbox.queue_message(
        residency.user,
        template,
        key=f"residency:{residency.pk}:{residency.status}",
        params={"home": str(residency.home)},
        url=reverse("me"),
        sms=sms,
        now=now,
    )
    live.notify_open_pages(f"resident:{residency.user_id}", f"board:{residency.home.estate.pk}")


def record_residency(action: str, residency: Residency, by: User, **detail: Any) -> None:
    """Writes the audit record of an action on a residency."""
    audit.record(action, by=by, target=residency, estate_id=residency.home.estate.pk, **detail)
