"""Makes one batch of a billing run: bills, history, books and messages, each by one statement.

The database takes the rows from its own tables (``community.core.inserts``), so that a bill costs little more
than its rows.
"""

from datetime import datetime

from django.db import connection
from django.db.models import Count, F, Max, OuterRef, Subquery, TextField, Value
from django.db.models.functions import Cast, Concat, Greatest
from django.urls import reverse

from accounts.models import Residency
from community.core import changes
from community.core.inserts import insert_rows, keys_in
from community.estates.models import Home
from community.notifications import outbox
from community.notifications.topics import estate_topic
from services.fees.actions import ledger
from services.fees.billing.actions import prepared
from services.fees.billing.actions.bill_rows import check_lines, hold_months, insert_bills
from services.fees.billing.actions.owed import DM2, ONE, Batch, Group, Owed
from services.fees.models import (
    Account,
    Bill,
    BillChange,
    BillingRun,
    BillLine,
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


def make_batch(run: BillingRun, batch: Batch, *, seen: int, now: datetime) -> bool:
    """Makes the missing bills of these homes and counts them; returns False if the run has ended.

    ``seen`` is the number of homes of the run up to the end of this batch. Call it inside a transaction,
    which the caller rolls back when it returns False. Repeating it makes no bill twice. Checks no permission:
    the caller has. Raises ``RuntimeError`` if lines do not add up to their bills.
    """
    running = BillingRun.objects.filter(pk=run.pk, status=BillingRun.Status.RUNNING)
    hold_months(run.estate_id)
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
    """Creates the missing bills with their lines; returns the keys of those that were created, as other
    requests may create some meanwhile.
    """
    if run.item.is_metered:
        with changes.covering(Bill, topics=[estate_topic(run.estate_id)]):
            return prepared.create_bills(run, batch, now=now)
    owed = Owed(run, batch)
    made: list[int] = []
    with changes.covering(Bill, topics=[estate_topic(run.estate_id)]):
        for group in owed.groups():
            rows = owed.to_make(group)
            if bills := insert_bills(run, rows, home=owed.home, subject=owed.subject, now=now):
                _create_lines(owed, group, bills)
                made += bills
    return made


def _create_lines(owed: Owed, group: Group, made: list[int]) -> None:
    """Creates the lines of new bills; raises ``RuntimeError`` if they do not add up, which undoes the batch."""
    bills = Bill.objects.filter(pk__in=keys_in(made)).order_by("pk")
    by_area = owed.item.basis == FeeItem.Basis.AREA
    quantity = F("home__area_dm2") * Value(DM2) if by_area else Value(ONE)
    fens = owed.line_fens(group.lines, quantity)
    for columns, fen in zip(owed.line_columns(group.lines, quantity), fens, strict=True):
        insert_rows(BillLine, bills, columns | {"bill": F("pk"), "amount_fen": fen})
    # Somebody may have changed the area of a home since its bill was made a moment ago.
    check_lines(owed.run, made)


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
    transactions = {
        "estate": run.estate_id,
        "kind": LedgerTransaction.Kind.BILL,
        "key": ledger.key_in_sql("bill", F("pk")),
        "by": run.begun_by_id,
        "at": now,
    }
    with ledger.only_in_open_months():
        insert_rows(LedgerTransaction, bills, transactions)
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
    if not run.estate.tenants_pay:
        residencies = residencies.exclude(kind=Residency.Kind.TENANT)
    letter = outbox.RowLetter(
        user=F("user"),
        key=ledger.key_in_sql(f"billing:{run.pk}", F("home__bills")),
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
