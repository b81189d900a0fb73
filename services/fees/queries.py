"""Sums over many rows for pages; the number of queries does not depend on the number of homes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import BigIntegerField, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Coalesce

from accounts.models import Residency, RosterEntry, User, access_of, any_of
from community.core.statements import Statement
from community.estates.models import Estate, Home
from services.fees import KEY
from services.fees.models import (
    Bill,
    BillLine,
    BillQuerySet,
    Deposit,
    Dispute,
    Meter,
    Payment,
    ProviderNotice,
    Refund,
)
from services.fees.models.bills import PAYING, bills_of
from services.fees.models.refunds import RefundQuerySet
from services.fees.prepayment import Prepayment

# Kinds of residents, in the order in which they are offered as payers.
_NEAREST: list[str] = [Residency.Kind.OWNER, Residency.Kind.FAMILY, Residency.Kind.TENANT]
UNPAID = F("amount_fen") - F("paid_fen")


def owed_by(user: User, on: date) -> tuple[int, int, int]:
    """Returns the fen that the user owes, on how many bills, and the fen overdue on day ``on``. One query."""
    late = Sum(UNPAID, filter=Q(due_on__lt=on))
    found = Bill.objects.of_resident(user).open().aggregate(fen=Sum(UNPAID), count=Count("pk"), late=late)
    return found["fen"] or 0, found["count"], found["late"] or 0


@dataclass(frozen=True)
class FamilyOwed:
    """The fen, bills and overdue fen of a person, and the fen of the residents for whom they pay, by key."""

    fen: int
    bills: int
    late_fen: int
    by_resident: dict[int, int]


def owed_by_family(user: User, on: date) -> FamilyOwed:
    """Returns what the user and the residents for whom they pay owe, and what the user owes from before
    ``on``. One query, for the home page.
    """
    access = access_of(user)
    if access.people(KEY) == [user.pk]:
        return FamilyOwed(*owed_by(user, on), {})
    shares = {
        person: bills_of([person], [one for one in access.living(KEY) if one.user_id == person])
        for person in access.people(KEY)
    }
    own = shares[user.pk]
    found = (
        Bill.objects.open()
        .filter(any_of(shares.values()))
        .aggregate(
            bills=Count("pk", filter=own),
            late=Sum(UNPAID, filter=own & Q(due_on__lt=on)),
            **{f"fen_{person}": Sum(UNPAID, filter=share) for person, share in shares.items()},
        )
    )
    fen = {person: found[f"fen_{person}"] or 0 for person in shares}
    return FamilyOwed(fen.pop(user.pk), found["bills"], found["late"] or 0, fen)


def residents_to_pay_for(user: User) -> list[User]:
    """Returns the residents for whom the user may pay, each with ``owed_fen``. One query, none without them."""
    residents = access_of(user).acts_for(KEY)
    return _OWING(residents) if residents else []


def owed_fen_of(person: str) -> CombinedExpression:
    """Returns an expression for ``annotate``: the fen that a person owes, by the rule of their own list.

    ``person`` is the lookup from the annotated row to that person.
    """
    living = Residency.objects.active().filter(PAYING, user=OuterRef(OuterRef(person)))
    homes = living.values("home")
    owning = homes.exclude(kind=Residency.Kind.TENANT)
    since = living.active_at(OuterRef("created_at")).values("home")
    household = Bill.objects.open().filter(charged_to=None, home__in=homes)
    of_homes = household.filter(Q(home__in=owning) | Q(home__in=since))
    return _unpaid_sum(of_homes) + _unpaid_sum(Bill.objects.open().filter(charged_to=OuterRef(person)))


def _unpaid_sum(bills: BillQuerySet) -> Coalesce:
    """Returns the sum of the unpaid fen as a subquery; 0 without rows."""
    sums = bills.order_by().annotate(one=Value(1)).values("one").annotate(sum=Sum(UNPAID)).values("sum")
    return Coalesce(Subquery(sums, output_field=BigIntegerField()), 0)


_OWING: Statement[User] = Statement(
    lambda residents: User.objects.filter(pk__in=residents).annotate(owed_fen=owed_fen_of("pk"))
)


@dataclass(frozen=True)
class Beside:
    """Kinds of rows that a resident has beside bills."""

    has_meters: bool
    has_deposits: bool
    has_waiting: bool


def beside_bills(resident: User, homes: Iterable[int]) -> Beside:
    """Returns whether these homes have meters, and the resident deposits and payments that wait for the
    provider. One query.
    """
    return Beside(*_BESIDE(resident.pk, sorted(homes), Deposit.objects.of_payer(resident))[0])


def _beside(resident: int, homes: list[int], deposits: Any) -> "QuerySet[User, Any]":
    return (
        User.objects.filter(pk=resident)
        .order_by()
        .values_list(
            Exists(Meter.objects.in_use().filter(home__in=homes)),
            Exists(Deposit.objects.filter(pk__in=deposits)),
            Exists(Payment.objects.waiting().filter(payer=resident)),
        )
    )


_BESIDE: Statement[Any] = Statement(_beside)


@dataclass
class HomeOwed:
    """The open bills of one home, those in arrears first."""

    home: Home
    bills: list[Bill] = field(default_factory=list)
    late: list[Bill] = field(default_factory=list)
    # The part of the prepayment that the reader may use.
    prepayment: Prepayment = field(default_factory=Prepayment)
    # The providers by which it can be paid in the reader's browser, with their names.
    ways: dict[str, str] = field(default_factory=dict)

    @property
    def topic(self) -> str:
        return f"bills:{self.home.pk}"

    @property
    def all_bills(self) -> list[Bill]:
        return self.late + self.bills

    @property
    def total_fen(self) -> int:
        return sum(bill.unpaid_fen for bill in self.all_bills)

    @property
    def late_fen(self) -> int:
        return sum(bill.unpaid_fen for bill in self.late)

    @property
    def prepaid_use_fen(self) -> int:
        """Fen of the open bills that the prepayment covers."""
        return self.prepayment.covers_fen(self.all_bills)


def open_bills(bills: BillQuerySet) -> list[Bill]:
    """Returns the open ones of these bills with all that a row shows, the oldest first. Two queries."""
    return _with_lines(_OLDEST(bills.open()))


def newest_bills(bills: BillQuerySet) -> list[Bill]:
    """Returns these bills with all that a row shows, in the order of ``newest_first``. Two queries."""
    return _with_lines(_NEWEST(bills))


def _with_lines(bills: list[Bill]) -> list[Bill]:
    lines: dict[int, list[BillLine]] = {}
    for line in _LINES([bill.pk for bill in bills]) if bills else ():
        lines.setdefault(line.bill_id, []).append(line)
    for bill in bills:
        bill.known_lines = lines.get(bill.pk, [])
    return bills


def _rows(bills: Any) -> "QuerySet[Bill]":
    disputed = Dispute.objects.open().filter(bill=OuterRef("pk"))
    rows = Bill.objects.filter(pk__in=bills).select_related("item", "home__entrance__building")
    return rows.annotate(is_disputed=Exists(disputed))  # type: ignore[no-redef]


_OLDEST: Statement[Bill] = Statement(
    lambda bills: _rows(bills).select_related("charged_to", "estate").order_by("period", "pk")
)
_NEWEST: Statement[Bill] = Statement(lambda bills: _rows(bills).order_by("-created_at", "-pk"))
_LINES: Statement[BillLine] = Statement(
    lambda bills: BillLine.objects.filter(bill__in=bills).order_by("bill_id", "number")
)


def open_bills_by_home(
    bills: Iterable[Bill],
    homes: Iterable[Home],
    on: date,
    *,
    prepaid: Mapping[int, Prepayment] | None = None,
) -> list[HomeOwed]:
    """Returns open bills grouped by home, the oldest first; homes that owe nothing come last.

    ``on`` is the day that decides about arrears, ``prepaid`` what the reader may use, by home key.
    """
    found = {home.pk: HomeOwed(home) for home in homes}
    for bill in bills:
        home_owed = found.get(bill.home_id) or found.setdefault(bill.home_id, HomeOwed(bill.home))
        (home_owed.late if bill.is_in_arrears(on) else home_owed.bills).append(bill)
    for home, prepayment in (prepaid or {}).items():
        if home in found:
            found[home].prepayment = prepayment
    return sorted(found.values(), key=lambda home_owed: not home_owed.total_fen)


# -- For staff


def residents_of(home: Home) -> list[Residency]:
    """Returns the residencies of the people who live in a home, owners first, each person once."""
    living = Residency.objects.active().filter(home=home).select_related("user").order_by("pk")
    owners_first = sorted(living, key=lambda one: (_NEAREST.index(one.kind), one.user.name, one.pk))
    return list({one.user_id: one for one in reversed(owners_first)}.values())[::-1]


def roster_beside(home: Home, living: Iterable[Residency]) -> list[RosterEntry]:
    """Returns the roster's entries of people of a home who have not registered, owners first."""
    known = {one.user.name for one in living}
    standing = RosterEntry.objects.standing().filter(home=home)
    entries = [entry for entry in standing if entry.name not in known]
    return sorted(entries, key=lambda one: (_NEAREST.index(one.kind), one.pk))


def doubts_in(estates: Iterable[Estate | int]) -> "QuerySet[ProviderNotice]":
    """Returns unresolved notices of providers that do not fit a payment, the latest first."""
    return ProviderNotice.objects.in_doubt().filter(payment__estate__in=estates)


def refused_refunds_in(estates: Iterable[Estate | int]) -> RefundQuerySet:
    """Returns refunds that the provider refused."""
    return Refund.objects.filter(estate__in=estates, status=Refund.Status.FAILED)


def asked_refunds_in(estates: Iterable[Estate | int]) -> RefundQuerySet:
    """Returns refunds that wait for a second person, the latest first."""
    return Refund.objects.waiting_for_second().filter(estate__in=estates)


def count_to_check(estates: Iterable[Estate]) -> int:
    """Counts doubts and refunds that wait for a cashier. Two queries."""
    refunds = refused_refunds_in(estates) | asked_refunds_in(estates)
    return doubts_in(estates).count() + refunds.count()


def homes_with_owed(homes: list[Home]) -> list[tuple[Home, int, list[str]]]:
    """Returns each home with the fen owed and the names of its residents. Two queries."""
    bills = Bill.objects.open().filter(home__in=homes).order_by()
    owed = dict(bills.values("home").annotate(fen=Sum(UNPAID)).values_list("home", "fen"))
    names: dict[int, list[str]] = {}
    living = Residency.objects.active().filter(home__in=homes).select_related("user").order_by("pk")
    for residency in living:
        names.setdefault(residency.home_id, []).append(residency.user.name)
    return [(home, owed.get(home.pk, 0), names.get(home.pk, [])) for home in homes]
