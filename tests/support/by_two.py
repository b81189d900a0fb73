"""The second person of acts by two."""

from accounts import actions
from accounts.models import Approval, StaffRole, User
from community.core import clock
from tests.factories import make_staff


def agree_to_all(by: User | None = None) -> int:
    """Agrees to everything that waits, as another manager of its estate unless ``by`` is given; returns how many."""
    waiting = list(Approval.objects.waiting())
    for asked in waiting:
        second = by or make_staff(role=StaffRole.Role.MANAGER, estate=asked.estate)
        actions.agree_to_approval(approval=asked, by=second, now=clock.now())
    return len(waiting)
