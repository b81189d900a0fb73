"""Admin of fees, read only: all writes go through the actions.

Fee items can be named and switched off here; a new tariff goes through its action.
"""

from services.fees.admin import bills, books, merchants, payments, reach, refunds
from services.fees.books import admin as openings
from services.fees.matching import admin as matching
from services.fees.meters import admin as readings

__all__ = [
    "bills",
    "books",
    "matching",
    "merchants",
    "openings",
    "payments",
    "reach",
    "readings",
    "refunds",
]
