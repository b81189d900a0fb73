"""Makes the bills of metered and shared fees from the lines that their run has computed before."""

from datetime import datetime

from django.db.models import BigIntegerField, Case, Exists, F, OuterRef, Subquery, Sum, Value, When
from django.db.models.expressions import Window
from django.db.models.functions import Coalesce, NullIf, RowNumber

from community.core import clock
from community.core.inserts import insert_returning, insert_rows, keys_in
from community.estates.models import Home, HomeQuerySet
from services.common.references import in_sql_reference, next_references
from services.fees.actions.charges import due_on
from services.fees.actions.owed import Batch, exempt_bills, existing_bills
from services.fees.models import Bill, BillingRun, BillLine, UsageLine
from services.fees.terms import period_span

Kind = BillLine.Kind


def create_bills(run: BillingRun, batch: Batch, *, now: datetime) -> list[int]:
    """Creates the missing bills of a batch with their lines; returns the keys of those that were created.

    A home without lines, or with lines of 0 fen together, gets none. Raises ``RuntimeError`` if lines do not
    add up to their bills.
    """
    homes = _homes_to_bill(run, batch)
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
        "months": run.item.every,
        "run": run.pk,
        "amount_fen": F("owed_fen"),
        "due_on": due_on(run.item, run.period),
        "status_changed_at": now,
        "created_at": now,
    }
    made = insert_returning(Bill, homes[:count], columns, once="bill_once")
    create_lines(run, made)
    return made


def _homes_to_bill(run: BillingRun, batch: Batch) -> HomeQuerySet:
    lines = UsageLine.objects.filter(run=run, bill=None, home=OuterRef("pk")).order_by()
    sums = lines.values("home").annotate(fen=Sum("amount_fen")).values("fen")
    homes = Home.objects.of_estate(run.estate).filter(pk__gt=batch.after, pk__lte=batch.last)
    homes = homes.annotate(owed_fen=Subquery(sums, output_field=BigIntegerField())).filter(owed_fen__gt=0)
    for bills in (existing_bills, exempt_bills):
        made = bills(run.item, run.period).filter(home__gt=batch.after, home__lte=batch.last)
        homes = homes.filter(~Exists(made.filter(home=OuterRef("pk"), subject="")))
    return homes.order_by("pk")


def create_lines(run: BillingRun, made: list[int]) -> None:
    """Links the computed lines to the new bills, and writes the lines of the bills from them.

    Raises ``RuntimeError`` if they do not add up to their bills.
    """
    bills = Bill.objects.filter(pk__in=keys_in(made))
    own = bills.filter(home=OuterRef("home")).order_by().values("pk")
    waiting = UsageLine.objects.filter(run=run, bill=None, home__in=bills.order_by().values("home"))
    waiting.update(bill=Subquery(own[:1]))
    span = period_span(run.period, run.item.every)
    columns = {
        "bill": F("bill"),
        "number": F("number"),
        "kind": Case(When(part=None, then=Value(Kind.USAGE)), default=Value(Kind.SHARE)),
        "words": F("words"),
        "from_on": Coalesce(F("from_reading__on"), Value(span.first)),
        "to_on": Coalesce(F("to_reading__on"), Value(span.last)),
        "quantity_milli": NullIf(F("quantity_milli"), Value(0)),
        "unit": Coalesce(F("meter__unit"), Value("")),
        "rate_hao": F("rate_hao"),
        "amount_fen": F("amount_fen"),
    }
    insert_rows(
        BillLine, UsageLine.objects.filter(bill__in=keys_in(made)).order_by("bill", "number"), columns
    )
    lines = BillLine.objects.filter(bill__in=keys_in(made)).order_by()
    if lines.aggregate(fen=Sum("amount_fen")) != bills.order_by().aggregate(fen=Sum("amount_fen")):
        raise RuntimeError(f"lines of run {run.pk} do not add up")
