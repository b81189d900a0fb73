"""Water meters of a few buildings with a year of readings: one replaced, one rolled over, one odd value waiting."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from random import Random

from accounts.models import Residency, User
from community.core import clock
from community.demo.places import Place
from community.demo.residents import Society
from community.estates.models import Building, Home
from services.fees.billing.actions import prepared
from services.fees.billing.actions.charges import due_on
from services.fees.meters import actions, usage
from services.fees.meters.computing import Flag
from services.fees.models import (
    Bill,
    BillingRun,
    BillingRunChange,
    FeeItem,
    Meter,
    MeterReading,
    ReadingPicture,
    Tariff,
    TariffTier,
    UsageLine,
)

SEED = 20260202
# Months with bills; the present one has its round under way.
BILLED = 11
READ_ON = 24
# Parts of the meters that are read in the present month.
READ_SHARE = 0.6
# Water of a Chinese city: yuan up to 220 m³ a year, up to 300, and above, in 0.0001.
RATE, TIERS = 34500, ((220_000, 48300), (300_000, 58300))
COMMON_RATE = 34500
# The meter that is replaced, and in which month.
REPLACED, REPLACED_IN = 7, 6
Numbers = Callable[[str, datetime, int], int]
ROLLED_FROM = 99_940_000
DIGITS = 5


class Waterworks:
    """Meters of the buildings in which the people of the demo live."""

    def __init__(
        self, place: Place, society: Society, cashier: User, months: list[date], now: datetime
    ) -> None:
        self.place, self.society, self.cashier, self.now = place, society, cashier, now
        self.months = months[-BILLED - 2 :]
        self.draw = Random(SEED)
        self.readings: list[MeterReading] = []

    def make(self, numbers: Numbers) -> None:
        """Creates fees, meters, readings, bills of the months before the present one, and shared costs.

        ``numbers`` gives the last reference before so many new bills of a time.
        """
        self._fees()
        self._read(self._meters(self._homes()))
        MeterReading.objects.bulk_create(self.readings)
        for month in self.months[1:-1]:
            self._bill(self.water, month, numbers)
        self._share(self.months[-3])
        self._bill(self.common, self.months[-3], numbers)
        self._share(self.months[-2])
        actions.preview_metered_run(item=self.common, period=self.months[-2], by=self.cashier, now=self.now)

    def _fees(self) -> None:
        given = {"estate": self.place.estate, "kind": FeeItem.Kind.WATER}
        self.water = FeeItem.objects.create(name="水费", name_en="Water", basis=FeeItem.Basis.METER, **given)
        self.common = FeeItem.objects.create(
            name="公摊水费", name_en="Shared water", basis=FeeItem.Basis.SHARE, **given
        )
        since = self.months[0].replace(year=self.months[0].year - 1, month=1)
        tariff = Tariff.objects.create(item=self.water, from_on=since, rate_hao=RATE)
        TariffTier.objects.bulk_create(
            TariffTier(tariff=tariff, above_milli=above, rate_hao=rate) for above, rate in TIERS
        )
        Tariff.objects.create(item=self.common, from_on=since, rate_hao=COMMON_RATE)

    def _homes(self) -> list[Home]:
        """Returns the homes of the buildings of the known residents, in the order of their addresses."""
        people = [self.society.by_key[key] for key in ("elder", "owner", "tenant")]
        lived_in = Residency.objects.active().filter(user__in=people, home__in=self.place.homes)
        buildings = set(lived_in.values_list("home__entrance__building", flat=True))
        return [home for home in self.place.homes if home.entrance.building_id in buildings]

    def _meters(self, homes: list[Home]) -> list[Meter]:
        meters = [
            self._meter(home.entrance.building, home, self.water, f"SH{number:05d}")
            for number, home in enumerate(homes, 10_001)
        ]
        buildings = {home.entrance.building_id: home.entrance.building for home in homes}
        meters += [
            self._meter(building, None, self.common, f"ZB{number:03d}")
            for number, building in enumerate(buildings.values(), 1)
        ]
        return Meter.objects.bulk_create(meters)

    def _meter(self, building: Building | None, home: Home | None, item: FeeItem, serial: str) -> Meter:
        return Meter(
            estate=self.place.estate,
            building=building,
            home=home,
            item=item,
            kind=Meter.Kind.WATER,
            unit=Meter.Unit.CUBIC_METRE,
            serial=serial,
            digits=DIGITS,
            installed_on=self.months[0],
        )

    def _read(self, meters: list[Meter]) -> None:
        """Reads all meters each month, common ones for a little more than their homes together."""
        today = clock.today(self.now)
        used: dict[int, int] = {}
        value = {meter.pk: self.draw.randrange(20, 900) * 1000 for meter in meters}
        value[meters[3].pk] = ROLLED_FROM
        for meter in meters:
            self._reading(meter, self.months[0], value[meter.pk], Flag.FIRST)
        for month in self.months[1:]:
            if month == self.months[REPLACED_IN]:
                meters[REPLACED] = self._replace(meters[REPLACED], month.replace(day=10), value)
            day = min(month.replace(day=READ_ON), today)
            is_present = month == self.months[-1]
            for meter in meters:
                building = meter.building_id or 0
                quantity = self.draw.randrange(4000, 15000, 100)
                if meter.home_id is None:
                    quantity = used.pop(building, 0) + self.draw.randrange(5000, 30000, 100)
                else:
                    used[building] = used.get(building, 0) + quantity
                if is_present and (meter.home_id is None or self.draw.random() > READ_SHARE):
                    continue
                total = value[meter.pk] + quantity
                value[meter.pk] = total % meter.range_milli
                flag = Flag.ROLLED_OVER if total >= meter.range_milli else Flag.NONE
                self._reading(meter, day, value[meter.pk], flag)

    def _reading(self, meter: Meter, on: date, milli: int, flag: str) -> None:
        self.readings.append(
            MeterReading(
                meter=meter,
                on=on,
                value_milli=milli,
                source=MeterReading.Source.STAFF if flag == Flag.FIRST else MeterReading.Source.PHONE,
                flag=flag,
                by=self.cashier,
                created_at=min(clock.midnight(on) + timedelta(hours=15), self.now),
            )
        )

    def _replace(self, old: Meter, on: date, value: dict[int, int]) -> Meter:
        """Puts another meter in the place of one, with the last value of the old and the first of the new."""
        self._reading(old, on, value[old.pk] + 3200, Flag.FINAL)
        Meter.objects.filter(pk=old.pk).update(removed_on=on)
        new = self._meter(old.building, old.home, old.item, f"{old.serial}A")
        new.installed_on, new.replaces = on, old
        new.save()
        value[new.pk] = 0
        self._reading(new, on, 0, Flag.FIRST)
        return new

    def _bill(self, item: FeeItem, month: date, numbers: Numbers) -> None:
        """Makes the bills of a month from its readings or shared costs, as a run that is done."""
        computed = usage.compute(item, month)
        at = min(clock.midnight(usage.last_day(month)) + timedelta(hours=17), self.now)
        run = self._run(item, month, at, computed)
        fen: dict[int, int] = {}
        for line in computed.lines:
            line.run = run
            fen[line.home_id] = fen.get(line.home_id, 0) + line.amount_fen
        UsageLine.objects.bulk_create(computed.lines)
        before = numbers("B", at, len(fen))
        bills = Bill.objects.bulk_create(
            Bill(
                estate=self.place.estate,
                reference=f"B-{clock.today(at):%y%m%d}-{before + number:04d}",
                home_id=home,
                item=item,
                period=month,
                run=run,
                amount_fen=amount,
                due_on=due_on(item, month),
                status_changed_at=at,
                created_at=at,
            )
            for number, (home, amount) in enumerate(fen.items(), 1)
        )
        prepared.create_lines(run, [bill.pk for bill in bills])

    def _run(self, item: FeeItem, month: date, at: datetime, computed: usage.Computed) -> BillingRun:
        run = BillingRun.objects.create(
            estate=self.place.estate,
            item=item,
            period=month,
            status=BillingRun.Status.DONE,
            status_changed_at=at,
            begun_by=self.cashier,
            created_at=at,
            progressed_at=at,
            homes=len(self.place.homes),
            seen=len(self.place.homes),
            made=computed.homes,
            total_fen=computed.total_fen,
        )
        BillingRunChange.objects.bulk_create(
            BillingRunChange(run=run, from_status=before, to_status=to, actor=self.cashier, at=at)
            for before, to in (("", "preview"), ("preview", "running"), ("running", "done"))
        )
        return run

    def _share(self, period: date) -> None:
        """Divides the common water of a month."""
        for common in Meter.objects.filter(item=self.common).select_related("building"):
            share = actions.Share(item=self.common, building=common.building, period=period, split="area")
            actions.share_cost(share, by=self.cashier, now=self.now)


def send_odd_reading(society: Society, picture: str, now: datetime) -> None:
    """Lets a resident send a value that is lower than the last one; it waits for the office."""
    owner = society.by_key["owner"]
    homes = Residency.objects.active().filter(user=owner).values("home")
    meter = Meter.objects.in_use().filter(home__in=homes).order_by("pk").first()
    if meter is None:
        return
    last = meter.readings.order_by("-on", "-pk").first()
    reading = MeterReading.objects.create(
        meter=meter,
        on=clock.today(now),
        value_milli=max(last.value_milli - 90_000, 0) if last else 0,
        source=MeterReading.Source.RESIDENT,
        status=MeterReading.Status.WAITING,
        flag=Flag.LOWER,
        by=owner,
        created_at=now - timedelta(minutes=50),
    )
    ReadingPicture.objects.create(
        reading=reading, key=picture, width=1200, height=900, added_by=owner, at=reading.created_at
    )
