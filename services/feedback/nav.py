"""The entry of feedback in the side nav."""

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.policies import Role
from community.core.services.nav import NavEntry, StaffMember
from services.common.models import ResponseClock
from services.feedback import KEY
from services.feedback.models import Feedback
from services.feedback.models.feedback import in_charge
from services.feedback.roles import DEPARTMENTS, OVERSEEING


def _waiting(member: StaffMember) -> int:
    """Counts threads that wait for an answer in the estate or in the department of the member of staff.

    Includes threads being handled in which a new answer is due, and those handed over to the own department.
    One query.
    """
    state = Feedback.Status
    due = ResponseClock.objects.running().filter(
        estate=OuterRef("estate"), service=KEY, reference=OuterRef("reference")
    )
    # The front desk is also the department of feedback that was never handed over.
    is_handed_over = ~Q(department=Role.FRONT_DESK) & in_charge(member.user)
    waits = Q(status__in=[state.NEW, state.REOPENED]) | Q(status=state.IN_HAND) & (
        Exists(due) | is_handed_over
    )
    return Feedback.objects.for_staff(member.user).filter(waits).count()


NAV = (
    NavEntry(
        position=30,
        url="/staff/feedback/",
        label=_("Feedback"),
        icon="message",
        tone="build",
        roles=frozenset({*OVERSEEING, *DEPARTMENTS}),
        count=_waiting,
        areas=("feedback",),
    ),
)
