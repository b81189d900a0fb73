"""The tables of a closing sheet, as its page, its Excel file and its PDF show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import User
from services.fees import labels
from services.fees.counter.sheets import moment
from services.fees.models import Account, ClosingSheet, LedgerTransaction, Shift
from services.fees.paper import Paper, paper_pdf


@dataclass(frozen=True)
class Table:
    """A part of the sheet: a row is its name and fen or counts; ``counts`` names the columns of counts."""

    heading: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    counts: frozenset[int] = frozenset()


def tables(sheet: ClosingSheet) -> list[Table]:
    """Returns the tables of a sheet from its stored figures. Two queries, for the names of cashiers."""
    figures = sheet.figures
    found = [_takings(figures)]
    if figures["shifts"]:
        found.append(_shifts(figures["shifts"]))
    found.append(_booked(figures["booked"]))
    if "accounts" in figures:
        found.append(_accounts(figures["accounts"]))
    return found


def _takings(figures: dict[str, Any]) -> Table:
    rows: list[tuple[Any, ...]] = [
        (labels.way(row["way"]), row["count"], row["fen"]) for row in figures["taken"]
    ]
    rows += [
        (_("Paid back, %(way)s") % {"way": labels.way(row["way"])}, row["count"], -row["fen"])
        for row in figures["back"]
    ]
    rows.append((_("In all"), None, figures["taken_fen"] - figures["back_fen"]))
    if figures["used_fen"]:
        rows.append((_("From prepayment, whose money came in earlier"), None, figures["used_fen"]))
    columns = (_("Way of paying"), pgettext("payments", "Number"), _("Amount (yuan)"))
    return Table(_("Takings"), columns, rows, frozenset({1}))


def _shifts(shifts: list[dict[str, Any]]) -> Table:
    cashiers = dict(
        Shift.objects.filter(pk__in=[row["shift"] for row in shifts]).values_list("pk", "cashier__name")
    )
    rows = [
        (
            cashiers[row["shift"]],
            *(row[name] for name in ("float_fen", "expected_fen", "counted_fen", "difference_fen")),
        )
        for row in shifts
    ]
    columns = (
        _("Cashier"),
        pgettext("till", "Float"),
        _("Expected"),
        pgettext("till", "Counted"),
        _("Difference"),
    )
    return Table(_("Shifts of tills"), columns, rows)


def _booked(booked: list[dict[str, Any]]) -> Table:
    names = dict(LedgerTransaction.Kind.choices)
    rows = [(str(names.get(row["kind"], row["kind"])), row["count"], row["fen"]) for row in booked]
    return Table(
        _("Booked"), (_("What"), pgettext("payments", "Number"), _("Amount (yuan)")), rows, frozenset({1})
    )


def _accounts(accounts: list[dict[str, Any]]) -> Table:
    names = dict(Account.Kind.choices)
    rows = [
        (
            str(names.get(row["kind"], row["kind"])),
            *(row[name] for name in ("before_fen", "debit_fen", "credit_fen", "after_fen")),
        )
        for row in accounts
    ]
    columns = (_("Account"), _("Before"), _("Debit"), _("Credit"), _("After"))
    return Table(_("Accounts"), columns, rows)


def sheet_name(sheet: ClosingSheet) -> str:
    return _("Day sheet") if sheet.kind == ClosingSheet.Kind.DAY else _("Month sheet")


def sheet_title(sheet: ClosingSheet) -> str:
    return f"{sheet_name(sheet)} {sheet.label}"


def sheet_pdf(sheet: ClosingSheet) -> bytes:
    """Returns the sheet as PDF, in Chinese like all papers of the estate."""
    estate = sheet.estate
    with translation.override("zh-hans"):
        found, title = tables(sheet), sheet_title(sheet)
        head = _head(sheet)
        signs = [_("Prepared by"), _("Signed by"), _("Date")]
        checksum = _("Checksum: %(digest)s") % {"digest": sheet.digest}
        texts = [[_cells(table, row) for row in table.rows] for table in found]

    def write(page: Paper) -> None:
        page.title(estate.name, title)
        page.rows(head)
        for table, rows in zip(found, texts, strict=True):
            page.heading(table.heading)
            page.table(table.columns, rows)
        page.note(checksum)
        page.signatures(signs)

    words = estate.name + estate.company_name + checksum + str((head, found, texts, signs))
    return paper_pdf(write, title=title, author=estate.company_name, words=words)


def _head(sheet: ClosingSheet) -> list[tuple[str, str]]:
    second: User | None = sheet.signed_by
    signed = f"{second.name} {moment(sheet.status_changed_at)}" if second else _("not signed yet")
    return [
        (_("Prepared by"), f"{sheet.prepared_by.name} {moment(sheet.prepared_at)}"),
        (_("Signed by"), signed),
    ]


def _cells(table: Table, row: Sequence[Any]) -> list[str]:
    texts = [str(row[0])]
    for place, value in enumerate(row[1:], start=1):
        if value is None:
            texts.append("")
        else:
            texts.append(str(value) if place in table.counts else labels.bare_yuan(value))
    return texts


def page_tables(sheet: ClosingSheet) -> list[tuple[Table, list[list[tuple[str, str]]]]]:
    """Returns the tables with the cells of each row as pairs of the column's name and the text."""
    return [
        (table, [list(zip(table.columns, _cells(table, row), strict=True)) for row in table.rows])
        for table in tables(sheet)
    ]
