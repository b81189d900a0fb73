"""Deleting a person: asked for by themselves or on paper at the desk, done by a task after days of grace."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Erasure, User
from accounts.models.erasures import GRACE
from accounts.own_data.erasing import erase, open_matters
from accounts.policies import is_staff_person, must_be_desk_for_all_homes_of
from community.core import audit, dates
from community.core.errors import ActionError, Forbidden
from community.core.sweeps import sweep_rows
from community.core.transitions import AlreadyMoved, move, record_first_status
from community.notifications import outbox

Status = Erasure.Status
AGAIN_AFTER = timedelta(days=1)
AT_ONCE = 20


def ask_erasure(*, person: User, by: User, now: datetime) -> Erasure:
    """Begins the days after which the person is deleted; by the desk, it waits for a second colleague first.

    Returns the wish that is open already, if there is one. Raises ``Forbidden``, also as ``ActionError``, for
    others than the person and the desk of all their homes, and ``ActionError`` for staff (``is_staff``) and
    while something is open (``still_open``).
    """
    is_own = by.pk == person.pk
    if not is_own:
        must_be_desk_for_all_homes_of(by, person)
    if is_staff_person(person):
        raise ActionError("is_staff", _("This is an account of staff: the administrator ends it first."))
    standing = Erasure.objects.open().filter(person=person).first()
    if standing is not None:
        return standing
    _must_be_free(person)
    try:
        with transaction.atomic():
            erasure = Erasure.objects.create(
                person=person,
                asked_by=by,
                status=Status.WAITING if is_own else Status.PROPOSED,
                status_changed_at=now,
                created_at=now,
                due_at=now + GRACE if is_own else None,
            )
            record_first_status(erasure, by=by, now=now, on_behalf_of=person)
            audit.record("erasure_asked", by=by, target=person)
            if is_own:
                _tell(erasure, now=now)
    except IntegrityError:  # asked by another request at the same moment
        return Erasure.objects.open().get(person=person)
    return erasure


def agree_to_erasure(*, erasure: Erasure, by: User, now: datetime) -> None:
    """Records that a second colleague has seen the signed paper; the days of grace begin.

    Raises ``Forbidden`` for the colleague who asked and for other desks, ``still_open`` and ``AlreadyMoved``.
    """
    must_be_desk_for_all_homes_of(by, erasure.person)
    if by.pk in (erasure.asked_by_id, erasure.person_id):
        raise Forbidden(_("Somebody else must confirm this."))
    _must_be_free(erasure.person)
    with transaction.atomic():
        move(erasure, Status.WAITING, by=by, now=now, due_at=now + GRACE, agreed_by=by)
        audit.record("erasure_agreed", by=by, target=erasure.person)
        _tell(erasure, now=now)


def drop_erasure(*, erasure: Erasure, by: User, now: datetime) -> None:
    """Takes the wish back, for the person or the desk; repeating it changes nothing.

    Raises ``Forbidden`` for others and ``AlreadyMoved`` once the deletion has begun.
    """
    if by.pk != erasure.person_id:
        must_be_desk_for_all_homes_of(by, erasure.person)
    if erasure.status == Status.DROPPED:
        return
    with transaction.atomic():
        move(erasure, Status.DROPPED, by=by, now=now)
        audit.record("erasure_dropped", by=by, target=erasure.person)


def carry_out_erasures(*, now: datetime) -> int:
    """Deletes the people whose days of grace are over; returns how many. An interrupted one goes on."""
    due = Erasure.objects.due(now).select_related("person").order_by("due_at")[:AT_ONCE]
    return sweep_rows(due, lambda one: _carry_out(one, now), failing="accounts: erasure %s broke off")


def _carry_out(erasure: Erasure, now: datetime) -> int:
    if erasure.status == Status.WAITING:
        if is_staff_person(erasure.person) or open_matters(erasure.person):
            # Something has begun since: it is asked again tomorrow.
            Erasure.objects.filter(pk=erasure.pk).update(due_at=now + AGAIN_AFTER)
            return 0
        try:
            move(erasure, Status.RUNNING, by=None, now=now)
        except AlreadyMoved:
            return 0
    erase(erasure.person, now=now)
    move(erasure, Status.DONE, by=None, now=now)
    return 1


def _must_be_free(person: User) -> None:
    found = open_matters(person)
    if found:
        raise ActionError("still_open", found[0].words)


def _tell(erasure: Erasure, *, now: datetime) -> None:
    """Tells the person, also by SMS, so that nobody is deleted without knowing it."""
    assert erasure.due_at is not None
    outbox.queue_message(
        erasure.person,
        "erasure_asked",
        key=f"erasure:{erasure.pk}",
        params={"until": dates.stored(erasure.due_at)},
        url=reverse("delete_me"),
        sms=True,
        now=now,
    )
