"""Error codes of WeChat's interface (全局返回码), and what each asks of us."""

from datetime import datetime, time, timedelta
from enum import Enum

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.core import clock
from community.core.services.words import Words


class Then(Enum):
    """The next step after a refusal."""

    # Another try, with growing delays.
    AGAIN = "again"
    # The same call with a new access token.
    TOKEN = "token"  # noqa: S105
    # Another try after a limit of the platform has passed.
    WAIT = "wait"
    # The person cannot be reached this way.
    UNREACHABLE = "unreachable"
    # Staff must mend the account; no try helps before.
    MEND = "mend"


MINUTE_FULL, DAY_FULL = 45011, 45009
CODES = {
    -1: Then.AGAIN,
    40001: Then.TOKEN,
    40014: Then.TOKEN,
    42001: Then.TOKEN,
    DAY_FULL: Then.WAIT,
    MINUTE_FULL: Then.WAIT,
    40003: Then.UNREACHABLE,
    43003: Then.UNREACHABLE,
    43004: Then.UNREACHABLE,
    43101: Then.UNREACHABLE,
}
WORDS: dict[int, Words] = {
    40013: _("WeChat does not know the AppID."),
    40125: _("The AppSecret is wrong."),
    40164: _("The address of this server is not on the account's list (IP白名单)."),
    48001: _("The account has no right to this interface. Is it verified?"),
    50002: _("The account is closed or restricted."),
    40037: _("The template is not the account's, or not approved."),
    47003: _("A value does not fit the template."),
}


class WeChatRefused(Exception):
    """Raised for an answer with an ``errcode``."""

    def __init__(self, code: int) -> None:
        super().__init__(f"errcode {code}")
        self.code = code

    def free_again(self, now: datetime) -> datetime | None:
        """Returns when a limit of the platform has passed; None for other refusals."""
        if self.code == MINUTE_FULL:
            return now + timedelta(minutes=1)
        if self.code == DAY_FULL:
            midnight = datetime.combine(clock.today(now) + timedelta(days=1), time(0, 1))
            return timezone.make_aware(midnight)
        return None

    @property
    def then(self) -> Then:
        return CODES.get(self.code, Then.MEND)
