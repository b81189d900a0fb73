"""Single bills outside of billing runs."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Residency, User
from community.core import audit, clock
from community.core.errors import ActionError
from community.core.transitions import record_first_status
from community.estates.models import Estate, Home
from community.notifications import live, outbox
from services.common.references import next_reference
from services.fees import policies
from services.fees.actions import ledger
from services.fees.actions.ledger import Line
from services.fees.actions.steps import takings_topic
from services.fees.models import Bill, BillLine, FeeItem, LedgerTransaction
from services.fees.models.bills import PAYING
from services.fees.terms import period_span

MAX_BILL_FEN = 100_000_000
# Names of a fee item that is created with the first bill of its kind: Chinese, English.
FIRST_NAMES = {
    FeeItem.Kind.CARE: ("养老服务费", "Care services"),
    FeeItem.Kind.REPAIR: ("维修费", "Repairs"),
    FeeItem.Kind.OTHER: ("其他费用", "Other charges"),
}


@dataclass(frozen=True)
class Charge:
    """A bill outside a billing run: its subject, its amount in fen, and the person who pays.

    ``item_kind`` is a ``FeeItem.Kind``, of which ``item`` is the item, or else the first of the estate;
    ``subject`` names the cause (``care:42``); ``period`` is any day of its month. ``charged_to`` is the person
    in whose name the bill is; None is the household. ``lines`` (not stored yet, without bill and number) say how
    the amount was computed, and add up to it; without them the bill has one line of its ``words``.
    """

    item_kind: str
    estate: Estate
    home: Home
    subject: str
    period: date
    amount_fen: int
    words: str
    charged_to: User | None
    item: FeeItem | None = None
    lines: tuple[BillLine, ...] = ()


@dataclass(frozen=True)
class CounterCharge:
    """A charge that a cashier types: ``key`` is of the page, so that sending it again makes no second bill.

    ``resident`` is the person in whose name it is; None is the household. ``amount_fen`` is in fen.
    """

    home: Home
    item: FeeItem
    amount_fen: int
    words: str
    resident: User | None
    key: UUID


def charge_at_counter(counter_charge: CounterCharge, *, by: User, now: datetime) -> Bill:
    """Makes a bill of a single charge to a home and returns it; the residents are told.

    Repeating it with the same ``key`` returns the same bill. Raises ``Forbidden``, and ``ActionError`` with
    the field for a wrong amount, missing words, an item that is not billed one by one, late fees, which only
    their rule makes, and a person who does not live in the home.
    """
    home, item, resident = counter_charge.home, counter_charge.item, counter_charge.resident
    estate = home.estate
    policies.require("charge", by, estate.pk)
    is_single = item.basis == FeeItem.Basis.SINGLE and item.kind != FeeItem.Kind.LATE
    if item.estate_id != estate.pk or not is_single or not item.is_active:
        raise ActionError("not_single", _("Please choose a fee that is billed one by one."), field="item")
    if not counter_charge.words.strip():
        raise ActionError("words_missing", _("Please write what it is for."), field="words")
    if resident and not _residents(home).filter(pk=resident.pk).exists():
        raise ActionError("not_a_resident", _("Please choose who lives in this home."), field="charged_to")
    with transaction.atomic():
        bill = charge(
            Charge(
                item_kind=item.kind,
                item=item,
                estate=estate,
                home=home,
                subject=f"counter:{counter_charge.key.hex}",
                period=clock.today(now),
                amount_fen=counter_charge.amount_fen,
                words=counter_charge.words.strip(),
                charged_to=resident,
            ),
            by=by,
            now=now,
        )
        if bill.created_at == now:
            audit.record(
                "fees.charged",
                by=by,
                target=bill,
                estate_id=estate.pk,
                reference=bill.reference,
                fen=bill.amount_fen,
            )
    return bill


def charge(charge: Charge, *, by: User | None, now: datetime, tell: bool = True) -> Bill:
    """Makes a bill outside a billing run, such as for a care visit, and returns it.

    Checks no permission: the caller has. Repeating it for the same home, item, subject and month returns the
    existing bill unchanged. With ``tell=False`` no message is sent: the message of the caller names the
    price. Raises ``ActionError`` with the field for an amount that is not positive or too large, and for a
    home of another estate.
    """
    _check_amount(charge.amount_fen)
    if charge.home.estate.pk != charge.estate.pk:
        raise ActionError("not_of_estate", _("This home is not in this estate."), field="home")
    item = charge.item or _item_for(charge.item_kind, charge.estate)
    bill = Bill(
        estate=charge.estate,
        home=charge.home,
        item=item,
        subject=charge.subject,
        period=charge.period.replace(day=1),
        charged_to=charge.charged_to,
        amount_fen=charge.amount_fen,
        words=charge.words[:120],
        due_on=due_on(item, charge.period),
        status_changed_at=now,
        created_at=now,
    )
    return _existing_bill(bill) or _create_bill(bill, _lines(charge), by=by, now=now, tell=tell)


def _lines(charge: Charge) -> list[BillLine]:
    lines = list(charge.lines) or [
        BillLine(kind=BillLine.Kind.WORDS, words=charge.words[:120], amount_fen=charge.amount_fen)
    ]
    if sum(line.amount_fen for line in lines) != charge.amount_fen:
        raise ValueError(f"the lines of {charge.subject} do not add up to its amount")
    return lines


def _check_amount(fen: int) -> None:
    if fen <= 0:
        raise ActionError("amount_not_positive", _("The amount must be more than 0."), field="amount_fen")
    if fen > MAX_BILL_FEN:
        raise ActionError("amount_too_large", _("This amount is too large."), field="amount_fen")


def _item_for(kind: str, estate: Estate) -> FeeItem:
    """Returns the active item of this kind for single bills; creates one if the estate has none."""
    single = FeeItem.objects.filter(estate=estate, kind=kind, basis=FeeItem.Basis.SINGLE)
    item = single.filter(is_active=True).order_by("pk").first()
    if item is not None:
        return item
    name, name_en = FIRST_NAMES.get(FeeItem.Kind(kind), FIRST_NAMES[FeeItem.Kind.OTHER])
    made, _is_new = FeeItem.objects.get_or_create(
        estate=estate,
        name=name,
        defaults={"name_en": name_en, "kind": kind, "basis": FeeItem.Basis.SINGLE},
    )
    return made


def due_on(item: FeeItem, period: date) -> date:
    """Returns the last day on which a bill of the period that begins on the day ``period`` is not in arrears."""
    span = period_span(period, item.every if item.is_by_run else 1)
    return (span.first if item.is_in_advance else span.last) + timedelta(days=item.due_days)


def _existing_bill(bill: Bill) -> Bill | None:
    """Returns the bill with the same home, item, subject and month that is not voided."""
    same = Bill.objects.filter(
        home=bill.home, item=bill.item, subject=bill.subject, period=bill.period
    ).exclude(status=Bill.Status.VOIDED)
    return same.first()


def _create_bill(bill: Bill, lines: list[BillLine], *, by: User | None, now: datetime, tell: bool) -> Bill:
    try:
        with transaction.atomic():
            bill.reference = next_reference(letter="B", estate=bill.estate, on=clock.today(now))
            bill.save()
            for number, line in enumerate(lines, start=1):
                line.bill, line.number = bill, number
            BillLine.objects.bulk_create(lines)
            record_first_status(bill, by=by, now=now, on_behalf_of=bill.charged_to)
            post_bill(bill, by=by, now=now)
            if tell:
                _queue_messages(bill, now=now)
            notify_open_pages(bill)
    except IntegrityError:
        # Another request has made the same bill at the same moment.
        made = _existing_bill(bill)
        if made is None:
            raise
        return made
    return bill


def post_bill(bill: Bill, *, by: User | None, now: datetime) -> None:
    """Writes the transaction of a new bill into the books. Call it inside the transaction that creates the
    bill.

    Raises ``IntegrityError`` if the bill was booked before.
    """
    ledger.post(
        kind=LedgerTransaction.Kind.BILL,
        key=f"bill:{bill.pk}",
        estate_id=bill.estate_id,
        lines=[
            Line(ledger.receivable(bill.home, bill.estate_id), bill.amount_fen, bill),
            Line(ledger.income(bill.item), -bill.amount_fen, bill),
        ],
        by=by,
        now=now,
    )


def _queue_messages(bill: Bill, *, now: datetime) -> None:
    """Queues a message to the person in whose name the bill is, else to the residents who pay for the home."""
    people = [bill.charged_to] if bill.charged_to else _payers(bill.home)
    params = {
        "reference": bill.reference,
        "what": bill.words or bill.item.name,
        "month": f"{bill.period:%Y-%m}",
        "fen": bill.amount_fen,
    }
    for person in people:
        key = f"bill:{bill.pk}:made"
        outbox.queue_message(person, "bill_made", key=key, params=params, url=bill_path(bill), now=now)


def _payers(home: Home) -> QuerySet[User]:
    """Returns the people who live in the home now and see what it owes."""
    paying = Residency.objects.active().filter(PAYING, home=home)
    return User.objects.filter(pk__in=paying.values("user"))


def _residents(home: Home) -> QuerySet[User]:
    """Returns the people who live in the home now."""
    return User.objects.filter(residencies__home=home, residencies__status="active").distinct()


def bill_path(bill: Bill) -> str:
    """Returns the path of the bill's page."""
    return reverse("bill", args=[bill.pk])


def notify_open_pages(bill: Bill) -> None:
    """Notifies the open pages of the home's bills, of the person charged and of the cashiers.

    Call it last in the transaction.
    """
    topics = {bill.live_topic, takings_topic(bill.estate_id)}
    if bill.charged_to_id:
        topics.add(f"resident:{bill.charged_to_id}")
    live.notify_open_pages(*topics)
