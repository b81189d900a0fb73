"""Billing runs make the bills of a month: previewed first, made in the background, never twice."""

import logging
import time
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import IntegrityError, connection, transaction
from django.db.models import Count, Sum
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core import audit, background, clock
from community.core.errors import ActionError
from community.core.transitions import AlreadyMoved, move, record_first_status
from community.estates.models import Home
from community.notifications import live
from services.fees import policies
from services.fees.actions.steps import takings_topic
from services.fees.billing.actions import batches
from services.fees.billing.actions.owed import Owed, Sample, as_stored, exempt_bills, existing_bills, rates_of
from services.fees.models import Bill, BillingRun, FeeItem
from services.fees.terms import Rate, period_span

logger = logging.getLogger(__name__)
MAKE_BILLS = "services.fees.tasks.make_bills"
Status = BillingRun.Status
# Bills that the preview shows: usual ones, and others.
SAMPLES, OTHER_SAMPLES = 5, 3
# A writer that has waited on SQLite for a batch of so many seconds looks again within so many seconds.
SQLITE_LOOKS = ((0.12, 0.025), (0.22, 0.05))
SQLITE_SLOWEST_LOOK = 0.1
# Age of the last batch after which a run counts as cut off; a batch takes a second.
STALLED_AFTER = timedelta(minutes=1)


@dataclass(frozen=True)
class Forecast:
    """Result of a run if it were started now; money in fen.

    ``reached`` homes or spaces may owe the fee; ``other`` bills are not for the whole period at the full rate.
    ``left_out`` has homes and spaces with an opening balance for a month of the period, which get no bill.
    """

    reached: int
    to_make: int
    other: int
    already: int
    total_fen: int
    samples: list[Sample]
    left_out: list[tuple[Home, str]]


def forecast_run(run: BillingRun) -> Forecast:
    """Returns the figures of a run's preview with its first few bills."""
    owed = Owed(run)
    counts, total = [], 0
    samples: list[Sample] = []
    for group in owed.groups():
        sums = owed.to_make(group).aggregate(bills=Count("pk"), fen=Sum("owed_fen"))
        counts.append(sums["bills"])
        total += sums["fen"] or 0
        most = SAMPLES if len(counts) == 1 else min(OTHER_SAMPLES, SAMPLES + OTHER_SAMPLES - len(samples))
        if most and sums["bills"]:
            samples += owed.samples(group, most)
    return Forecast(
        reached=owed.reached.count(),
        to_make=sum(counts),
        other=sum(counts[1:]),
        already=existing_bills(run.item, run.period).count() + exempt_bills(run.item, run.period).count(),
        total_fen=total,
        samples=samples,
        left_out=owed.left_out(),
    )


def preview_run(*, item: FeeItem, period: date, by: User, now: datetime) -> BillingRun:
    """Counts the bills that a run would make, and stores the run until it is confirmed.

    ``period`` is a day of the period, such as the first of a month. Calling it again counts again on the same run;
    ``forecast_run(run)`` has the figures. Raises ``Forbidden``, and ``ActionError`` with the field for a fee
    that is not billed by runs, a month without a tariff, too far ahead or with all its bills, and a run that
    is being made.
    """
    policies.require("bill", by, item.estate_id)
    period = item.period_of(period)
    rates = _check_billable(item, period, now)
    under_way = BillingRun.objects.filter(
        item=item, period=period, status__in=[Status.PREVIEW, Status.RUNNING]
    )
    run = under_way.first()
    if run is not None and run.status == Status.RUNNING:
        raise ActionError("run_under_way", _("These bills are just being made."), field="period")
    run = run or BillingRun(
        estate=item.estate, item=item, period=period, begun_by=by, created_at=now, status_changed_at=now
    )
    run.rates = as_stored(rates)
    forecast = forecast_run(run)
    if not forecast.to_make:
        raise _nothing_to_bill(run, forecast)
    run.homes, run.total_fen = Home.objects.of_estate(run.estate).count(), forecast.total_fen
    if run.pk is not None:
        _update_preview(run)
        return run
    try:
        with transaction.atomic():
            run.save()
            record_first_status(run, by=by, now=now)
    except IntegrityError:
        # Another request has created the preview at the same moment.
        return under_way.get()
    return run


def _nothing_to_bill(run: BillingRun, forecast: Forecast) -> ActionError:
    if forecast.left_out:
        words = _(
            "The homes without a bill have opening balances for a month of this period. Please charge what is"
            " missing one by one."
        )
    else:
        words = _("Every home has its bill of %(item)s for %(month)s already.")
    named = {"item": run.item.name, "month": f"{run.period:%Y-%m}"}
    return ActionError("nothing_to_bill", words % named, field="period")


def _update_preview(run: BillingRun) -> None:
    """Updates only the figures, and only of a preview: another request may start the run during the count."""
    waiting = BillingRun.objects.filter(pk=run.pk, status=Status.PREVIEW)
    if not waiting.update(rates=run.rates, homes=run.homes, total_fen=run.total_fen):
        raise ActionError(
            "run_under_way",
            _("Somebody has just started or dropped these bills. Please look again."),
            field="period",
        )


def _check_billable(item: FeeItem, period: date, now: datetime) -> list[Rate]:
    """Returns the rates of the period; raises ``ActionError`` if no run can bill it."""
    if not item.is_active or not item.is_by_run:
        raise ActionError(
            "not_billable", _("Bills of this fee are not made for all homes at once."), field="item"
        )
    next_month = (clock.today(now).replace(day=1) + timedelta(days=32)).replace(day=1)
    span = period_span(period, item.every)
    if (period if item.is_in_advance else span.last.replace(day=1)) > next_month:
        raise ActionError("too_early", _("This month is too far ahead."), field="period")
    rates = rates_of(item, period)
    if not rates:
        raise ActionError(
            "no_tariff", _("No tariff holds in this month. Please set one first."), field="period"
        )
    return rates


def start_run(*, run: BillingRun, by: User, now: datetime) -> None:
    """Starts making the bills as they were previewed, or resumes a run that stopped or was cut off.

    Raises ``Forbidden``, ``ActionError`` if the tariff was changed since the preview, if the month cannot be
    billed any more or another run makes its bills, and ``AlreadyMoved``.
    """
    policies.require("bill", by, run.estate_id)
    if run.status == Status.RUNNING:
        background.queue(MAKE_BILLS, [(run.pk,)])
        return
    if as_stored(_check_billable(run.item, run.period, now)) != run.rates:
        raise ActionError(
            "tariff_changed",
            _("The tariff has changed since. Please look at the preview again."),
            field="run",
        )
    try:
        with transaction.atomic():
            begin_making(run, by=by, now=now)
    except IntegrityError:
        raise under_way_already(run) from None


def begin_making(run: BillingRun, *, by: User, now: datetime) -> None:
    """Moves a run to RUNNING and queues its work. Call it inside a transaction. Checks no permission.

    Raises ``AlreadyMoved``, and ``IntegrityError`` if another run of the item and period is being made.
    """
    move(run, Status.RUNNING, by=by, now=now, progressed_at=now)
    audit.record(
        "fees.run_started",
        by=by,
        target=run,
        estate_id=run.estate_id,
        item=run.item_id,
        period=run.period.isoformat(),
    )
    notify_open_pages(run)
    transaction.on_commit(lambda: background.queue(MAKE_BILLS, [(run.pk,)]))


def under_way_already(run: BillingRun) -> ActionError:
    """Returns the refusal of a run that had stopped while another one of the same month was started."""
    run.refresh_from_db()
    return ActionError("run_under_way", _("These bills are just being made."), field="run")


def drop_run(*, run: BillingRun, by: User, now: datetime) -> None:
    """Drops a preview or a stopped run; bills that it made stay. Repeating it changes nothing.

    Raises ``Forbidden``, and ``AlreadyMoved`` for a run that was started meanwhile.
    """
    policies.require("bill", by, run.estate_id)
    if run.status == Status.DROPPED:
        return
    with transaction.atomic():
        move(run, Status.DROPPED, by=by, now=now)
        notify_open_pages(run)


def make_bills(*, run: BillingRun) -> None:
    """Makes the missing bills of a running run, batch by batch, each in a transaction of its own.

    Repeating it after a kill, or running it twice at once, makes no bill twice. Raises every error of a batch
    again, after the run has become FAILED.
    """
    if run.status != Status.RUNNING:
        return
    try:
        if not _make_batches(run):
            return
    except Exception:
        logger.exception("fees: run %s stopped", run.pk)
        _end_run(run, Status.FAILED)
        raise
    _end_run(run, Status.DONE)


def _make_batches(run: BillingRun) -> bool:
    """Makes the bills of all homes; returns False if another worker or person ended the run meanwhile."""
    size, after, seen = batches.SIZE, 0, 0
    while batch := batches.next_batch(run, after=after, size=size):
        after, seen = batch.last, seen + batch.homes
        began = time.perf_counter()
        with transaction.atomic():
            if not batches.make_batch(run, batch, seen=seen, now=clock.now()):
                transaction.set_rollback(True)
                return False
            notify_open_pages(run)
        seconds = time.perf_counter() - began
        size = batches.next_size(size, seconds)
        _let_others_write(seconds)
    return True


def _let_others_write(seconds: float) -> None:
    """Pauses on SQLite after a batch of so many seconds, until whoever waits for it has looked again.

    SQLite wakes nobody. PostgreSQL wakes the first one that waits when the batch is committed.
    """
    if connection.others_wait():  # type: ignore[attr-defined]
        time.sleep(next((look for held, look in SQLITE_LOOKS if seconds <= held), SQLITE_SLOWEST_LOOK))


def _end_run(run: BillingRun, to: str) -> None:
    now = clock.now()
    run.refresh_from_db()
    sums = Bill.objects.filter(run=run).aggregate(fen=Sum("amount_fen"))
    try:
        with transaction.atomic():
            if to == Status.DONE:
                move(run, to, by=None, now=now, total_fen=sums["fen"] or 0)
            else:
                move(run, to, by=None, now=now)
            notify_open_pages(run)
    except AlreadyMoved:
        logger.info("fees: run %s was ended by another", run.pk)


def runs_to_resume(now: datetime) -> list[BillingRun]:
    """Returns up to 20 running runs whose worker was killed or whose task the queue has lost."""
    return list(BillingRun.objects.filter(status=Status.RUNNING, progressed_at__lt=now - STALLED_AFTER)[:20])


def notify_open_pages(run: BillingRun) -> None:
    """Notifies the open pages of the run and of the estate's takings. Call it last in the transaction."""
    live.notify_open_pages(run.live_topic, takings_topic(run.estate_id))
