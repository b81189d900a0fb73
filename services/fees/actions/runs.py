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
from services.fees.actions import batches
from services.fees.actions.steps import takings_topic
from services.fees.models import Bill, BillingRun, FeeItem, Tariff

logger = logging.getLogger(__name__)
MAKE_BILLS = "services.fees.tasks.make_bills"
Status = BillingRun.Status
SAMPLES = 5
# A writer that has waited on SQLite for a batch of so many seconds looks again within so many seconds.
SQLITE_LOOKS = ((0.12, 0.025), (0.22, 0.05))
SQLITE_SLOWEST_LOOK = 0.1
# Age of the last batch after which a run counts as cut off; a batch takes a second.
STALLED_AFTER = timedelta(minutes=1)


@dataclass(frozen=True)
class Sample:
    """A bill that the run would make for one home."""

    home: Home
    area_dm2: int | None
    rate_hao: int
    amount_fen: int


@dataclass(frozen=True)
class Forecast:
    """Result of a run if it were started now; money in fen."""

    homes: int
    to_make: int
    already: int
    total_fen: int
    samples: list[Sample]


def forecast_run(run: BillingRun) -> Forecast:
    """Returns the figures of a run's preview with its first few bills, in five queries."""
    to_bill = batches.homes_to_bill(run)
    sums = to_bill.aggregate(homes=Count("pk"), fen=Sum("amount_fen"))
    is_by_area = run.item.basis == FeeItem.Basis.AREA
    return Forecast(
        homes=Home.objects.of_estate(run.estate).count(),
        to_make=sums["homes"],
        already=batches.existing_bills(run.item, run.period).count()
        + batches.exempt_bills(run.item, run.period).count(),
        total_fen=sums["fen"] or 0,
        samples=[
            Sample(home, home.area_dm2 if is_by_area else None, run.rate_hao, home.amount_fen)  # type: ignore[attr-defined]
            for home in to_bill.with_address()[:SAMPLES]
        ],
    )


def preview_run(*, item: FeeItem, period: date, by: User, now: datetime) -> BillingRun:
    """Counts the bills that a run would make, and stores the run until it is confirmed.

    ``period`` is the first day of the month. Calling it again counts again on the same run;
    ``forecast_run(run)`` has the figures. Raises ``Forbidden``, and ``ActionError`` with the field for a fee
    that is not billed by runs, a month without a tariff, too far ahead or with all its bills, and a run that
    is being made.
    """
    policies.require("bill", by, item.estate_id)
    tariff = _check_billable(item, period, now)
    under_way = BillingRun.objects.filter(
        item=item, period=period, status__in=[Status.PREVIEW, Status.RUNNING]
    )
    run = under_way.first()
    if run is not None and run.status == Status.RUNNING:
        raise ActionError("run_under_way", _("These bills are just being made."), field="period")
    run = run or BillingRun(
        estate=item.estate, item=item, period=period, begun_by=by, created_at=now, status_changed_at=now
    )
    run.rate_hao = tariff.rate_hao
    forecast = forecast_run(run)
    if not forecast.to_make:
        raise ActionError(
            "nothing_to_bill",
            _("Every home has its bill of %(item)s for %(month)s already.")
            % {"item": item.name, "month": f"{period:%Y-%m}"},
            field="period",
        )
    run.homes, run.total_fen = forecast.homes, forecast.total_fen
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


def _update_preview(run: BillingRun) -> None:
    """Updates only the figures, and only of a preview: another request may start the run during the count."""
    waiting = BillingRun.objects.filter(pk=run.pk, status=Status.PREVIEW)
    if not waiting.update(rate_hao=run.rate_hao, homes=run.homes, total_fen=run.total_fen):
        raise ActionError(
            "run_under_way",
            _("Somebody has just started or dropped these bills. Please look again."),
            field="period",
        )


def _check_billable(item: FeeItem, period: date, now: datetime) -> Tariff:
    """Returns the tariff for the month; raises ``ActionError`` if no run can bill it."""
    if not item.is_active or item.basis == FeeItem.Basis.SINGLE:
        raise ActionError(
            "not_billable", _("Bills of this fee are not made for all homes at once."), field="item"
        )
    if period.day != 1:
        raise ActionError("not_a_month", _("Please choose a month."), field="period")
    next_month = (clock.today(now).replace(day=1) + timedelta(days=32)).replace(day=1)
    if period > next_month:
        raise ActionError("too_early", _("This month is too far ahead."), field="period")
    tariff = item.tariff_for(period)
    if tariff is None:
        raise ActionError(
            "no_tariff", _("No tariff holds in this month. Please set one first."), field="period"
        )
    return tariff


def start_run(*, run: BillingRun, by: User, now: datetime) -> None:
    """Starts making the bills as they were previewed, or resumes a run that stopped or was cut off.

    Raises ``Forbidden``, ``ActionError`` if the tariff was changed since the preview, if the month cannot be
    billed any more or another run makes its bills, and ``AlreadyMoved``.
    """
    policies.require("bill", by, run.estate_id)
    if run.status == Status.RUNNING:
        background.queue(MAKE_BILLS, [(run.pk,)])
        return
    tariff = _check_billable(run.item, run.period, now)
    if tariff.rate_hao != run.rate_hao:
        raise ActionError(
            "tariff_changed",
            _("The tariff has changed since. Please look at the preview again."),
            field="run",
        )
    try:
        with transaction.atomic():
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
    except IntegrityError:
        # The run had stopped, and another one of the same month was started since.
        run.refresh_from_db()
        raise ActionError("run_under_way", _("These bills are just being made."), field="run") from None


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
