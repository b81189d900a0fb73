"""All writes of the books: pages, the admin and imports call these."""

from services.fees.books.actions.invoices import (
    MAX_BYTES,
    InvoiceDetails,
    InvoiceFile,
    issue_invoice,
    refuse_invoice,
    request_invoice,
    reverse_invoice,
    withdraw_invoice,
)
from services.fees.books.actions.openings import (
    NewOpening,
    OpeningBill,
    Totals,
    billed_months,
    open_books,
    paid_bills,
    undo_opening,
    used_prepayments,
)
from services.fees.books.actions.reversals import (
    ask_ledger_reversal,
    confirm_ledger_reversal,
    decline_ledger_reversal,
)

__all__ = [
    "MAX_BYTES",
    "InvoiceDetails",
    "InvoiceFile",
    "NewOpening",
    "OpeningBill",
    "Totals",
    "ask_ledger_reversal",
    "billed_months",
    "confirm_ledger_reversal",
    "decline_ledger_reversal",
    "issue_invoice",
    "open_books",
    "paid_bills",
    "refuse_invoice",
    "request_invoice",
    "reverse_invoice",
    "undo_opening",
    "used_prepayments",
    "withdraw_invoice",
]
