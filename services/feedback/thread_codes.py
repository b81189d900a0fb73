"""The code by which a writer without a name comes back.

Sixteen of 31 letters and digits are 79 bits: nobody tries them out. Only the keyed hash is kept,
so that neither the database nor a backup opens a thread.
"""

import re
import secrets

from django.utils.translation import gettext_lazy as _

from community.core import limits
from community.core.encryption import blind_index
from community.core.errors import ActionError
from community.core.limit_table import FEEDBACK_CODE, FEEDBACK_CODES
from community.core.typed_text import plain
from community.estates.models import SIGN_ALPHABET
from services.feedback.models import Feedback

LENGTH, GROUP = 16, 4


def new_code() -> str:
    """``7K4M-…``: four groups of four, none of which look alike on paper."""
    letters = "".join(secrets.choice(SIGN_ALPHABET) for _n in range(LENGTH))
    return "-".join(letters[n : n + GROUP] for n in range(0, LENGTH, GROUP))


def normal(code: str) -> str:
    """As people type it: without dashes and blanks, in either case and width."""
    return re.sub(r"[^0-9A-Z]", "", plain(code).upper())[: 2 * LENGTH]


def digest(code: str) -> str:
    return blind_index("feedback-code:" + normal(code))


def find(code: str) -> Feedback:
    """The thread of this code, or its follow-up if it was rated badly.

    Raises ``ActionError`` for a wrong one, ``TooMany`` for too many guesses.

    A right code opens, however many wrong ones came before it: nobody is shut out by another's guesses.
    Guessing is no cheaper for that, because the length of the code is what makes it hopeless; the limit
    keeps guesses from being work for us. Who guesses is not stored, not even as a hash of an address:
    guesses are counted by the first group of what was typed, and all together.
    """
    typed = normal(code)
    if len(typed) == LENGTH:
        found = Feedback.objects.with_people().filter(code_hash=digest(typed)).first()
        if found is not None:
            return newest_of(found)
    limits.hit(FEEDBACK_CODE, typed[:GROUP])
    limits.hit(FEEDBACK_CODES, "all")
    raise ActionError(
        "wrong_code",
        _("This code is not right. Please compare it letter by letter with what you wrote down."),
        field="code",
    )


def newest_of(found: Feedback) -> Feedback:
    """Where it goes on: the follow-up that a bad rating opened, else itself."""
    return Feedback.objects.with_people().follow_up_of(found).first() or found
