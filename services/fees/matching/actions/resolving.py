"""Resolves differences: each kind by the one action that fits it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core import audit, changes
from community.core.errors import ActionError, Forbidden
from community.core.transitions import AlreadyMoved, move
from services.fees import policies
from services.fees.actions.crediting import credit_answer
from services.fees.actions.reasons import check_reason
from services.fees.actions.refunds import apply_refund_answer
from services.fees.models import MatchingDay, MatchingDifference, MatchingLine, Payment, Refund
from services.fees.providers.base import Result, State

Kind = MatchingDifference.Kind


def settle_difference(*, difference: MatchingDifference, by: User, now: datetime) -> None:
    """Writes what the statement says into our payment or refund: money that came is credited, money that went
    back is marked so, and the payment that fits a line of a bank is it. Repeating it changes nothing.

    Raises ``Forbidden``, ``ActionError`` for another kind of difference and where it cannot be done, and
    ``AlreadyMoved`` as ``credit`` does.
    """
    _require_answers_for(by, difference)
    line = difference.line
    if not difference.is_settled_by_action or line is None:
        raise ActionError("not_to_settle", _("Please write what was done about it."), field="words")
    with transaction.atomic(), _resolved(difference, "", by=by, now=now) as is_new:
        if not is_new:
            return
        if difference.kind == Kind.PROPOSED:
            assert difference.payment is not None
            _link_payment(line, difference.payment)
            return
        result = Result(State.PAID, line.number, line.amount_fen)
        if difference.kind == Kind.NOT_HERE:
            assert difference.payment is not None
            _credit(difference.payment, result, now=now)
        else:
            assert difference.refund is not None
            _end_refund(difference.refund, result, by=by, now=now)


def note_difference(*, difference: MatchingDifference, words: str, by: User, now: datetime) -> None:
    """Marks a difference as resolved; ``words`` say what was done. Repeating it changes nothing.

    Raises ``Forbidden``, and ``ActionError`` without words and for one that ``settle_difference`` is for.
    """
    _require_answers_for(by, difference)
    if difference.is_settled_by_action and difference.kind != Kind.PROPOSED:
        raise ActionError("to_settle", _("Please settle it: the money is there."))
    check_reason(words)
    with transaction.atomic(), _resolved(difference, words.strip(), by=by, now=now):
        pass


def settle_taken(*, difference: MatchingDifference, payment: Payment, by: User, now: datetime) -> None:
    """Makes a payment that was taken for a line of a bank's file the payment of the line. Repeating it changes
    nothing, and so does a payment of another sum or way: the next matching compares them.

    Raises ``Forbidden``, and ``AlreadyMoved`` if the line or the payment has another one.
    """
    _require_answers_for(by, difference)
    line, sheet = difference.line, difference.day.sheet
    if line is None or sheet is None or difference.kind not in {Kind.UNKNOWN, Kind.PROPOSED}:
        return
    fits = payment.estate_id == line.estate_id and payment.channel in sheet.ways
    if not fits or payment.amount_fen != line.amount_fen or payment.status not in Payment.RECEIVED:
        return
    words = str(_("Taken at the counter"))
    with transaction.atomic(), _resolved(difference, words, by=by, now=now) as is_new:
        if is_new:
            _link_payment(line, payment)


def _link_payment(line: MatchingLine, payment: Payment) -> None:
    """Makes a payment that of a bank's line. Raises ``AlreadyMoved`` if either has another one."""
    try:
        with transaction.atomic():
            is_linked = MatchingLine.objects.filter(pk=line.pk, payment=None).update(payment=payment)
    except IntegrityError:
        raise AlreadyMoved from None
    if not is_linked:
        raise AlreadyMoved


@contextmanager
def _resolved(difference: MatchingDifference, words: str, *, by: User, now: datetime) -> Iterator[bool]:
    """Marks it as resolved and records it; yields False if another request did so before."""
    open_still = MatchingDifference.objects.open().filter(pk=difference.pk)
    with changes.of(difference):
        is_new = bool(open_still.update(resolved_by=by, resolved_at=now, words=words))
    yield is_new
    if is_new:
        audit.record(
            "fees.difference_resolved",
            by=by,
            target=difference,
            estate_id=difference.estate_id,
            kind=difference.kind,
            fen=difference.there_fen or difference.here_fen,
        )


def _require_answers_for(by: User, difference: MatchingDifference) -> None:
    if difference.estate_id:
        policies.require("reconcile", by, difference.estate_id)
    elif not MatchingDay.objects.whole_to(by).filter(pk=difference.day_id).exists():
        raise Forbidden


def _credit(payment: Payment, result: Result, *, now: datetime) -> None:
    credit_answer(payment, result, now=now)
    if not Payment.objects.filter(channel=payment.channel, provider_number=result.number).exists():
        raise ActionError("not_settled", _("The payment does not fit any more. Please look at it first."))


def _end_refund(refund: Refund, result: Result, *, by: User, now: datetime) -> None:
    if refund.status == Refund.Status.FAILED:
        move(refund, Refund.Status.PENDING, by=by, now=now, accepted_at=now)
    apply_refund_answer(refund, result, now=now)
    if refund.status != Refund.Status.DONE:
        raise AlreadyMoved
