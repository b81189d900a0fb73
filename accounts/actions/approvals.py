"""Acts by two: one person asks, another agrees, and only then it is done."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Approval, StaffRole, User
from accounts.policies import has_role
from community.core import audit
from community.core.errors import ActionError, Forbidden
from community.core.services.registry import by_two
from community.core.transitions import move, record_first_status
from community.estates.models import Estate
from community.notifications.outbox import queue_message

Status = Approval.Status


@dataclass(frozen=True)
class Wanted:
    """An act to ask for: its kind and estate, what may wait only once, and its values."""

    kind: str
    estate: Estate | None
    about: object
    given: dict[str, Any]
    reason: str = ""


def ask_approval(wanted: Wanted, *, by: User, now: datetime) -> Approval:
    """Asks for an act; done at once only if its declaration allows it while nobody else could agree.

    Raises ``Forbidden``, and ``ActionError`` with ``already_asked`` while the same act waits, or as the act
    itself does if it is done at once.
    """
    asked = Approval(
        kind=wanted.kind,
        estate=wanted.estate,
        about=str(wanted.about),
        given=wanted.given,
        reason=wanted.reason.strip(),
        asked_by=by,
        created_at=now,
        status_changed_at=now,
    )
    _must_be_one_of_two(asked, by)
    try:
        with transaction.atomic():
            asked.save()
            record_first_status(asked, by=by, now=now, reason=asked.reason)
            _record("approval_asked", asked, by=by)
            seconds = seconds_for(asked)
            if by_two()[asked.kind].alone and not seconds:
                _carry_out(asked, by=by, now=now)
            for second in seconds:
                _tell(second, "approval_asked", asked, now=now)
    except IntegrityError:
        if Approval.objects.waiting().about_row(asked.kind, asked.about).filter(estate=asked.estate).exists():
            raise ActionError("already_asked", _("This waits for a second person already.")) from None
        raise
    return asked


def agree_to_approval(*, approval: Approval, by: User, now: datetime) -> None:
    """Carries the act out, in one transaction with the yes.

    Raises ``Forbidden`` for the person who asked and for whoever may not, also if the person who asked may no
    more; ``AlreadyMoved``; and ``ActionError`` as the act itself does, which leaves the request waiting.
    """
    if by.pk == approval.asked_by_id:
        raise Forbidden(_("Somebody else has to agree."))
    _must_be_one_of_two(approval, by)
    if not may_be_one_of_two(approval, approval.asked_by):
        raise ActionError("asker_may_not", _("Who asked may no longer do this. Please decline it."))
    with transaction.atomic():
        _carry_out(approval, by=by, now=now)
        _tell(approval.asked_by, "approval_done", approval, now=now)


def decline_approval(*, approval: Approval, by: User, now: datetime) -> None:
    """Leaves everything as it is; whoever asked may take it back. Raises ``Forbidden`` and ``AlreadyMoved``."""
    is_own = by.pk == approval.asked_by_id
    if not is_own:
        _must_be_one_of_two(approval, by)
    with transaction.atomic():
        move(approval, Status.DECLINED, by=by, now=now, answered_by=by)
        _record("approval_declined", approval, by=by)
        if not is_own:
            _tell(approval.asked_by, "approval_declined", approval, now=now)


def may_be_one_of_two(asked: Approval, user: User) -> bool:
    """Whether the user may ask for this act, or agree to it if somebody else has asked."""
    kind = by_two()[asked.kind]
    is_asker = user.pk == asked.asked_by_id
    roles = (*kind.roles, *kind.askers) if is_asker else kind.roles
    administrations = kind.administrators if is_asker else (*kind.administrators, *kind.agreers)
    in_estate = bool(roles) and asked.estate_id is not None and has_role(user, asked.estate_id, *roles)
    if not user.is_active or not (in_estate or user.administration in administrations):
        return False
    return kind.may is None or kind.may(user, asked)


def seconds_for(asked: Approval) -> list[User]:
    """Returns everybody who could agree to this request."""
    kind = by_two()[asked.kind]
    administrations = (*kind.administrators, *kind.agreers)
    found = User.objects.administering(*administrations) if administrations else User.objects.none()
    if kind.roles:
        holders = StaffRole.objects.filter(estate=asked.estate_id, role__in=kind.roles).values("user")
        found |= User.objects.filter(pk__in=holders)
    active = found.filter(is_active=True).exclude(pk=asked.asked_by_id).order_by("pk")
    return [one for one in active if may_be_one_of_two(asked, one)]


def _must_be_one_of_two(asked: Approval, user: User) -> None:
    if not may_be_one_of_two(asked, user):
        raise Forbidden(_("Somebody else must do this."))


def _carry_out(asked: Approval, *, by: User, now: datetime) -> None:
    answered: dict[str, Any] = {} if by.pk == asked.asked_by_id else {"answered_by": by}
    move(asked, Status.DONE, by=by, now=now, **answered)
    by_two()[asked.kind].act(asked, by=by, now=now)
    _record("approval_done", asked, by=by, alone=not answered)


def _record(act: str, asked: Approval, *, by: User, **detail: Any) -> None:
    audit.record(act, by=by, target=asked, estate_id=asked.estate_id, kind=asked.kind, **detail)


def _tell(to: User, template: str, asked: Approval, *, now: datetime) -> None:
    queue_message(
        to,
        template,
        key=f"{template}:{asked.pk}:{to.pk}",
        params={"act": asked.kind, "name": str(asked.asked_by)},
        url=asked.get_absolute_url(),
        now=now,
    )
