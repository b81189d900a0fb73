"""Sheets of readings: checked first, imported after a yes, whole or not at all."""

from datetime import date, datetime, timedelta
from typing import IO

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core.errors import ActionError
from community.core.inserts import keys_in
from community.estates.models import Estate
from services.fees import policies
from services.fees.meters import sheets
from services.fees.meters.actions.readings import NewReading, import_readings
from services.fees.models import Meter, MeterReading, ReadingSheet

KEPT_FOR = timedelta(days=1)


def check_sheet(
    *, file: IO[bytes], name: str, estate: Estate, day: date, by: User, now: datetime
) -> ReadingSheet:
    """Checks all rows of a sheet of readings and stores them until a yes; imports nothing.

    ``day`` is for rows without one. Raises ``Forbidden``, and ``ActionError`` with the field for a file that
    cannot be read.
    """
    policies.require("read_meters", by, estate.pk)
    checked = sheets.check_sheet(file, estate=estate, day=day, now=now)
    with transaction.atomic():
        ReadingSheet.objects.filter(created_at__lt=now - KEPT_FOR).delete()
        return ReadingSheet.objects.create(
            estate=estate,
            by=by,
            file_name=name[:100],
            rows=[] if checked.wrong else [list(row) for row in checked.rows],
            wrong=[list(one) for one in checked.wrong[: sheets.SHOWN]],
            odd=[list(one) for one in checked.odd[: sheets.SHOWN]],
            wrong_count=len(checked.wrong),
            odd_count=len(checked.odd),
            created_at=now,
        )


def take_sheet(*, sheet: ReadingSheet, by: User, now: datetime) -> int:
    """Imports a checked sheet, all rows or none; returns how many. Odd values wait for the office.

    Repeating it imports nothing twice and returns the same number. Raises ``Forbidden``, and ``ActionError``
    for a sheet with wrong rows, or if a meter was read or removed since the check.
    """
    policies.require("read_meters", by, sheet.estate_id)
    if sheet.wrong_count or (not sheet.rows and sheet.taken is None):
        raise ActionError("sheet_wrong", _("Rows of this sheet are wrong. Please correct them first."))
    with transaction.atomic():
        count = len(sheet.rows)
        if not ReadingSheet.objects.filter(pk=sheet.pk, taken=None).update(taken=count, rows=[]):
            sheet.refresh_from_db()
            return sheet.taken or 0
        keys = keys_in([key for key, _day, _milli in sheet.rows])
        meters = Meter.objects.in_use().filter(estate=sheet.estate, pk__in=keys).in_bulk()
        if len(meters) != count:
            raise ActionError("removed", _("A meter was removed meanwhile. Please check the file again."))
        news = [
            NewReading(
                meter=meters[key],
                on=date.fromisoformat(day),
                value_milli=milli,
                source=MeterReading.Source.EXCEL,
                is_sure=True,
            )
            for key, day, milli in sheet.rows
        ]
        return import_readings(news, by=by, now=now)
