"""Agrees to a day of a provider, and books what the provider kept."""

from datetime import datetime

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core import audit
from community.core.errors import ActionError, Forbidden
from community.core.transitions import move
from services.fees.actions import ledger
from services.fees.actions.ledger import Line
from services.fees.models import LedgerTransaction, MatchingDay, MatchingDifference

Status = MatchingDay.Status


def agree_day(*, day: MatchingDay, by: User, now: datetime) -> None:
    """Agrees to a matched day of which no difference is open, and books the provider's fees. Nothing of the day
    changes any more; repeating it changes nothing.

    Raises ``Forbidden`` for a person who does not answer for the whole day, ``ActionError`` while a difference
    is open, and ``AlreadyMoved`` for a day that is not matched.
    """
    if not MatchingDay.objects.whole_to(by).filter(pk=day.pk).exists():
        raise Forbidden
    if day.status == Status.AGREED:
        return
    with transaction.atomic():
        move(day, Status.AGREED, by=by, now=now)
        if MatchingDifference.objects.open().filter(day=day).exists():
            raise ActionError("differences_open", _("Some differences are still open."))
        _book_fees(day, by=by, now=now)
        audit.record(
            "fees.day_agreed",
            by=by,
            target=day,
            estate_id=day.merchant.estate_id if day.merchant else None,
            day=day.day.isoformat(),
        )


def _book_fees(day: MatchingDay, *, by: User, now: datetime) -> None:
    """Takes the fees off the money that lies at the provider, estate by estate."""
    sums = day.lines.exclude(estate=None).order_by().values("estate").annotate(fen=Sum("fee_fen"))
    for row in sums.exclude(fen=0).order_by("estate"):
        held = ledger.money_account(day.provider, row["estate"])
        ledger.post(
            kind=LedgerTransaction.Kind.FEE,
            key=f"fee:{day.pk}:{row['estate']}",
            estate_id=row["estate"],
            lines=[
                Line(held, -row["fen"]),
                Line(ledger.provider_fee(day.provider, row["estate"]), row["fen"]),
            ],
            by=by,
            now=now,
        )
