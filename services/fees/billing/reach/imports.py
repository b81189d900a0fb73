"""Imports the list of a fee from a spreadsheet: parking spaces, and homes that owe it from a day on."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from community.core.errors import ActionError
from community.estates.import_undo import Journal
from community.estates.imports import (
    BATCH,
    BUILDING,
    ENTRANCE,
    NEW,
    ROOM,
    SKIP,
    Plan,
    RowWrong,
    SheetImport,
    with_key,
)
from community.estates.sheets.cells import is_blank, must_be_words, narrow
from community.estates.sheets.columns import Column
from community.estates.sheets.table import Row
from services.fees.billing.reach.actions import check_listing, has_bills
from services.fees.books.imports import ITEM
from services.fees.models import FeeItem, FeeListing

SPACE = Column(
    "subject",
    "车位号",
    ("车位", "车位编号", "编号", "泊位", "泊位号", "位号", "space"),
    is_required=False,
)
PLATE = Column("plate", "车牌号", ("车牌", "车牌号码", "车号", "牌照", "plate"), is_required=False)
FROM = Column(
    "from_on",
    "起始日期",
    ("开始日期", "起租日期", "生效日期", "入住日期", "接房日期", "起始日", "开始", "起", "from"),
)
TO = Column(
    "to_on",
    "截止日期",
    ("结束日期", "到期日期", "终止日期", "截止日", "结束", "止", "to"),
    is_required=False,
)
DAY = re.compile(r"(?P<year>20\d\d)[-/.年]?(?P<month>\d{1,2})[-/.月]?(?P<day>\d{1,2})日?")
COLUMN_OF = {"item": ITEM, "home": ROOM, "subject": SPACE, "from_on": FROM, "to_on": TO}


def day_of(value: Any) -> date | None:
    """Parses a day: 2026-11-10, 2026年11月10日, 20261110 or a date; None for an empty cell.

    Raises ``ValidationError``.
    """
    if is_blank(value):
        return None
    if isinstance(value, datetime):
        return value.date()
    must_be_words(value)
    text = narrow(value)
    found = DAY.fullmatch(text)
    try:
        return date(*(int(found[part]) for part in ("year", "month", "day"))) if found else _no_day(text)
    except ValueError:
        return _no_day(text)


def _no_day(text: str) -> date:
    raise ValidationError(_("%(text)s is not a day like 2026-11-10.") % {"text": text})


class ListingImport(SheetImport):
    """Imports one row for each space or home; the homes must exist. Rows that are there already are left out."""

    columns = (ITEM, BUILDING, ENTRANCE, ROOM, SPACE, PLATE, FROM, TO)

    def prepare(self, rows: Sequence[Row]) -> None:
        super().prepare(rows)
        items = FeeItem.objects.filter(estate=self.estate, is_active=True)
        self.items = {narrow(item.name).casefold(): item for item in items}
        known = FeeListing.objects.filter(item__estate=self.estate)
        self.known = set(known.values_list("item", "home", "subject", "from_on"))

    def plan(self, row: Row) -> Plan:
        name = self.demand(row, ITEM)
        item = self.items.get(narrow(name).casefold())
        if item is None:
            raise RowWrong(_("There is no fee item %(name)s in this estate.") % {"name": name}, ITEM.key)
        address = self.address(row)
        if address.home is None:
            words = _("There is no home %(address)s in this estate.")
            raise RowWrong(words % {"address": str(address)}, ROOM.key)
        first = with_key(day_of, row.cells.get(FROM.key), key=FROM.key)
        if first is None:
            raise RowWrong(_("%(name)s is missing.") % {"name": FROM.heading}, FROM.key)
        listing = FeeListing(
            item=item,
            home=address.home,
            subject=self._short(row, SPACE, 40),
            plate=self._short(row, PLATE, 12).upper(),
            from_on=first,
            to_on=with_key(day_of, row.cells.get(TO.key), key=TO.key),
            by=self.by,
            created_at=self.now,
        )
        self.only_once((str(item.pk), listing.subject or str(address.home.pk), first.isoformat()), row)
        change = NEW
        if (item.pk, address.home.pk, listing.subject, first) in self.known:
            change = SKIP
        else:
            self._check(listing)
        texts = (item.name, address.building, address.entrance, address.room, listing.subject, listing.plate)
        days = (f"{first:%Y-%m-%d}", f"{listing.to_on:%Y-%m-%d}" if listing.to_on else "")
        cells = [[["ins" if change == NEW else "span", text]] for text in (*texts, *days)]
        return Plan(row, listing, change, cells, address=address)

    def _short(self, row: Row, column: Column, most: int) -> str:
        value = row.cells.get(column.key)
        with_key(must_be_words, value, key=column.key)
        text = narrow(value)
        if len(text) > most:
            raise RowWrong(_("At most %(most)s characters.") % {"most": most}, column.key)
        return text

    def _check(self, listing: FeeListing) -> None:
        try:
            check_listing(listing)
        except ActionError as error:
            raise RowWrong(error.message, COLUMN_OF[error.field].key) from error

    def write(self, plans: Sequence[Plan], journal: Journal) -> None:
        new = [plan.instance for plan in plans if plan.change == NEW]
        journal.add_created(*FeeListing.objects.bulk_create(new, batch_size=BATCH))

    def reasons_not_to_undo(self, journal: Journal, written_at: datetime) -> list[str]:
        """Returns a reason once bills were made of the rows."""
        created = journal.created.get(FeeListing._meta.label_lower, [])
        rows = FeeListing.objects.filter(pk__in=created).select_related("item")
        billed = sum(has_bills(row) for row in rows)
        return [_("%(count)s of the rows have bills already.") % {"count": billed}] if billed else []
