"""Renovation on the resident's home page."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core.services.home import Home, HomeLink, HomePart
from services.renovation.works_in_home import next_appointments


def _next_appointments(user: User, now: datetime) -> dict[str, Any]:
    """Returns appointments that come next, and those that the household must answer."""
    appointments = next_appointments(user, now)
    return {"appointments": appointments} if appointments else {}


HOME = Home(
    parts=(HomePart(position=40, template="renovation/home_part.html", context=_next_appointments),),
    tiles=(
        HomeLink(position=40, url_name="renovations", label=_("Renovation"), icon="hammer", tone="build"),
    ),
    more=(HomeLink(position=20, url_name="renovations", label=_("Renovation"), icon="hammer", tone="build"),),
)
