"""Lists of everything about money, read only: what is written is written by the actions.

Fee items can be named and switched off here; a new tariff goes through its action.
"""

from services.fees.admin import bills, books, payments

__all__ = ["bills", "books", "payments"]
