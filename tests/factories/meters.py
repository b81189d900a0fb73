from datetime import date
from typing import Any

from accounts.models import User
from community.core import clock
from community.estates.models import Home
from services.fees.meters import actions
from services.fees.models import FeeItem, Meter, MeterReading, Tariff, TariffTier
from tests.factories.base import make_home, numbers
from tests.factories.fees import make_cashier

INSTALLED = date(2024, 1, 1)


def make_metered_item(*, rate_hao: int = 30000, tiers: Any = (), **overrides: Any) -> FeeItem:
    """Creates a water fee by meter at 3.00 yuan; ``tiers`` are (above in whole units, rate in 0.0001 yuan)."""
    fields: dict[str, Any] = {
        "name": f"水费{next(numbers)}",
        "name_en": "Water",
        "kind": FeeItem.Kind.WATER,
        "basis": FeeItem.Basis.METER,
    }
    item = FeeItem.objects.create(**(fields | overrides))
    tariff = Tariff.objects.create(item=item, from_on=date(2024, 1, 1), rate_hao=rate_hao)
    for above, rate in tiers:
        TariffTier.objects.create(tariff=tariff, above_milli=above * 1000, rate_hao=rate)
    return item


def make_meter(
    *, home: Home | None = None, first: int = 0, by: User | None = None, **overrides: Any
) -> Meter:
    """Adds a water meter of five digits to a home, or to ``building``; ``first`` is its first whole value."""
    if home is None and "building" not in overrides:
        home = make_home()
    estate = home.estate if home else overrides["building"].estate
    fields: dict[str, Any] = {
        "estate": estate,
        "building": None,
        "home": home,
        "kind": Meter.Kind.WATER,
        "serial": f"SB{next(numbers):06d}",
        "digits": 5,
        "installed_on": INSTALLED,
        "first_milli": first * 1000,
    }
    if "item" not in overrides:
        fields["item"] = make_metered_item(estate=estate)
    by = by or make_cashier(estate=estate)
    return actions.add_meter(actions.NewMeter(**(fields | overrides)), by=by, now=clock.now())


def read_meter(
    meter: Meter, on: date, value: float, *, by: User | None = None, sure: bool = True
) -> MeterReading:
    """Takes a value in whole units from a member of staff."""
    new = actions.NewReading(
        meter=meter,
        on=on,
        value_milli=round(value * 1000),
        source=MeterReading.Source.STAFF,
        is_sure=sure,
    )
    return actions.take_reading(new, by=by or make_cashier(estate=meter.estate), now=clock.now())
