"""Writes of late fees: rules, the nightly charge, and waivers by two persons."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core import audit, clock
from community.core.errors import ActionError, Forbidden
from community.core.transitions import move, record_first_status
from community.estates.models import Estate
from services.fees import policies
from services.fees.actions.reasons import check_reason
from services.fees.billing.actions.charges import notify_open_pages
from services.fees.billing.actions.lowering import lower_bill
from services.fees.billing.actions.voids import void_bill
from services.fees.billing.late_fees.bills import bill_days, late_fee_item
from services.fees.billing.late_fees.days import charge_day
from services.fees.models import Bill, FeeItem, LateFeeClock, LateFeeRule, LateFeeWaiver
from services.fees.models.late_fees import MAX_GRACE_DAYS, MAX_RATE_BP

Status = LateFeeWaiver.Status
DAY = timedelta(days=1)


@dataclass(frozen=True)
class NewRule:
    """A rule to set: ``item`` is None for all fees of the estate; the rate is in 1/10,000 a day."""

    estate: Estate
    item: FeeItem | None
    rate_bp: int
    grace_days: int
    from_on: date


def set_rule(rule: NewRule, *, by: User, now: datetime) -> LateFeeRule:
    """Sets the late fee from a day on, and returns the rule; the same day again corrects it.

    Raises ``Forbidden``, and ``ActionError`` with the field for a day that is over, a rate or a grace out of
    range, and an item that has no late fee.
    """
    estate, item = rule.estate, rule.item
    policies.require("set_late_fee", by, estate.pk)
    if item and (item.estate_id != estate.pk or item.kind == FeeItem.Kind.LATE):
        raise ActionError("no_late_fee", _("Please choose a fee item of this estate."), field="item")
    if not 0 <= rule.rate_bp <= MAX_RATE_BP:
        raise ActionError(
            "rate_out_of_range", _("The rate lies between 0 and 100 of 10,000 a day."), field="rate_bp"
        )
    if not 0 <= rule.grace_days <= MAX_GRACE_DAYS:
        raise ActionError("grace_too_long", _("At most a year of grace."), field="grace_days")
    if rule.from_on < clock.today(now):
        raise ActionError("day_is_over", _("A late fee begins today at the earliest."), field="from_on")
    with transaction.atomic():
        late_fee_item(estate)
        made, _is_new = LateFeeRule.objects.update_or_create(
            estate=estate,
            item=item,
            from_on=rule.from_on,
            defaults={
                "rate_bp": rule.rate_bp,
                "grace_days": rule.grace_days,
                "set_by": by,
                "created_at": now,
            },
        )
        audit.record(
            "fees.late_fee_rule_set",
            by=by,
            target=made,
            estate_id=estate.pk,
            item=item.pk if item else None,
            rate_bp=rule.rate_bp,
            grace_days=rule.grace_days,
            from_on=rule.from_on.isoformat(),
        )
    return made


def charge_late_fees(*, now: datetime) -> int:
    """Charges the late fees of all estates up to yesterday, day by day; returns how many bills it raised.

    Repeating it charges nothing twice, also at the same moment and after a kill.
    """
    estates = Estate.objects.filter(pk__in=LateFeeRule.objects.values("estate")).order_by("pk")
    return sum(charge_estate(estate, now=now) for estate in estates)


def charge_estate(estate: Estate, *, now: datetime) -> int:
    """Charges the late fees of one estate, as ``charge_late_fees`` does."""
    first = LateFeeRule.objects.filter(estate=estate).order_by("from_on").values_list("from_on", flat=True)[0]
    start = {"days_upto": first - DAY, "billed_upto": first - DAY}
    reached, _is_new = LateFeeClock.objects.get_or_create(estate=estate, defaults=start)
    day = reached.days_upto + DAY
    while day < clock.today(now) and charge_day(estate.pk, day):
        day += DAY
    return bill_days(estate, now=now)


# -- Waivers


def ask_waiver(*, bill: Bill, fen: int | None, reason: str, by: User, now: datetime) -> LateFeeWaiver:
    """Asks to waive ``fen`` of an unpaid late fee, or all that is unpaid of it; a second person answers.

    Raises ``Forbidden``, and ``ActionError`` with the field for a bill that is no late fee or not open, a
    wrong amount, a missing reason, one's own bill, and a bill for which somebody has asked already.
    """
    policies.require("ask_waiver", by, bill.estate_id)
    _check_not_own(bill, by)
    check_reason(reason)
    if bill.item.kind != FeeItem.Kind.LATE or bill.status != Bill.Status.OPEN:
        raise ActionError("not_a_late_fee", _("Only an unpaid late fee can be waived."))
    asked_fen = bill.unpaid_fen if fen is None else fen
    if not 0 < asked_fen <= bill.unpaid_fen:
        raise ActionError("amount_wrong", _("Not more than is unpaid, and more than 0."), field="amount")
    waiver = LateFeeWaiver(
        bill=bill,
        is_whole=fen is None or asked_fen == bill.amount_fen,
        amount_fen=asked_fen,
        reason=reason.strip(),
        asked_by=by,
        status_changed_at=now,
        created_at=now,
    )
    try:
        with transaction.atomic():
            waiver.save()
            record_first_status(waiver, by=by, now=now)
            _record("fees.waiver_asked", waiver, by=by)
            notify_open_pages(bill)
    except IntegrityError:
        raise ActionError("asked_already", _("Somebody has asked for this already.")) from None
    return waiver


def agree_waiver(*, waiver: LateFeeWaiver, by: User, now: datetime) -> None:
    """Waives a late fee as asked. Repeating it changes nothing.

    Raises ``Forbidden`` for the person who asked and for one's own bill, and ``AlreadyMoved`` if the bill is
    paid at the same moment, or the waiver was declined.
    """
    _require_second(waiver, by)
    if waiver.status == Status.AGREED:
        return
    with transaction.atomic():
        bill = Bill.objects.with_lines().get(pk=waiver.bill_id)
        if bill.status != Bill.Status.OPEN:
            raise ActionError("not_a_late_fee", _("Only an unpaid late fee can be waived."))
        fen = bill.unpaid_fen if waiver.is_whole else min(waiver.amount_fen, bill.unpaid_fen)
        lowered = fen if fen < bill.amount_fen else 0
        move(waiver, Status.AGREED, by=by, now=now, answered_by=by, lowered_fen=lowered)
        if lowered:
            lower_bill(bill, lowered, key=f"waiver:{waiver.pk}", by=by, now=now)
        else:
            void_bill(bill=bill, reason=waiver.reason, by=by, now=now)
        _record("fees.waiver_agreed", waiver, by=by)


def decline_waiver(*, waiver: LateFeeWaiver, reason: str, by: User, now: datetime) -> None:
    """Declines a waiver; the late fee stands. Repeating it changes nothing. Raises as ``agree_waiver``."""
    _require_second(waiver, by)
    check_reason(reason)
    if waiver.status == Status.DECLINED:
        return
    with transaction.atomic():
        move(waiver, Status.DECLINED, by=by, now=now, reason=reason.strip(), answered_by=by)
        _record("fees.waiver_declined", waiver, by=by)
        notify_open_pages(waiver.bill)


def _require_second(waiver: LateFeeWaiver, by: User) -> None:
    policies.require("answer_waiver", by, waiver.bill.estate_id)
    if waiver.asked_by_id == by.pk:
        raise Forbidden(_("Another person than the one who asked has to agree."))
    _check_not_own(waiver.bill, by)


def _check_not_own(bill: Bill, by: User) -> None:
    if policies.is_own_money(by, bill.home_id, bill.charged_to_id):
        raise Forbidden(_("Nobody waives a late fee of their own home. Please ask a colleague."))


def _record(act: str, waiver: LateFeeWaiver, *, by: User) -> None:
    bill = waiver.bill
    audit.record(
        act,
        by=by,
        target=waiver,
        estate_id=bill.estate_id,
        reference=bill.reference,
        fen=waiver.amount_fen,
    )
