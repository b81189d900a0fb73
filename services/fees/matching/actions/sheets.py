"""Stores the file of a bank or an acquirer as the days of an account, and matches them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from accounts.models import User
from community.core import audit
from community.estates.models import Estate
from services.fees import policies
from services.fees.matching.actions.comparing import match_day
from services.fees.models import BankSheet, MatchingDay, MatchingLine

LINES_AT_ONCE = 1000


@dataclass(frozen=True)
class BankLine:
    """A line of a bank's file: fen above 0 came in, below 0 went out; ``key`` is the hash of its cells."""

    key: str
    day: date
    fen: int
    fee_fen: int
    number: str
    voucher: str
    party: str
    account: str
    words: str


@dataclass(frozen=True)
class NewBankSheet:
    """The lines of a file that no earlier file had; ``sha256`` and ``span`` are of all its rows."""

    estate: Estate
    source: str
    sha256: str
    span: tuple[date, date]
    lines: Sequence[BankLine]


@transaction.atomic
def bring_in_sheet(new: NewBankSheet, *, by: User, now: datetime) -> BankSheet:
    """Stores a file with a day for each date that it spans or has new lines of, and matches them; returns it.
    Nothing is booked.

    Raises ``Forbidden``, and ``IntegrityError`` if the file or a line of it is there already.
    """
    policies.require("reconcile", by, new.estate.pk)
    first, last = new.span
    sheet = BankSheet.objects.create(
        estate=new.estate,
        source=new.source,
        sha256=new.sha256,
        first=first,
        last=last,
        line_count=len(new.lines),
        in_fen=sum(line.fen for line in new.lines if line.fen > 0),
        out_fen=sum(-line.fen for line in new.lines if line.fen < 0),
        fee_fen=sum(_fee_fen(new.source, line) for line in new.lines),
        made_by=by,
        created_at=now,
    )
    of_day: dict[date, list[BankLine]] = defaultdict(list)
    for line in new.lines:
        of_day[line.day].append(line)
    before = MatchingDay.objects.filter(sheet__estate=new.estate, provider=new.source)
    known = set(before.filter(day__range=new.span).values_list("day", flat=True))
    for number in range((last - first).days + 1):
        on = first + timedelta(days=number)
        # A day of which an earlier file had all lines is there already.
        if of_day[on] or on not in known:
            _store_day(sheet, on, of_day[on], now)
    for day in sheet.days.select_related("sheet", "merchant").order_by("day"):
        match_day(day=day, now=now)
    audit.record(
        "fees.bank_sheet_brought_in",
        by=by,
        target=sheet,
        estate_id=sheet.estate_id,
        lines=sheet.line_count,
        fen=sheet.in_fen,
    )
    return sheet


def _store_day(sheet: BankSheet, on: date, lines: Sequence[BankLine], now: datetime) -> None:
    day = MatchingDay.objects.create(
        provider=sheet.source,
        sheet=sheet,
        day=on,
        sha256=sheet.sha256,
        status=MatchingDay.Status.STORED,
        status_changed_at=now,
        created_at=now,
    )
    rows = [_line(day, sheet, line) for line in lines]
    MatchingLine.objects.bulk_create(rows, batch_size=LINES_AT_ONCE)


def _fee_fen(source: str, line: BankLine) -> int:
    """Returns the fee of a line in fen; what a bank takes for money that the estate sends is no fee of these."""
    return line.fee_fen if line.fen > 0 or source == BankSheet.Source.ACQUIRER else 0


def _line(day: MatchingDay, sheet: BankSheet, line: BankLine) -> MatchingLine:
    kinds = MatchingLine.Kind
    went = kinds.OTHER if sheet.source == BankSheet.Source.BANK else kinds.REFUND
    return MatchingLine(
        day=day,
        kind=kinds.PAYMENT if line.fen > 0 else went,
        order_number=line.voucher,
        number=line.number,
        amount_fen=abs(line.fen),
        fee_fen=_fee_fen(sheet.source, line),
        key=line.key,
        party=line.party,
        party_account=line.account,
        words=line.words,
        estate_id=sheet.estate_id,
    )
