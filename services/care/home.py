"""Elderly care on the resident's home page."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core.services.home import FamilyLine, Home, HomeLink, HomePart
from services.care.models import CareBooking

SHOWN = 2


def _next_bookings(user: User, now: datetime) -> dict[str, Any]:
    """Returns the next bookings of this person and of the people they act for."""
    ahead = CareBooking.objects.of_household(user).open().with_people().by_time()
    bookings = list(ahead[:SHOWN])
    return {"care_bookings": bookings} if bookings else {}


HOME = Home(
    parts=(HomePart(position=30, template="care/home_part.html", context=_next_bookings),),
    tiles=(HomeLink(position=30, url_name="care", label=_("Elderly care"), icon="heart", tone="care"),),
    more=(HomeLink(position=10, url_name="care", label=_("Elderly care"), icon="heart", tone="care"),),
    family=FamilyLine(
        position=30,
        url_name="care",
        words=_("Book care for them"),
        icon="calendar",
        tone="care",
    ),
)
