"""Writes the late fees of one day: a row for each overdue bill, some hundred bills by one statement."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db import transaction
from django.db.models import (
    BigIntegerField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Cast, Coalesce, Greatest, Least

from community.core import clock
from community.core.inserts import insert_rows, keys_in
from services.fees.models import (
    Account,
    Bill,
    Dispute,
    Entry,
    FeeItem,
    LateFeeClock,
    LateFeeDay,
    LateFeeRule,
    Payment,
    PaymentLine,
)

# Bills of one statement, which holds up other writers on SQLite.
SIZE = 500
DAY = timedelta(days=1)
# A rule of the whole estate is not for what a person has ordered; a rule of such an item is.
NOT_OF_ESTATE = (FeeItem.Kind.CARE, FeeItem.Kind.REPAIR)


def rules_on(estate_pk: int, day: date) -> dict[tuple[int, int], list[int]]:
    """Returns the keys of fee items by rate (1/10,000 a day) and days of grace on this day. Two queries.

    The newest rule of an item holds, else that of the estate; late fees charge nothing on late fees.
    """
    newest: dict[int | None, LateFeeRule] = {}
    for rule in LateFeeRule.objects.filter(estate=estate_pk, from_on__lte=day).order_by("from_on"):
        newest[rule.item_id] = rule
    found: dict[tuple[int, int], list[int]] = {}
    if not newest:
        return found
    items = FeeItem.objects.filter(estate=estate_pk).exclude(kind=FeeItem.Kind.LATE)
    for pk, kind in items.values_list("pk", "kind"):
        of_item = newest.get(pk) or (None if kind in NOT_OF_ESTATE else newest.get(None))
        if of_item and of_item.rate_bp:
            found.setdefault((of_item.rate_bp, of_item.grace_days), []).append(pk)
    return found


def charge_day(estate_pk: int, day: date) -> bool:
    """Writes the rows of ``day`` and moves the clock to it; returns False if another process has done so.

    The amount that was owed at the end of the day is read from the ledger, so the day may lie long ago.
    """
    clock_before = LateFeeClock.objects.filter(estate=estate_pk, days_upto=day - DAY)
    for (rate_bp, grace_days), items in rules_on(estate_pk, day).items():
        pks = _overdue(estate_pk, items, day, grace_days)
        for start in range(0, len(pks), SIZE):
            with transaction.atomic():
                # Locks the clock of the estate: the sum of a bill builds on the day before.
                if not clock_before.update(days_upto=day - DAY):
                    return False
                _write_rows(pks[start : start + SIZE], day, rate_bp)
    return bool(clock_before.update(days_upto=day))


def _overdue(estate_pk: int, items: Iterable[int], day: date, grace_days: int) -> list[int]:
    """Returns the keys of bills that may have been overdue on the day: open ones, and those paid since."""
    late = Bill.objects.filter(estate=estate_pk, item__in=items, due_on__lt=day - grace_days * DAY)
    paid = PaymentLine.objects.filter(
        payment__estate=estate_pk, payment__paid_at__gte=clock.midnight(day + DAY)
    )
    pks = set(late.open().values_list("pk", flat=True))
    pks |= set(late.filter(pk__in=paid.values("bill")).values_list("pk", flat=True))
    return sorted(pks)


def _write_rows(pks: list[int], day: date, rate_bp: int) -> None:
    bills = with_open_fen(Bill.objects.filter(pk__in=keys_in(pks)), day)
    before = LateFeeDay.objects.filter(bill=OuterRef("pk"), day__lt=day).order_by("-day")
    bills = bills.annotate(
        before_e4=Coalesce(Subquery(before.values("total_e4")[:1]), Value(0), output_field=BigIntegerField()),
        # Never more in all than the bill itself.
        left_e4=_whole(Cast("amount_fen", BigIntegerField()) * Value(10_000)) - F("before_e4"),
        new_e4=Least(_whole(F("open_fen") * Value(rate_bp)), F("left_e4"), output_field=BigIntegerField()),
    ).filter(new_e4__gt=0)
    columns = {
        "bill": F("pk"),
        "day": day,
        "open_fen": F("open_fen"),
        "rate_bp": rate_bp,
        "amount_e4": F("new_e4"),
        "total_e4": _whole(F("before_e4") + F("new_e4")),
    }
    insert_rows(LateFeeDay, bills.order_by("pk"), columns, once="late_fee_day_once")


def with_open_fen(bills: QuerySet[Bill], day: date) -> QuerySet[Bill]:
    """Annotates ``open_fen``: what was owed at the end of the day, less what a started payment was to bring.

    Leaves out bills that were disputed then. A payment that came to nothing brings nothing.
    """
    end = clock.midnight(day + DAY)
    booked = Entry.objects.filter(
        bill=OuterRef("pk"), account__kind=Account.Kind.RECEIVABLE, transaction__at__lt=end
    )
    under_way = PaymentLine.objects.filter(bill=OuterRef("pk"), payment__created_at__lt=end).filter(
        Q(payment__status=Payment.Status.PENDING) | Q(payment__paid_at__gte=end)
    )
    disputed = Dispute.objects.at(end).filter(bill=OuterRef("pk"))
    return bills.filter(~Exists(disputed)).annotate(
        open_fen=Greatest(_whole(_sum(booked) - _sum(under_way)), Value(0), output_field=BigIntegerField())
    )


def _sum(rows: QuerySet) -> Coalesce:  # type: ignore[type-arg]
    sums = rows.order_by().values("bill").annotate(fen=Sum("amount_fen")).values("fen")
    return Coalesce(Subquery(sums, output_field=BigIntegerField()), Value(0), output_field=BigIntegerField())


def _whole(expression: object) -> ExpressionWrapper:
    return ExpressionWrapper(expression, output_field=BigIntegerField())  # type: ignore[arg-type]
