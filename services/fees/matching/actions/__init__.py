from services.fees.matching.actions.agreeing import agree_clean_days, agree_day
from services.fees.matching.actions.comparing import days_to_match, match_day
from services.fees.matching.actions.fetching import due_days, fetch_day, open_days, store_statement
from services.fees.matching.actions.resolving import note_difference, settle_difference, settle_taken
from services.fees.matching.actions.sheets import BankLine, NewBankSheet, bring_in_sheet

__all__ = [
    "BankLine",
    "NewBankSheet",
    "agree_clean_days",
    "agree_day",
    "bring_in_sheet",
    "days_to_match",
    "due_days",
    "fetch_day",
    "match_day",
    "note_difference",
    "open_days",
    "settle_difference",
    "settle_taken",
    "store_statement",
]
