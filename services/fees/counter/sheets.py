"""The hand-over sheet of a shift as PDF: A4, in Chinese like all papers of the estate, with lines to sign."""

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from community.core import clock
from services.fees import labels
from services.fees.counter.queries import HandOver
from services.fees.models import BankedCash
from services.fees.paper import Paper, Row, paper_pdf


def hand_over_pdf(sheet: HandOver) -> bytes:
    """Returns the hand-over sheet as PDF, over as many pages as it needs."""
    with translation.override("zh-hans"):
        parts = [
            (pgettext("till", "Taken"), _ways(sheet)),
            (_("Cash"), _cash(sheet)),
            (_("Receipts"), _receipts(sheet)),
        ]
        title, signs = _("Hand-over sheet"), [_("Handed over by"), _("Taken over by"), _("Date")]
        head, author = _head(sheet), sheet.shift.estate.company_name
        estate = sheet.shift.estate.name

    def write(page: Paper) -> None:
        page.title(estate, title)
        page.rows(head)
        for heading, rows in parts:
            page.heading(heading)
            page.rows(rows)
        page.signatures(signs)

    words = author + estate + str((parts, signs, head))
    return paper_pdf(write, title=title, author=author, words=words)


def moment(at: object) -> str:
    """Returns a moment in the estate's time zone as it stays on paper: 2026年11月30日 14:26."""
    local = clock.local(at)  # type: ignore[arg-type]
    return f"{date_format(local, 'DATE_FORMAT')} {local:%H:%M}"


def _head(sheet: HandOver) -> list[Row]:
    shift = sheet.shift
    closed = moment(shift.closed_at) if shift.closed_at else _("not closed yet")
    counted_by = [(_("Counted by"), sheet.counted_by.name)] if sheet.counted_by else []
    return [
        (_("Cashier"), shift.cashier.name),
        *counted_by,
        (pgettext("till", "Opened"), moment(shift.opened_at)),
        (pgettext("till", "Closed"), closed),
    ]


def _ways(sheet: HandOver) -> list[Row]:
    """Returns what came in and what was paid back by each way, and the sum."""
    rows: list[Row] = []
    for one in sheet.ways:
        if one.count:
            rows.append((f"{labels.way(one.way)} · {_payments(one.count)}", _yuan(one.fen)))
        if one.back_count:
            back = _("Paid back, %(way)s") % {"way": labels.way(one.way)}
            rows.append((f"{back} · {_payments(one.back_count)}", _yuan(-one.back_fen)))
    return [*rows, (_("In all"), _yuan(sheet.total_fen))]


def _cash(sheet: HandOver) -> list[Row]:
    shift = sheet.shift
    rows = [
        (pgettext("till", "Float"), _yuan(shift.float_fen)),
        (pgettext("till", "Cash taken"), _yuan(sheet.cash.fen)),
        (_("Cash paid back"), _yuan(-sheet.cash.back_fen)),
        *_banked(sheet),
        (_("Expected in the till"), _yuan(sheet.expected_fen)),
    ]
    if shift.counted_fen is not None:
        rows += [
            *((f"{_yuan(value)} × {number}", _yuan(fen)) for value, number, fen in sheet.pieces),
            (pgettext("till", "Counted"), _yuan(shift.counted_fen)),
            (_("Difference"), _yuan(shift.difference_fen)),
        ]
        change = shift.history.filter(to_status="closed").first()
        if change and change.reason:
            rows.append((_("Why it differs"), change.reason))
    return rows


def _banked(sheet: HandOver) -> list[Row]:
    """Returns the cash that was brought to the bank, without what was undone."""
    return [
        (
            _("To the bank, slip %(number)s, %(name)s")
            % {"number": one.slip_number, "name": one.made_by.name},
            _yuan(-one.amount_fen),
        )
        for one in sheet.banked
        if one.status == BankedCash.Status.BOOKED
    ]


def _receipts(sheet: HandOver) -> list[Row]:
    rows = [
        (f"{one.first} – {one.last}", str(_("%(count)s receipts") % {"count": one.count}))
        for one in sheet.numbers
    ]
    rows += [
        (
            _("Void: %(number)s") % {"number": receipt.text},
            f"{_yuan(receipt.payment.amount_fen)} {receipt.void_reason}",
        )
        for receipt in sheet.voided
    ]
    return rows or [(pgettext("receipts", "None"), "")]


def _payments(count: int) -> str:
    return ngettext("%(number)s payment", "%(number)s payments", count) % {"number": count}


def _yuan(fen: int) -> str:
    return f"−¥{labels.bare_yuan(-fen)}" if fen < 0 else f"¥{labels.bare_yuan(fen)}"
