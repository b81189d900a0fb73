"""Makes bills of late fees: one for each overdue bill and month, which grows while nothing of it is paid."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import (
    Exists,
    F,
    OuterRef,
    Sum,
)

from community.core import changes, clock, money
from community.core.inserts import insert_rows, keys_in, number_of
from community.estates.models import Estate
from community.notifications.topics import estate_topic
from services.common.references import next_references
from services.fees.actions import ledger
from services.fees.billing.actions.charges import due_on
from services.fees.models import (
    Account,
    Bill,
    BillChange,
    BillLine,
    Entry,
    FeeItem,
    LateFeeBill,
    LateFeeClock,
    LateFeeDay,
    LateFeeWaiver,
    LedgerTransaction,
    Payment,
    PaymentLine,
)
from services.fees.models.late_fees import month_after
from services.fees.terms import last_of_month

SIZE = 500
ITEM_NAMES = ("违约金", "Late fee")


def late_fee_item(estate: Estate) -> FeeItem:
    """Returns the fee item of the estate's late fees; creates it with the first."""
    known = FeeItem.objects.filter(estate=estate, kind=FeeItem.Kind.LATE).order_by("pk").first()
    if known is not None:
        return known
    name, name_en = ITEM_NAMES
    made, _is_new = FeeItem.objects.get_or_create(
        estate=estate,
        name=name,
        defaults={"name_en": name_en, "kind": FeeItem.Kind.LATE, "basis": FeeItem.Basis.SINGLE},
    )
    return made


def bill_days(estate: Estate, *, now: datetime) -> int:
    """Makes or raises the bills of all days that have none yet; returns how many bills that were.

    Repeating it after a kill, or running it twice at once, charges nothing twice: a bill is raised by what
    its month is short of.
    """
    reached = LateFeeClock.objects.get(estate=estate)
    item = late_fee_item(estate)
    count = 0
    new = LateFeeDay.objects.filter(
        bill__estate=estate, day__gt=reached.billed_upto, day__lte=reached.days_upto
    )
    for period in _months(reached.billed_upto, reached.days_upto):
        in_month = new.filter(day__gte=period, day__lt=month_after(period))
        pks = sorted(in_month.order_by().values_list("bill", flat=True).distinct())
        for start in range(0, len(pks), SIZE):
            with transaction.atomic():
                # Locks the clock, so that two processes do not raise the same bills.
                LateFeeClock.objects.filter(estate=estate).update(billed_upto=F("billed_upto"))
                batch = _Batch(estate, item, period, reached.days_upto, now)
                count += batch.make(pks[start : start + SIZE])
    LateFeeClock.objects.filter(estate=estate, billed_upto=reached.billed_upto).update(
        billed_upto=reached.days_upto
    )
    return count


def _months(after: date, upto: date) -> list[date]:
    period, months = after.replace(day=1), []
    while period <= upto:
        months.append(period)
        period = month_after(period)
    return months


class _Batch:
    """Late fees of one month in an estate, with those of the day ``upto`` as the last."""

    def __init__(self, estate: Estate, item: FeeItem, period: date, upto: date, now: datetime) -> None:
        self.estate, self.item, self.period, self.upto, self.now = estate, item, period, upto, now

    def make(self, overdue: list[int]) -> int:
        """Raises the bills of these overdue bills where it can, makes the others, and books both.

        Call it inside a transaction. Returns how many there were.
        """
        due = due_fen(overdue, self.period, self._last_day)
        if not due:
            return 0
        raised = self._raise(due)
        made = self._create({pk: fen for pk, fen in due.items() if pk not in raised})
        by_bill = {bill: due[of] for of, bill in [*raised.items(), *made.items()]}
        self._post(by_bill)
        return len(by_bill)

    def _raise(self, due: dict[int, int]) -> dict[int, int]:
        """Raises the unpaid bills of the month; returns the keys of these by the overdue bill's key."""
        pending = PaymentLine.objects.filter(bill=OuterRef("pk"), payment__status=Payment.Status.PENDING)
        growing = Bill.objects.open().filter(
            late_fee__of__in=keys_in(list(due)), period=self.period, paid_fen=0
        )
        # Locked in the order of their keys, as payments take them, and read after that.
        locked = list(
            growing.filter(~Exists(pending)).select_for_update(of=("self",)).order_by("pk").values_list("pk")
        )
        pks = [pk for (pk,) in locked]
        of = dict(LateFeeBill.objects.filter(bill__in=keys_in(pks)).values_list("of", "bill"))
        fen = {bill: due[overdue] for overdue, bill in of.items()}
        if fen:
            with changes.covering(Bill, topics=[estate_topic(self.estate.pk)]):
                growth = number_of('"fees_bill"."id"', fen)
                Bill.objects.filter(pk__in=keys_in(list(fen))).update(amount_fen=F("amount_fen") + growth)
            growth = number_of('"fees_billline"."bill_id"', fen)
            lines = BillLine.objects.filter(bill__in=keys_in(list(fen)), kind=BillLine.Kind.LATE)
            lines.update(amount_fen=F("amount_fen") + growth, to_on=self._last_day)
        return of

    def _create(self, due: dict[int, int]) -> dict[int, int]:
        """Makes new bills; returns their keys by the overdue bill's key."""
        if not due:
            return {}
        earlier = LateFeeBill.objects.filter(of__in=keys_in(list(due)), bill__period=self.period)
        numbers: dict[int, int] = {}
        for of in earlier.values_list("of", flat=True):
            numbers[of] = numbers.get(of, 1) + 1
        on = clock.today(self.now)
        references = next_references(letter="B", estate=self.estate, on=on, count=len(due))
        overdue = Bill.objects.filter(pk__in=keys_in(list(due))).select_related("item").order_by("pk")
        rows = [
            Bill(
                estate=self.estate,
                reference=reference,
                home_id=bill.home_id,
                item=self.item,
                subject=f"late:{bill.pk}" + (f":{numbers[bill.pk]}" if bill.pk in numbers else ""),
                period=self.period,
                charged_to_id=bill.charged_to_id,
                amount_fen=due[bill.pk],
                words=f"{bill.item.name} {bill.period:%Y-%m}",
                due_on=due_on(self.item, self.period),
                status_changed_at=self.now,
                created_at=self.now,
            )
            for bill, reference in zip(overdue, references, strict=True)
        ]
        with changes.covering(Bill, topics=[estate_topic(self.estate.pk)]):
            made = dict(zip(sorted(due), (bill.pk for bill in Bill.objects.bulk_create(rows)), strict=True))
        LateFeeBill.objects.bulk_create(LateFeeBill(bill_id=bill, of_id=of) for of, bill in made.items())
        new = Bill.objects.filter(pk__in=keys_in(list(made.values())))
        insert_rows(BillChange, new, {"bill": F("pk"), "to_status": F("status"), "at": self.now})
        line = {"bill": F("pk"), "number": 1, "kind": BillLine.Kind.LATE, "words": F("words")}
        days = {"from_on": self.period, "to_on": self._last_day}
        insert_rows(BillLine, new, line | days | {"amount_fen": F("amount_fen")})
        return made

    @property
    def _last_day(self) -> date:
        return min(self.upto, last_of_month(self.period))

    def _post(self, fen: dict[int, int]) -> None:
        """Books the growth of these bills as one transaction with two entries a bill."""
        bills = Bill.objects.filter(pk__in=keys_in(list(fen))).order_by("pk")
        homes = dict(bills.values_list("pk", "home"))
        accounts = dict(
            Account.objects.filter(
                estate=self.estate, kind=Account.Kind.RECEIVABLE, home__in=set(homes.values())
            ).values_list("home", "pk")
        )
        income = ledger.income(self.item).pk
        with ledger.only_in_open_months():
            written = LedgerTransaction.objects.create(
                estate=self.estate,
                kind=LedgerTransaction.Kind.LATE,
                key=f"late:{min(homes)}:{self.upto:%Y-%m-%d}",
                at=self.now,
            )
        Entry.objects.bulk_create(
            Entry(transaction=written, account_id=account, amount_fen=amount, bill_id=bill)
            for bill, home in homes.items()
            for account, amount in ((accounts[home], fen[bill]), (income, -fen[bill]))
        )


def due_fen(overdue: list[int], period: date, upto: date) -> dict[int, int]:
    """Returns by the overdue bill's key what the late fees of a month up to the day ``upto``, rounded once, are
    more than its bills and waivers; bills that are short of nothing are left out. Three queries.

    A voided bill counts as well: what staff took back is not charged again.
    """
    pks = keys_in(overdue)
    days = LateFeeDay.objects.filter(bill__in=pks, day__gte=period, day__lte=upto).order_by()
    billed = LateFeeBill.objects.filter(of__in=pks, bill__period=period).order_by()
    waived = LateFeeWaiver.objects.filter(
        bill__late_fee__of__in=pks, bill__period=period, status=LateFeeWaiver.Status.AGREED
    ).order_by()
    charged: dict[int, int] = {}
    for rows, of, fen in ((billed, "of", "bill__amount_fen"), (waived, "bill__late_fee__of", "lowered_fen")):
        for pk, sum_fen in rows.values(of).annotate(fen=Sum(fen)).values_list(of, "fen"):
            charged[pk] = charged.get(pk, 0) + sum_fen
    exact = days.values("bill").annotate(e4=Sum("amount_e4")).values_list("bill", "e4")
    due = {pk: money.of_e4(e4) - charged.get(pk, 0) for pk, e4 in exact}
    return {pk: fen for pk, fen in due.items() if fen > 0}
