"""What every payment does when its money is there, and who is told."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.urls import reverse

from accounts.models import Residency, User
from community.core.transitions import AlreadyMoved, move
from community.notifications import live, outbox
from services.common.satisfaction import ask_satisfaction
from services.fees.actions import ledger
from services.fees.actions.ledger import Line
from services.fees.actions.taking import take
from services.fees.models import Account, LedgerTransaction, Payment, PaymentLine

Status = Payment.Status


def takings_topic(estate_id: int) -> str:
    """The open pages of those who count the money of an estate."""
    return f"takings:{estate_id}"


def receive(
    payment: Payment,
    *,
    provider_number: str = "",
    like: Payment | None = None,
    by: User | None,
    now: datetime,
) -> None:
    """The money of a payment is there: PAID, its bills take theirs, the rest is kept for whose they are.

    ``like`` is the payment that this one repeats, if another: its money is kept as that one's would be.
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
    lines = _apply(payment, by=by, now=now)
    owed = ledger.receivable(payment.home, payment.estate_id)
    paid = [Line(owed, -line.applied_fen, line.bill) for line in lines]
    meant = lines if like in (None, payment) else list(like.lines.select_related("bill"))  # type: ignore[union-attr]
    rest = _rest(payment, meant)
    if payment.channel == Payment.PREPAYMENT:
        kind, others = LedgerTransaction.Kind.PREPAID, _from_prepayment(payment, lines, rest)
    else:
        kind, others = LedgerTransaction.Kind.PAYMENT, [_came_in(payment)]
        others += [ledger.put_aside(_kept(payment, whose), fen) for whose, fen in rest.items()]
    ledger.post(
        kind=kind,
        key=f"payment:{payment.pk}",
        estate_id=payment.estate_id,
        lines=[*others, *paid],
        by=by,
        now=now,
    )
    _ask_how_it_was(payment, now=now)
    tell_payer(payment, "payment_received", sms=payment.channel != Payment.PREPAYMENT, now=now)


def _ask_how_it_was(payment: Payment, *, now: datetime) -> None:
    """Whoever paid, where the payment is shown: too often done for a message of its own."""
    if payment.payer is not None:
        ask_satisfaction(
            payment.ref,
            what="缴费",
            resident=payment.payer,
            tells=False,
            now=now,
        )


def _apply(payment: Payment, *, by: User | None, now: datetime) -> list[PaymentLine]:
    """Its lines, each with what its bill took."""
    lines = list(payment.lines.select_related("bill__home").order_by("bill"))
    for line in lines:
        line.applied_fen = take(line.bill_id, line.amount_fen, by=by, now=now)
        if line.applied_fen:
            line.save(update_fields=["applied_fen"])
    return lines


def _rest(payment: Payment, meant: Iterable[PaymentLine]) -> dict[int | None, int]:
    """What no bill took, by whose it is: a person's (their key), or the household's (None).

    What was meant for a bill in somebody's name is theirs. Somebody who does not live in the home (any
    more) leaves nothing to whoever lives there now; but cash that a cashier takes for a home is the home's.
    """
    others = payment.payer_id
    if payment.payer is None or payment.channel == Payment.CASH or _lives_there(payment):
        others = None
    rest: dict[int | None, int] = {}
    left = payment.amount_fen
    for line in meant:
        took = line.applied_fen if line.payment_id == payment.pk else 0
        whose = line.bill.charged_to_id or others
        rest[whose] = rest.get(whose, 0) + line.amount_fen - took
        left -= line.amount_fen
    rest[others] = rest.get(others, 0) + left
    return {whose: fen for whose, fen in sorted(rest.items(), key=lambda one: one[0] or 0) if fen}


def _lives_there(payment: Payment) -> bool:
    return Residency.objects.active().filter(user=payment.payer, home=payment.home).exists()


def _kept(payment: Payment, whose: int | None) -> Account:
    return ledger.prepayment(payment.home, payment.estate_id, whose)


def _came_in(payment: Payment) -> Line:
    return Line(ledger.money(payment.channel, payment.estate_id), payment.amount_fen)


def _from_prepayment(payment: Payment, lines: list[PaymentLine], rest: dict[int | None, int]) -> list[Line]:
    """Each bill out of the prepayment of whose it is; in the order of their keys, households' first."""
    if rest:
        # What its bills do not take any more was never taken out.
        raise AlreadyMoved
    sums: dict[int | None, int] = {}
    for line in lines:
        whose = line.bill.charged_to_id
        sums[whose] = sums.get(whose, 0) + line.applied_fen
    taken = []
    for whose, fen in sorted(sums.items(), key=lambda one: one[0] or 0):
        kept = _kept(payment, whose)
        if not ledger.take_from_prepayment(kept, fen):
            raise AlreadyMoved
        taken.append(Line(kept, fen))
    return taken


def tell_payer(payment: Payment, template: str, *, sms: bool = False, now: datetime) -> None:
    """Whose payment it is, and a delegate who paid for them."""
    if payment.payer is None:
        return
    people = {payment.payer_id: payment.payer}
    if payment.made_by.delegations_held.active().filter(resident=payment.payer).exists():
        people[payment.made_by_id] = payment.made_by
    for person in people.values():
        outbox.queue_message(
            person,
            template,
            key=f"payment:{payment.pk}:{template}",
            params=message_params(payment),
            url=page_of(payment),
            sms=sms and person.pk == payment.payer_id,
            now=now,
        )


def page_of(payment: Payment) -> str:
    return reverse("payment", args=[payment.pk])


def message_params(payment: Payment) -> dict[str, Any]:
    return {"reference": payment.reference, "fen": payment.amount_fen}


def notify_open_pages(payment: Payment, *, also: Iterable[str] = ()) -> None:
    """Open pages of the payment, of the home's bills, of the payer and of the cashiers. Last."""
    topics = {payment.live_topic, f"bills:{payment.home_id}", takings_topic(payment.estate_id), *also}
    topics |= {f"resident:{person}" for person in (payment.payer_id, payment.made_by_id) if person}
    live.notify_open_pages(*topics)
