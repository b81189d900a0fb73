"""Visits of a carer who leaves."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.policies import Role
from community.core.services.staff import Assigned, Handover
from services.care import actions
from services.care.models import CareBooking


def _visits_of(person: User) -> Assigned:
    """Returns the person's visits ahead; those under way cannot be given to a colleague."""
    visits = (
        CareBooking.objects.open().filter(carer=person).select_related("service", "estate", "place__slot")
    )
    under_way = CareBooking.Status.UNDER_WAY
    return Assigned(
        rows=[visit for visit in visits if visit.status != under_way],
        begun=[visit for visit in visits if visit.status == under_way],
    )


def _hand_over(*, rows: Sequence[CareBooking], to: User | None, by: User, now: datetime) -> None:
    """Assigns the visits to another carer, or to none: the start page shows visits without a carer."""
    for visit in rows:
        actions.arrange_visit(booking=visit, carer=to, by=by, now=now)


HANDOVER = Handover(
    position=20,
    key="visits",
    title=_("Visits"),
    question=_("Who takes the visits?"),
    empty=_("Nobody yet"),
    roles=(Role.CARER,),
    template="care/staff/handover.html",
    find=_visits_of,
    take=_hand_over,
)
