"""Codes by which anonymous writers return to their thread.

Sixteen of 31 letters and digits are 79 bits, too many to guess. Only the keyed hash is stored, so that
neither the database nor a backup opens a thread.
"""

import re
import secrets

from django.utils.translation import gettext_lazy as _

from community.core import limits
from community.core.encryption import blind_indexes
from community.core.errors import ActionError
from community.core.limit_table import FEEDBACK_CODE, FEEDBACK_CODES
from community.core.typed_text import plain
from community.estates.models import SIGN_ALPHABET
from services.feedback.models import Feedback

LENGTH, GROUP = 16, 4


def new_code() -> str:
    """Returns a new code (``7K4M-…``): four groups of four, without characters that look alike on paper."""
    letters = "".join(secrets.choice(SIGN_ALPHABET) for _n in range(LENGTH))
    return "-".join(letters[n : n + GROUP] for n in range(0, LENGTH, GROUP))


def normalized(code: str) -> str:
    """Returns the typed code without dashes and blanks, in upper case and half width."""
    return re.sub(r"[^0-9A-Z]", "", plain(code).upper())[: 2 * LENGTH]


def digest(code: str) -> str:
    """Returns the keyed hash of a code."""
    return digests(code)[0]


def digests(code: str) -> list[str]:
    """Returns the hashes under which a code may be stored, that of the newest key first."""
    return blind_indexes("feedback-code:" + normalized(code))


def find_thread(code: str) -> Feedback:
    """Returns the thread of this code, or its follow-up if it was rated badly.

    A right code always opens, whatever the number of wrong ones before it, so that guesses lock out nobody.
    That makes guessing no cheaper, as the length of the code protects it; the limits only keep guesses from
    loading the server. Nothing identifies the guesser, not even a hash of an address: guesses are counted by
    the first group of the typed code, and all together. Raises ``ActionError`` (``wrong_code``) and
    ``TooMany``.
    """
    typed = normalized(code)
    if len(typed) == LENGTH:
        found = Feedback.objects.with_people().filter(code_hash__in=digests(typed)).first()
        if found is not None:
            return latest_thread(found)
    limits.hit(FEEDBACK_CODE, typed[:GROUP])
    limits.hit(FEEDBACK_CODES, "all")
    raise ActionError(
        "wrong_code",
        _("This code is not right. Please compare it letter by letter with what you wrote down."),
        field="code",
    )


def latest_thread(found: Feedback) -> Feedback:
    """Returns the follow-up that a bad rating opened, else the feedback itself."""
    return Feedback.objects.with_people().follow_up_of(found).first() or found
