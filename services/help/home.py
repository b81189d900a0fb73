"""Help on the resident's home page."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core.services.home import Home, HomeDoor, HomeLink, HomePart
from services.help.models import HelpCall

SHOWN = 3


def _open_calls_context(user: User, now: datetime) -> dict[str, Any]:
    """Returns the context of open calls of the family, which come first on the page."""
    calls = list(HelpCall.objects.of_family(user).open().filter(is_drill=False).with_people()[:SHOWN])
    return {"help_calls": calls} if calls else {}


HOME = Home(
    parts=(
        HomePart(position=10, template="help/home_part.html", context=_open_calls_context, is_alarm=True),
    ),
    doors=(
        HomeDoor(
            position=30,
            url_name="help",
            label=_("Help"),
            icon="phone",
            kind="help",
            hint=_("Call people"),
        ),
    ),
    tiles=(HomeLink(position=60, url_name="help", label=_("Help"), icon="phone", tone="help"),),
    more_signed_out=(HomeLink(position=20, url_name="help", label=_("Get help"), icon="phone", tone="help"),),
    welcome_buttons=(HomeLink(position=10, url_name="help", label=_("Get help"), icon="phone"),),
)
