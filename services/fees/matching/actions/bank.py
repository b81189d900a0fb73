"""Compares the lines of a bank's file with payments and refunds at the counter: by the number of the slip and
the sum, then by sum and day as proposals.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from community.core import clock
from services.fees.models import BankSheet, MatchingDay, MatchingDifference, MatchingLine, Payment, Refund

Kind = MatchingDifference.Kind
# A payment whose slip has the number of a line is it if it was taken so many days before or after.
SAME_NUMBER_DAYS = 31
PROPOSED_DAYS = 2
# Days after which a payment has to stand in a file of the bank.
THERE_AFTER = 5
# Payments of one sum that are tried for a line: with thousands of equal fees a day, all pairs would be millions.
MOST_OF_SUM = 200


def link_bank_lines(day: MatchingDay) -> None:
    """Finds the payment or refund of each line by the number of its slip; a refund by sum and day too."""
    sheet = _sheet(day)
    lines = MatchingLine.objects.filter(day=day)
    # The names of the other side are left out: nothing compares them here, and decrypting costs time.
    bare = lines.filter(kind=MatchingLine.Kind.PAYMENT, payment=None).order_by("pk")
    came = list(bare.only("number", "order_number", "amount_fen"))
    numbers = Q(slip_number__in=lines.values("number")) | Q(slip_number__in=lines.values("order_number"))
    numbered = _payments(sheet, day.day, SAME_NUMBER_DAYS).filter(numbers).exclude(slip_number="")
    rows = numbered.only("slip_number", "amount_fen").order_by("pk")
    _link(came, "payment", _by_number(came, rows), MatchingLine.Kind.PAYMENT)
    went = list(lines.exclude(kind=MatchingLine.Kind.PAYMENT).filter(refund=None).order_by("pk"))
    refunds = _refunds(sheet, day.day, SAME_NUMBER_DAYS).order_by("pk")
    numbered_back = _by_number(went, refunds.filter(numbers).exclude(slip_number=""))
    taken = {one.pk for one in numbered_back.values()}
    sums = refunds.filter(amount_fen__in=lines.values("amount_fen")).exclude(pk__in=taken)
    left = [line for line in went if line.pk not in numbered_back]
    found = numbered_back | _by_sum(left, _dated(sums, "status_changed_at", "payee_name"), day.day)
    _link(went, "refund", found, MatchingLine.Kind.REFUND)


def _sheet(day: MatchingDay) -> BankSheet:
    assert day.sheet is not None
    return day.sheet


def _near(name: str, day: date, days: int) -> dict[str, datetime]:
    first, last = day - timedelta(days=days), day + timedelta(days=days + 1)
    return {f"{name}__gte": clock.midnight(first), f"{name}__lt": clock.midnight(last)}


def _payments(sheet: BankSheet, day: date, days: int) -> QuerySet[Payment]:
    """Returns the received payments around a day that stand in no line of a bank yet."""
    of_bank = MatchingLine.objects.exclude(key="").filter(payment=OuterRef("pk"))
    return Payment.objects.filter(
        ~Exists(of_bank),
        estate=sheet.estate_id,
        channel__in=sheet.ways,
        status__in=Payment.RECEIVED,
        **_near("paid_at", day, days),
    )


def _refunds(sheet: BankSheet, day: date, days: int) -> QuerySet[Refund]:
    """Returns the refunds around a day that went by these ways and stand in no line of a bank yet."""
    of_bank = MatchingLine.objects.exclude(key="").filter(refund=OuterRef("pk"))
    return Refund.objects.filter(
        ~Exists(of_bank),
        estate=sheet.estate_id,
        channel__in=sheet.ways,
        status=Refund.Status.DONE,
        amount_fen__gt=0,
        **_near("status_changed_at", day, days),
    )


def _by_number(lines: Iterable[MatchingLine], ours: Iterable[Any]) -> dict[int, Any]:
    """Returns the payment or refund of each line with the number of its slip, each once: those of the same sum
    first.
    """
    left = defaultdict(list)
    for one in ours:
        left[one.slip_number].append(one)
    found: dict[int, Any] = {}
    for is_same_sum in (True, False):
        for line in lines:
            for number in filter(None, (line.number, line.order_number)):
                fits = [one for one in left[number] if not is_same_sum or one.amount_fen == line.amount_fen]
                if fits and line.pk not in found:
                    found[line.pk] = fits[0]
                    left[number].remove(fits[0])
    return found


def _link(lines: Iterable[MatchingLine], name: str, found: dict[int, Any], kind: str) -> None:
    """Writes what was found for each line, all by one prepared statement: ``bulk_update`` costs several times
    as much.
    """
    column = f"{name}_id"
    table = MatchingLine._meta.db_table
    rows = [(found[line.pk].pk, kind, line.pk) for line in lines if line.pk in found]
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(f"UPDATE {table} SET {column} = %s, kind = %s WHERE id = %s", rows)  # noqa: S608


def _dated(ours: Iterable[Any], moment: str, name: str) -> list[tuple[Any, date, str]]:
    """Returns each payment or refund with its day and the name of the other side."""
    found = []
    for one in ours:
        known = getattr(one, name) or ""
        payer = getattr(one, "payer", None)
        found.append((one, clock.today(getattr(one, moment)), known or (payer.name if payer else "")))
    return found


def _by_sum(
    lines: Iterable[MatchingLine], ours: Iterable[tuple[Any, date, str]], day: date
) -> dict[int, Any]:
    """Returns the payment or refund that fits each line best by sum, name and day, each once."""
    of_sum = defaultdict(list)
    for one, on, name in ours:
        if abs((on - day).days) <= PROPOSED_DAYS:
            of_sum[one.amount_fen].append((one, on, name))
    pairs = [
        (name != line.party, abs((on - day).days), line.pk, one.pk, line, one)
        for line in lines
        for one, on, name in of_sum[line.amount_fen][:MOST_OF_SUM]
    ]
    found: dict[int, Any] = {}
    taken = set()
    for *_order, line, one in sorted(pairs, key=lambda pair: pair[:4]):
        if line.pk not in found and one.pk not in taken:
            found[line.pk] = one
            taken.add(one.pk)
    return found


def bank_differences(day: MatchingDay, now: datetime) -> Iterator[MatchingDifference]:
    """Yields what differs on a day of a bank's file."""
    sheet = _sheet(day)
    seen_to = MatchingDifference.objects.filter(line=OuterRef("pk")).exclude(resolved_by=None)
    lines = MatchingLine.objects.filter(~Exists(seen_to), day=day).order_by("pk")
    came = lines.filter(kind=MatchingLine.Kind.PAYMENT)
    unknown = list(came.filter(payment=None))
    proposed = _proposals(sheet, day, unknown)
    for line in unknown:
        fits = proposed.get(line.pk)
        yield _of_line(line, Kind.PROPOSED if fits else Kind.UNKNOWN, fits, now)
    differs = ~Q(payment__amount_fen=F("amount_fen"))
    for line in came.filter(differs, payment__isnull=False).select_related("payment"):
        yield _of_line(line, Kind.AMOUNT, line.payment, now)
    for line in lines.filter(kind=MatchingLine.Kind.REFUND).select_related("refund"):
        if line.refund is None:
            yield _of_line(line, Kind.REFUND_UNKNOWN, None, now)
        elif line.refund.amount_fen != line.amount_fen:
            yield _of_line(line, Kind.REFUND_AMOUNT, line.refund, now)
    yield from _not_at_the_bank(sheet, day, now)


def _proposals(sheet: BankSheet, day: MatchingDay, lines: list[MatchingLine]) -> dict[int, Any]:
    elsewhere = MatchingDifference.objects.open().filter(kind=Kind.PROPOSED, payment=OuterRef("pk"))
    sums = {line.amount_fen for line in lines}
    ours = _payments(sheet, day.day, PROPOSED_DAYS).filter(~Exists(elsewhere.exclude(day=day)))
    fitting = ours.filter(amount_fen__in=sums).select_related("payer").order_by("pk")
    return _by_sum(lines, _dated(fitting, "paid_at", "payer_name"), day.day)


def _of_line(line: MatchingLine, kind: str, ours: Any, now: datetime) -> MatchingDifference:
    subject = f":{ours.pk}" if kind == Kind.PROPOSED else ""
    return MatchingDifference(
        day_id=line.day_id,
        key=f"{kind}:{line.pk}{subject}",
        kind=kind,
        line=line,
        payment=ours if isinstance(ours, Payment) else None,
        refund=ours if isinstance(ours, Refund) else None,
        estate_id=line.estate_id,
        there_fen=line.amount_fen,
        here_fen=ours.amount_fen if ours else None,
        found_at=now,
    )


def _not_at_the_bank(sheet: BankSheet, day: MatchingDay, now: datetime) -> Iterator[MatchingDifference]:
    """Yields what was taken or paid back so many days before and stands in no file until this day."""
    on = day.day - timedelta(days=THERE_AFTER)
    same = BankSheet.objects.filter(estate=sheet.estate_id, source=sheet.source)
    if not same.filter(first__lte=on).exists():
        return
    known = MatchingDifference.objects.exclude(day=day)
    told = known.filter(kind=Kind.NOT_THERE, payment=OuterRef("pk"))
    for payment in _payments(sheet, on, 0).filter(~Exists(told)).order_by("pk"):
        yield _missing(day, Kind.NOT_THERE, payment, now)
    told = known.filter(kind=Kind.REFUND_NOT_THERE, refund=OuterRef("pk"))
    for refund in _refunds(sheet, on, 0).filter(~Exists(told)).order_by("pk"):
        yield _missing(day, Kind.REFUND_NOT_THERE, refund, now)


def _missing(day: MatchingDay, kind: str, ours: Payment | Refund, now: datetime) -> MatchingDifference:
    return MatchingDifference(
        day=day,
        key=f"{kind}:{ours.pk}",
        kind=kind,
        payment=ours if isinstance(ours, Payment) else ours.payment,
        refund=ours if isinstance(ours, Refund) else None,
        estate_id=ours.estate_id,
        here_fen=ours.amount_fen,
        found_at=now,
    )
