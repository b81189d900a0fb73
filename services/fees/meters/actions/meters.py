"""Meters: added, and replaced by others."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core import audit, clock
from community.core.errors import ActionError
from community.estates.models import Building, Estate, Home
from services.fees import policies
from services.fees.meters import queries
from services.fees.meters.actions.readings import check_day, check_size, free_day, hold
from services.fees.meters.computing import oddity
from services.fees.models import FeeItem, Meter, MeterReading

Flag, Source = MeterReading.Flag, MeterReading.Source
# Bases of the fees of a home's meter, and of a meter of a building or the estate.
OF_HOME, OF_BUILDING = FeeItem.Basis.METER, FeeItem.Basis.SHARE


@dataclass(frozen=True)
class NewMeter:
    """A meter to be added, of a home, else of a building, else of the estate; ``first_milli`` is its first value."""

    estate: Estate
    building: Building | None
    home: Home | None
    item: FeeItem
    kind: str
    serial: str
    digits: int
    installed_on: date
    first_milli: int


def add_meter(new: NewMeter, *, by: User, now: datetime) -> Meter:
    """Adds a meter with its first value and returns it.

    Raises ``Forbidden``, and ``ActionError`` with the field for a serial number that is used, a fee that does
    not fit the meter, a place of another estate, a day in the future, and a value with too many digits.
    """
    policies.require("keep_meters", by, new.estate.pk)
    _check_place(new)
    with transaction.atomic():
        return _add(new, replaces=None, by=by, now=now)


def _check_place(new: NewMeter) -> None:
    building = new.home.entrance.building if new.home else new.building
    if building is not None and building.estate_id != new.estate.pk:
        raise ActionError("not_of_estate", _("This home is not in this estate."), field="home")
    basis = OF_HOME if new.home else OF_BUILDING
    if new.item.estate_id != new.estate.pk or new.item.basis != basis:
        raise ActionError("item_does_not_fit", _("Please choose a fee that fits this meter."), field="item")


def _add(new: NewMeter, *, replaces: Meter | None, by: User, now: datetime) -> Meter:
    if new.installed_on > clock.today(now):
        raise ActionError("in_the_future", _("This day is still to come."), field="installed_on")
    meter = Meter(
        estate=new.estate,
        building=new.home.entrance.building if new.home else new.building,
        home=new.home,
        item=new.item,
        kind=new.kind,
        serial=new.serial.strip(),
        digits=new.digits,
        unit=Meter.UNITS[new.kind],
        installed_on=new.installed_on,
        replaces=replaces,
    )
    check_size(meter, new.first_milli)
    try:
        with transaction.atomic():
            meter.save()
    except IntegrityError:
        raise ActionError(
            "serial_used", _("There is a meter with this number already."), field="serial"
        ) from None
    _store_value(meter, new.installed_on, new.first_milli, Flag.FIRST, by=by, now=now)
    audit.record("fees.meter_added", by=by, target=meter, estate_id=meter.estate_id, serial=meter.serial)
    return meter


@dataclass(frozen=True)
class Replacement:
    """A meter that takes the place of ``old``: the old one's last value, the new one's number and first value."""

    old: Meter
    on: date
    final_milli: int
    serial: str
    digits: int
    first_milli: int


def replace_meter(replacement: Replacement, *, by: User, now: datetime) -> Meter:
    """Removes a meter with its last value, puts another in its place with its first value, and returns that.

    The old one may have rolled over before its end. Raises ``Forbidden``, and ``ActionError`` with the field
    for a meter that was removed before, a day before its last reading, a last value that is lower than the
    last reading, and what ``add_meter`` refuses.
    """
    old = replacement.old
    policies.require("keep_meters", by, old.estate_id)
    with transaction.atomic():
        _remove(old, replacement.on, replacement.final_milli, by=by, now=now)
        new = NewMeter(
            estate=old.estate,
            building=old.building,
            home=old.home,
            item=old.item,
            kind=old.kind,
            serial=replacement.serial,
            digits=replacement.digits,
            installed_on=replacement.on,
            first_milli=replacement.first_milli,
        )
        return _add(new, replaces=old, by=by, now=now)


def _remove(meter: Meter, on: date, final_milli: int, *, by: User, now: datetime) -> None:
    hold(meter)
    readings = queries.accepted_by_meter([meter], last=queries.USUAL_OVER + 1)[meter.pk]
    check_day(meter, on, readings[-1].on if readings else None, now=now)
    check_size(meter, final_milli)
    before = [one for one in readings if one.on < on]
    usual = queries.usual_of(meter, [queries.value_of(one) for one in before]) if before else None
    flag = oddity(usual, on, final_milli, meter.range_milli)
    if flag == Flag.LOWER:
        raise ActionError("final_lower", _("The last value is lower than the last reading."), field="final")
    free_day(meter, on)
    if not Meter.objects.in_use().filter(pk=meter.pk).update(removed_on=on):
        raise ActionError("removed", _("This meter has been removed."), field="on")
    meter.removed_on = on
    is_rolled = flag == Flag.ROLLED_OVER
    _store_value(meter, on, final_milli, Flag.ROLLED_OVER if is_rolled else Flag.FINAL, by=by, now=now)
    MeterReading.objects.waiting().filter(meter=meter).update(status=MeterReading.Status.REPLACED)


def _store_value(meter: Meter, on: date, milli: int, flag: str, *, by: User, now: datetime) -> None:
    MeterReading.objects.create(
        meter=meter, on=on, value_milli=milli, source=Source.STAFF, flag=flag, by=by, created_at=now
    )
