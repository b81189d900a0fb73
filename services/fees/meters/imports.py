"""Imports the readings of a round from a spreadsheet: serial number, value and day of each meter."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from community.core import clock
from community.core.errors import ActionError
from community.core.inserts import keys_in
from community.estates.import_undo import Journal
from community.estates.imports import NEW, Plan, RowWrong, SheetImport, with_key
from community.estates.sheets.cells import is_blank, must_be_words, narrow
from community.estates.sheets.columns import Column
from community.estates.sheets.table import Row
from services.fees.meters import queries
from services.fees.meters.actions.readings import (
    NewReading,
    check_day,
    check_size,
    import_readings,
    notify_readings,
    restore_waiting,
)
from services.fees.meters.computing import oddity
from services.fees.meters.words import odd_words, value_words
from services.fees.models import Meter, MeterReading
from services.fees.models.meters import MILLI

SERIAL = Column(
    "serial", "表号", ("表具编号", "表具号", "水表号", "电表号", "气表号", "表编号", "meter", "serial", "no.")
)
VALUE = Column("value", "读数", ("本次读数", "本期读数", "表底", "抄表读数", "示数", "reading", "value"))
DAY = Column("day", "抄表日期", ("日期", "抄表日", "day", "date"), is_required=False)
DAY_AS_TEXT = re.compile(r"(20\d\d)[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
VALUE_AS_TEXT = re.compile(r"\d{1,9}(\.\d{1,3})?0*")


def milli_in(value: Any) -> int:
    """Parses a value with at most three places to 0.001 of the unit. Raises ``ValidationError``."""
    must_be_words(value)
    text = narrow(value).replace(",", "")
    try:
        # Noise of binary fractions is rounded away: 12.299999999999999.
        number = round(Decimal(text), 6).normalize()
    except (InvalidOperation, ValueError):
        number = Decimal(-1)
    if not VALUE_AS_TEXT.fullmatch(f"{number:f}"):
        words = _("“%(text)s” is not a value with at most 3 places.")
        raise ValidationError(words % {"text": text[:20]})
    return int(number * MILLI)


def day_in(value: Any) -> date | None:
    """Parses a day: 2024-03-31, 2024年3月31日 or a date; None for an empty cell. Raises ``ValidationError``."""
    if is_blank(value):
        return None
    if isinstance(value, datetime):
        return value.date()
    must_be_words(value)
    found = DAY_AS_TEXT.fullmatch(narrow(value))
    try:
        if found:
            return date(*(int(part) for part in found.groups()))
    except ValueError:
        pass
    raise ValidationError(_("“%(text)s” is not a day.") % {"text": narrow(value)[:20]})


class ReadingImport(SheetImport):
    """Imports one row for each meter, found by its serial number; odd values wait for the office.

    ``day`` of the answers is for rows without one.
    """

    columns = (SERIAL, VALUE, DAY)

    def prepare(self, rows: Sequence[Row]) -> None:
        """Loads the meters of the estate with their usual usage; needs no homes."""
        self.meters: dict[str, list[Meter]] = {}
        named = {narrow(row.cells.get(SERIAL.key)).upper() for row in rows}
        for meter in Meter.objects.in_use().filter(estate=self.estate).with_places():
            if meter.serial.upper() in named:
                self.meters.setdefault(meter.serial.upper(), []).append(meter)
        self.usual = queries.usual_by_meter(meter for same in self.meters.values() for meter in same)
        typed = self.answers.get("day")
        self.day = date.fromisoformat(typed) if typed else clock.today(self.now)

    def plan(self, row: Row) -> Plan:
        meter = self._meter(row)
        self.only_once((str(meter.pk),), row)
        on = with_key(day_in, row.cells.get(DAY.key), key=DAY.key) or self.day
        self.demand(row, VALUE)
        milli = with_key(milli_in, row.cells.get(VALUE.key), key=VALUE.key)
        usual = self.usual.get(meter.pk)
        last = usual.last.on if usual else None
        try:
            check_day(meter, on, last, now=self.now)
            check_size(meter, milli)
        except ActionError as error:
            raise RowWrong(error.message, DAY.key if error.field == "on" else VALUE.key) from error
        if last == on:
            raise RowWrong(_("This meter has a reading of this day already."), DAY.key)
        flag = oddity(usual, on, milli, meter.range_milli)
        words = odd_words(flag, meter, usual.last.milli) if flag and usual else ""
        texts = (f"{meter.serial} · {meter.place}", value_words(milli), f"{on:%Y-%m-%d}")
        new = NewReading(meter, on, milli, MeterReading.Source.EXCEL, is_sure=True)
        return Plan(row, new, NEW, [[["span", text]] for text in texts], meaning=flag, words=words)

    def _meter(self, row: Row) -> Meter:
        serial = self.demand(row, SERIAL)
        same = self.meters.get(serial.upper(), [])
        if len(same) == 1:
            return same[0]
        words = _("There is no meter %(serial)s.") if not same else _("There are several meters %(serial)s.")
        raise RowWrong(words % {"serial": serial}, SERIAL.key)

    def summary(self, plans: Sequence[Plan]) -> dict[str, Any]:
        """Returns the sum of the usage by kind of meter for the preview, and a note about odd values."""
        rows, used = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
        for plan in plans:
            new, known = plan.instance, self.usual.get(plan.instance.meter.pk)
            kind = (new.meter.kind, new.meter.unit)
            rows[kind] += 1
            used[kind] += new.value_milli - known.last.milli if known and not plan.words else 0
        sums = [
            [f"{Meter.Kind(kind).label} ({Meter.Unit(unit).label})", count, value_words(used[kind, unit])]
            for (kind, unit), count in rows.items()
        ]
        odd = sum(bool(plan.words) for plan in plans)
        words = ngettext(
            "%(count)d odd value waits until somebody in the office has checked it.",
            "%(count)d odd values wait until somebody in the office has checked them.",
            odd,
        )
        return {"sums": sums, "notes": [words % {"count": odd}] if odd else []}

    def write(self, plans: Sequence[Plan], journal: Journal) -> None:
        news = [plan.instance for plan in plans]
        taken, replaced = import_readings(news, usual=self.usual, by=self.by, now=self.now)
        journal.add_created(*taken)
        journal.more["replaced"] = [reading.pk for reading in replaced]

    def reasons_not_to_undo(self, journal: Journal, written_at: datetime) -> list[str]:
        """Returns a reason once one of the meters was read again."""
        created = keys_in(journal.created.get(MeterReading._meta.label_lower, []))
        imported = MeterReading.objects.filter(pk__in=created, meter=OuterRef("meter"), pk__lt=OuterRef("pk"))
        count = MeterReading.objects.exclude(pk__in=created).filter(Exists(imported)).count()
        return [_("%(count)s readings have come since.") % {"count": count}] if count else []

    def after_undo(self, journal: Journal) -> None:
        restore_waiting(journal.more.get("replaced", []))
        notify_readings(self.estate.pk)
