"""Rows of the access matrix by wing, one file for each service."""

from accounts.models import User
from tests.factories import make_token
from tests.support.access import EVERYONE, SIGNED_IN, Row
from tests.support.access_rows import (
    care,
    desk,
    feedback,
    fees,
    help_calls,
    meters,
    morning,
    notices,
    people,
    renovation,
    repairs,
)


def api_headers(user: User) -> dict[str, str]:
    """Returns headers with a token of every scope, so that only the person's rights can refuse."""
    return make_token(user)


API = {
    "people": {
        "api_docs": Row(EVERYONE, swept=False),
        "api_schema": Row(EVERYONE, swept=False),
        "api_me": Row(SIGNED_IN),
        "api_homes": Row(SIGNED_IN),
    },
    "repairs": repairs.API,
    "fees": fees.API,
    "care": care.API,
    "help": help_calls.API,
    "renovation": renovation.API,
    "feedback": feedback.API,
    "notices": notices.API,
}
WINGS = {
    "home": people.HOME,
    "sign in": people.SIGN_IN,
    "people": people.PEOPLE,
    "repairs": repairs.REPAIRS,
    "work": repairs.WORK,
    "desk": desk.DESKS,
    "morning": morning.MORNING,
    "fees": fees.PAGES,
    "fees staff": fees.STAFF_PAGES,
    "meters": meters.PAGES,
    "fees arrears": fees.ARREARS,
    "fees matching": fees.MATCHING,
    "care": care.PAGES,
    "care staff": care.STAFF_PAGES,
    "help": help_calls.PAGES,
    "help staff": help_calls.STAFF_PAGES,
    "renovation": renovation.PAGES,
    "renovation staff": renovation.STAFF_PAGES,
    "feedback": feedback.PAGES,
    "feedback staff": feedback.STAFF_PAGES,
    "notices": notices.PAGES,
    "notices staff": notices.STAFF_PAGES,
    **{f"api {name}": rows for name, rows in API.items()},
}
API_ROWS = {name: row for rows in API.values() for name, row in rows.items()}
ROWS: dict[str, Row] = {name: row for wing in WINGS.values() for name, row in wing.items()}
