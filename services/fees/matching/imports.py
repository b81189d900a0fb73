"""Brings in the file of a bank or an acquirer: a line for each movement of money. Books nothing."""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from community.core import clock
from community.core.dates import moment_words
from community.core.money import as_yuan
from community.estates.import_undo import Journal
from community.estates.imports import NEW, SKIP, Plan, RowWrong, SheetImport, with_key
from community.estates.sheets.cells import is_blank, must_be_words, narrow
from community.estates.sheets.columns import Column
from community.estates.sheets.table import Row
from services.fees.matching import actions
from services.fees.matching.actions import BankLine, NewBankSheet
from services.fees.models import BankSheet, MatchingLine
from services.fees.money_cells import fen_in

DAY = Column(
    "day",
    "交易日期",
    ("记账日期", "入账日期", "交易时间", "交易日期时间", "记账时间", "日期", "清算日期", "date"),
    names_row=True,
)
CAME = Column(
    "came",
    "收入金额",
    (
        *("贷方发生额", "贷方金额", "贷方", "收入", "存入金额", "收款金额", "交易金额", "发生额", "金额"),
        *("消费金额", "credit", "amount"),
    ),
)
WENT = Column(
    "went",
    "支出金额",
    ("借方发生额", "借方金额", "借方", "支出", "支取金额", "付款金额", "退款金额", "debit"),
    is_required=False,
)
SIDE = Column(
    "side",
    "收支",
    ("借贷标志", "借贷", "借/贷", "收/支", "收支类型", "交易类型", "交易种类"),
    is_required=False,
)
FEE = Column("fee", "手续费", ("交易手续费", "商户手续费", "扣费", "服务费", "fee"), is_required=False)
NUMBER = Column(
    "number",
    "流水号",
    (
        *(
            "交易流水号",
            "参考号",
            "交易参考号",
            "检索参考号",
            "系统参考号",
            "核心流水号",
            "回单编号",
            "回单号",
        ),
        *("交易编号", "流水", "number"),
    ),
    is_required=False,
)
VOUCHER = Column(
    "voucher",
    "凭证号",
    ("凭证号码", "凭证编号", "票据号", "支票号", "订单号", "商户订单号"),
    is_required=False,
)
PARTY = Column(
    "party",
    "对方户名",
    ("对方名称", "对方单位", "对手户名", "付款人", "付款人名称", "付款人户名", "交易对方", "对方账户名称"),
    is_required=False,
)
ACCOUNT = Column(
    "account",
    "对方账号",
    ("对方帐号", "对手账号", "付款人账号", "付款账号", "对方账户", "卡号", "交易卡号"),
    is_required=False,
)
SUMMARY = Column("summary", "摘要", ("交易摘要", "摘要说明", "业务类型"), is_required=False)
NOTE = Column("note", "附言", ("用途", "备注", "交易附言", "客户附言", "留言"), is_required=False)

MOMENT = re.compile(
    r"(?P<year>20\d\d)[-/.年]?(?P<month>\d{1,2})[-/.月]?(?P<day>\d{1,2})日?(?:[ T]?\d{1,2}[:时]?\d{2}.*)?"
)
# Words by which a column beside the sum says that the money went out.
OUTGOING = ("借", "支", "支出", "转出", "付款", "退货", "退款", "撤销", "d", "debit")
MOST_FEN = 100_000_000_000
LONGEST = 64
LONGEST_TEXT = 200
# Days that one file may span: a longer one is split.
MOST_DAYS = 100


def moment_in(value: Any, today: date) -> date:
    """Parses the day of a line: 2026-11-10, 2026年11月10日, 20261110, with a time or without.

    Raises ``ValidationError``.
    """
    if isinstance(value, datetime):
        day = value.date()
    else:
        must_be_words(value)
        text = narrow(value)
        found = MOMENT.fullmatch(text)
        try:
            if found is None:
                raise ValueError
            day = date(*(int(found[part]) for part in ("year", "month", "day")))
        except ValueError as error:
            raise ValidationError(_("%(text)s is not a day like 2026-11-10.") % {"text": text}) from error
    if not date(2000, 1, 1) <= day <= today:
        raise ValidationError(_("%(day)s is not over yet or too long ago.") % {"day": f"{day:%Y-%m-%d}"})
    return day


def sum_in(value: Any) -> int:
    """Parses an amount in yuan, which may be below 0, to fen; 0 for an empty cell or a dash.

    Raises ``ValidationError``.
    """
    if narrow(value) in {"-", "--"}:
        return 0
    return fen_in(value, least=-MOST_FEN, most=MOST_FEN)


def text_in(value: Any, most: int) -> str:
    """Returns the text of a cell, cut at ``most`` characters. Raises ``ValidationError`` for a rounded number."""
    if isinstance(value, float):
        raise ValidationError(_("Excel has rounded this number. Please save the column as text."))
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}"
    must_be_words(value)
    return narrow(value)[:most]


class BankImport(SheetImport):
    """Imports the lines of a bank's or an acquirer's file. Lines that an earlier file had are left out; a file
    all of whose rows came before is refused.
    """

    columns = (DAY, CAME, WENT, SIDE, FEE, NUMBER, VOUCHER, PARTY, ACCOUNT, SUMMARY, NOTE)

    def prepare(self, rows: Sequence[Row]) -> None:
        super().prepare(rows)
        self.today = clock.today(self.now)
        self.times: Counter[str] = Counter()
        self.known: set[str] = set(
            MatchingLine.objects.filter(estate=self.estate).exclude(key="").values_list("key", flat=True)
        )

    def plan(self, row: Row) -> Plan:
        cells = row.cells
        if is_blank(cells.get(DAY.key)):
            raise RowWrong(_("%(name)s is missing.") % {"name": DAY.heading}, DAY.key)
        day = with_key(moment_in, cells.get(DAY.key), self.today, key=DAY.key)
        fen = self._fen(row)
        texts = {
            column.key: with_key(text_in, cells.get(column.key), most, key=column.key)
            for column, most in (
                *((NUMBER, LONGEST), (VOUCHER, LONGEST), (PARTY, LONGEST_TEXT), (ACCOUNT, LONGEST)),
                *((SUMMARY, LONGEST_TEXT), (NOTE, LONGEST_TEXT)),
            )
        }
        words = " ".join(dict.fromkeys(filter(None, (texts["summary"], texts["note"]))))[:LONGEST_TEXT]
        line = BankLine(
            key=self._key(day, fen, texts),
            day=day,
            fen=fen,
            fee_fen=abs(with_key(sum_in, cells.get(FEE.key), key=FEE.key)) * (1 if fen > 0 else -1),
            number=texts["number"],
            voucher=texts["voucher"],
            party=texts["party"],
            account=texts["account"],
            words=words,
        )
        change = SKIP if line.key in self.known else NEW
        came, went = (as_yuan(fen), "") if fen > 0 else ("", as_yuan(-fen))
        fee = as_yuan(line.fee_fen) if line.fee_fen else ""
        shown = (f"{day:%Y-%m-%d}", came, went, "", fee, *texts.values())
        tag = "ins" if change == NEW else "span"
        return Plan(row, line, change, [[[tag, text]] for text in shown])

    def _fen(self, row: Row) -> int:
        """Returns the fen of a row, below 0 for money that went out. Raises ``RowWrong``."""
        came = with_key(sum_in, row.cells.get(CAME.key), key=CAME.key)
        went = abs(with_key(sum_in, row.cells.get(WENT.key), key=WENT.key))
        if came and went:
            raise RowWrong(_("Money cannot come in and go out in one row."), WENT.key)
        if not came and not went:
            raise RowWrong(_("The row has no amount."), CAME.key)
        side = narrow(row.cells.get(SIDE.key)).casefold() if SIDE.key in row.cells else ""
        return -abs(came) if came and side in OUTGOING else came - went

    def _key(self, day: date, fen: int, texts: dict[str, str]) -> str:
        """Returns the hash of a line; of equal lines in one file each has its own."""
        cells = "\x1f".join((day.isoformat(), str(fen), *texts.values()))
        self.times[cells] += 1
        return hashlib.sha256(f"{cells}\x1f{self.times[cells]}".encode()).hexdigest()

    def plans(self, rows: Sequence[Row]) -> tuple[list[Plan], list[tuple[Row, RowWrong]]]:
        plans, wrong = super().plans(rows)
        if wrong or not plans:
            return plans, wrong
        return plans, self._refused(plans)

    def _refused(self, plans: Sequence[Plan]) -> list[tuple[Row, RowWrong]]:
        """Returns why the file as a whole cannot be taken."""
        before = BankSheet.objects.filter(estate=self.estate, sha256=_sha256(plans)).select_related("made_by")
        if same := before.first():
            named = {"at": moment_words(same.created_at, self.now), "who": same.made_by}
            return [(plans[0].row, RowWrong(_("This file was brought in already: %(at)s, %(who)s.") % named))]
        if all(plan.change == SKIP for plan in plans):
            return [(plans[0].row, RowWrong(_("All rows of this file were brought in already.")))]
        days = [plan.instance.day for plan in plans]
        if (max(days) - min(days)).days >= MOST_DAYS:
            words = _("The file has more than %(count)d days. Please split it.") % {"count": MOST_DAYS}
            return [(plans[0].row, RowWrong(words, DAY.key))]
        return []

    def summary(self, plans: Sequence[Plan]) -> dict[str, Any]:
        """Returns rows and sums of what came in, went out, and was kept as fee."""
        new = [plan.instance for plan in plans if plan.change == NEW]
        came = [one.fen for one in new if one.fen > 0]
        went = [-one.fen for one in new if one.fen < 0]
        fees = [one.fee_fen for one in new if one.fee_fen]
        named = ((CAME.heading, came), (WENT.heading, went), (FEE.heading, fees))
        return {"sums": [[name, len(fen), as_yuan(sum(fen))] for name, fen in named if fen]}

    def write(self, plans: Sequence[Plan], journal: Journal) -> None:
        """Makes the file with its days, and matches them; nothing of it is undone, so the journal stays empty."""
        lines = [plan.instance for plan in plans if plan.change == NEW]
        source = self.answers.get("source", BankSheet.Source.BANK)
        days = [plan.instance.day for plan in plans]
        sheet = NewBankSheet(self.estate, source, _sha256(plans), (min(days), max(days)), lines)
        actions.bring_in_sheet(sheet, by=self.by, now=self.now)


def _sha256(plans: Sequence[Plan]) -> str:
    keys = sorted(plan.instance.key for plan in plans)
    return hashlib.sha256("\n".join(keys).encode()).hexdigest()
