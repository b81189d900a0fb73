"""The entry of feedback in the side nav."""

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import StaffRole
from accounts.policies import Role
from community.core.services.nav import NavEntry, Worker
from services.common.models import ResponseClock
from services.feedback import KEY
from services.feedback.models import Feedback
from services.feedback.roles import DEPARTMENTS, OVERSEEING


def _waiting(worker: Worker) -> int:
    """Threads that nobody has answered, in the estate or in this person's department.

    Also those being handled in which an answer is due again, and those handed to the own department.
    One query.
    """
    state = Feedback.Status
    mine = StaffRole.objects.held_by(worker.user).filter(
        estate=OuterRef("estate"), role=OuterRef("department")
    )
    due = ResponseClock.objects.running().filter(
        estate=OuterRef("estate"), service=KEY, reference=OuterRef("reference")
    )
    # With the front desk is also what was handed to nobody.
    is_handed_over = ~Q(department=Role.FRONT_DESK) & Exists(mine)
    waits = Q(status__in=[state.NEW, state.REOPENED]) | Q(status=state.IN_HAND) & (
        Exists(due) | is_handed_over
    )
    return Feedback.objects.for_staff(worker.user).filter(waits).count()


NAV = (
    NavEntry(
        position=30,
        url="/staff/feedback/",
        label=_("Feedback"),
        icon="message",
        tone="build",
        roles=frozenset({*OVERSEEING, *DEPARTMENTS}),
        count=_waiting,
    ),
)
