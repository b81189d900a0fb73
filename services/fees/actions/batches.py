"""Makes one batch of a billing run: bills, history, books and messages, each by one statement.

The database takes the rows from its own tables (``community.core.inserts``), so that a bill costs little more
than its rows.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.db.models import Count, Exists, F, Max, OuterRef, Subquery, TextField, Value
from django.db.models.expressions import Combinable, Window
from django.db.models.functions import Cast, Concat, Greatest, RowNumber
from django.urls import reverse

from accounts.models import Residency
from community.core import changes, clock, money
from community.core.inserts import insert_returning, insert_rows, keys_in
from community.estates.models import Home, HomeQuerySet
from community.notifications import outbox
from community.notifications.topics import estate_topic
from services.common.references import in_sql_reference, next_references
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

# Homes of the first batch; the largest has so many times as many.
SIZE = 500
LARGEST = 8
# Others wait for a batch: on SQLite whoever writes, on PostgreSQL whoever charges a bill in the same estate.
# One that takes less than half of these seconds is followed by one twice as large, one that takes more by half.
SECONDS = {"sqlite": 0.12, "postgresql": 0.25}
# Stands in a path for the key of a bill.
ANY_KEY = 987_654_321


@dataclass(frozen=True)
class Batch:
    """Homes of the estate in the order of their keys: after the key ``after``, up to the key ``last``."""

    after: int
    last: int
    homes: int


def next_size(size: int, seconds: float) -> int:
    """Returns how many homes the batch has after one of ``size`` homes that took so many seconds."""
    enough = SECONDS[connection.vendor]
    if seconds > enough:
        return max(SIZE, size // 2)
    return min(size * 2, SIZE * LARGEST) if seconds < enough / 2 else size


def next_batch(run: BillingRun, *, after: int, size: int) -> Batch | None:
    """Returns the next homes behind the key ``after``; None at the end."""
    homes = Home.objects.of_estate(run.estate).filter(pk__gt=after).order_by("pk")[:size]
    found = homes.aggregate(last=Max("pk"), homes=Count("pk"))
    return Batch(after, found["last"], found["homes"]) if found["homes"] else None


def existing_bills(item: FeeItem, period: date) -> BillQuerySet:
    """Returns the bills of ``item`` for the month ``period`` that hold: a run makes these not again."""
    return Bill.objects.filter(item=item, period=period, subject="").exclude(status=Bill.Status.VOIDED)


def exempt_bills(item: FeeItem, period: date) -> BillQuerySet:
    """Returns the voided bills of ``item`` for the month ``period`` of which nothing is owed: a run does not
    make these again either.

    Apart from ``existing_bills``, as each has an index of its own.
    """
    return Bill.objects.filter(item=item, period=period, subject="", is_exempt=True)


def homes_to_bill(run: BillingRun, batch: Batch | None = None) -> HomeQuerySet:
    """Limits to homes of the run's estate, or of a batch, without their bill; with its ``amount_fen``, never 0."""
    homes = Home.objects.of_estate(run.estate).annotate(amount_fen=_amount_fen(run)).filter(amount_fen__gt=0)
    existing = existing_bills(run.item, run.period).filter(home=OuterRef("pk"))
    exempt = exempt_bills(run.item, run.period).filter(home=OuterRef("pk"))
    if batch:
        homes = homes.filter(pk__gt=batch.after, pk__lte=batch.last)
        # The same bounds for the bills: PostgreSQL would read all bills of the item for each batch.
        existing = existing.filter(home__gt=batch.after, home__lte=batch.last)
    return homes.filter(~Exists(existing), ~Exists(exempt)).order_by("pk")


def _amount_fen(run: BillingRun) -> Combinable:
    if run.item.basis == FeeItem.Basis.AREA:
        return money.in_sql_of_area(F("area_dm2"), run.rate_hao)
    return money.in_sql_of_rate(run.rate_hao)


def make_batch(run: BillingRun, batch: Batch, *, seen: int, now: datetime) -> bool:
    """Makes the missing bills of these homes and counts them; returns False if the run has ended.

    ``seen`` is the number of homes of the run up to the end of this batch. Call it inside a transaction,
    which the caller rolls back when it returns False. Repeating it makes no bill twice. Checks no permission:
    the caller has.
    """
    running = BillingRun.objects.filter(pk=run.pk, status=BillingRun.Status.RUNNING)
    made = _create_bills(run, batch, now=now)
    if made:
        bills = Bill.objects.filter(pk__in=keys_in(made)).order_by("pk")
        _record_first_status(run, bills, now=now)
        _post_bills(run, bills, now=now)
        _queue_messages(run, batch, made, now=now)
    # The row of the run is locked last, so that another worker with the same batch waits as short as
    # possible.
    return bool(running.update(seen=Greatest(F("seen"), seen), made=F("made") + len(made), progressed_at=now))


def _create_bills(run: BillingRun, batch: Batch, *, now: datetime) -> list[int]:
    """Creates the missing bills; returns the keys of those that were created, as other requests may create
    some meanwhile.
    """
    homes = homes_to_bill(run, batch)
    count = homes.count()
    if not count:
        return []
    references = next_references(letter="B", estate=run.estate, on=clock.today(now), count=count)
    number = Window(RowNumber(), order_by=F("pk").asc())
    columns = {
        "estate": run.estate_id,
        "reference": in_sql_reference(references[0], number - Value(1)),
        "home": F("pk"),
        "item": run.item_id,
        "period": run.period,
        "run": run.pk,
        "amount_fen": F("amount_fen"),
        "area_dm2": F("area_dm2") if run.item.basis == FeeItem.Basis.AREA else None,
        "rate_hao": run.rate_hao,
        "due_on": due_on(run.item, run.period),
        "status_changed_at": now,
        "created_at": now,
    }
    # No more than there are references: a bill may have been voided since they were counted.
    with changes.covering(Bill, topics=[estate_topic(run.estate_id)]):
        return insert_returning(Bill, homes[:count], columns, once="bill_once")


def _record_first_status(run: BillingRun, bills: BillQuerySet, *, now: datetime) -> None:
    columns = {"bill": F("pk"), "to_status": F("status"), "actor": run.begun_by_id, "at": now}
    insert_rows(BillChange, bills, columns)


def _post_bills(run: BillingRun, bills: BillQuerySet, *, now: datetime) -> None:
    """Writes the transactions of new bills; the result is the same as of ``ledger.post`` for each."""
    income = ledger.income(run.item)
    insert_rows(
        Account,
        bills.order_by("home"),
        {
            "estate": run.estate_id,
            "kind": Account.Kind.RECEIVABLE,
            "key": ledger.key_in_sql("receivable", F("home")),
            "home": F("home"),
        },
        once="account_once",
    )
    insert_rows(
        LedgerTransaction,
        bills,
        {
            "estate": run.estate_id,
            "kind": LedgerTransaction.Kind.BILL,
            "key": ledger.key_in_sql("bill", F("pk")),
            "by": run.begun_by_id,
            "at": now,
        },
    )
    written = Subquery(
        LedgerTransaction.objects.filter(key=ledger.key_in_sql("bill", OuterRef("pk"))).values("pk")
    )
    owing = Account.objects.filter(
        estate=run.estate_id, key=ledger.key_in_sql("receivable", OuterRef("home"))
    )
    for account, fen in ((Subquery(owing.values("pk")), F("amount_fen")), (income.pk, -F("amount_fen"))):
        columns = {"transaction": written, "account": account, "amount_fen": fen, "bill": F("pk")}
        insert_rows(Entry, bills, columns)


def _queue_messages(run: BillingRun, batch: Batch, made: list[int], *, now: datetime) -> None:
    """Queues a message to every resident of a home with a new bill."""
    before, after = reverse("bill", args=[ANY_KEY]).split(str(ANY_KEY))
    # The bounds are for PostgreSQL, which would read all homes.
    residencies = Residency.objects.active().filter(home__gt=batch.after, home__lte=batch.last)
    letter = outbox.RowLetter(
        user=F("user"),
        key=ledger.key_in_sql(f"billing:{run.pk}", F("home")),
        params={
            "what": run.item.name,
            "month": f"{run.period:%Y-%m}",
            "fen": F("home__bills__amount_fen"),
        },
        url=Concat(
            Value(before), Cast(F("home__bills"), TextField()), Value(after), output_field=TextField()
        ),
    )
    outbox.queue_for_rows(
        "bill_made", residencies.filter(home__bills__in=keys_in(made)).order_by("pk"), letter, now=now
    )
