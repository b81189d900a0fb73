"""Hand-over of duty shifts of a member of staff who leaves."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core.services.staff import Assigned, Handover
from services.help import actions
from services.help.models import DutyShift


def _shifts_of(person: User) -> Assigned:
    return Assigned(rows=list(DutyShift.objects.filter(user=person).select_related("estate", "user")))


def _hand_over(*, rows: Sequence[DutyShift], to: User | None, by: User, now: datetime) -> None:
    """Gives the shifts to the new person; without one, removes them, and the start page shows the gap."""
    for shift in rows:
        if to is None:
            actions.remove_shift(shift=shift, by=by)
        else:
            actions.hand_shift_over(shift=shift, user=to, by=by)


HANDOVER = Handover(
    position=30,
    key="shifts",
    title=_("Duty"),
    question=_("Who takes the duty?"),
    empty=_("Nobody yet"),
    template="help/staff/handover.html",
    find=_shifts_of,
    take=_hand_over,
)
