"""Reverses a transaction of the books by its opposite: asked for by one person, confirmed by another."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core import audit
from community.core.errors import ActionError, Forbidden
from community.core.transitions import AlreadyMoved, move, record_first_status
from services.fees import policies
from services.fees.actions import ledger
from services.fees.actions.ledger import Line
from services.fees.actions.reasons import check_reason
from services.fees.models import LedgerReversal, LedgerTransaction

Status = LedgerReversal.Status


def ask_ledger_reversal(
    *, written: LedgerTransaction, reason: str, by: User, now: datetime
) -> LedgerReversal:
    """Asks to reverse a transaction and returns the reversal; another person confirms it.

    Repeating it returns the same one. Raises ``Forbidden``, and ``ActionError`` for a missing or too long reason
    and for a kind that has an act of its own, and ``AlreadyMoved`` if it was declined at the same moment.
    """
    policies.require("reverse_entry", by, written.estate_id)
    check_reason(reason)
    if written.kind not in LedgerReversal.KINDS:
        raise ActionError("own_act", _("This kind of entry has an act of its own. Please use that."))
    try:
        with transaction.atomic():
            made = LedgerReversal.objects.create(
                estate_id=written.estate_id,
                reversed=written,
                reason=reason.strip(),
                asked_by=by,
                status_changed_at=now,
                created_at=now,
            )
            record_first_status(made, by=by, now=now)
            _record("fees.reversal_asked", made, by=by)
    except IntegrityError:
        asked = LedgerReversal.objects.exclude(status=Status.DECLINED).filter(reversed=written).first()
        if asked is None:
            raise AlreadyMoved from None
        return asked
    return made


def confirm_ledger_reversal(*, reversal: LedgerReversal, by: User, now: datetime) -> None:
    """Books exactly the opposite entries now, as the second person, whenever the reversed ones were written.
    Repeating it changes nothing.

    Raises ``Forbidden`` for the person who asked and for the cashier whose shift it is, ``AlreadyMoved`` for one
    that was declined, and ``ActionError`` if the month of today is closed.
    """
    if not policies.may_confirm_reversal(by, reversal):
        raise Forbidden(_("Another person than the one who asked has to agree."))
    if reversal.status == Status.BOOKED:
        return
    written = reversal.reversed
    with transaction.atomic():
        entries = written.entries.select_related("account", "bill").order_by("pk")
        try:
            with transaction.atomic():
                booked = ledger.post(
                    kind=LedgerTransaction.Kind.REVERSAL,
                    key=f"reversal:{written.pk}",
                    estate_id=written.estate_id,
                    lines=[Line(one.account, -one.amount_fen, one.bill) for one in entries],
                    by=by,
                    now=now,
                )
        except IntegrityError:
            # Another person confirmed it at the same moment.
            raise AlreadyMoved from None
        move(reversal, Status.BOOKED, by=by, now=now, booked=booked, approved_by=by)
        _record("fees.reversal_confirmed", reversal, by=by)


def decline_ledger_reversal(*, reversal: LedgerReversal, by: User, now: datetime) -> None:
    """Declines a reversal, or withdraws one's own; it can be asked for again. Repeating it changes nothing.

    Raises ``Forbidden``, and ``AlreadyMoved`` if it was booked.
    """
    policies.require("reverse_entry", by, reversal.estate_id)
    if reversal.status == Status.DECLINED:
        return
    with transaction.atomic():
        move(reversal, Status.DECLINED, by=by, now=now)
        _record("fees.reversal_declined", reversal, by=by)


def _record(act: str, reversal: LedgerReversal, *, by: User) -> None:
    audit.record(
        act,
        by=by,
        target=reversal,
        estate_id=reversal.estate_id,
        entry=reversal.reversed_id,
    )
