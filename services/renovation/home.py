"""Renovation on the resident's home page."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core.services.home import Home, HomeLink, HomePart
from services.renovation.works_in_home import next_for


def _next(user: User, now: datetime) -> dict[str, Any]:
    """Appointments that come next, and those that wait for the household's word."""
    appointments = next_for(user, now)
    return {"appointments": appointments} if appointments else {}


HOME = Home(
    parts=(HomePart(position=40, template="renovation/home_part.html", context=_next),),
    tiles=(
        HomeLink(position=40, url_name="renovations", label=_("Renovation"), icon="hammer", tone="build"),
    ),
    more=(HomeLink(position=20, url_name="renovations", label=_("Renovation"), icon="hammer", tone="build"),),
)
