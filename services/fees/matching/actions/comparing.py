"""Compares a day's statement with our payments and refunds, by sets."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from community.core import changes, clock
from community.core.transitions import AlreadyMoved, move
from services.fees.matching.actions.bank import bank_differences, link_bank_lines
from services.fees.matching.messages import tell_staff
from services.fees.models import MatchingDay, MatchingDifference, MatchingLine, Payment, Refund

Status, Kind = MatchingDay.Status, MatchingDifference.Kind
# Refunds that were never sent: the provider cannot mean them.
NEVER_SENT = (Refund.Status.ASKED, Refund.Status.DECLINED)


def days_to_match() -> list[MatchingDay]:
    """Returns the days whose statement is stored and not matched, and those with an open difference."""
    differs = Exists(MatchingDifference.objects.open().filter(day=OuterRef("pk")))
    rows = MatchingDay.objects.filter(Q(status=Status.STORED) | Q(differs, status=Status.MATCHED))
    return list(rows.select_related("merchant", "sheet").defer("packed").order_by("day", "pk"))


def match_day(*, day: MatchingDay, now: datetime) -> int:
    """Matches a day whose statement is stored, and returns how many differences are open.

    Called again it adds nothing twice, and resolves the differences that are right by now. An agreed day stays
    as it is. Staff are told the first time, but not of a file that one of them brings in.
    """
    with transaction.atomic():
        is_first = day.status == Status.STORED
        if not _begin(day, now):
            return 0
        found = _found_in_sheet(day, now) if day.sheet_id else _found(day, now)
        new = _without_known(day, found)
        with changes.of(*new):
            MatchingDifference.objects.bulk_create(new, ignore_conflicts=True)
        _resolve_others(day, {one.key for one in found}, now)
        left = day.differences.open().count()
        if is_first and left and not day.sheet_id:
            tell_staff(day, now=now)
    return left


def _begin(day: MatchingDay, now: datetime) -> bool:
    """Marks the day as matched; its row stays locked, so that nobody agrees to it meanwhile."""
    if day.status == Status.MATCHED:
        mine = MatchingDay.objects.filter(pk=day.pk, status=Status.MATCHED)
        return bool(mine.update(matched_at=now))
    try:
        move(day, Status.MATCHED, by=None, now=now, matched_at=now)
    except AlreadyMoved:
        return False
    return True


def _found_in_sheet(day: MatchingDay, now: datetime) -> list[MatchingDifference]:
    link_bank_lines(day)
    return list(bank_differences(day, now))


def _found(day: MatchingDay, now: datetime) -> list[MatchingDifference]:
    _link(day)
    return [*_of_payment_lines(day, now), *_of_refund_lines(day, now), *_without_line(day, now)]


def _link(day: MatchingDay) -> None:
    """Finds the payment and the refund of each line."""
    ours = Payment.objects.filter(channel=day.provider, merchant=day.merchant)
    by_order = ours.filter(estate=OuterRef("named_estate"), reference=OuterRef("named_reference"))
    lines = MatchingLine.objects.filter(day=day)
    named = lines.filter(payment=None, named_estate__isnull=False)
    named.update(payment=Subquery(by_order.values("pk")[:1]))
    # Money that came a second time for an order is a payment of its own, which has the number.
    payments = lines.filter(kind=MatchingLine.Kind.PAYMENT, payment__isnull=False)
    others = payments.exclude(number=F("payment__provider_number")).exclude(payment__provider_number="")
    ordered = Payment.objects.filter(pk=OuterRef(OuterRef("payment"))).values("home")
    by_number = ours.filter(
        provider_number=OuterRef("number"), amount_fen=OuterRef("amount_fen"), home=Subquery(ordered)
    )
    lines.filter(pk__in=others.values("pk")).update(
        payment=Coalesce(Subquery(by_number.values("pk")[:1]), F("payment"))
    )
    refunds = Refund.objects.filter(
        channel=day.provider, estate=OuterRef("named_estate"), pk=OuterRef("named_refund")
    )
    unnamed = lines.filter(kind=MatchingLine.Kind.REFUND, refund=None, payment__isnull=False)
    unnamed.update(refund=Subquery(refunds.values("pk")[:1]))
    lines.filter(estate=None, payment__isnull=False).update(estate=F("named_estate"))


def _lines(day: MatchingDay, kind: str) -> QuerySet[MatchingLine, Any]:
    """Returns the day's lines of a kind, each with ``is_repeated``: an earlier line has the same number.

    No join, for which SQLite would read all lines of the day for each; of which account the earlier line is,
    ``_is_repeated`` asks for the few that have one.
    """
    same = MatchingLine.objects.filter(number=OuterRef("number"), kind=kind, pk__lt=OuterRef("pk"))
    return MatchingLine.objects.filter(day=day, kind=kind).annotate(is_repeated=Exists(same)).order_by("pk")


def _is_repeated(line: Any, day: MatchingDay) -> bool:
    of_account = {"day__provider": day.provider, "day__merchant": day.merchant}
    same = MatchingLine.objects.filter(number=line.number, kind=line.kind, pk__lt=line.pk, **of_account)
    return line.is_repeated and same.exists()


def _of_payment_lines(day: MatchingDay, now: datetime) -> Iterator[MatchingDifference]:
    holder = Payment.objects.filter(channel=day.provider, provider_number=OuterRef("number"))
    fits = Q(
        is_repeated=False,
        payment__status__in=Payment.RECEIVED,
        payment__amount_fen=F("amount_fen"),
        payment__provider_number=F("number"),
    )
    odd = _lines(day, MatchingLine.Kind.PAYMENT).exclude(pk__in=_pks(day, MatchingLine.Kind.PAYMENT, fits))
    rows = odd.annotate(holder=Subquery(holder.values("pk")[:1])).select_related("payment")
    for line in rows:
        kind = Kind.REPEATED if _is_repeated(line, day) else _kind_of_payment(line)
        if kind:
            yield _of_line(line, kind, line.payment, now)


def _pks(day: MatchingDay, kind: str, fits: Q) -> QuerySet[MatchingLine, Any]:
    """Returns the keys of the lines that fit; ``exclude`` on joined columns would let NULLs pass."""
    return _lines(day, kind).filter(fits).order_by().values("pk")


def _kind_of_payment(line: Any) -> str:
    """Returns how a line differs from its payment; "" if it does not."""
    if line.payment is None:
        return Kind.UNKNOWN
    if line.payment.amount_fen != line.amount_fen:
        return Kind.AMOUNT
    if line.payment.status in Payment.RECEIVED and line.payment.provider_number == line.number:
        return ""
    return Kind.NUMBER_USED if line.holder and line.holder != line.payment_id else Kind.NOT_HERE


def _of_refund_lines(day: MatchingDay, now: datetime) -> Iterator[MatchingDifference]:
    fits = Q(is_repeated=False, refund__status=Refund.Status.DONE, refund__amount_fen=F("amount_fen"))
    odd = _lines(day, MatchingLine.Kind.REFUND).exclude(pk__in=_pks(day, MatchingLine.Kind.REFUND, fits))
    for line in odd.select_related("refund"):
        kind = Kind.REPEATED if _is_repeated(line, day) else _kind_of_refund(line)
        if kind:
            yield _of_line(line, kind, line.refund, now)


def _kind_of_refund(line: Any) -> str:
    """Returns how a line differs from its refund; "" if it does not."""
    if line.refund is None or line.refund.status in NEVER_SENT:
        return Kind.REFUND_UNKNOWN
    if line.refund.amount_fen != line.amount_fen:
        return Kind.REFUND_AMOUNT
    return "" if line.refund.status == Refund.Status.DONE else Kind.REFUND_NOT_HERE


def _of_line(
    line: MatchingLine, kind: str, ours: Payment | Refund | None, now: datetime
) -> MatchingDifference:
    is_refund = line.kind == MatchingLine.Kind.REFUND
    return MatchingDifference(
        day_id=line.day_id,
        key=f"{kind}:{line.pk}",
        kind=kind,
        line=line,
        payment_id=line.payment_id,
        refund_id=line.refund_id if is_refund else None,
        estate_id=line.estate_id,
        there_fen=line.amount_fen,
        here_fen=ours.amount_fen if ours and kind in {Kind.AMOUNT, Kind.REFUND_AMOUNT} else None,
        found_at=now,
    )


def _without_line(day: MatchingDay, now: datetime) -> Iterator[MatchingDifference]:
    """Yields payments and refunds of the day that stand in no statement, of whatever day: near midnight the two
    clocks may see another day.
    """
    begins = clock.midnight(day.day)
    span = (begins, begins + timedelta(days=1) - timedelta(microseconds=1))
    estates = list(day.estates().values_list("pk", flat=True))
    of = MatchingLine.objects.filter(kind=MatchingLine.Kind.PAYMENT, payment=OuterRef("pk"))
    paid = Payment.objects.filter(
        ~Exists(of),
        estate__in=estates,
        channel=day.provider,
        merchant=day.merchant,
        status__in=Payment.RECEIVED,
        paid_at__range=span,
    )
    for payment in paid.order_by("pk"):
        yield _missing_there(day, Kind.NOT_THERE, payment, payment, None, now)
    of = MatchingLine.objects.filter(refund=OuterRef("pk"))
    direct = Q(payment__channel=day.provider, payment__merchant=day.merchant)
    moved = Q(payment__moved_from__channel=day.provider, payment__moved_from__merchant=day.merchant)
    back = Refund.objects.filter(
        ~Exists(of),
        direct | moved,
        estate__in=estates,
        channel=day.provider,
        status=Refund.Status.DONE,
        status_changed_at__range=span,
        amount_fen__gt=0,
    )
    for refund in back.select_related("payment").order_by("pk"):
        yield _missing_there(day, Kind.REFUND_NOT_THERE, refund, refund.payment, refund, now)


def _missing_there(
    day: MatchingDay,
    kind: str,
    ours: Payment | Refund,
    payment: Payment | None,
    refund: Refund | None,
    now: datetime,
) -> MatchingDifference:
    return MatchingDifference(
        day=day,
        key=f"{kind}:{ours.pk}",
        kind=kind,
        payment=payment,
        refund=refund,
        estate_id=ours.estate_id,
        here_fen=ours.amount_fen,
        found_at=now,
    )


def _without_known(day: MatchingDay, found: list[MatchingDifference]) -> list[MatchingDifference]:
    known = set(MatchingDifference.objects.filter(day=day).values_list("key", flat=True))
    return [one for one in found if one.key not in known]


def _resolve_others(day: MatchingDay, keys: set[str], now: datetime) -> None:
    """Resolves the open differences of the day whose cause is gone, such as a payment credited since."""
    rows = MatchingDifference.objects.open().filter(day=day).select_related("day__merchant", "day__sheet")
    gone = [one for one in rows if one.key not in keys]
    with changes.of(*gone):
        MatchingDifference.objects.filter(pk__in=[one.pk for one in gone], resolved_at=None).update(
            resolved_at=now
        )
