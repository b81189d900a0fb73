"""Billing runs of metered and shared fees: previewed with the homes left out, then made as every run is."""

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core import background, clock
from community.core.errors import ActionError
from community.core.transitions import record_first_status
from community.estates.models import Home
from services.fees import policies
from services.fees.billing.actions.runs import MAKE_BILLS, begin_making, under_way_already
from services.fees.meters import usage
from services.fees.models import BillingRun, FeeItem, Meter, UsageLine

Status = BillingRun.Status


def preview_metered_run(*, item: FeeItem, period: date, by: User, now: datetime) -> BillingRun:
    """Computes the bills of a metered or shared fee for a month, and stores them until they are confirmed.

    ``period`` is the first day of the month. Calling it again computes again on the same run. Raises
    ``Forbidden``, and ``ActionError`` with the field for a fee without meters, a month that is to come or has
    no tariff, bills that are being made, and a month in which nothing is left to bill.
    """
    policies.require("bill", by, item.estate_id)
    _check(item, period, now)
    computed = usage.compute(item, period)
    if not computed.lines and not computed.left_out:
        raise ActionError(
            "nothing_to_bill", _("There is nothing left to bill in this month."), field="period"
        )
    under_way = BillingRun.objects.filter(
        item=item, period=period, status__in=[Status.PREVIEW, Status.RUNNING]
    )
    try:
        with transaction.atomic():
            run = under_way.first()
            if run is None:
                run = BillingRun.objects.create(
                    estate=item.estate,
                    item=item,
                    period=period,
                    begun_by=by,
                    created_at=now,
                    status_changed_at=now,
                )
                record_first_status(run, by=by, now=now)
            _store(run, computed)
    except IntegrityError:
        # Another request has created the preview at the same moment.
        return under_way.get()
    return run


def _check(item: FeeItem, period: date, now: datetime) -> None:
    if not item.is_metered or not item.is_active:
        raise ActionError("not_metered", _("Please choose a fee by meter."), field="item")
    if period.day != 1 or period > clock.today(now):
        raise ActionError("too_early", _("This month is too far ahead."), field="period")


def _store(run: BillingRun, computed: usage.Computed) -> None:
    """Stores the lines of a run that is not being made, in place of those computed before.

    Raises ``ActionError`` if its bills are being made.
    """
    homes = Home.objects.of_estate(run.estate).count()
    waiting = BillingRun.objects.filter(pk=run.pk, status__in=[Status.PREVIEW, Status.FAILED])
    if not waiting.update(homes=homes, total_fen=computed.total_fen):
        raise ActionError("run_under_way", _("These bills are just being made."), field="period")
    run.homes, run.total_fen = homes, computed.total_fen
    UsageLine.objects.filter(run=run, bill=None).delete()
    for line in computed.lines:
        line.run = run
    UsageLine.objects.bulk_create(computed.lines, batch_size=1000)


def start_metered_run(*, run: BillingRun, by: User, now: datetime) -> None:
    """Starts making the bills as they were previewed, or resumes a run that stopped.

    Raises ``Forbidden``, ``AlreadyMoved``, and ``ActionError`` if readings or costs have changed since the
    preview, which is then stored anew, and if there is nothing to make.
    """
    policies.require("bill", by, run.estate_id)
    if run.status == Status.RUNNING:
        background.queue(MAKE_BILLS, [(run.pk,)])
        return
    _check(run.item, run.period, now)
    try:
        with transaction.atomic():
            if is_fresh := _store_anew(run):
                begin_making(run, by=by, now=now)
    except IntegrityError:
        raise under_way_already(run) from None
    if not is_fresh:
        raise ActionError(
            "usage_changed", _("The readings have changed since. Please look at the figures again.")
        )


def _store_anew(run: BillingRun) -> bool:
    """Computes and stores the lines again; returns whether the figures of a preview are still the same.

    Readings are held until the end of the transaction, so that none is corrected between the figures and the
    bills. Raises ``ActionError`` if there is nothing to make.
    """
    shown = run.total_fen
    meters = Meter.objects.filter(item=run.item).order_by("pk")
    list(meters.select_for_update().values_list("pk", flat=True))
    computed = usage.compute(run.item, run.period)
    _store(run, computed)
    is_changed = run.status == Status.PREVIEW and computed.total_fen != shown
    if not computed.lines and not is_changed:
        raise ActionError("nothing_to_bill", _("There is nothing left to bill in this month."))
    return not is_changed
