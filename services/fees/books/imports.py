"""Imports opening balances from a spreadsheet: arrears by home, item and month, prepayments by home."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from community.core import clock
from community.core.money import as_yuan
from community.estates.import_undo import Journal
from community.estates.imports import (
    BUILDING,
    ENTRANCE,
    NEW,
    ROOM,
    Plan,
    RowWrong,
    SheetImport,
    with_key,
)
from community.estates.models import Home
from community.estates.sheets.cells import is_blank, must_be_words, narrow
from community.estates.sheets.columns import Column
from community.estates.sheets.table import Row
from services.fees.billing.actions.charges import MAX_BILL_FEN
from services.fees.books.actions import NewOpening, OpeningBill, Totals, billed_months, open_books
from services.fees.models import Bill, FeeItem
from services.fees.money_cells import fen_in

ITEM = Column(
    "item",
    "收费项目",
    ("费用项目", "收费项", "费项", "项目", "费用名称", "费用类型", "收费名称", "科目", "item"),
    may_be_one=True,
    carries=True,
)
MONTH = Column(
    "month",
    "所属月份",
    ("月份", "账期", "费用月份", "欠费月份", "所属期", "计费月份", "费用所属期", "期间", "年月", "month"),
    may_be_one=True,
)
ARREARS = Column(
    "arrears",
    "欠费金额",
    ("欠费", "未缴金额", "未收金额", "应收金额", "应收", "期初欠费", "欠款", "欠款金额", "金额", "arrears"),
)
PREPAID = Column(
    "prepaid",
    "预存金额",
    ("预存", "预存款", "预缴金额", "预收金额", "预收款", "预交金额", "期初预存", "余额", "prepaid"),
    is_required=False,
)
# 2025-06, 2025年6月, 2025/06, 2025.06, 202506, 2025-06-01
MONTH_AS_TEXT = re.compile(r"(?P<year>20\d\d)(?:[-/.年]?)(?P<month>\d{1,2})(?:月|[-/.月]0?1日?)?")
# A single digit after a point could be October or January: Excel makes 2025.1 of both.
POINT = re.compile(r"20\d\d\.\d")


def _fen_in(value: Any) -> int:
    return fen_in(value, most=MAX_BILL_FEN)


def month_in(value: Any, today: date) -> date:
    """Parses a month to its first day: 2025-06, 2025年6月, 202506 or a date. Raises ``ValidationError``."""
    if isinstance(value, datetime):
        month = value.date().replace(day=1)
    else:
        must_be_words(value)
        text = narrow(value)
        found = MONTH_AS_TEXT.fullmatch(text)
        number = int(found["month"]) if found else 0
        if found is None or POINT.fullmatch(text) or not 1 <= number <= 12:
            raise ValidationError(_("%(text)s is not a month like 2025-06.") % {"text": text})
        month = date(int(found["year"]), number, 1)
    if not date(2000, 1, 1) <= month <= today:
        raise ValidationError(_("%(month)s has not begun or is too long ago.") % {"month": f"{month:%Y-%m}"})
    return month


class OpeningImport(SheetImport):
    """Imports one row for each home, item and month that is owed, and for each home that has paid ahead.

    The homes must exist. A row may name arrears and a prepayment. The control totals that the person typed
    stand in ``answers``.
    """

    columns = (BUILDING, ENTRANCE, ROOM, ITEM, MONTH, ARREARS, PREPAID)

    def prepare(self, rows: Sequence[Row]) -> None:
        super().prepare(rows)
        self.today = clock.today(self.now)
        self.items: dict[str, FeeItem] = {}
        for item in FeeItem.objects.filter(estate=self.estate, is_active=True):
            self.items[_plain_name(item.name)] = item
            self.items.setdefault(_plain_name(item.name_en), item)
        self.billed = billed_months(Bill.objects.filter(estate=self.estate))

    def plan(self, row: Row) -> Plan:
        address = self.address(row)
        if address.home is None:
            raise RowWrong(
                _("There is no home %(address)s in this estate.") % {"address": str(address)}, ROOM.key
            )
        owed_fen = with_key(_fen_in, row.cells.get(ARREARS.key), key=ARREARS.key)
        prepaid_fen = with_key(_fen_in, row.cells.get(PREPAID.key), key=PREPAID.key)
        if not owed_fen and not prepaid_fen:
            raise RowWrong(_("The row has neither arrears nor a prepayment."), ARREARS.key)
        bill = self._bill(row, address.home, owed_fen) if owed_fen else None
        if prepaid_fen:
            self.only_once((str(address.home.pk), "prepaid"), row)
        texts = (
            *(address.building, address.entrance, address.room),
            bill.item.name if bill else "",
            f"{bill.period:%Y-%m}" if bill else "",
            as_yuan(owed_fen) if owed_fen else "",
            as_yuan(prepaid_fen) if prepaid_fen else "",
        )
        found = (address.home, bill, prepaid_fen)
        return Plan(row, found, NEW, [[["span", text]] for text in texts], address=address)

    def _bill(self, row: Row, home: Home, fen: int) -> OpeningBill:
        name = self.demand(row, ITEM)
        item = self.items.get(_plain_name(name))
        if item is None:
            raise RowWrong(_("There is no fee item %(name)s in this estate.") % {"name": name}, ITEM.key)
        if is_blank(row.cells.get(MONTH.key)):
            raise RowWrong(_("%(name)s is missing.") % {"name": MONTH.heading}, MONTH.key)
        period = with_key(month_in, row.cells.get(MONTH.key), self.today, key=MONTH.key)
        self.only_once((str(home.pk), str(item.pk), period.isoformat()), row)
        if (home.pk, item.pk, period) in self.billed:
            raise RowWrong(_("This home has its bill of this item and month already."), MONTH.key)
        return OpeningBill(home, item, period, fen)

    def summary(self, plans: Sequence[Plan]) -> dict[str, Any]:
        """Returns rows and sums by item for the preview, and the fen of both totals."""
        rows, sums = Counter[str](), Counter[str]()
        for plan in plans:
            _home, bill, prepaid_fen = plan.instance
            if bill:
                rows[bill.item.name] += 1
                sums[bill.item.name] += bill.fen
            if prepaid_fen:
                rows[PREPAID.heading] += 1
                sums[PREPAID.heading] += prepaid_fen
        new = self._opening(plans)
        named = sorted(sums, key=lambda name: name == PREPAID.heading)
        return {
            "sums": [[name, rows[name], as_yuan(sums[name])] for name in named],
            "arrears_fen": new.totals.arrears_fen,
            "prepaid_fen": new.totals.prepaid_fen,
        }

    def write(self, plans: Sequence[Plan], journal: Journal) -> None:
        """Makes the opening; it is undone from its own page, so the journal stays empty."""
        open_books(self._opening(plans), by=self.by, now=self.now)

    def _opening(self, plans: Sequence[Plan]) -> NewOpening:
        found = [plan.instance for plan in plans]
        return NewOpening(
            self.estate,
            [bill for _home, bill, _fen in found if bill],
            [(home, fen) for home, _bill, fen in found if fen],
            Totals(self.answers.get("arrears_fen", 0), self.answers.get("prepaid_fen", 0)),
        )


def _plain_name(name: str) -> str:
    return narrow(name).casefold()
