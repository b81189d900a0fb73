"""The work of a member of staff who leaves, and the colleagues who take it over."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import StaffRole, User
from community.core.errors import ActionError
from community.core.services import declared, in_order
from community.core.services.staff import Handover


@dataclass(frozen=True)
class Work:
    """Rows of one service that a person is in charge of; ``begun`` ones cannot be given to another."""

    handover: Handover
    rows: Sequence[Any]
    begun: Sequence[Any]


def work_of(person: User) -> list[Work]:
    """Everything that is assigned to ``person``, by service, in the order of the page."""
    handovers = in_order(one.handover for one in declared() if one.handover)
    found = [(handover, handover.find(person)) for handover in handovers]
    return [
        Work(handover, assigned.rows, assigned.begun)
        for handover, assigned in found
        if assigned.rows or assigned.begun
    ]


def colleagues_of(person: User, estates: Collection[int], *roles: str) -> QuerySet[User]:
    """Others who work in one of these estates, in one of these roles if any is named."""
    held = StaffRole.objects.filter(estate__in=estates, user__is_active=True)
    if roles:
        held = held.filter(role__in=roles)
    return User.objects.filter(pk__in=held.values("user")).exclude(pk=person.pk).order_by("pk")


def hand_over(*, work: Sequence[Work], to: Mapping[str, User | None], by: User, now: datetime) -> None:
    """Gives everything to the colleagues ``to``, by the key of the work. Call it in a transaction.

    Raises ``begun`` where something must be finished first, and what the services' actions raise.
    """
    begun = [row.reference for one in work for row in one.begun]
    if begun:
        words = _("Work has begun on %(jobs)s. Let it be finished first.")
        raise ActionError("begun", words % {"jobs": "、".join(begun)})
    for one in work:
        one.handover.take(rows=one.rows, to=to.get(one.handover.key), by=by, now=now)
