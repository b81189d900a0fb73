"""Agrees to a day of a provider, and books what the provider kept."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Sum, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core import audit
from community.core.errors import ActionError, Forbidden
from community.core.transitions import AlreadyMoved, move
from services.fees.actions import ledger
from services.fees.actions.ledger import Line
from services.fees.matching.queries import clean_days
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
        of = day.sheet or day.merchant
        audit.record(
            "fees.day_agreed",
            by=by,
            target=day,
            estate_id=of.estate_id if of else None,
            day=day.day.isoformat(),
        )


def agree_clean_days(*, first: date, last: date, by: User, now: datetime) -> tuple[int, int]:
    """Agrees to all matched days from ``first`` to ``last`` of which no difference is open and for which the
    person answers as a whole, each in a transaction of its own; returns how many, and how many were refused.

    Repeating it changes nothing. Raises nothing for days that another request agreed to meanwhile.
    """
    agreed, refused = 0, 0
    for day in (
        clean_days(by, first, last).select_related("merchant", "sheet").defer("packed").order_by("day")
    ):
        try:
            agree_day(day=day, by=by, now=now)
        except AlreadyMoved:
            continue
        except ActionError:
            # A difference was found at the same moment, or the month of today is closed.
            refused += 1
        else:
            agreed += 1
    return agreed, refused


def _book_fees(day: MatchingDay, *, by: User, now: datetime) -> None:
    """Takes the fees off the money that lies at the provider or came by each way, estate by estate."""
    for estate_id, fees in _fees(day).items():
        lines = []
        for way, fen in sorted(fees.items()):
            lines.append(Line(ledger.money_account(way, estate_id), -fen))
            lines.append(Line(ledger.provider_fee(way, estate_id), fen))
        ledger.post(
            kind=LedgerTransaction.Kind.FEE,
            key=f"fee:{day.pk}:{estate_id}",
            estate_id=estate_id,
            lines=lines,
            by=by,
            now=now,
        )


def _fees(day: MatchingDay) -> dict[int, dict[str, int]]:
    """Returns the fen of fees that are not 0, by estate and way of paying."""
    way: Any = Value(day.provider)
    if day.sheet:
        way = Coalesce("payment__channel", Value(day.sheet.ways[0]))
    lines = day.lines.exclude(estate=None).annotate(way=way).order_by()
    sums = lines.values("estate", "way").annotate(fen=Sum("fee_fen")).exclude(fen=0)
    found: dict[int, dict[str, int]] = {}
    for row in sums.order_by("estate"):
        found.setdefault(row["estate"], {})[row["way"]] = row["fen"]
    return found
