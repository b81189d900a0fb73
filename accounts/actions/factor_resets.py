"""A lost second factor is removed by two administrators."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.actions.tokens import revoke_all_tokens
from accounts.models import Administration, FactorReset, StaffRole, User
from accounts.policies import Role, may_reset_factor, must_reset_factor
from accounts.second_factor.factors import forget_factors
from community.core import audit, changes
from community.core.errors import ActionError, Forbidden
from community.core.transitions import move, record_first_status
from community.notifications import live
from community.notifications.outbox import queue_message

Status = FactorReset.Status


def ask_factor_reset(*, person: User, reason: str, by: User, now: datetime) -> FactorReset:
    """Asks that a member of staff may set up a new second factor; a second administrator agrees.

    Raises ``Forbidden``, and ``ActionError`` (``reset_asked``) while another request waits.
    """
    must_reset_factor(by, person)
    try:
        with transaction.atomic():
            reset = FactorReset.objects.create(
                person=person, reason=reason, asked_by=by, created_at=now, status_changed_at=now
            )
            record_first_status(reset, by=by, now=now, reason=reason)
            audit.record("factor_reset_asked", by=by, target=person)
            for second in administrators_of(person):
                if second.pk != by.pk:
                    _tell(second, "factor_reset_asked", reset, now=now)
    except IntegrityError:
        raise ActionError("reset_asked", _("A reset is already waiting for a second person.")) from None
    return reset


def agree_to_factor_reset(*, reset: FactorReset, by: User, now: datetime) -> None:
    """Removes the person's factors and ends their sign-ins and tokens; their next sign-in sets up a new one.

    Raises ``Forbidden``, also for the person who asked, and ``AlreadyMoved``.
    """
    _must_be_second(reset, by)
    person = reset.person
    with transaction.atomic():
        move(reset, Status.DONE, by=by, now=now, answered_by=by)
        forget_factors(person)
        with changes.covering(User):
            User.objects.filter(pk=person.pk).update(session_epoch=F("session_epoch") + 1)
        live.access_ended(person.pk)
        revoke_all_tokens(user=person, by=by, now=now)
        audit.record("factor_reset", by=by, target=person)
        _tell(person, "factor_reset", reset, now=now)


def decline_factor_reset(*, reset: FactorReset, by: User, now: datetime) -> None:
    """Leaves the factors as they are; whoever asked may take it back. Raises ``Forbidden`` and ``AlreadyMoved``."""
    must_reset_factor(by, reset.person)
    with transaction.atomic():
        answered: dict[str, Any] = {} if by.pk == reset.asked_by_id else {"answered_by": by}
        move(reset, Status.DECLINED, by=by, now=now, **answered)
        audit.record("factor_reset_declined", by=by, target=reset.person)


def administrators_of(person: User) -> list[User]:
    """Returns who may reset this person's factor: managers of where they work, and administrators."""
    estates = StaffRole.objects.held_by(person).values("estate")
    managers = StaffRole.objects.filter(role=Role.MANAGER, estate__in=estates).values("user")
    there = User.objects.filter(is_active=True, pk__in=managers)
    found = there | User.objects.filter(is_active=True).administering(
        Administration.SECURITY, Administration.SYSTEM
    )
    return [one for one in found.order_by("pk") if may_reset_factor(one, person)]


def _must_be_second(reset: FactorReset, by: User) -> None:
    must_reset_factor(by, reset.person)
    if by.pk == reset.asked_by_id:
        raise Forbidden(_("A second administrator must agree."))


def _tell(to: User, template: str, reset: FactorReset, *, now: datetime) -> None:
    url = reset.page if template == "factor_reset_asked" else ""
    queue_message(
        to,
        template,
        key=f"{template}:{reset.pk}:{to.pk}",
        params={"name": str(reset.person)},
        url=url,
        now=now,
    )
