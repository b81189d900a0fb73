"""Cash that goes from a till to the bank during a shift: booked with the bank's slip, undone by a second person."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core import audit
from community.core.errors import ActionError, Forbidden
from community.core.money import as_yuan
from community.core.transitions import AlreadyMoved, move, record_first_status
from community.notifications import live
from services.fees import policies
from services.fees.actions import ledger, tills
from services.fees.actions.ledger import Line
from services.fees.actions.reasons import check_reason
from services.fees.actions.steps import takings_topic
from services.fees.counter.queries import expected_fen
from services.fees.models import BankedCash, LedgerTransaction, Shift

MAX_SLIP = 40


@dataclass(frozen=True)
class Slip:
    """The bank's slip for cash: its number and fen; ``key`` is the single-use key of the page."""

    number: str
    amount_fen: int
    key: UUID


def bank_cash(*, shift: Shift, slip: Slip, by: User, now: datetime) -> BankedCash:
    """Books cash from the till of an open shift to the bank, and returns it; the shift expects less by it.

    Repeating it with the same key returns the same row. Raises ``Forbidden`` as closing the shift does,
    ``AlreadyMoved`` for a closed shift, and ``ActionError`` with the field for a missing or known slip number and an
    amount that is not positive or more than the till should hold.
    """
    if not policies.may_close(by, shift):
        raise Forbidden
    if made := BankedCash.objects.filter(key=slip.key, shift=shift).first():
        return made
    number = slip.number.strip()
    if not 0 < len(number) <= MAX_SLIP:
        raise ActionError(
            "slip_missing", _("Please type the number of the bank's slip."), field="slip_number"
        )
    if slip.amount_fen <= 0:
        raise ActionError("amount_not_positive", _("The amount must be more than 0."), field="amount")
    banked = BankedCash(
        shift=shift,
        estate_id=shift.estate_id,
        amount_fen=slip.amount_fen,
        slip_number=number,
        made_by=by,
        key=slip.key,
        status_changed_at=now,
        created_at=now,
    )
    try:
        with transaction.atomic():
            if not tills.lock(shift):
                raise AlreadyMoved
            due = expected_fen(shift)
            if slip.amount_fen > due:
                words = _("The till should hold only %(due)s.") % {"due": as_yuan(due)}
                raise ActionError("more_than_held", words, field="amount")
            banked.save()
            record_first_status(banked, by=by, now=now)
            _book(banked, slip.amount_fen, "banked", by=by, now=now)
    except IntegrityError:
        if made := BankedCash.objects.filter(key=slip.key, shift=shift).first():
            return made
        raise ActionError(
            "slip_known", _("This slip is in the books already."), field="slip_number"
        ) from None
    return banked


def undo_banked(*, banked: BankedCash, reason: str, by: User, now: datetime) -> None:
    """Takes cash that was booked to the bank by mistake back into the till; a second person's act.

    Repeating it changes nothing. Raises ``Forbidden`` for whoever booked it or keeps the till, and ``ActionError``
    for a missing or too long reason and a shift that is closed: the difference is in the books then.
    """
    if not policies.may_undo_banked(by, banked):
        raise Forbidden
    check_reason(reason)
    if banked.status == BankedCash.Status.UNDONE:
        return
    with transaction.atomic():
        if not tills.lock(banked.shift):
            raise ActionError("shift_closed", _("The shift is closed, and its difference is in the books."))
        move(banked, BankedCash.Status.UNDONE, by=by, now=now, reason=reason.strip())
        _book(banked, -banked.amount_fen, "banked_undone", by=by, now=now)


def _book(banked: BankedCash, fen: int, key: str, *, by: User, now: datetime) -> None:
    """Books fen from the till to the bank, negative ones back."""
    estate_id = banked.estate_id
    cash, bank = ledger.money_account("cash", estate_id), ledger.banked_cash(estate_id)
    ledger.post(
        kind=LedgerTransaction.Kind.BANKED,
        key=f"{key}:{banked.pk}",
        estate_id=estate_id,
        lines=[Line(cash, -fen, shift=banked.shift), Line(bank, fen)],
        by=by,
        now=now,
    )
    act = "fees.cash_banked" if fen > 0 else "fees.cash_banked_undone"
    audit.record(
        act, by=by, target=banked.shift, estate_id=estate_id, fen=banked.amount_fen, number=banked.slip_number
    )
    live.notify_open_pages(takings_topic(estate_id))
