"""Receives the money of a payment: applies it to bills, posts it and notifies people."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models.expressions import RawSQL
from django.urls import reverse

from accounts.models import Residency, User
from community.core import background
from community.core.transitions import AlreadyMoved, move
from community.notifications import live, outbox
from services.common.satisfaction import ask_satisfaction
from services.fees.actions import ledger
from services.fees.actions.bills import apply_to_bill
from services.fees.actions.ledger import Line
from services.fees.models import Account, LedgerTransaction, LiveOrder, Payment, PaymentLine, Shift

CLOSE_OVERTAKEN = "services.fees.tasks.close_overtaken"
Status = Payment.Status


@dataclass(frozen=True)
class AtCounter:
    """The shift of the till that takes the money, and the account of the deposit that it becomes, if it does."""

    shift: Shift | None
    deposit: Account | None = None


def takings_topic(estate_id: int) -> str:
    """Returns the topic of the pages that show the takings of an estate."""
    return f"takings:{estate_id}"


def receive(
    payment: Payment,
    *,
    provider_number: str = "",
    repeats: Payment | None = None,
    at_counter: AtCounter | None = None,
    by: User | None,
    now: datetime,
) -> None:
    """Marks a payment as PAID, applies it to its bills and puts the rest into prepayments of the bills'
    owners.

    ``repeats`` is the paid payment that this one repeats, if money came twice: the rest then goes to the owners
    of that payment's bills. Without it, or if it is this payment, the payment's own bills decide. Call it inside
    a transaction. Raises ``AlreadyMoved`` if the payment is paid already, and for one from prepayment if a bill
    takes less or the prepayment holds less than at the check.
    """
    move(
        payment,
        Status.PAID,
        by=by,
        now=now,
        on_behalf_of=payment.payer if by and payment.payer_id != by.pk else None,
        paid_at=now,
        provider_number=provider_number,
    )
    lines = _apply_lines(payment, by=by, now=now)
    owed = ledger.receivable(payment.home, payment.estate_id)
    paid = [Line(owed, -line.applied_fen, line.bill) for line in lines]
    meant = lines if repeats in (None, payment) else list(repeats.lines.select_related("bill"))  # type: ignore[union-attr]
    rest = _unapplied_by_owner(payment, meant)
    if payment.channel == Payment.PREPAYMENT:
        kind, others = LedgerTransaction.Kind.PREPAID, _take_from_prepayments(payment, lines, rest)
    else:
        shift, rest_to = (at_counter.shift, at_counter.deposit) if at_counter else (None, None)
        kind = LedgerTransaction.Kind.DEPOSIT if rest_to else LedgerTransaction.Kind.PAYMENT
        kept = [(rest_to or _prepayment_account(payment, owner), fen) for owner, fen in rest.items()]
        others = [_money_line(payment, shift), *(ledger.add_to_prepayment(*one) for one in kept)]
    ledger.post(
        kind=kind,
        key=f"payment:{payment.pk}",
        estate_id=payment.estate_id,
        lines=[*others, *paid],
        by=by,
        now=now,
    )
    queue_closing([line.bill_id for line in lines if line.applied_fen], but=payment)
    _ask_satisfaction(payment, now=now)
    tell_payer(payment, "payment_received", sms=payment.channel != Payment.PREPAYMENT, now=now)


def queue_closing(bills: Iterable[int] | RawSQL, *, but: Payment | None = None) -> None:
    """Has the orders for bills closed that were paid or voided otherwise. Call it inside the transaction."""
    live_orders = LiveOrder.objects.filter(bill__in=bills).exclude(payment=but)
    if found := list(live_orders.values_list("bill", flat=True)):
        transaction.on_commit(lambda: background.queue(CLOSE_OVERTAKEN, [(found,)]))


def _ask_satisfaction(payment: Payment, *, now: datetime) -> None:
    """Asks the payer for a rating on the payment's page; payments are too frequent for a message."""
    if payment.payer is not None:
        ask_satisfaction(
            payment.ref,
            what="缴费",
            resident=payment.payer,
            tells=False,
            now=now,
        )


def _apply_lines(payment: Payment, *, by: User | None, now: datetime) -> list[PaymentLine]:
    """Applies the lines to their bills; returns them with the fen that each bill took."""
    lines = list(payment.lines.select_related("bill__home").order_by("bill"))
    for line in lines:
        line.applied_fen = apply_to_bill(line.bill_id, line.amount_fen, by=by, now=now)
        if line.applied_fen:
            line.save(update_fields=["applied_fen"])
    return lines


def _unapplied_by_owner(payment: Payment, meant: Iterable[PaymentLine]) -> dict[int | None, int]:
    """Returns the unapplied fen by owner id; None is the household.

    Money meant for a bill in a person's name is theirs. A payer who does not live in the home (any more)
    keeps the rest, so that the present residents do not get it; money that a cashier takes for a home is the
    home's.
    """
    default_owner = payment.payer_id
    if payment.payer is None or payment.is_at_counter or _payer_lives_in_home(payment):
        default_owner = None
    rest: dict[int | None, int] = {}
    left = payment.amount_fen
    for line in meant:
        took = line.applied_fen if line.payment_id == payment.pk else 0
        owner = line.bill.charged_to_id or default_owner
        rest[owner] = rest.get(owner, 0) + line.amount_fen - took
        left -= line.amount_fen
    rest[default_owner] = rest.get(default_owner, 0) + left
    return {owner: fen for owner, fen in sorted(rest.items(), key=lambda row: row[0] or 0) if fen}


def _payer_lives_in_home(payment: Payment) -> bool:
    return Residency.objects.active().filter(user=payment.payer, home=payment.home).exists()


def _prepayment_account(payment: Payment, owner: int | None) -> Account:
    return ledger.prepayment(payment.home, payment.estate_id, owner)


def _money_line(payment: Payment, shift: Shift | None) -> Line:
    account = ledger.money_account(payment.channel, payment.estate_id)
    return Line(account, payment.amount_fen, shift=shift)


def _take_from_prepayments(
    payment: Payment, lines: list[PaymentLine], rest: dict[int | None, int]
) -> list[Line]:
    """Takes the applied fen from the prepayments of the bills' owners, in the order of their keys."""
    if rest:
        # A bill took less than planned, so less would be taken from the prepayment: refuse.
        raise AlreadyMoved
    sums: dict[int | None, int] = {}
    for line in lines:
        owner = line.bill.charged_to_id
        sums[owner] = sums.get(owner, 0) + line.applied_fen
    taken = []
    for owner, fen in sorted(sums.items(), key=lambda row: row[0] or 0):
        account = _prepayment_account(payment, owner)
        if not ledger.take_from_prepayment(account, fen):
            raise AlreadyMoved
        taken.append(Line(account, fen))
    return taken


def tell_payer(
    payment: Payment,
    template: str,
    *,
    key: str = "",
    params: dict[str, Any] | None = None,
    sms: bool = False,
    now: datetime,
) -> None:
    """Queues a message to the payer, and to a delegate who paid for them; ``sms`` is for the payer only.

    It is sent once for ``key``, by default for the payment; ``params`` are by default the payment's.
    """
    if payment.payer is None:
        return
    people = {payment.payer_id: payment.payer}
    if payment.made_by.delegations_held.active().filter(resident=payment.payer).exists():
        people[payment.made_by_id] = payment.made_by
    for person in people.values():
        outbox.queue_message(
            person,
            template,
            key=f"{key or f'payment:{payment.pk}'}:{template}",
            params=params or message_params(payment),
            url=payment_path(payment),
            sms=sms and person.pk == payment.payer_id,
            now=now,
        )


def payment_path(payment: Payment) -> str:
    """Returns the path of the payment's page for residents."""
    return reverse("payment", args=[payment.pk])


def message_params(payment: Payment) -> dict[str, Any]:
    """Returns the parameters of messages about a payment: its reference, and its amount in fen."""
    return {"reference": payment.reference, "fen": payment.amount_fen}


def notify_open_pages(payment: Payment, *, also: Iterable[str] = ()) -> None:
    """Notifies the open pages of the payment, of the home's bills, of the payer and of the cashiers.

    Call it last in the transaction.
    """
    topics = {payment.live_topic, f"bills:{payment.home_id}", takings_topic(payment.estate_id), *also}
    topics |= {f"resident:{person}" for person in (payment.payer_id, payment.made_by_id) if person}
    live.notify_open_pages(*topics)
