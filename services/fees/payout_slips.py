"""Slips to sign for cash that is paid out, as PDF: A5, in Chinese like all papers of the estate."""

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from community.core import clock
from community.core.money import as_yuan
from community.core.spoken import capitals
from services.fees import labels, receipts
from services.fees.models import Payment, Refund
from services.fees.paper import HALF, Paper, Row, paper_pdf


def has_slip(refund: Refund) -> bool:
    """Whether cash was handed out for the refund, so that somebody signs for it."""
    is_out = refund.status == Refund.Status.DONE and refund.channel == Payment.CASH
    return is_out and refund.amount_fen > 0


def slip_pdf(refund: Refund) -> bytes:
    """Returns the slip of a refund in cash with a line to sign for who receives it and who hands it out."""
    with translation.override("zh-hans"):
        rows, title = _rows(refund), _("Received in cash")
        signs = [_("Received by (signature)"), _("Handed out by (signature)"), _("Date")]
    estate = str(refund.estate)

    def write(page: Paper) -> None:
        page.title(estate, title)
        page.rows(rows)
        page.signatures(signs)

    words = estate + "".join(part for row in rows for part in row) + "".join(signs)
    return paper_pdf(write, title=title, author=estate, words=words, height=HALF)


def _payee(refund: Refund) -> str:
    if refund.payee_name or refund.payment is None:
        return refund.payee_name
    return receipts.payer_name(refund.payment)


def _rows(refund: Refund) -> list[Row]:
    at = clock.local(refund.booked_at or refund.status_changed_at)
    rows: list[Row] = [
        (_("Amount"), f"{as_yuan(refund.amount_fen)}  {capitals(refund.amount_fen)}"),
        (pgettext("refund", "Of"), labels.refund_of(refund)),
        (_("Home"), str(refund.home)),
        (_("Why"), refund.reason or "—"),
        (_("received by"), _payee(refund)),
        (_("Asked for by"), refund.made_by.name),
    ]
    if refund.approved_by:
        rows.append((pgettext("refund", "Agreed to by"), refund.approved_by.name))
    return [*rows, (_("Paid out"), f"{date_format(at, 'DATE_FORMAT')} {at:%H:%M}")]
