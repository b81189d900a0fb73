"""Writes of reductions. Bills that stand already keep their amount."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core import audit
from community.core import changes as row_changes
from community.core.errors import ActionError, Forbidden
from community.core.transitions import AlreadyMoved
from community.estates.models import Home
from services.fees import policies
from services.fees.actions.reasons import check_reason
from services.fees.models import FeeItem, Reduction
from services.fees.models.reach import ALL_OF_IT


@dataclass(frozen=True)
class Asked:
    """A reduction to ask for: ``off`` in 1/10000 of the amount, for the days from ``from_on`` to ``to_on``."""

    item: FeeItem
    home: Home
    why: str
    off: int
    from_on: date
    to_on: date
    reason: str


def ask_reduction(asked: Asked, *, by: User, now: datetime) -> Reduction:
    """Asks for a reduction and returns it; it counts once another person has agreed.

    Raises ``Forbidden``, and ``ActionError`` with the field for the actor's own home, an item that no run bills,
    a part that is not between 0 and all, days in the wrong order, a missing reason, and days that have a
    reduction already.
    """
    home, item = asked.home, asked.item
    policies.require("ask_reduction", by, home.estate.pk)
    if policies.is_own_money(by, home.pk, None):
        raise ActionError("own_home", _("Nobody reduces the fees of their own home. Please ask a colleague."))
    if item.estate_id != home.estate.pk or not item.is_by_run or not item.is_active:
        raise ActionError("not_billable", _("Please choose a fee that is billed by the month."), field="item")
    if not 0 < asked.off <= ALL_OF_IT:
        raise ActionError("off_out_of_range", _("Between 0.01 and 100 per cent, please."), field="off")
    if asked.to_on < asked.from_on:
        raise ActionError("days_in_order", _("The last day must not be before the first."), field="to_on")
    check_reason(asked.reason)
    with transaction.atomic():
        # Locks the item's row, so that two requests do not overlap unseen.
        FeeItem.objects.filter(pk=item.pk).update(name=item.name)
        if _overlapping(asked).exists():
            raise ActionError(
                "reduced_already", _("These days have a reduction of this fee already."), field="from_on"
            )
        made = Reduction.objects.create(
            item=item,
            home=home,
            why=asked.why,
            off=asked.off,
            reason=asked.reason.strip(),
            from_on=asked.from_on,
            to_on=asked.to_on,
            asked_by=by,
            asked_at=now,
        )
        _record("fees.reduction_asked", made, by)
    return made


def _overlapping(asked: Asked) -> QuerySet[Reduction]:
    standing = Reduction.objects.filter(item=asked.item, home=asked.home, ended_at=None)
    return standing.touching(asked.from_on, asked.to_on)


def agree_to_reduction(*, reduction: Reduction, by: User, now: datetime) -> None:
    """Lets a reduction count from the next run on. Repeating it changes nothing.

    Raises ``Forbidden`` for who asked for it or lives there, and ``AlreadyMoved`` for one that was declined.
    """
    _require_second(reduction, by)
    with transaction.atomic(), row_changes.of(reduction):
        waiting = Reduction.objects.waiting().filter(pk=reduction.pk)
        if waiting.update(approved_by=by, approved_at=now):
            _record("fees.reduction_agreed", reduction, by)
        elif not Reduction.objects.counting().filter(pk=reduction.pk).exists():
            raise AlreadyMoved


def decline_reduction(*, reduction: Reduction, by: User, now: datetime) -> None:
    """Declines a reduction, or withdraws one's own that nobody has agreed to. Repeating it changes nothing.

    Raises ``Forbidden``, and ``AlreadyMoved`` for one that was agreed to meanwhile.
    """
    if reduction.asked_by_id != by.pk:
        _require_second(reduction, by)
    with transaction.atomic(), row_changes.of(reduction):
        waiting = Reduction.objects.waiting().filter(pk=reduction.pk)
        if waiting.update(ended_at=now):
            _record("fees.reduction_declined", reduction, by)
        elif Reduction.objects.counting().filter(pk=reduction.pk).exists():
            raise AlreadyMoved


def end_reduction(*, reduction: Reduction, last_on: date, by: User, now: datetime) -> None:
    """Ends a reduction with the day ``last_on``; bills that stand keep their amount.

    Raises ``Forbidden``, ``ActionError`` with the field for a day behind its end, and ``AlreadyMoved`` for one
    that does not count. A day before its first ends it as if it had never been.
    """
    _require_second(reduction, by)
    with transaction.atomic(), row_changes.of(reduction):
        counting = Reduction.objects.counting().filter(pk=reduction.pk)
        if last_on >= reduction.to_on:
            raise ActionError("ends_before", _("It ends before that day by itself."), field="last_on")
        ended = {"ended_at": now} if last_on < reduction.from_on else {"to_on": last_on}
        if not counting.filter(Q(to_on=reduction.to_on)).update(**ended):
            raise AlreadyMoved
        _record("fees.reduction_ended", reduction, by)


def _require_second(reduction: Reduction, by: User) -> None:
    policies.require("answer_reduction", by, reduction.item.estate_id)
    if not policies.may_answer_reduction(by, reduction):
        raise Forbidden


def _record(act: str, reduction: Reduction, by: User) -> None:
    audit.record(
        act,
        by=by,
        target=reduction,
        estate_id=reduction.item.estate_id,
        item=reduction.item_id,
        off=reduction.off,
        from_on=reduction.from_on.isoformat(),
        to_on=reduction.to_on.isoformat(),
    )
