"""Periodic and background tasks of fees."""

from datetime import timedelta

from celery import shared_task
from django.db.models import Q

from community.core import clock
from community.core.sweeps import sweep_rows
from services.fees import actions, providers
from services.fees.arrears.actions import dunning
from services.fees.billing import actions as billing
from services.fees.billing.late_fees import actions as late_fees
from services.fees.billing.late_fees import notices
from services.fees.matching import actions as matching
from services.fees.models import BillingRun, DunningRound, Payment, Refund
from services.fees.providers import sandbox

# Age at which a refund that was not sent is sent again.
QUERY_AFTER = timedelta(minutes=1)
ROWS_PER_SWEEP = 200


@shared_task
def ask_providers() -> int:
    """Queries providers about waiting payments of which no notice came, each time later; closes what has expired.

    Payments in doubt are left to a cashier: querying them for ever would delay the others. An error with one
    payment does not stop the others.
    """
    now = clock.now()
    waiting = Payment.objects.waiting().not_in_doubt().filter(ask_at__lte=now).order_by("ask_at", "pk")
    silent: set[tuple[str, int | None]] = set()
    queried = []

    def ask(payment: Payment) -> None:
        account = payment.channel, payment.merchant_id
        if account in silent:
            return
        queried.append(payment.pk)
        if not actions.query_provider(payment=payment, now=now):
            silent.add(account)
        elif payment.expires_at and payment.expires_at <= now:
            actions.close_payment(payment=payment, now=now)

    batch = waiting.select_related("home", "payer", "made_by", "merchant")[:ROWS_PER_SWEEP]
    sweep_rows(batch, ask, failing="fees: payment %s could not be asked about")
    return len(queried)


@shared_task
def close_overtaken(bills: list[int]) -> None:
    """Closes orders for bills that were paid or voided otherwise since."""
    actions.close_overtaken(bills=bills, now=clock.now())


@shared_task
def pay_back(pk: int) -> None:
    """Sends one refund that was just requested to its provider."""
    refund = Refund.objects.with_source().get(pk=pk)
    actions.send_refund(refund=refund, now=clock.now())


@shared_task
def sweep_refunds() -> int:
    """Sends refunds again that the queue lost or whose provider did not answer, and asks about those that
    providers have accepted.

    An error with one refund does not stop the others.
    """
    now = clock.now()
    is_due = Q(ask_at__lte=now) | Q(ask_at=None, status_changed_at__lte=now - QUERY_AFTER)
    open_still = Refund.objects.filter(is_due, status=Refund.Status.PENDING)
    refunds = open_still.with_source().order_by("ask_at", "pk")[:ROWS_PER_SWEEP]
    return sweep_rows(
        refunds,
        lambda refund: actions.send_refund(refund=refund, now=now),
        failing="fees: refund %s could not be paid back",
    )


@shared_task
def call_from_sandbox() -> int:
    """Sends the due notices of the practice provider; a real provider does it on its own servers."""
    return sandbox.send_due_notices(clock.now()) if sandbox.Sandbox.name in providers.names() else 0


@shared_task(queue="bulk")
def make_bills(run_pk: int) -> None:
    """Makes the bills of a run; called again it resumes where it was cut off."""
    run = BillingRun.objects.select_related("estate", "item").get(pk=run_pk)
    billing.make_bills(run=run)


@shared_task(queue="bulk")
def resume_billing() -> int:
    """Resumes runs whose worker was killed or whose task the queue lost."""
    cut_off = billing.runs_to_resume(clock.now())
    for run in cut_off:
        make_bills(run.pk)
    return len(cut_off)


@shared_task(queue="bulk")
def charge_late_fees() -> int:
    """Charges late fees up to yesterday; days on which the task did not run are made up for."""
    return late_fees.charge_late_fees(now=clock.now())


@shared_task(queue="bulk")
def announce_late_fees() -> int:
    """Tells households of late fees that begin within three days, once a bill."""
    return notices.announce_late_fees(now=clock.now())


@shared_task(queue="bulk")
def send_reminders(round_pk: int) -> int:
    """Sends a round of reminders; called again it goes on where it was cut off."""
    found = DunningRound.objects.select_related("begun_by").get(pk=round_pk)
    return dunning.send_round(dunning_round=found, now=clock.now())


@shared_task(queue="bulk")
def resume_reminders() -> int:
    """Resumes rounds whose worker was killed, whose task the queue lost, or that waited for the morning."""
    now = clock.now()
    return sweep_rows(
        dunning.rounds_to_resume(now),
        lambda found: dunning.send_round(dunning_round=found, now=now),
        failing="fees: reminders of round %s could not be sent",
    )


@shared_task(queue="bulk")
def match_statements() -> int:
    """Fetches the statements of providers that are due and matches them, and again the days that differ.

    An error with one day does not stop the others. Returns how many days were fetched.
    """
    now = clock.now()
    matching.open_days(now=now)
    fetched = sweep_rows(
        matching.due_days(now=now),
        lambda day: matching.fetch_day(day=day, now=now),
        failing="fees: the statement of day %s could not be fetched",
    )
    sweep_rows(
        matching.days_to_match(),
        lambda day: matching.match_day(day=day, now=now),
        failing="fees: day %s could not be matched",
    )
    return fetched
