"""Makes the bills of metered and shared fees from the lines that their run has computed before."""

from datetime import datetime

from django.db.models import BigIntegerField, Case, Exists, F, OuterRef, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, NullIf

from community.core.inserts import insert_rows, keys_in
from community.estates.models import Home, HomeQuerySet
from services.fees.billing.actions.bill_rows import check_lines, insert_bills
from services.fees.billing.actions.owed import Batch, exempt_bills, existing_bills
from services.fees.models import Bill, BillingRun, BillLine, SharedCost, UsageLine
from services.fees.terms import period_span

Kind, Unit = BillLine.Kind, BillLine.Unit


def create_bills(run: BillingRun, batch: Batch, *, now: datetime) -> list[int]:
    """Creates the missing bills of a batch with their lines; returns the keys of those that were created.

    A home without lines, or with lines of 0 fen together, gets none. Raises ``RuntimeError`` if lines do not
    add up to their bills.
    """
    made = insert_bills(run, _homes_to_bill(run, batch), home=F("pk"), now=now)
    if made:
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
        "quantity_milli": Coalesce(F("part__quantity_milli"), NullIf(F("quantity_milli"), Value(0))),
        "unit": Case(
            When(part__quantity_milli=None, then=Coalesce(F("meter__unit"), Value(""))),
            When(part__cost__split=SharedCost.Split.AREA, then=Value(Unit.AREA)),
            default=Value(Unit.HOME),
        ),
        "whole_fen": F("part__cost__amount_fen"),
        "whole_milli": F("part__cost__divided_by_milli"),
        "rate_hao": F("rate_hao"),
        "amount_fen": F("amount_fen"),
    }
    insert_rows(
        BillLine, UsageLine.objects.filter(bill__in=keys_in(made)).order_by("bill", "number"), columns
    )
    check_lines(run, made)
