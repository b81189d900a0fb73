from services.fees.matching.actions.agreeing import agree_day
from services.fees.matching.actions.comparing import days_to_match, match_day
from services.fees.matching.actions.fetching import due_days, fetch_day, open_days, store_statement
from services.fees.matching.actions.resolving import note_difference, settle_difference

__all__ = [
    "agree_day",
    "days_to_match",
    "due_days",
    "fetch_day",
    "match_day",
    "note_difference",
    "open_days",
    "settle_difference",
    "store_statement",
]
