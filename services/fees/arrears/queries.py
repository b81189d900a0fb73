"""Homes in arrears: sums by age, net of prepayment, people; and whom a round of reminders reaches.

The number of queries does not depend on the number of homes.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Least

from accounts.models import Residency, RosterEntry
from accounts.models.residents import Kind
from community.estates.models import Building, Estate, Home
from services.fees.models import (
    Account,
    Bill,
    Dispute,
    DunningNotice,
    DunningRound,
    Hardship,
    Payment,
    PaymentLine,
)

# Columns by age: name, least and most days since the last day to pay.
AGES: tuple[tuple[str, int, int | None], ...] = (
    ("age_30", 1, 30),
    ("age_60", 31, 60),
    ("age_90", 61, 90),
    ("age_180", 91, 180),
    ("age_365", 181, 365),
    ("age_more", 366, None),
)
NAMES = tuple(name for name, _least, _most in AGES)
SUMS = ("late_fen", "prepaid_fen", "net_fen", *NAMES)
UNPAID = F("bills__amount_fen") - F("bills__paid_fen")


def homes_in_arrears(
    estate: Estate, on: date, *, building: Building | None = None, age: int = 0
) -> "QuerySet[Home]":
    """Returns the homes with bills that were due before the day ``on``; ``age`` is the least number of days.

    Annotates ``late_bills``, ``late_since`` and in fen: ``late_fen``, a column for each of ``AGES``,
    ``prepaid_fen`` (what prepayment covers of it) and ``net_fen``.
    """
    late = Q(bills__estate=estate, bills__status=Bill.Status.OPEN, bills__due_on__lt=on)
    homes: Any = Home.objects.of_estate(estate)
    if building is not None:
        homes = homes.filter(entrance__building=building)
    sums = {name: _fen(late & _between(on, least, most)) for name, least, most in AGES}
    homes = homes.filter(late).annotate(
        # Not the keys: everything counted here is in the index of the open bills.
        late_bills=Count("bills__period", filter=late),
        late_since=Min("bills__due_on", filter=late),
        late_fen=_fen(late),
        household_fen=_fen(late & Q(bills__charged_to=None)),
        **sums,
    )
    homes = homes.annotate(prepaid_fen=_covered(on), net_fen=_whole(F("late_fen") - F("prepaid_fen")))
    return homes.filter(late_since__lt=on - timedelta(days=age)) if age else homes


def _fen(bills: Q) -> Coalesce:
    return Coalesce(Sum(UNPAID, filter=bills), Value(0), output_field=BigIntegerField())


def _between(on: date, least: int, most: int | None) -> Q:
    """Returns the condition for bills that are overdue for ``least`` to ``most`` days on the day ``on``."""
    age = Q(bills__due_on__lte=on - timedelta(days=least))
    return age & Q(bills__due_on__gte=on - timedelta(days=most)) if most is not None else age


def _covered(on: date) -> ExpressionWrapper:
    """Returns what prepayment covers: the household's of household bills, a person's of their own."""
    held = Account.objects.filter(kind=Account.Kind.PREPAYMENT, home=OuterRef("pk"), held_fen__gt=0)
    household = _or_zero(Subquery(held.filter(person=None).values("held_fen")[:1]))
    own_bills = (
        Bill.objects.in_arrears(on)
        .filter(home=OuterRef("home"), charged_to=OuterRef("person"))
        .order_by()
        .values("charged_to")
        .annotate(fen=Sum(F("amount_fen") - F("paid_fen")))
        .values("fen")
    )
    own = (
        held.exclude(person=None)
        .annotate(part=Least(F("held_fen"), _or_zero(Subquery(own_bills))))
        .order_by()
        .values("home")
        .annotate(fen=Sum("part"))
        .values("fen")
    )
    return _whole(Least(household, F("household_fen")) + _or_zero(Subquery(own)))


def _or_zero(found: Subquery) -> Coalesce:
    return Coalesce(found, Value(0), output_field=BigIntegerField())


def _whole(expression: Any) -> ExpressionWrapper:
    return ExpressionWrapper(expression, output_field=BigIntegerField())


def totals(homes: "QuerySet[Home]") -> dict[str, int]:
    """Returns the sums of all columns over these homes, and how many homes and bills there are. One query."""
    names = {f"sum_{name}": Sum(name) for name in (*SUMS, "late_bills")}
    found = homes.aggregate(homes=Count("pk"), **names)
    return {name.removeprefix("sum_"): value or 0 for name, value in found.items()}


@dataclass(frozen=True)
class Contact:
    """A person of a home to speak with; ``phone`` is the whole number, for a page that records the reading."""

    name: str
    masked_phone: str
    phone: str
    kind: str


def contacts_of(homes: Iterable[Home]) -> dict[int, list[Contact]]:
    """Returns the people of each home, owners first: residents, then those of the roster alone. Two queries."""
    found: dict[int, list[Contact]] = {}
    living = Residency.objects.active().filter(home__in=homes).select_related("user").order_by("pk")
    for one in living:
        person = one.user
        contact = Contact(person.name, person.masked_phone, person.phone_national, one.kind)
        found.setdefault(one.home_id, []).append(contact)
    roster = RosterEntry.objects.filter(home__in=homes, ended_at=None).order_by("pk")
    for entry in roster:
        people = found.setdefault(entry.home_id, [])
        if entry.name not in {one.name for one in people}:
            people.append(Contact(entry.name, entry.masked_phone, entry.phone_national, entry.kind))
    for people in found.values():
        people.sort(key=lambda one: one.kind != Kind.OWNER)
    return found


def in_chunks(homes: "QuerySet[Home]", size: int = 500) -> Iterator[Sequence[Home]]:
    """Yields the homes in the order of their keys, some hundred at a time."""
    after = 0
    while chunk := list(homes.filter(pk__gt=after).with_address().order_by("pk")[:size]):  # type: ignore[attr-defined]
        yield chunk
        after = chunk[-1].pk


# -- Reminders


class LeftOut:
    """Reasons why a home in arrears is not reminded, the first that holds."""

    HARDSHIP, DISPUTED, PENDING = "hardship", "disputed", "pending"
    COVERED, REMINDED, NOBODY = "covered", "reminded", "nobody"
    SENT = ""


def homes_to_remind(dunning_round: DunningRound, on: date) -> "QuerySet[Home]":
    """Returns the homes with bills of the household that the round names, with ``left_out`` as the reason.

    Annotates ``fen`` and ``bills_late``. Bills in a person's own name are that person's matter, and are not
    told to the household.
    """
    named = Q(
        bills__estate=dunning_round.estate_id,
        bills__status=Bill.Status.OPEN,
        bills__due_on__lt=dunning_round.due_before,
        bills__charged_to=None,
    )
    homes: Any = Home.objects.filter(entrance__building__estate=dunning_round.estate_id)
    if dunning_round.building_id is not None:
        homes = homes.filter(entrance__building=dunning_round.building_id)
    held = Account.objects.filter(kind=Account.Kind.PREPAYMENT, person=None, home=OuterRef("pk"))
    homes = homes.filter(named).annotate(
        fen=_fen(named),
        bills_late=Count("bills__period", filter=named),
        held=_or_zero(Subquery(held.values("held_fen")[:1])),
    )
    return homes.annotate(left_out=_reason(dunning_round, on))


def _reason(dunning_round: DunningRound, on: date) -> Case:
    of_home = OuterRef("pk")
    pending = PaymentLine.objects.filter(bill__home=of_home, payment__status=Payment.Status.PENDING)
    reminded = DunningNotice.objects.filter(home=of_home, at__gte=dunning_round.reminded_before).exclude(
        round=dunning_round.pk
    )
    if dunning_round.pk is None:
        reminded = DunningNotice.objects.filter(home=of_home, at__gte=dunning_round.reminded_before)
    return Case(
        When(Exists(Hardship.objects.at(on).filter(home=of_home)), then=Value(LeftOut.HARDSHIP)),
        When(Exists(Dispute.objects.open().filter(bill__home=of_home)), then=Value(LeftOut.DISPUTED)),
        When(Exists(pending), then=Value(LeftOut.PENDING)),
        When(held__gte=F("fen"), then=Value(LeftOut.COVERED)),
        When(Exists(reminded), then=Value(LeftOut.REMINDED)),
        When(~Exists(to_tell().filter(home=of_home)), then=Value(LeftOut.NOBODY)),
        default=Value(LeftOut.SENT),
        output_field=CharField(),
    )


def totals_by_reason(homes: "QuerySet[Home]") -> dict[str, dict[str, int]]:
    """Returns how many homes there are for each reason, and their fen. One query."""
    reasons = (
        *(LeftOut.SENT, LeftOut.HARDSHIP, LeftOut.DISPUTED, LeftOut.PENDING),
        *(LeftOut.COVERED, LeftOut.REMINDED, LeftOut.NOBODY),
    )
    sums: dict[str, Any] = {}
    for reason in reasons:
        sums[f"homes_{reason}"] = Count("pk", filter=Q(left_out=reason))
        sums[f"sum_{reason}"] = Sum("fen", filter=Q(left_out=reason))
    found = homes.aggregate(**sums)
    return {one: {"homes": found[f"homes_{one}"], "sum": found[f"sum_{one}"] or 0} for one in reasons}


def to_tell() -> "QuerySet[Residency]":
    """Returns the residencies of those who answer for a household: owners and family, never tenants."""
    return Residency.objects.active().exclude(kind=Kind.TENANT)
