"""One batch of a billing run: bills, books and messages, in as many queries however many homes there are."""

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
from services.fees.actions.charging import due_on
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

# Homes a batch. On SQLite nobody else writes during one: 500 made an alarm wait for two seconds on a busy
# machine, and were no faster.
SIZE = 200
Homes = list[tuple[int, int]]


def billed(item: FeeItem, period: "date") -> BillQuerySet:
    """The bills of a month that a run must not make again."""
    return Bill.objects.filter(item=item, period=period, subject="").exclude(status=Bill.Status.VOIDED)


def amount(item: FeeItem, rate_hao: int, area_dm2: int) -> int:
    """Fen of one home for one month."""
    if item.basis == FeeItem.Basis.AREA:
        return money.of_area(area_dm2, rate_hao)
    return money.of_rate(rate_hao)


def make(run: BillingRun, homes: Homes, *, seen: int, now: datetime) -> bool:
    """Make what is missing for these homes (key, area), and count. False if the run was stopped."""
    still = BillingRun.objects.filter(pk=run.pk, status=BillingRun.Status.RUNNING)
    made = _bills(run, homes, now=now)
    if made:
        _books(run, made, now=now)
        BillChange.objects.bulk_create(
            [BillChange(bill=bill, to_status=bill.status, actor_id=run.begun_by_id, at=now) for bill in made]
        )
        _tell(run, made, now=now)
    # Last: whoever makes the same batch at the same moment waits here no longer than needed.
    return bool(still.update(seen=Greatest(F("seen"), seen), made=F("made") + len(made), progressed_at=now))


def _bills(run: BillingRun, homes: Homes, *, now: datetime) -> list[Bill]:
    """Those that really were made: another run or a single charge may be faster for some homes."""
    has_bill = set(
        billed(run.item, run.period)
        .filter(home__in=[pk for pk, _area in homes])
        .values_list("home", flat=True)
    )
    wanted = [_bill(run, pk, area, now=now) for pk, area in homes if pk not in has_bill]
    wanted = [bill for bill in wanted if bill.amount_fen]
    if not wanted:
        return []
    references = next_references(letter="B", estate=run.estate, on=clock.today(now), count=len(wanted))
    for bill, reference in zip(wanted, references, strict=True):
        bill.reference = reference
    Bill.objects.bulk_create(wanted, ignore_conflicts=True)
    # A reference is handed out once: those that stand there under ours are ours.
    return list(Bill.objects.filter(estate=run.estate, reference__in=references).order_by("pk"))


def _bill(run: BillingRun, home_pk: int, area_dm2: int, *, now: datetime) -> Bill:
    return Bill(
        estate=run.estate,
        home_id=home_pk,
        item=run.item,
        period=run.period,
        run=run,
        amount_fen=amount(run.item, run.rate_hao, area_dm2),
        area_dm2=area_dm2 if run.item.basis == FeeItem.Basis.AREA else None,
        rate_hao=run.rate_hao,
        due_on=due_on(run.item, run.period),
        status_changed_at=now,
        created_at=now,
    )


def _books(run: BillingRun, bills: list[Bill], *, now: datetime) -> None:
    """As ``ledger.post`` would write each of them, in bulk."""
    income = ledger.income(run.item)
    owing = ledger.opened(
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


def _tell(run: BillingRun, bills: list[Bill], *, now: datetime) -> None:
    of_home = {bill.home_id: bill for bill in bills}
    living = Residency.objects.active().filter(home__in=of_home).values_list("user", "home").distinct()
    letters = []
    for user_pk, home_pk in living:
        bill = of_home[home_pk]
        params = {
            "what": run.item.name,
            "month": f"{run.period:%Y-%m}",
            "fen": bill.amount_fen,
        }
        key, url = f"billing:{run.pk}:{home_pk}", reverse("bill", args=[bill.pk])
        letters.append(outbox.Letter(user_pk, key, params, url))
    outbox.queue_messages("bill_made", letters, now=now)
