"""Who may do what with a notice: one table, read by pages, API, admin and actions alike."""

from accounts.models import User
from accounts.policies import has_role
from community.core.errors import Forbidden
from community.notices.models import Notice
from community.notices.models.notices import OVERSEEING, WRITING

S = Notice.Status

VERBS: dict[str, frozenset[str]] = {
    "edit_notice": frozenset(Notice.WRITABLE),
    "publish_notice": frozenset(Notice.WRITABLE),
    "schedule_notice": frozenset(Notice.WRITABLE),
    "unschedule_notice": frozenset({S.SCHEDULED}),
    "correct_notice": frozenset({S.PUBLISHED}),
    "withdraw_notice": frozenset({S.PUBLISHED}),
    "tell_at_door": frozenset({S.PUBLISHED}),
}


def allowed_verbs(user: User, notice: Notice) -> set[str]:
    """The actions that this person can take on it as it stands now."""
    if not has_role(user, notice.estate_id, *WRITING):
        return set()
    return {name for name, states in VERBS.items() if notice.status in states}


def must_write(user: User, estate_id: int) -> None:
    """Raises ``Forbidden`` for all but the manager and the front desk of the estate."""
    if not has_role(user, estate_id, *WRITING):
        raise Forbidden


def may_oversee(user: User, estate_id: int) -> bool:
    return has_role(user, estate_id, *OVERSEEING)
