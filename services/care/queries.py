"""Residents for whom staff can book, and homes that carers visit."""

from accounts.models import Residency, User
from accounts.queries import OF_RESIDENCY
from community.core.search.filtering import search_filter
from community.estates.models import Estate, Home
from services.care.models import CareBooking

SHOWN = 20


def find_residents(estate: Estate, words: str) -> list[tuple[User, Home]]:
    """Returns up to ``SHOWN`` residents of the estate by name, whole number or address, each with the home.
    One query.
    """
    rows = Residency.objects.active().filter(home__entrance__building__estate=estate)
    rows = rows.filter(search_filter(words, OF_RESIDENCY))
    rows = rows.select_related("user", "home__entrance__building__estate").order_by("pk")
    return [(row.user, row.home) for row in rows[:SHOWN]]


def visited_homes(estate: Estate) -> list[Home]:
    """Returns the homes with a visit that is still to come. One query."""
    ahead = CareBooking.objects.open().filter(estate=estate, service__needs_carer=True)
    homes = Home.objects.filter(pk__in=ahead.values("home")).with_address()
    return list(homes.order_by("entrance__building__position", "entrance__position", "floor", "number")[:300])
