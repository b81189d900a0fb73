"""Sums over many rows for pages; the number of queries does not depend on the number of homes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import BigIntegerField, Count, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Coalesce

from accounts.models import Delegation, Residency, RosterEntry, User, access_of, any_of
from community.estates.models import Estate, Home
from services.fees import KEY
from services.fees.bill_matters import mark_disputed
from services.fees.models import Bill, BillQuerySet, ProviderNotice, Refund
from services.fees.models.bills import PAYING, bills_of
from services.fees.models.refunds import RefundQuerySet
from services.fees.prepayment import Prepayment, prepayments_of

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


def residents_to_pay_for(user: User) -> "QuerySet[User]":
    """Returns the residents for whom the user may pay, each with ``owed_fen``. One query."""
    acted_for = Delegation.objects.residents_of(user, KEY)
    return acted_for.annotate(owed_fen=owed_fen_of("pk"))


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


def open_bills_by_home(
    bills: Iterable[Bill], homes: Iterable[Home], on: date, *, reader: User | None = None
) -> list[HomeOwed]:
    """Returns open bills grouped by home, the oldest first; homes that owe nothing come last. Three queries.

    ``on`` is the day that decides about arrears. Includes the prepayment that ``reader`` may use, if given.
    """
    found = {home.pk: HomeOwed(home) for home in homes}
    bills = list(bills)
    mark_disputed(bills)
    for bill in bills:
        home_owed = found.setdefault(bill.home_id, HomeOwed(bill.home))
        (home_owed.late if bill.is_in_arrears(on) else home_owed.bills).append(bill)
    for home, prepayment in (prepayments_of(reader, found) if reader else {}).items():
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
    entries = RosterEntry.objects.standing().filter(home=home).exclude(name__in=known)
    return sorted(entries, key=lambda one: (_NEAREST.index(one.kind), one.pk))


def doubts_in(estates: Iterable[Estate]) -> "QuerySet[ProviderNotice]":
    """Returns unresolved notices of providers that do not fit a payment, the latest first."""
    return ProviderNotice.objects.in_doubt().filter(payment__estate__in=estates)


def refused_refunds_in(estates: Iterable[Estate]) -> RefundQuerySet:
    """Returns refunds that the provider refused."""
    return Refund.objects.filter(estate__in=estates, status=Refund.Status.FAILED)


def asked_refunds_in(estates: Iterable[Estate]) -> RefundQuerySet:
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
