"""Codes at the door. Two digits that the carer says first prove to the resident who is there; the resident's four
digits, or the code of the home, prove that the carer was there.

The home's code is printed as a QR code that hangs inside the home. It is derived and not stored, so that a
sheet can be printed again and cannot be forged.
"""

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext_lazy as _

from community.core import limits
from community.core.errors import ActionError
from community.core.limit_table import CARE_CODE, CARE_CODE_CARER
from community.core.typed_text import plain
from community.estates.models import SIGN_ALPHABET, Home
from services.care.models import CareBooking

# Name of the module that printed the first sheets; another salt would make their codes wrong.
SALT = "services.care.codes"
LETTERS = 7
CARER_SALT = "services.care.home_codes.carer"


@dataclass(frozen=True)
class HomeCode:
    """A home with the code and the URL of its sheet."""

    home: Home
    code: str
    url: str


def code_of(home_pk: int) -> str:
    """Returns the home's code: seven letters and digits that are not mistaken for each other."""
    number = int.from_bytes(salted_hmac(SALT, str(home_pk), algorithm="sha256").digest(), "big")
    letters = []
    for _n in range(LETTERS):
        number, rest = divmod(number, len(SIGN_ALPHABET))
        letters.append(SIGN_ALPHABET[rest])
    return "".join(letters)


def home_code(home: Home) -> HomeCode:
    """Returns the home with its code and the URL of the page that the QR code opens."""
    code = code_of(home.pk)
    path = reverse("care_at_home", args=[home.pk, code])
    return HomeCode(home, code, settings.PUBLIC_URL.rstrip("/") + path)


def carer_code(booking: CareBooking) -> str:
    """Returns the two digits that the assigned carer says before the door is opened; empty without a carer.

    Another carer has other digits. A stranger can guess once, face to face, one in a hundred.
    """
    if booking.carer_id is None:
        return ""
    # The start code, which strangers and staff never read, makes the digits differ from visit to visit.
    about = f"{booking.pk}:{booking.carer_id}:{booking.start_code}"
    number = int.from_bytes(salted_hmac(CARER_SALT, about, algorithm="sha256").digest()[:8], "big")
    return f"{number % 100:02d}"


def is_code_of(home_pk: int, code: str) -> bool:
    """Whether ``code`` is the home's code; compares in constant time."""
    return constant_time_compare(code_of(home_pk), code)


def check(booking: CareBooking, code: str, *, carer_pk: int) -> None:
    """Raises ``wrong_code`` for a wrong code, and ``TooMany`` after several; right codes are not counted.

    Attempts are limited by booking and by carer. Spaces, hyphens and lower case are accepted.
    """
    counted = [(CARE_CODE, str(booking.pk)), (CARE_CODE_CARER, str(carer_pk))]
    limits.hit_all(counted)
    typed = "".join(plain(code).split()).replace("-", "").upper()
    if constant_time_compare(booking.start_code, typed) or is_code_of(booking.home_id, typed):
        for limit, key in counted:
            limits.give_back(limit, key)
        return
    raise ActionError("wrong_code", _("This is not the code. Please ask again."), field="code")
