"""Last days of delegations: both sides are told a week before, and the delegation ends after the day."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import groupby

from django.db import transaction

from accounts.actions.delegations import close_delegations, tell_of_delegation
from accounts.models import Delegation
from accounts.models.residents import DelegationQuerySet
from community.core import changes, clock
from community.core.sweeps import sweep_rows

REMINDED_BEFORE = timedelta(days=7)
MAX_AT_ONCE = 500


def end_delegations_of_the_past(*, now: datetime) -> int:
    """Ends delegations whose last day is over and tells both sides; returns how many pairs of people.

    They allowed nothing since that day ended.
    """
    over = Delegation.objects.over_on(clock.today(now))

    def end(newest: Delegation) -> int:
        between = over.filter(resident=newest.resident, delegate=newest.delegate)
        pair = {"resident": newest.resident, "delegate": newest.delegate}
        return int(close_delegations(between, **pair, by=None, now=now))

    return _sweep_pairs(over, end, failing="accounts: delegation %s could not be ended")


def remind_of_last_days(*, now: datetime) -> int:
    """Tells both sides once that a delegation ends within a week; returns how many pairs of people.

    Those accepted less than a week ago are left out: both still know.
    """
    near = Delegation.objects.active().filter(
        reminded_at=None,
        ends_on__lte=clock.today(now) + REMINDED_BEFORE,
        accepted_at__lte=now - REMINDED_BEFORE,
    )

    def remind(newest: Delegation) -> int:
        between = near.filter(resident=newest.resident, delegate=newest.delegate)
        with transaction.atomic():
            with changes.of(*between):
                is_first = bool(between.update(reminded_at=now))
            for person, other in (
                (newest.resident, newest.delegate),
                (newest.delegate, newest.resident),
            ):
                if is_first:
                    tell_of_delegation(
                        person, "delegation_ending", newest, now, name=str(other), day=str(newest.ends_on)
                    )
        return int(is_first)

    return _sweep_pairs(near, remind, failing="accounts: nobody told of the last day of delegation %s")


def _sweep_pairs(rows: DelegationQuerySet, act: Callable[[Delegation], int], *, failing: str) -> int:
    """Calls ``act`` with the newest row of each pair of people, each in its own transaction."""
    found = rows.select_related("resident", "delegate").order_by("resident", "delegate", "-pk")[:MAX_AT_ONCE]
    pairs = groupby(list(found), lambda one: (one.resident_id, one.delegate_id))
    return sweep_rows([next(ones) for _pair, ones in pairs], act, failing=failing)
