"""A quarter of a fund as PDF and as rows of an Excel file."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from community.core import exports
from services.fees.funds.quarters import Quarter, quarter_of
from services.fees.labels import bare_yuan
from services.fees.models import Fund, FundLine
from services.fees.paper import Paper, paper_pdf


def quarter_pdf(fund: Fund, day: date, lines: Sequence[FundLine]) -> bytes:
    """Returns the quarter in which ``day`` lies as PDF, in Chinese like all papers of the estate."""
    estate = fund.estate
    with translation.override("zh-hans"):
        quarter = quarter_of(fund, day)
        title = f"{fund} {quarter.label}"
        sums = [
            (_("At the beginning"), bare_yuan(quarter.opening_fen)),
            *((f"+ {kind.label}", bare_yuan(kind.fen)) for kind in quarter.receipts),
            *((f"− {kind.label}", bare_yuan(kind.fen)) for kind in quarter.spendings),
            (_("At the end"), bare_yuan(quarter.closing_fen)),
        ]
        columns = (_("What"), _("Received (yuan)"), _("Spent (yuan)"))
        rows = [
            (f"{line.on} {line.get_category_display()} {line.counterparty}", *_amounts(line))
            for line in lines
        ]
        headings = (_("Sums (yuan)"), _("Each line"))

    def write(page: Paper) -> None:
        page.title(estate.name, title)
        page.heading(headings[0])
        page.rows(sums)
        page.heading(headings[1])
        page.table(columns, rows)

    words = estate.name + estate.company_name + str((headings, sums, columns, rows))
    return paper_pdf(write, title=title, author=estate.company_name, words=words)


def _amounts(line: FundLine) -> tuple[str, str]:
    text = bare_yuan(line.amount_fen)
    return ("", text) if line.is_spending else (text, "")


def sheet_rows(quarter: Quarter, lines: Sequence[FundLine]) -> list[tuple[Any, ...]]:
    """Returns the rows of the Excel file: opening balance, each line, and closing balance."""
    first, last = quarter.span.first, quarter.span.last
    return [
        (first, _("At the beginning"), "", "", exports.hundredths(quarter.opening_fen), None),
        *(
            (
                line.on,
                str(line.get_category_display()),
                line.counterparty,
                line.purpose,
                None if line.is_spending else exports.hundredths(line.amount_fen),
                exports.hundredths(line.amount_fen) if line.is_spending else None,
            )
            for line in reversed(lines)
        ),
        (last, _("At the end"), "", "", exports.hundredths(quarter.closing_fen), None),
    ]
