"""Values of meters for pages and computations; the number of queries does not depend on the number of meters."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from community.core.inserts import keys_in
from community.estates.models import Building, Estate
from services.fees.meters.computing import Usual, Value, usage_along
from services.fees.models import Meter, MeterReading
from services.fees.models.meters import MeterQuerySet, ReadingQuerySet

Flag = MeterReading.Flag
# Values from which the usual usage is found.
USUAL_OVER = 7


def value_of(reading: MeterReading) -> Value:
    """Returns the value of a reading for computations."""
    return Value(reading.on, reading.value_milli, reading.flag == Flag.ROLLED_OVER)


def accepted_by_meter(
    meters: Iterable[Meter], *, last: int = 0, until: date | None = None
) -> dict[int, list[MeterReading]]:
    """Returns the accepted readings of each meter in the order of their days, the ``last`` ones only if given.

    One query; ``until`` leaves out later days.
    """
    keys = [meter.pk for meter in meters]
    rows = MeterReading.objects.accepted().filter(meter__in=keys_in(keys))
    if until is not None:
        rows = rows.up_to(until)
    if last:
        rows = _newest(rows, last)
    found: dict[int, list[MeterReading]] = {key: [] for key in keys}
    for reading in rows.order_by("on", "pk"):
        found[reading.meter_id].append(reading)
    return found


def usual_by_meter(meters: Iterable[Meter]) -> dict[int, Usual]:
    """Returns the last value and the usual usage of each meter that has a value. One query."""
    by_key = {meter.pk: meter for meter in meters}
    rows = _newest(MeterReading.objects.accepted().filter(meter__in=keys_in(list(by_key))), USUAL_OVER)
    values: dict[int, list[Value]] = {}
    # Bare values: a sheet asks for those of 20,000 meters.
    columns = ("meter", "on", "value_milli", "flag")
    for key, on, milli, flag in rows.order_by("on", "pk").values_list(*columns):
        values.setdefault(key, []).append(Value(on, milli, flag == Flag.ROLLED_OVER))
    return {key: usual_of(by_key[key], found) for key, found in values.items()}


def _newest(rows: ReadingQuerySet, count: int) -> ReadingQuerySet:
    """Limits to the newest readings of each meter."""
    nth = Window(RowNumber(), partition_by="meter", order_by=[F("on").desc(), F("pk").desc()])
    return rows.annotate(nth=nth).filter(nth__lte=count)


def usual_of(meter: Meter, values: list[Value]) -> Usual:
    """Returns the last value of a meter and its usual usage along its newest values."""
    values = values[-USUAL_OVER:]
    days = (values[-1].on - values[0].on).days
    return Usual(values[-1], days, usage_along(values, meter.range_milli) if days else 0)


def meters_of_home(home_keys: Iterable[int]) -> MeterQuerySet:
    """Returns the meters in use of these homes."""
    return (
        Meter.objects.in_use().filter(home__in=list(home_keys)).with_places().order_by("home", "kind", "pk")
    )


def read_in(period: date) -> Exists:
    """Returns the condition, for meters, that a value of this month is here: accepted, or waiting for the office."""
    here = MeterReading.objects.filter(
        meter=OuterRef("pk"), on__year=period.year, on__month=period.month, status__in=["accepted", "waiting"]
    )
    return Exists(here)


@dataclass(frozen=True)
class Round:
    """The meters of a building that are read in a month: how many, and how many of them are read."""

    building: Building
    meters: int
    read: int


def rounds(estates: Iterable[Estate], period: date) -> list[Round]:
    """Returns the rounds of a month by building, in the order of the buildings. One query."""
    of_building = (
        Meter.objects.in_use()
        .filter(estate__in=list(estates), building__isnull=False)
        .annotate(is_read=read_in(period))
        .values("building")
        .annotate(meters=Count("pk"), read=Count("pk", filter=Q(is_read=True)))
    )
    found = {row["building"]: row for row in of_building.order_by()}
    buildings = Building.objects.filter(pk__in=list(found)).select_related("estate")
    return [
        Round(one, found[one.pk]["meters"], found[one.pk]["read"])
        for one in buildings.order_by("estate__name", "position", "name")
    ]


def waiting_in(estates: Iterable[Estate]) -> "QuerySet[MeterReading]":
    """Returns the readings of these estates that wait for the office, the oldest first."""
    rows = MeterReading.objects.waiting().filter(meter__estate__in=list(estates))
    return rows.select_related(
        "meter__home__entrance__building", "meter__building", "meter__estate", "by"
    ).order_by("pk")


def last_sent(meters: Iterable[Meter], people: Iterable[int]) -> dict[int, MeterReading]:
    """Returns the newest value of each meter that these people have sent as residents. One query."""
    rows = MeterReading.objects.filter(
        meter__in=[meter.pk for meter in meters], source=MeterReading.Source.RESIDENT, by__in=list(people)
    )
    return {reading.meter_id: reading for reading in rows.order_by("pk")}
