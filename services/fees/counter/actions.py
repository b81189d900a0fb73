"""Shifts of the till: opened with a float, closed with the counted cash. Series of receipts, and their paper."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core import audit
from community.core.errors import ActionError, Forbidden
from community.core.transitions import AlreadyMoved, move, record_first_status
from community.estates.models import Estate
from community.notifications import live
from services.fees import policies
from services.fees.actions import ledger, tills
from services.fees.actions.ledger import Line
from services.fees.actions.steps import takings_topic
from services.fees.counter.queries import expected_fen
from services.fees.models import LedgerTransaction, ReceiptPaper, ReceiptSeries, Shift

MAX_FLOAT_FEN = 10_000_000
MAX_WORDS = 200
MAX_NUMBER = 9_999_999
# Notes and coins in fen: 100, 50, 20, 10, 5 and 1 yuan, 5 and 1 jiao.
PIECES = (10_000, 5_000, 2_000, 1_000, 500, 100, 50, 10)


def open_shift(*, estate: Estate, float_fen: int, by: User, now: datetime) -> Shift:
    """Opens the shift of a cashier with the fen that lie in the till, and returns it.

    Repeating it returns the open shift. Raises ``Forbidden``, and ``ActionError`` with the field for a float
    below 0 or too large, and for another float than that of the shift that is open.
    """
    policies.require("keep_till", by, estate.pk)
    if not 0 <= float_fen <= MAX_FLOAT_FEN:
        raise ActionError("float_wrong", _("Please type an amount from 0 to 100,000."), field="float")
    shift = Shift(estate=estate, cashier=by, float_fen=float_fen, status_changed_at=now, opened_at=now)
    try:
        with transaction.atomic():
            shift.save()
            record_first_status(shift, by=by, now=now)
            _record("fees.shift_opened", shift, by=by, fen=float_fen)
            live.notify_open_pages(takings_topic(estate.pk))
    except IntegrityError:
        # The constraint allows one open shift for each cashier and estate.
        found = Shift.objects.open_of(by, estate.pk)
        if found is None:
            raise
        if found.float_fen != float_fen:
            raise ActionError(
                "shift_open", _("Your shift is open already, with another float."), field="float"
            ) from None
        return found
    return shift


@dataclass(frozen=True)
class Count:
    """The cash that was counted in a till, float included, and why it differs from the expected cash.

    ``pieces`` are the notes and coins by their value in fen, if they were counted one by one. ``expected`` are
    the fen that the page showed, if it showed any.
    """

    fen: int
    words: str = ""
    expected: int | None = None
    pieces: Mapping[int, int] = field(default_factory=dict)


def close_shift(*, shift: Shift, count: Count, by: User, now: datetime) -> Shift:
    """Closes a shift with the counted cash and books the difference; returns the shift.

    Raises ``Forbidden`` for anybody but its
    cashier or, once the cashier has left, a manager, ``AlreadyMoved`` for a shift that is closed, and
    ``ActionError`` with the field for a difference without words, pieces that make up another sum, and if money
    came or went since the page was shown.
    """
    if not policies.may_close(by, shift):
        raise Forbidden
    words = count.words.strip()
    _check_count(count)
    with transaction.atomic():
        if not tills.lock(shift):
            raise AlreadyMoved
        due = expected_fen(shift)
        if count.expected is not None and count.expected != due:
            raise ActionError("expected_changed", _("Money came or went meanwhile. Please look again."))
        if count.fen != due and not words:
            raise ActionError("words_missing", _("Please write why it differs."), field="words")
        move(
            shift,
            Shift.Status.CLOSED,
            by=by,
            now=now,
            reason=words,
            closed_at=now,
            expected_fen=due,
            counted_fen=count.fen,
            pieces={str(value): number for value, number in count.pieces.items() if number},
        )
        if shift.difference_fen:
            _post_difference(shift, by=by, now=now)
        _record("fees.shift_closed", shift, by=by, fen=count.fen, difference_fen=shift.difference_fen)
        live.notify_open_pages(takings_topic(shift.estate_id))
    return shift


def _check_count(count: Count) -> None:
    if count.fen < 0:
        raise ActionError("counted_wrong", _("Please type the cash that you counted."), field="counted")
    if count.pieces and (not set(count.pieces) <= set(PIECES) or min(count.pieces.values()) < 0):
        raise ActionError("pieces_wrong", _("Please type how many there are of each."), field="counted")
    if count.pieces and sum_of_pieces(count.pieces) != count.fen:
        raise ActionError("pieces_differ", _("The notes and coins make up another sum."), field="counted")
    if len(count.words.strip()) > MAX_WORDS:
        raise ActionError("too_long", _("Please keep it under 200 characters."), field="words")


def sum_of_pieces(pieces: Mapping[int, int]) -> int:
    """Returns the fen that notes and coins make up; ``pieces`` are their numbers by their value in fen."""
    return sum(value * number for value, number in pieces.items())


def _post_difference(shift: Shift, *, by: User, now: datetime) -> None:
    """Books surplus cash as income and missing cash as a loss, on the account of differences."""
    cash = ledger.money_account("cash", shift.estate_id)
    ledger.post(
        kind=LedgerTransaction.Kind.SHIFT,
        key=f"shift:{shift.pk}",
        estate_id=shift.estate_id,
        lines=[
            Line(cash, shift.difference_fen, shift=shift),
            Line(ledger.over_short(shift.estate_id), -shift.difference_fen),
        ],
        by=by,
        now=now,
    )


def _record(act: str, shift: Shift, *, by: User, fen: int, difference_fen: int = 0) -> None:
    audit.record(act, by=by, target=shift, estate_id=shift.estate_id, fen=fen, difference_fen=difference_fen)


def add_series(
    *, estate: Estate, prefix: str, first: int, last: int | None, by: User, now: datetime
) -> ReceiptSeries:
    """Sets up a block of receipt numbers, used once those set up before are used up; returns it.

    Repeating it returns the same block. Raises ``Forbidden``, and ``ActionError`` with the field for numbers
    out of order and for a block that shares numbers with another of the same letters.
    """
    policies.require("set_series", by, estate.pk)
    if not 1 <= first <= MAX_NUMBER:
        raise ActionError("first_wrong", _("Please type a number from 1 to 9,999,999."), field="first")
    if last is not None and not first <= last <= MAX_NUMBER:
        raise ActionError("last_wrong", _("It must not be below the first number."), field="last")
    same = ReceiptSeries.objects.filter(estate=estate, prefix=prefix)
    if found := same.filter(first=first, last=last).first():
        return found
    with transaction.atomic():
        # Locked, so that two people do not set up the same numbers at once.
        Estate.objects.select_for_update(no_key=True).get(pk=estate.pk)
        if any(_overlap(one, first, last) for one in same):
            raise ActionError(
                "series_overlap", _("Some of these numbers are in another block."), field="first"
            )
        series = ReceiptSeries.objects.create(
            estate=estate, prefix=prefix, first=first, last=last, next_number=first, created_at=now
        )
        audit.record("fees.series_set", by=by, target=series, estate_id=estate.pk, numbers=str(series))
    return series


def _overlap(series: ReceiptSeries, first: int, last: int | None) -> bool:
    return (last is None or series.first <= last) and (series.last is None or first <= series.last)


def remember_paper(*, estate: Estate, paper: str, by: User) -> None:
    """Stores the paper on which a cashier prints in an estate.

    Raises ``Forbidden``, and ``ActionError`` with the field for another paper.
    """
    policies.require("print_receipt", by, estate.pk)
    if paper not in ReceiptPaper.Paper.values:
        raise ActionError("unknown_paper", _("Please choose a paper."), field="paper")
    ReceiptPaper.objects.update_or_create(cashier=by, estate=estate, defaults={"paper": paper})
