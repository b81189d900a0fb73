"""All writes of the books: pages, the admin and imports call these."""

from services.fees.books.actions.openings import (
    NewOpening,
    OpeningBill,
    Totals,
    open_books,
    paid_bills,
    undo_opening,
    used_prepayments,
)

__all__ = [
    "NewOpening",
    "OpeningBill",
    "Totals",
    "open_books",
    "paid_bills",
    "undo_opening",
    "used_prepayments",
]
