"""Permissions for notices: a table of verbs by status, used by pages, API, admin and actions."""

from accounts.models import User
from accounts.policies import estates_of, has_role
from community.core.errors import Forbidden
from community.notices.models import Notice
from community.notices.roles import OVERSEEING, WRITING

S = Notice.Status

VERBS: dict[str, frozenset[str]] = {
    "edit_notice": frozenset(Notice.WRITABLE),
    "publish_notice": frozenset(Notice.WRITABLE),
    "schedule_notice": frozenset(Notice.WRITABLE),
    "unschedule_notice": frozenset({S.SCHEDULED}),
    "discard_notice": frozenset({S.DRAFT}),
    "correct_notice": frozenset({S.PUBLISHED}),
    "withdraw_notice": frozenset({S.PUBLISHED}),
    "tell_at_door": frozenset({S.PUBLISHED}),
}


def allowed_verbs(user: User, notice: Notice, *, writes_in: set[int] | None = None) -> set[str]:
    """Returns the verbs that the user may take on the notice in its present status.

    ``writes_in``: the estates in which they write, fetched once for the rows of a list.
    """
    if writes_in is None:
        may_write = has_role(user, notice.estate_id, *WRITING)
    else:
        may_write = notice.estate_id in writes_in
    if not may_write:
        return set()
    return {name for name, states in VERBS.items() if notice.status in states}


def writes_in(user: User) -> set[int]:
    """Returns the keys of the estates whose notices the user writes."""
    return set(estates_of(user, *WRITING).values_list("pk", flat=True))


def must_write(user: User, estate_id: int) -> None:
    """Raises ``Forbidden`` unless the user is the manager or the front desk of the estate."""
    if not has_role(user, estate_id, *WRITING):
        raise Forbidden


def may_oversee(user: User, estate_id: int) -> bool:
    """Whether the user sees readings of the estate's notices."""
    return has_role(user, estate_id, *OVERSEEING)
