"""Computes the usage of homes in a month from their meters, their parts of shared costs, and the lines of bills.

A home's bill of a month has all usage from the last billed reading up to the last reading of that month. A home
without a reading in the month is left out. The year of the tiers goes by the month of the bill.
"""

import calendar
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Max, Sum
from django.utils.translation import gettext_lazy as _

from community.core import money
from community.core.errors import ActionError
from community.estates.models import Building, Home
from services.fees.meters import queries
from services.fees.meters.computing import Priced, Step, in_tiers, usage_along, year_of
from services.fees.models import Bill, FeeItem, Meter, MeterReading, SharePart, Tariff, UsageLine

Basis = FeeItem.Basis


@dataclass(frozen=True)
class LeftOut:
    """A home without a bill, and the reason: ``missing``, ``waiting`` or ``later``."""

    home: Home
    reason: str

    WORDS = {
        "missing": _("no reading in this month"),
        "waiting": _("its reading waits for the office"),
        "later": _("a later month is billed already"),
    }

    @property
    def words(self) -> str:
        return str(self.WORDS[self.reason])


@dataclass
class Computed:
    """The lines of a run by home, the homes that are left out, and how many have nothing to pay."""

    lines: list[UsageLine] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    unused: int = 0

    @property
    def homes(self) -> int:
        return len({line.home_id for line in self.lines})

    @property
    def total_fen(self) -> int:
        return sum(line.amount_fen for line in self.lines)


def last_day(period: date) -> date:
    """Returns the last day of the month that begins with ``period``."""
    return period.replace(day=calendar.monthrange(period.year, period.month)[1])


def steps_of(tariff: Tariff) -> list[Step]:
    """Returns the tiers of a tariff in the order of their limits. One query."""
    further = tariff.tiers.order_by("above_milli").values_list("above_milli", "rate_hao")
    steps = [(0, tariff.rate_hao), *further]
    return [Step(number, above, rate) for number, (above, rate) in enumerate(steps, 1)]


def compute(item: FeeItem, period: date) -> Computed:
    """Computes the lines of all bills of a metered or shared fee for a month that are not made yet.

    The number of queries does not depend on the number of homes. Raises ``ActionError`` without a tariff.
    """
    if item.basis == Basis.SHARE:
        return _compute_shares(item, period)
    tariff = item.tariff_for(period)
    if tariff is None:
        raise ActionError(
            "no_tariff", _("No tariff holds in this month. Please set one first."), field="period"
        )
    return _Month(item, period).compute(steps_of(tariff))


def homes_done(item: FeeItem, period: date) -> set[int]:
    """Returns the keys of homes that have their bill of this month, or are exempt from it."""
    bills = Bill.objects.filter(item=item, period=period, subject="")
    standing = bills.exclude(status=Bill.Status.VOIDED).values_list("home", flat=True)
    return set(standing) | set(bills.filter(is_exempt=True).values_list("home", flat=True))


class _Month:
    """The meters of a fee, their readings and what is billed, up to the end of a month."""

    def __init__(self, item: FeeItem, period: date) -> None:
        self.period, self.until = period, last_day(period)
        rows = Meter.objects.filter(item=item, home__isnull=False, installed_on__lte=self.until)
        self.meters = list(rows.with_places().in_order().order_by(*ORDER))
        self.readings = queries.accepted_by_meter(self.meters, until=self.until)
        billed = UsageLine.objects.billed().filter(meter__item=item)
        self.billed_until: dict[int, date] = dict(
            billed.order_by().values_list("meter").annotate(until=Max("to_reading__on"))
        )
        year = year_of(period, item.tier_month)
        this_year = billed.filter(bill__period__gte=year, bill__period__lt=period)
        self.before: dict[int, int] = dict(
            this_year.order_by().values_list("home").annotate(sum=Sum("quantity_milli"))
        )
        self.later = set(billed.filter(bill__period__gt=period).values_list("home", flat=True))
        waiting = MeterReading.objects.waiting().filter(meter__item=item, on__gte=period, on__lte=self.until)
        self.waiting = set(waiting.values_list("meter", flat=True))
        self.done = homes_done(item, period)

    def compute(self, steps: Sequence[Step]) -> Computed:
        by_home: dict[int, list[Meter]] = defaultdict(list)
        for meter in self.meters:
            by_home[meter.home_id or 0].append(meter)
        computed = Computed()
        for key, meters in by_home.items():
            if key in self.done:
                continue
            if reason := self._reason_to_leave_out(key, meters):
                computed.left_out.append(LeftOut(meters[0].home, reason))  # type: ignore[arg-type]
                continue
            lines = self._lines(key, meters, steps)
            if sum(line.amount_fen for line in lines):
                computed.lines += lines
            else:
                computed.unused += 1
        return computed

    def _chain(self, meter: Meter) -> list[MeterReading]:
        since = self.billed_until.get(meter.pk)
        return [one for one in self.readings[meter.pk] if since is None or one.on >= since]

    def _reason_to_leave_out(self, home: int, meters: Sequence[Meter]) -> str:
        if home in self.later:
            return "later"
        for meter in meters:
            if meter.removed_on is not None and meter.removed_on <= self.until:
                continue
            readings = self.readings[meter.pk]
            if not readings or readings[-1].on < self.period:
                return "waiting" if meter.pk in self.waiting else "missing"
        return ""

    def _lines(self, home: int, meters: Sequence[Meter], steps: Sequence[Step]) -> list[UsageLine]:
        before = self.before.get(home, 0)
        lines: list[UsageLine] = []
        for meter in meters:
            chain = self._chain(meter)
            quantity = usage_along([queries.value_of(one) for one in chain], meter.range_milli)
            for priced in in_tiers(quantity, before, steps):
                lines.append(_line(meter, chain, priced, number=len(lines) + 1))
            before += quantity
        return lines


# The meter that was replaced comes before the one in its place.
ORDER = (
    "building__position",
    "building__name",
    "home__entrance",
    "home__floor",
    "home__number",
    "installed_on",
    "pk",
)


def _line(meter: Meter, chain: Sequence[MeterReading], priced: Priced, *, number: int) -> UsageLine:
    return UsageLine(
        home=meter.home,
        number=number,
        meter=meter,
        from_reading=chain[0],
        to_reading=chain[-1],
        tier=priced.tier,
        quantity_milli=priced.quantity_milli,
        rate_hao=priced.rate_hao,
        words=meter.serial,
        amount_fen=money.of_quantity(priced.quantity_milli, priced.rate_hao),
    )


def _compute_shares(item: FeeItem, period: date) -> Computed:
    parts = SharePart.objects.filter(cost__item=item, cost__period=period, amount_fen__gt=0)
    done = homes_done(item, period)
    computed = Computed()
    numbers: dict[int, int] = defaultdict(int)
    for part in parts.select_related("cost", "home__entrance__building").order_by("cost", "pk"):
        if part.home_id in done:
            continue
        numbers[part.home_id] += 1
        line = UsageLine(
            home=part.home,
            number=numbers[part.home_id],
            part=part,
            words=part.cost.words,
            amount_fen=part.amount_fen,
        )
        computed.lines.append(line)
    return computed


# -- Shared use


@dataclass(frozen=True)
class SharedUsage:
    """The usage of a common meter in a month, that of the homes' own meters, and the meters without a reading."""

    counted_milli: int
    homes_milli: int
    missing: list[Meter]

    @property
    def quantity_milli(self) -> int:
        return self.counted_milli - self.homes_milli


def shared_usage(common: Meter, period: date) -> SharedUsage:
    """Returns what a common meter counted in a month beyond the meters of the same kind in its building's homes.

    From the last reading before the month: if the common meter was not read in the month before, the homes'
    usage goes as far back. Three queries. Raises ``ActionError`` if the common meter has no reading of the
    month, or none before it.
    """
    until = last_day(period)
    readings = queries.accepted_by_meter([common], until=until)[common.pk]
    before = [one for one in readings if one.on < period]
    if not readings or readings[-1].on < period or not before:
        raise ActionError(
            "common_missing",
            _("The common meter needs a reading in this month and one before it."),
            field="building",
        )
    counted = _usage_after(common, readings, before[-1].on)
    since = min(last_day(before[-1].on.replace(day=1)), date.fromordinal(period.toordinal() - 1))
    homes = Meter.objects.filter(
        estate=common.estate, kind=common.kind, home__isnull=False, installed_on__lte=until
    ).exclude(removed_on__lte=since)
    if common.building_id:
        homes = homes.filter(building=common.building_id)
    meters = list(homes.with_places().order_by(*ORDER))
    found = queries.accepted_by_meter(meters, until=until)
    missing = [one for one in meters if not _is_read(one, found[one.pk], period)]
    used = sum(_usage_after(one, found[one.pk], since) for one in meters)
    return SharedUsage(counted, used, missing)


def _is_read(meter: Meter, readings: Sequence[MeterReading], period: date) -> bool:
    is_removed = meter.removed_on is not None and meter.removed_on <= last_day(period)
    return is_removed or bool(readings and readings[-1].on >= period)


def _usage_after(meter: Meter, readings: Sequence[MeterReading], since: date) -> int:
    """Returns the usage from the last reading up to ``since``, or the first one, to the last."""
    before = [one for one in readings if one.on <= since][-1:]
    chain = [*before, *(one for one in readings if one.on > since)]
    return usage_along([queries.value_of(one) for one in chain], meter.range_milli)


def homes_sharing(item: FeeItem, building: Building | None) -> list[Home]:
    """Returns the homes of a building, or of the estate, in the order of their addresses."""
    homes = Home.objects.of_estate(item.estate).with_address()
    if building is not None:
        homes = homes.filter(entrance__building=building)
    return list(
        homes.order_by(
            "entrance__building__position",
            "entrance__building__name",
            "entrance__position",
            "floor",
            "number",
            "pk",
        )
    )


def weights(homes: Iterable[Home], split: str) -> list[int]:
    """Returns the weight of each home: its floor area in 0.01 m², or 1."""
    return [home.area_dm2 if split == "area" else 1 for home in homes]
