"""Changes of the duty roster and of leaves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import StaffRole, User
from community.core import audit
from community.core.dates import near
from community.core.errors import ActionError
from community.estates.models import Estate
from community.notifications import live
from services.common.actions import board_topic
from services.help import policies
from services.help.models import DutyLeave, DutyShift

Part = tuple[int, int, int]  # weekday, from hour, to hour


@dataclass(frozen=True)
class NewShifts:
    """Shifts of ``user`` on these weekdays, from ``starts`` to ``ends`` in full hours of the estate's time.

    An end at or before the start belongs to the next day.
    """

    user: User
    weekdays: Sequence[int]
    starts: int
    ends: int
    rank: int


@dataclass(frozen=True)
class NewLeave:
    """A leave of ``user``; ``substitute`` has their duty meanwhile. Times are aware datetimes."""

    user: User
    starts_at: datetime
    ends_at: datetime
    substitute: User | None


def add_shifts(*, estate: Estate, shifts: NewShifts, by: User) -> list[DutyShift]:
    """Adds shifts to the roster, all or none; returns the new ones.

    Raises ``Forbidden``, and ``ActionError`` with the wrong field.
    """
    policies.must_edit_roster(by, estate.pk)
    user, rank = shifts.user, shifts.rank
    _check_person(user, estate, "user")
    parts = _parts(shifts.weekdays, shifts.starts, shifts.ends)
    with transaction.atomic():
        # Locked, so that a second manager's request checks against the first one's shifts.
        Estate.objects.select_for_update().get(pk=estate.pk)
        for weekday, first, last in parts:
            _check_free(estate, weekday, first, last, rank, user)
        made = DutyShift.objects.bulk_create(
            DutyShift(estate=estate, weekday=weekday, starts=first, ends=last, user=user, rank=rank)
            for weekday, first, last in parts
        )
        audit.record("duty.added", by=by, estate_id=estate.pk, person=user.pk, shifts=len(made))
        live.notify_open_pages(board_topic(estate.pk))
    return made


def _parts(weekdays: Sequence[int], starts: int, ends: int) -> list[Part]:
    """Returns the rows to create; a shift over midnight is split there."""
    if not weekdays:
        raise ActionError("no_weekday", _("Please choose at least one day."), field="weekdays")
    if not (0 <= starts <= 23 and 0 <= ends <= 24) or not set(weekdays) <= set(range(7)):
        raise ActionError("no_hour", _("Hours go from 0 to 24."), field="starts")
    parts: list[Part] = []
    for weekday in sorted(set(weekdays)):
        if ends > starts:
            parts.append((weekday, starts, ends))
            continue
        parts.append((weekday, starts, 24))
        if ends:
            parts.append(((weekday + 1) % 7, 0, ends))
    return parts


def _check_free(estate: Estate, weekday: int, first: int, last: int, rank: int, user: User) -> None:
    there = DutyShift.objects.filter(estate=estate, weekday=weekday, starts__lt=last, ends__gt=first)
    taken = there.filter(rank=rank).select_related("user").first()
    if taken is not None:
        message = _("%(shift)s is there already. Take it out first.") % {"shift": taken}
        raise ActionError("overlaps", message, field="starts")
    if there.filter(user=user).exists():
        message = _("%(person)s has duty at this time already.") % {"person": user}
        raise ActionError("twice", message, field="user")


def _check_person(user: User, estate: Estate, field: str) -> None:
    if not StaffRole.objects.held_by(user).filter(estate=estate, user__is_active=True).exists():
        raise ActionError("not_staff", _("Please choose somebody who works here."), field=field)


def remove_shift(*, shift: DutyShift, by: User) -> None:
    """Removes a shift from the roster. Raises ``Forbidden``."""
    policies.must_edit_roster(by, shift.estate_id)
    with transaction.atomic():
        audit.record("duty.removed", by=by, target=shift, estate_id=shift.estate_id, person=shift.user_id)
        live.notify_open_pages(board_topic(shift.estate_id))
        shift.delete()


def hand_shift_over(*, shift: DutyShift, user: User, by: User) -> None:
    """Gives the shift to another person. Raises ``Forbidden`` and ``ActionError`` (``not_staff``, ``twice``)."""
    policies.must_edit_roster(by, shift.estate_id)
    _check_person(user, shift.estate, "user")
    there = DutyShift.objects.filter(
        estate=shift.estate_id, weekday=shift.weekday, starts__lt=shift.ends, ends__gt=shift.starts
    )
    if there.filter(user=user).exists():
        message = _("%(person)s has duty at this time already.") % {"person": user}
        raise ActionError("twice", message, field="user")
    with transaction.atomic():
        before, shift.user = shift.user_id, user
        shift.save(update_fields=["user"])
        detail: dict[str, Any] = {"person": user.pk, "before": before}
        audit.record("duty.handed_over", by=by, target=shift, estate_id=shift.estate_id, **detail)
        live.notify_open_pages(board_topic(shift.estate_id))


def add_leave(*, estate: Estate, leave: NewLeave, by: User, now: datetime) -> DutyLeave:
    """Adds a leave to the roster.

    Raises ``Forbidden``, and ``ActionError`` with the wrong field.
    """
    policies.must_edit_roster(by, estate.pk)
    user, substitute, starts_at, ends_at = leave.user, leave.substitute, leave.starts_at, leave.ends_at
    _check_person(user, estate, "user")
    _check_times(starts_at, ends_at, now=now)
    overlapping = DutyLeave.objects.filter(estate=estate, starts_at__lt=ends_at, ends_at__gt=starts_at)
    if overlapping.filter(user=user).exists():
        raise ActionError("overlaps", _("There is a leave at this time already."), field="starts_at")
    if substitute is not None:
        _check_person(substitute, estate, "substitute")
        if substitute.pk == user.pk:
            raise ActionError("same_person", _("Please choose somebody else."), field="substitute")
        if overlapping.filter(user=substitute).exists():
            raise ActionError("away_too", _("They are away themselves then."), field="substitute")
    try:
        with transaction.atomic():
            added = DutyLeave.objects.create(
                estate=estate, user=user, substitute=substitute, starts_at=starts_at, ends_at=ends_at
            )
            audit.record("duty.leave_added", by=by, target=added, estate_id=estate.pk, person=user.pk)
            live.notify_open_pages(board_topic(estate.pk))
    except IntegrityError as error:
        raise ActionError(
            "overlaps", _("There is a leave at this time already."), field="starts_at"
        ) from error
    return added


def _check_times(starts_at: datetime, ends_at: datetime, *, now: datetime) -> None:
    for field, moment in (("starts_at", starts_at), ("ends_at", ends_at)):
        if near(moment.date()) is None:
            raise ActionError("far_off", _("Please choose a date nearer to today."), field=field)
    if ends_at <= starts_at:
        raise ActionError("backwards", _("The end must come after the beginning."), field="ends_at")
    if ends_at <= now:
        raise ActionError("past", _("This time has passed already."), field="ends_at")


def remove_leave(*, leave: DutyLeave, by: User) -> None:
    """Removes a leave. Raises ``Forbidden``."""
    policies.must_edit_roster(by, leave.estate_id)
    with transaction.atomic():
        audit.record(
            "duty.leave_removed", by=by, target=leave, estate_id=leave.estate_id, person=leave.user_id
        )
        live.notify_open_pages(board_topic(leave.estate_id))
        leave.delete()
