"""Fetches the statement of every day of every account, once."""

import hashlib
import logging
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Min, Q

from community.core import clock
from community.core.transitions import AlreadyMoved, move
from services.fees import providers
from services.fees.matching.queries import KEPT_DAYS
from services.fees.models import MatchingDay, MatchingLine, MerchantAccount, Payment, Refund
from services.fees.providers.base import (
    ProviderDown,
    Statement,
    StatementBroken,
    StatementLine,
    StatementNotReady,
)

logger = logging.getLogger(__name__)
Status, Trouble = MatchingDay.Status, MatchingDay.Trouble
# Time of day, in China, at which providers have made the statement of the day before.
READY_AT = timedelta(hours=10, minutes=5)
AGAIN_AFTER = timedelta(minutes=30)
LINES_AT_ONCE = 1000


def open_days(*, now: datetime) -> int:
    """Makes a row for every day of every account that is over and has none; returns how many are new.

    The first day of an account is that of its first payment, and 90 days ago at the earliest.
    """
    last = clock.today(now - READY_AT) - timedelta(days=1)
    made = 0
    for provider, merchant in _accounts(now):
        mine = MatchingDay.objects.filter(provider=provider, merchant=merchant)
        known = set(mine.values_list("day", flat=True))
        first = min(known, default=None) or _first_day(provider, merchant)
        if first is None:
            continue
        first = max(first, last - timedelta(days=KEPT_DAYS - 1))
        missing = [day for day in _days(first, last) if day not in known]
        rows = [_new_day(provider, merchant, day, now) for day in missing]
        made += len(MatchingDay.objects.bulk_create(rows, ignore_conflicts=True))
    return made


def _accounts(now: datetime) -> Iterator[tuple[str, MerchantAccount | None]]:
    """Yields the accounts that are in use or took money since statements are handed out."""
    for name in providers.names():
        if not providers.named(name).needs_merchant:
            yield name, None
    since = now - timedelta(days=KEPT_DAYS)
    paid = Payment.objects.filter(paid_at__gte=since).exclude(merchant=None).order_by().values("merchant")
    used = MerchantAccount.objects.filter(Q(is_on=True) | Q(pk__in=paid), provider__in=providers.KNOWN)
    for merchant in used:
        yield merchant.provider, merchant


def _first_day(provider: str, merchant: MerchantAccount | None) -> date | None:
    paid = Payment.objects.filter(channel=provider, merchant=merchant, paid_at__isnull=False)
    first = paid.order_by().aggregate(at=Min("paid_at"))["at"]
    return clock.today(first) if first else None


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def _new_day(provider: str, merchant: MerchantAccount | None, day: date, now: datetime) -> MatchingDay:
    return MatchingDay(
        provider=provider,
        merchant=merchant,
        day=day,
        ask_at=clock.midnight(day + timedelta(days=1)) + READY_AT,
        status_changed_at=now,
        created_at=now,
    )


def due_days(*, now: datetime) -> "list[MatchingDay]":
    """Returns the days whose statement is to be fetched now, the oldest first."""
    waiting = MatchingDay.objects.filter(status=Status.WAITING, ask_at__lte=now)
    return list(waiting.select_related("merchant").order_by("day", "pk"))


def fetch_day(*, day: MatchingDay, now: datetime) -> bool:
    """Fetches the statement of a day and stores it with its lines, once; returns False if it is not there.

    Of two requests at once one asks the provider. Without an answer it is asked again in half an hour. Call it
    outside of any transaction.
    """
    claimed = MatchingDay.objects.filter(pk=day.pk, status=Status.WAITING, ask_at=day.ask_at)
    if day.status != Status.WAITING or not claimed.update(ask_at=now + AGAIN_AFTER):
        return False
    day.ask_at = now + AGAIN_AFTER
    try:
        statement = providers.named(day.provider).statement(day.merchant, day.day)
    except StatementNotReady:
        return _wait(day, Trouble.NOT_READY)
    except StatementBroken:
        logger.exception("fees: the statement of %s is damaged", day)
        return _wait(day, Trouble.BROKEN)
    except ProviderDown:
        return _wait(day, Trouble.DOWN)
    with suppress(AlreadyMoved):
        store_statement(day, statement, now=now)
        return True
    return False


def _wait(day: MatchingDay, trouble: str) -> bool:
    MatchingDay.objects.filter(pk=day.pk, status=Status.WAITING).update(trouble=trouble)
    return False


@transaction.atomic
def store_statement(day: MatchingDay, statement: Statement, *, now: datetime) -> None:
    """Stores a statement with its lines. Raises ``AlreadyMoved`` if the day has one."""
    day.text = statement.text
    move(
        day,
        Status.STORED,
        by=None,
        now=now,
        packed=day.packed,
        sha256=hashlib.sha256(statement.text).hexdigest(),
        problems=[[number, reason] for number, reason in statement.problems],
        trouble="",
        ask_at=None,
    )
    MatchingLine.objects.bulk_create([_line(day, line) for line in statement.lines], batch_size=LINES_AT_ONCE)


def _line(day: MatchingDay, line: StatementLine) -> MatchingLine:
    estate, reference = Payment.objects.parts_of(line.order_number)
    return MatchingLine(
        day=day,
        kind=line.kind.value,
        order_number=line.order_number[:64],
        refund_number=line.refund_number[:64],
        number=line.number[:64],
        amount_fen=line.amount_fen,
        fee_fen=line.fee_fen,
        named_estate=estate,
        named_reference=reference,
        named_refund=Refund.objects.key_in(line.refund_number),
        estate_id=day.merchant.estate_id if day.merchant else None,
    )
