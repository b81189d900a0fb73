"""The bills of a month: looked at first, made in the background, and never twice."""

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Sum
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
PAUSE_SECONDS = 0.1
# A run whose last batch is older was cut off: a batch takes a second.
STANDS_STILL = timedelta(minutes=1)


@dataclass(frozen=True)
class Sample:
    """What one home would be asked for."""

    home: Home
    area_dm2: int | None
    rate_hao: int
    amount_fen: int


@dataclass
class Forecast:
    """What a run would do now."""

    homes: int = 0
    to_make: int = 0
    already: int = 0
    total_fen: int = 0
    samples: list[Sample] = field(default_factory=list)


def look_ahead(run: BillingRun) -> Forecast:
    """The figures of a run's preview, and the first few bills of it. Three queries."""
    homes = Home.objects.of_estate(run.estate)
    has_bill = set(batches.billed(run.item, run.period).values_list("home", flat=True))
    forecast = Forecast()
    shown: dict[int, int] = {}
    for pk, area_dm2 in homes.order_by("pk").values_list("pk", "area_dm2"):
        forecast.homes += 1
        amount_fen = batches.amount(run.item, run.rate_hao, area_dm2)
        if pk in has_bill:
            forecast.already += 1
        elif amount_fen:
            forecast.to_make += 1
            forecast.total_fen += amount_fen
            if len(shown) < SAMPLES:
                shown[pk] = amount_fen
    is_by_area = run.item.basis == FeeItem.Basis.AREA
    forecast.samples = [
        Sample(home, home.area_dm2 if is_by_area else None, run.rate_hao, shown[home.pk])
        for home in homes.with_address().filter(pk__in=shown).order_by("pk")
    ]
    return forecast


def preview_run(*, item: FeeItem, period: date, by: User, now: datetime) -> BillingRun:
    """Count what a run would make, and keep it to be confirmed. Again it counts anew.

    ``look_ahead(run)`` has the figures. Raises ``ActionError`` with the field: a month that has all its
    bills, one without a tariff, one whose run is under way.
    """
    policies.require("bill", by, item.estate_id)
    tariff = _check(item, period, now)
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
    forecast = look_ahead(run)
    if not forecast.to_make:
        raise ActionError(
            "nothing_to_bill",
            _("Every home has its bill of %(item)s for %(month)s already.")
            % {"item": item.name, "month": f"{period:%Y-%m}"},
            field="period",
        )
    run.homes, run.total_fen = forecast.homes, forecast.total_fen
    if run.pk is not None:
        _count_anew(run)
        return run
    try:
        with transaction.atomic():
            run.save()
            record_first_status(run, by=by, now=now)
    except IntegrityError:
        # Two looked at the same moment.
        return under_way.get()
    return run


def _count_anew(run: BillingRun) -> None:
    """Its figures alone, and only while it waits: counting takes a while, in which it may be started."""
    waiting = BillingRun.objects.filter(pk=run.pk, status=Status.PREVIEW)
    if not waiting.update(rate_hao=run.rate_hao, homes=run.homes, total_fen=run.total_fen):
        raise ActionError(
            "run_under_way",
            _("Somebody has just started or dropped these bills. Please look again."),
            field="period",
        )


def _check(item: FeeItem, period: date, now: datetime) -> Tariff:
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
    """Make the bills, as they were previewed. A run that stopped or was cut off goes on.

    Raises ``ActionError`` if the tariff was changed since the preview.
    """
    policies.require("bill", by, run.estate_id)
    if run.status == Status.RUNNING:
        background.queue(MAKE_BILLS, [(run.pk,)])
        return
    tariff = _check(run.item, run.period, now)
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
        # A stopped run, while another of the same month has been begun.
        run.refresh_from_db()
        raise ActionError("run_under_way", _("These bills are just being made."), field="run") from None


def drop_run(*, run: BillingRun, by: User, now: datetime) -> None:
    """A preview that nobody wants any more, or a stopped run; the bills that it made stay."""
    policies.require("bill", by, run.estate_id)
    if run.status == Status.DROPPED:
        return
    with transaction.atomic():
        move(run, Status.DROPPED, by=by, now=now)
        notify_open_pages(run)


def make_bills(*, run: BillingRun) -> None:
    """Make what is missing of a running run, a few hundred homes at a time, each batch whole or not at all.

    Begun again after a kill, or twice at once, it makes nothing twice.
    """
    if run.status != Status.RUNNING:
        return
    try:
        for seen, homes in _batches(run):
            # SQLite has one writer: whoever waits to write, an alarm above all, comes in here.
            time.sleep(PAUSE_SECONDS)
            with transaction.atomic():
                if not batches.make(run, homes, seen=seen, now=clock.now()):
                    transaction.set_rollback(True)
                    return
                notify_open_pages(run)
    except Exception:
        logger.exception("fees: run %s stopped", run.pk)
        _end(run, Status.FAILED)
        raise
    _end(run, Status.DONE)


def _batches(run: BillingRun) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    """(homes gone through with this batch, [(key, area)…]) in the order of their keys."""
    homes = Home.objects.of_estate(run.estate).order_by("pk").values_list("pk", "area_dm2")
    last = seen = 0
    while batch := list(homes.filter(pk__gt=last)[: batches.SIZE]):
        last = batch[-1][0]
        seen += len(batch)
        yield seen, batch


def _end(run: BillingRun, to: str) -> None:
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


def to_go_on(now: datetime) -> list[BillingRun]:
    """Runs that were cut off in the middle, or whose task the queue has lost."""
    return list(BillingRun.objects.filter(status=Status.RUNNING, progressed_at__lt=now - STANDS_STILL)[:20])


def notify_open_pages(run: BillingRun) -> None:
    live.notify_open_pages(run.live_topic, takings_topic(run.estate_id))
