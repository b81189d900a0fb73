"""The button pressed, at a minute that the test says."""

from datetime import datetime
from uuid import uuid4

from accounts.models import User
from community.estates.models import Home
from services.help import actions
from services.help.models import HelpCall


def press(elder: User, now: datetime, home: Home | None = None, **given: object) -> HelpCall:
    given = {"by": elder, "key": uuid4()} | given
    return actions.raise_call(resident=elder, home=home, now=now, **given)  # type: ignore[arg-type]
