"""What the clock does with money, and what is done in the background."""

from datetime import timedelta

from celery import shared_task

from community.core import clock
from community.core.sweeps import sweep_rows
from services.fees import actions, providers
from services.fees.models import BillingRun, Payment, Refund
from services.fees.providers import sandbox

# A provider usually calls us at once: only then is it asked.
ASKED_AFTER = timedelta(minutes=1)
GIVEN_UP_AFTER = timedelta(minutes=30)
A_ROUND = 200


@shared_task
def ask_providers() -> int:
    """Ask about payments that wait; whoever has not paid in half an hour is not going to.

    One in doubt is a cashier's matter: asked about for ever it would be in the way of the others. One that
    goes wrong holds up no other.
    """
    now = clock.now()
    waiting = (
        Payment.objects.waiting()
        .not_in_doubt()
        .filter(created_at__lte=now - ASKED_AFTER)
        .order_by("created_at")
    )
    silent: set[str] = set()
    asked = []

    def ask(payment: Payment) -> None:
        if payment.channel in silent:
            return
        asked.append(payment.pk)
        if not actions.ask_provider(payment=payment, now=now):
            silent.add(payment.channel)
        elif payment.created_at <= now - GIVEN_UP_AFTER:
            actions.give_up(payment=payment, now=now)

    round_of = waiting.select_related("home", "payer", "made_by")[:A_ROUND]
    sweep_rows(round_of, ask, failing="fees: payment %s could not be asked about")
    return len(asked)


@shared_task
def pay_back(pk: int) -> None:
    """One refund, just asked for."""
    refund = Refund.objects.select_related("payment__payer", "payment__made_by").get(pk=pk)
    actions.pay_back(refund=refund, now=clock.now())


@shared_task
def sweep_refunds() -> int:
    """Those that the queue forgot, or whose provider did not answer. One that goes wrong holds up no other."""
    now = clock.now()
    open_still = Refund.objects.filter(status=Refund.Status.PENDING, status_changed_at__lte=now - ASKED_AFTER)
    refunds = open_still.select_related("payment__payer", "payment__made_by")[:A_ROUND]
    return sweep_rows(
        refunds,
        lambda refund: actions.pay_back(refund=refund, now=now),
        failing="fees: refund %s could not be paid back",
    )


@shared_task
def call_from_sandbox() -> int:
    """The practice provider calls us: what a real one does on its own machines."""
    return sandbox.call_due(clock.now()) if sandbox.Sandbox.name in providers.names() else 0


@shared_task(queue="bulk")
def make_bills(run_pk: int) -> None:
    """The bills of a run; called again it goes on where it was cut off."""
    run = BillingRun.objects.select_related("estate", "item").get(pk=run_pk)
    actions.make_bills(run=run)


@shared_task(queue="bulk")
def resume_billing() -> int:
    """Runs whose worker was killed, or whose task was lost with the queue."""
    cut_off = actions.to_go_on(clock.now())
    for run in cut_off:
        make_bills(run.pk)
    return len(cut_off)
