"""What every payment does when its money is there, and who is told."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.urls import reverse

from accounts.models import User
from community.core.transitions import AlreadyMoved, move
from community.notifications import live, outbox
from services.common.models import Service
from services.common.satisfaction import ask_satisfaction
from services.fees.actions import ledger
from services.fees.actions.ledger import Line
from services.fees.actions.taking import take
from services.fees.models import Bill, LedgerTransaction, Payment

Status = Payment.Status


def takings_topic(estate_id: int) -> str:
    """The open pages of those who count the money of an estate."""
    return f"takings:{estate_id}"


def receive(payment: Payment, *, provider_number: str = "", by: User | None, now: datetime) -> None:
    """The money of a payment is there: PAID, its bills take theirs, the rest is the home's prepayment.

    Call it inside a transaction. Raises ``AlreadyMoved`` if it is paid already.
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
    applied = _apply(payment, by=by, now=now)
    rest = payment.amount_fen - sum(fen for _bill, fen in applied)
    kept = ledger.prepayment(payment.home, payment.estate_id)
    owed = ledger.receivable(payment.home, payment.estate_id)
    others = [Line(owed, -fen, bill) for bill, fen in applied]
    if payment.channel == Payment.PREPAYMENT:
        # What its bills do not take any more was never taken out.
        if rest or not ledger.take_from_prepayment(kept, payment.amount_fen):
            raise AlreadyMoved
        debit, kind = Line(kept, payment.amount_fen), LedgerTransaction.Kind.PREPAID
    else:
        debit = Line(ledger.money(payment.channel, payment.estate_id), payment.amount_fen)
        others.append(ledger.put_aside(kept, rest))
        kind = LedgerTransaction.Kind.PAYMENT
    ledger.post(
        kind=kind,
        key=f"payment:{payment.pk}",
        estate_id=payment.estate_id,
        lines=[debit, *others],
        by=by,
        now=now,
    )
    if payment.payer is not None:
        ask_satisfaction(
            estate=payment.estate,
            service=Service.FEES,
            reference=payment.reference,
            what="缴费",
            resident=payment.payer,
            tells=False,
            now=now,
        )
    tell(payment, "payment_received", sms=payment.channel != Payment.PREPAYMENT, now=now)


def _apply(payment: Payment, *, by: User | None, now: datetime) -> list[tuple[Bill, int]]:
    """What each bill took."""
    taken = []
    for line in payment.lines.select_related("bill").order_by("bill"):
        fen = take(line.bill_id, line.amount_fen, by=by, now=now)
        if fen:
            line.applied_fen = fen
            line.save(update_fields=["applied_fen"])
            taken.append((line.bill, fen))
    return taken


def tell(payment: Payment, template: str, *, sms: bool = False, now: datetime) -> None:
    """Whose payment it is, and a delegate who paid for them."""
    if payment.payer is None:
        return
    people = {payment.payer_id: payment.payer}
    if payment.made_by.delegations_held.active().filter(resident=payment.payer).exists():
        people[payment.made_by_id] = payment.made_by
    for person in people.values():
        outbox.tell(
            person,
            template,
            key=f"payment:{payment.pk}:{template}",
            params=told(payment),
            url=page_of(payment),
            sms=sms and person.pk == payment.payer_id,
            now=now,
        )


def page_of(payment: Payment) -> str:
    return reverse("payment", args=[payment.pk])


def told(payment: Payment) -> dict[str, Any]:
    return {"reference": payment.reference, "fen": payment.amount_fen}


def changed(payment: Payment, *, also: Iterable[str] = ()) -> None:
    """Open pages of the payment, of the home's bills, of the payer and of the cashiers. Last."""
    topics = {payment.live_topic, f"bills:{payment.home_id}", takings_topic(payment.estate_id), *also}
    topics |= {f"resident:{person}" for person in (payment.payer_id, payment.made_by_id) if person}
    live.changed(*topics)
