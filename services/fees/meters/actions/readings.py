"""Readings of meters: taken, asked about when they are odd, decided by the office."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, Max, OuterRef
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core import audit, clock, pictures
from community.core.errors import ActionError, Forbidden
from community.core.inserts import keys_in
from community.notifications import live
from services.fees import policies
from services.fees.actions.reasons import check_reason
from services.fees.meters import queries
from services.fees.meters.computing import Usual, oddity
from services.fees.meters.words import odd_words, value_words
from services.fees.models import BillingRun, Meter, MeterReading, ReadingPicture, UsageLine

Flag, Status, Source = MeterReading.Flag, MeterReading.Status, MeterReading.Source
# Flags of values that count once the person who typed them has confirmed them.
TAKEN_IF_SURE = (Flag.HIGH, Flag.ROLLED_OVER)


class OddReading(ActionError):
    """Raised for a value that is lower than the last or far above the usual, until the person confirms it."""

    def __init__(self, flag: str, meter: Meter, usual: Usual) -> None:
        super().__init__("odd_reading", odd_words(flag, meter, usual.last.milli), field="value")
        self.flag = flag


@dataclass(frozen=True)
class NewReading:
    """A value to be taken: in 0.001 of the meter's unit, with its day and source.

    ``is_sure`` says that the person has confirmed an odd value; ``uploads`` has its picture.
    """

    meter: Meter
    on: date
    value_milli: int
    source: str
    is_sure: bool = False
    uploads: Sequence[Any] = field(default_factory=tuple)


def take_reading(new: NewReading, *, by: User, now: datetime) -> MeterReading:
    """Takes a value from staff and returns its reading; another value of the same day corrects it.

    A value that is lower than the last one, and cannot come of a roll-over, waits for the office. Repeating it
    returns the same reading. Raises ``Forbidden``, ``OddReading`` for an odd value that nobody has confirmed,
    and ``ActionError`` with the field for a day before the last reading or in the future, a value with more
    digits than the meter, a removed meter, and a value of a day that is billed.
    """
    policies.require("read_meters", by, new.meter.estate_id)
    with pictures.storing(new.uploads) as stored, transaction.atomic():
        hold(new.meter)
        same = MeterReading.objects.filter(meter=new.meter, on=new.on, value_milli=new.value_milli)
        if found := same.filter(status__in=[Status.ACCEPTED, Status.WAITING]).first():
            _add_pictures(found, stored, by=by, now=now)
            return found
        flag = check_value(new, now=now)
        status = Status.ACCEPTED if flag in ("", *TAKEN_IF_SURE) else Status.WAITING
        reading = _store(new, flag, status, by=by, now=now)
        _add_pictures(reading, stored, by=by, now=now)
        return reading


def send_reading(new: NewReading, *, by: User, now: datetime) -> MeterReading:
    """Stores the value that a resident has sent with a picture; it counts once the office has confirmed it.

    Another value replaces one that still waits. Raises ``Forbidden`` for a meter of a home in which the person
    does not live, ``OddReading`` and ``ActionError`` as ``take_reading``, and for a missing picture.
    """
    meter = new.meter
    if meter.home_id is None or not policies.may_read_own(by, meter.home_id):
        raise Forbidden
    if not new.uploads:
        raise ActionError("picture_missing", _("Please take a picture of the meter."), field="pictures")
    with pictures.storing(new.uploads) as stored, transaction.atomic():
        hold(meter)
        flag = check_value(new, now=now)
        reading = _store(new, flag, Status.WAITING, by=by, now=now)
        _add_pictures(reading, stored, by=by, now=now)
        return reading


def hold(meter: Meter) -> None:
    """Holds a meter until the end of the transaction, so that its values are taken one after the other."""
    Meter.objects.select_for_update().get(pk=meter.pk)


def check_value(new: NewReading, *, now: datetime) -> str:
    """Returns the flag of a value that may be taken. Raises ``OddReading`` and ``ActionError``, see above."""
    readings = list(queries.accepted_by_meter([new.meter], last=queries.USUAL_OVER + 1)[new.meter.pk])
    before = [one for one in readings if one.on < new.on]
    check_day(new.meter, new.on, readings[-1].on if readings else None, now=now)
    check_size(new.meter, new.value_milli)
    usual = queries.usual_of(new.meter, [queries.value_of(one) for one in before]) if before else None
    flag = oddity(usual, new.on, new.value_milli, new.meter.range_milli)
    if flag and usual and not new.is_sure:
        raise OddReading(flag, new.meter, usual)
    return flag


def check_day(meter: Meter, on: date, last: date | None, *, now: datetime) -> None:
    """Requires a day on which the meter can be read; ``last`` is the day of its last reading.

    Raises ``ActionError`` with the field ``on``.
    """
    if on > clock.today(now):
        raise ActionError("in_the_future", _("This day is still to come."), field="on")
    if meter.removed_on is not None:
        raise ActionError("removed", _("This meter has been removed."), field="on")
    if on < meter.installed_on:
        raise ActionError("not_installed", _("The meter was not there yet on this day."), field="on")
    if last is not None and on < last:
        raise ActionError(
            "before_last",
            _("There is a reading of %(day)s already. Please choose that day or a later one.")
            % {"day": f"{last:%Y-%m-%d}"},
            field="on",
        )


def check_size(meter: Meter, value_milli: int) -> None:
    """Requires a value with no more digits than the meter has. Raises ``ActionError`` with the field ``value``."""
    if value_milli >= meter.range_milli:
        raise ActionError(
            "too_many_digits",
            _("This meter has %(digits)d digits before the point: the value has more.")
            % {"digits": meter.digits},
            field="value",
        )


def _store(new: NewReading, flag: str, status: str, *, by: User, now: datetime) -> MeterReading:
    """Stores a reading; one that waits, and an accepted one of the same day if this one counts, give way."""
    others = MeterReading.objects.filter(meter=new.meter)
    others.waiting().update(status=Status.REPLACED)
    if status == Status.ACCEPTED:
        free_day(new.meter, new.on)
    try:
        with transaction.atomic():
            reading = MeterReading.objects.create(
                meter=new.meter,
                on=new.on,
                value_milli=new.value_milli,
                source=new.source,
                status=status,
                flag=flag,
                by=by,
                created_at=now,
            )
    except IntegrityError:
        raise ActionError(
            "read_meanwhile", _("Somebody has just read this meter. Please look again."), field="value"
        ) from None
    _notify(new.meter)
    return reading


def free_day(meter: Meter, on: date) -> None:
    """Takes an accepted reading of this day out of the count, so that another can take its place.

    Raises ``ActionError`` with the field ``value`` if it is billed.
    """
    same_day = MeterReading.objects.accepted().filter(meter=meter, on=on)
    lines = UsageLine.objects.filter(meter=meter, to_reading__in=same_day)
    if lines.billed().exists() or lines.filter(run__status=BillingRun.Status.RUNNING).exists():
        raise ActionError(
            "reading_billed",
            _("The reading of this day is billed. Please withdraw the bill first."),
            field="value",
        )
    same_day.update(status=Status.REPLACED)


def _add_pictures(
    reading: MeterReading, stored: Sequence[pictures.StoredPicture], *, by: User, now: datetime
) -> None:
    ReadingPicture.objects.bulk_create(
        ReadingPicture(reading=reading, key=one.key, width=one.width, height=one.height, added_by=by, at=now)
        for one in stored
    )


def confirm_reading(*, reading: MeterReading, by: User, now: datetime) -> None:
    """Lets a waiting reading count; a value lower than the last one counts as a roll-over.

    Repeating it changes nothing. Raises ``Forbidden``, also for a home of one's own, and ``ActionError`` for a
    reading that was decided otherwise, or that is not the last of its meter any more.
    """
    _require_decide(reading, by)
    with transaction.atomic():
        meter = reading.meter
        hold(meter)
        last = queries.accepted_by_meter([meter], last=1)[meter.pk]
        if reading.status == Status.ACCEPTED:
            return
        check_day(meter, reading.on, last[0].on if last else None, now=now)
        free_day(meter, reading.on)
        is_lower = bool(last) and last[0].on < reading.on and reading.value_milli < last[0].value_milli
        flag = Flag.ROLLED_OVER if is_lower else reading.flag
        _decide(reading, Status.ACCEPTED, "", flag, by=by)


def refuse_reading(*, reading: MeterReading, reason: str, by: User, now: datetime) -> None:
    """Leaves a waiting reading out of the count, with a reason that the resident reads.

    Repeating it changes nothing. Raises ``Forbidden``, also for a home of one's own, and ``ActionError`` for a
    missing reason and a reading that was decided otherwise.
    """
    _require_decide(reading, by)
    check_reason(reason)
    if reading.status == Status.REFUSED:
        return
    with transaction.atomic():
        _decide(reading, Status.REFUSED, reason.strip(), reading.flag, by=by)


def _require_decide(reading: MeterReading, by: User) -> None:
    policies.require("decide_reading", by, reading.meter.estate_id)
    home = reading.meter.home_id
    if home is not None and policies.is_own_money(by, home, None):
        raise Forbidden(_("Nobody confirms a reading of their own home. Please ask a colleague."))


def _decide(reading: MeterReading, status: str, words: str, flag: str, *, by: User) -> None:
    waiting = MeterReading.objects.waiting().filter(pk=reading.pk)
    if not waiting.update(status=status, decided_by=by, decided_words=words, flag=flag):
        raise ActionError("decided", _("Somebody has just decided this. Please look again."))
    reading.status, reading.decided_by, reading.decided_words, reading.flag = status, by, words, flag
    audit.record(
        "fees.reading_decided",
        by=by,
        target=reading,
        estate_id=reading.meter.estate_id,
        status=status,
        value=value_words(reading.value_milli),
    )
    _notify(reading.meter)


def import_readings(
    news: Sequence[NewReading], *, usual: Mapping[int, Usual], by: User, now: datetime
) -> tuple[list[MeterReading], list[MeterReading]]:
    """Takes the values of a checked sheet of one estate, all or none.

    ``usual`` is what the check compared them with. Odd ones wait for the office (``is_sure`` says that they
    were shown). Returns the new readings, and those that waited and gave way. Raises ``Forbidden``, and
    ``ActionError`` if a meter was read meanwhile, or on or after its day.
    """
    if not news:
        return [], []
    estate_id = news[0].meter.estate_id
    policies.require("read_meters", by, estate_id)
    keys = keys_in([one.meter.pk for one in news])
    with transaction.atomic():
        _check_not_read_since(keys, usual)
        _check_days(news, usual)
        waiting = list(MeterReading.objects.waiting().filter(meter__in=keys))
        gone = keys_in([one.pk for one in waiting])
        MeterReading.objects.waiting().filter(pk__in=gone).update(status=Status.REPLACED)
        taken = [_from_sheet(new, usual.get(new.meter.pk), by=by, now=now) for new in news]
        MeterReading.objects.bulk_create(taken, batch_size=1000)
        audit.record("fees.readings_imported", by=by, estate_id=estate_id, readings=len(taken))
        notify_readings(estate_id)
    return taken, waiting


def _check_not_read_since(keys: Any, usual: Mapping[int, Usual]) -> None:
    """Raises ``ActionError`` if the last reading of one of these meters is not the one that was compared."""
    last = MeterReading.objects.accepted().filter(meter__in=keys).order_by().values_list("meter")
    known = {meter: one.last.on for meter, one in usual.items()}
    if any(known.get(meter) != on for meter, on in last.annotate(last=Max("on"))):
        raise ActionError("read_meanwhile", _("A meter was read meanwhile. Please check the file again."))


def _check_days(news: Sequence[NewReading], usual: Mapping[int, Usual]) -> None:
    """Raises ``ActionError`` for a day that has a reading already, or is before one."""
    known = {meter: one.last.on for meter, one in usual.items()}
    if any(one.on <= known.get(one.meter.pk, date.min) for one in news):
        raise ActionError("read_meanwhile", _("A meter was read meanwhile. Please check the file again."))


def _from_sheet(new: NewReading, usual: Usual | None, *, by: User, now: datetime) -> MeterReading:
    flag = oddity(usual, new.on, new.value_milli, new.meter.range_milli)
    return MeterReading(
        meter=new.meter,
        on=new.on,
        value_milli=new.value_milli,
        source=new.source,
        status=Status.WAITING if flag else Status.ACCEPTED,
        flag=flag,
        by=by,
        created_at=now,
    )


def restore_waiting(keys: Sequence[int]) -> None:
    """Lets readings wait again that gave way to an import which is undone, if no other has come since."""
    again = MeterReading.objects.filter(pk__in=keys_in(keys), status=Status.REPLACED)
    later = MeterReading.objects.filter(meter=OuterRef("meter"), pk__gt=OuterRef("pk"))
    again.exclude(Exists(later)).update(status=Status.WAITING)


def notify_readings(estate_id: int) -> None:
    """Tells the open pages that readings of an estate have changed."""
    live.notify_open_pages(readings_topic(estate_id))


def readings_topic(estate_id: int) -> str:
    """Returns the topic of all readings of an estate."""
    return f"meters:{estate_id}"


def _notify(meter: Meter) -> None:
    notify_readings(meter.estate_id)
