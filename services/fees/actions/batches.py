"""Makes one batch of a billing run: bills, books and messages, in a fixed number of queries."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import F
from django.db.models.functions import Greatest
from django.urls import reverse

from accounts.models import Residency
from community.core import clock, money
from community.notifications import outbox
from services.common.references import next_references
from services.fees.actions import ledger
from services.fees.actions.charges import due_on
from services.fees.models import (
    Account,
    Bill,
    BillChange,
    BillingRun,
    BillQuerySet,
    Entry,
    FeeItem,
    LedgerTransaction,
)

if TYPE_CHECKING:
    from datetime import date

# Homes per batch. On SQLite other requests cannot write during a batch: with 500 an alarm waited for two
# seconds on a busy machine, and the run was no faster.
SIZE = 200
Homes = list[tuple[int, int]]


def existing_bills(item: FeeItem, period: "date") -> BillQuerySet:
    """Returns the bills of ``item`` for the month ``period``, voided ones left out: a run makes these not
    again.
    """
    return Bill.objects.filter(item=item, period=period, subject="").exclude(status=Bill.Status.VOIDED)


def amount_of_home_fen(item: FeeItem, rate_hao: int, area_dm2: int) -> int:
    """Returns the fen for one home and one month; ``rate_hao`` is in 0.0001 yuan, ``area_dm2`` in 0.01 m²."""
    if item.basis == FeeItem.Basis.AREA:
        return money.of_area(area_dm2, rate_hao)
    return money.of_rate(rate_hao)


def make_batch(run: BillingRun, homes: Homes, *, seen: int, now: datetime) -> bool:
    """Makes the missing bills of ``homes`` (key, area in 0.01 m²) and counts them; returns False if the run
    has ended.

    ``seen`` is the number of homes of the run up to the end of this batch. Call it inside a transaction,
    which the caller rolls back when it returns False. Repeating it makes no bill twice. Checks no permission:
    the caller has.
    """
    running = BillingRun.objects.filter(pk=run.pk, status=BillingRun.Status.RUNNING)
    made = _create_bills(run, homes, now=now)
    if made:
        _post_bills(run, made, now=now)
        BillChange.objects.bulk_create(
            [BillChange(bill=bill, to_status=bill.status, actor_id=run.begun_by_id, at=now) for bill in made]
        )
        _queue_messages(run, made, now=now)
    # The row of the run is locked last, so that another worker with the same batch waits as short as
    # possible.
    return bool(running.update(seen=Greatest(F("seen"), seen), made=F("made") + len(made), progressed_at=now))


def _create_bills(run: BillingRun, homes: Homes, *, now: datetime) -> list[Bill]:
    """Creates the missing bills; returns those that were created, as other requests may create some
    meanwhile.
    """
    has_bill = set(
        existing_bills(run.item, run.period)
        .filter(home__in=[pk for pk, _area in homes])
        .values_list("home", flat=True)
    )
    new_bills = [_new_bill(run, pk, area, now=now) for pk, area in homes if pk not in has_bill]
    new_bills = [bill for bill in new_bills if bill.amount_fen]
    if not new_bills:
        return []
    references = next_references(letter="B", estate=run.estate, on=clock.today(now), count=len(new_bills))
    for bill, reference in zip(new_bills, references, strict=True):
        bill.reference = reference
    Bill.objects.bulk_create(new_bills, ignore_conflicts=True)
    # A reference is given out once, so rows with these references were created here.
    return list(Bill.objects.filter(estate=run.estate, reference__in=references).order_by("pk"))


def _new_bill(run: BillingRun, home_pk: int, area_dm2: int, *, now: datetime) -> Bill:
    return Bill(
        estate=run.estate,
        home_id=home_pk,
        item=run.item,
        period=run.period,
        run=run,
        amount_fen=amount_of_home_fen(run.item, run.rate_hao, area_dm2),
        area_dm2=area_dm2 if run.item.basis == FeeItem.Basis.AREA else None,
        rate_hao=run.rate_hao,
        due_on=due_on(run.item, run.period),
        status_changed_at=now,
        created_at=now,
    )


def _post_bills(run: BillingRun, bills: list[Bill], *, now: datetime) -> None:
    """Writes the transactions of new bills in bulk; the result is the same as of ``ledger.post`` for each."""
    income = ledger.income(run.item)
    owing = ledger.open_accounts(
        [
            Account(
                estate=run.estate,
                kind=Account.Kind.RECEIVABLE,
                key=f"receivable:{bill.home_id}",
                home_id=bill.home_id,
            )
            for bill in bills
        ]
    )
    written = LedgerTransaction.objects.bulk_create(
        [
            LedgerTransaction(
                estate=run.estate,
                kind=LedgerTransaction.Kind.BILL,
                key=f"bill:{bill.pk}",
                by_id=run.begun_by_id,
                at=now,
            )
            for bill in bills
        ]
    )
    entries = []
    for bill, transaction in zip(bills, written, strict=True):
        owed = owing[f"receivable:{bill.home_id}"]
        for account, fen in ((owed, bill.amount_fen), (income, -bill.amount_fen)):
            entries.append(Entry(transaction=transaction, account=account, amount_fen=fen, bill=bill))
    Entry.objects.bulk_create(entries)


def _queue_messages(run: BillingRun, bills: list[Bill], *, now: datetime) -> None:
    """Queues a message to every resident of a home with a new bill."""
    by_home = {bill.home_id: bill for bill in bills}
    living = Residency.objects.active().filter(home__in=by_home).values_list("user", "home").distinct()
    letters = []
    for user_pk, home_pk in living:
        bill = by_home[home_pk]
        params = {
            "what": run.item.name,
            "month": f"{run.period:%Y-%m}",
            "fen": bill.amount_fen,
        }
        key, url = f"billing:{run.pk}:{home_pk}", reverse("bill", args=[bill.pk])
        letters.append(outbox.Letter(user_pk, key, params, url))
    outbox.queue_messages("bill_made", letters, now=now)
