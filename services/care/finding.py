"""Residents whom staff book for, and homes to which somebody comes."""

import re
from functools import reduce
from operator import and_

from django.db.models import Q

from accounts.models import Residency, User
from community.core.encryption import blind_index
from community.estates.models import Estate, Home
from services.care.models import CareBooking
from services.care.weeks import MOBILE, PARTS

SHOWN = 20


def residents(estate: Estate, words: str) -> list[tuple[User, Home]]:
    """Residents of the estate by name, whole number or address, each with the home. One query."""
    rows = Residency.objects.active().filter(home__entrance__building__estate=estate)
    tokens = PARTS.sub(r"\1 ", words).split()
    if tokens:
        rows = rows.filter(reduce(and_, map(_about, tokens)))
    found = rows.select_related("user", "home__entrance__building__estate").order_by("user__name", "pk")
    return [(row.user, row.home) for row in found[:SHOWN]]


def _about(token: str) -> Q:
    digits = re.sub(r"\D", "", token)
    if MOBILE.fullmatch(digits):
        return Q(user__phone_index=blind_index("+86" + digits))
    return (
        Q(user__name__icontains=token)
        | Q(home__number__iexact=token.removesuffix("室"))
        | Q(home__entrance__name__iexact=token)
        | Q(home__entrance__building__name__istartswith=token)
    )


def visited_homes(estate: Estate) -> list[Home]:
    """The homes with a visit that is still to come. One query."""
    ahead = CareBooking.objects.open().filter(estate=estate, service__needs_carer=True)
    homes = Home.objects.filter(pk__in=ahead.values("home")).with_address()
    return list(homes.order_by("entrance__building__position", "entrance__position", "floor", "number")[:300])
