"""Ten days of a bank's file: all transfers of the counter, and one of nobody."""

import hashlib
from datetime import date, datetime, timedelta

from accounts.models import StaffRole, User
from community.core import clock
from community.core.services.figures import Span
from community.estates.models import Estate
from services.fees.matching.actions import BankLine, NewBankSheet, bring_in_sheet
from services.fees.models import Bill, Payment
from services.fees.takings import within

DAYS, OF_NOBODY = 10, 3


def bring_in_bank_sheet(estate: Estate, now: datetime) -> None:
    """Brings in the file of the last days, in which a household has paid without coming to the counter."""
    manager = User.objects.filter(staff_roles__role=StaffRole.Role.MANAGER).order_by("pk").first()
    assert manager is not None
    last = clock.today(now) - timedelta(days=1)
    span = Span(last - timedelta(days=DAYS - 1), last)
    taken = Payment.objects.filter(
        estate=estate, channel__in=("transfer", "cheque"), status__in=Payment.RECEIVED
    )
    paid = taken.filter(**within("paid_at", span)).select_related("payer").order_by("pk")
    lines = [
        _line(clock.today(one.paid_at), one.amount_fen, one.slip_number, str(one.payer or one.payer_name))
        for one in paid
        if one.paid_at
    ]
    owed = Bill.objects.filter(estate=estate, charged_to=None).open().select_related("home").order_by("pk")
    bill = owed.filter(paid_fen=0).last()
    if bill is not None:
        at = last - timedelta(days=OF_NOBODY)
        text = f"{bill.home.number}物业费"
        lines.append(_line(at, bill.amount_fen, f"{at:%Y%m%d}0048213", "陈静怡", text))
    lines.append(_line(last, -126_040, f"{last:%Y%m%d}0051877", "市供电公司", "公共用电电费"))
    sha256 = hashlib.sha256("".join(line.key for line in lines).encode()).hexdigest()
    new = NewBankSheet(estate, "bank", sha256, (span.first, span.last), lines)
    bring_in_sheet(new, by=manager, now=now)


def _line(day: date, fen: int, number: str, party: str, words: str = "物业费") -> BankLine:
    key = hashlib.sha256(f"{day}{fen}{number}{party}".encode()).hexdigest()
    return BankLine(key, day, fen, 0, number, "", party, "6222 **** 3308", words)
