"""Start of a report: the resident it is for, the estate, and the home or place if they are known."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from accounts.models import User
from accounts.policies import addresses_of
from community.estates.models import Estate, Home, PublicPlace
from services.common.acting_for import estates_to_act_in, given_by, home_named, resident_named, start_query
from services.repairs import policies


@dataclass(frozen=True)
class Start:
    """Start of a report. ``estate`` is None while a resident of several estates has not chosen a home."""

    resident: User
    estate: Estate | None
    home: Home | None
    place: PublicPlace | None
    homes: list[Home]

    @property
    def query(self) -> str:
        """Returns the start as a query string, for links between its pages."""
        return start_query(self.resident, self.home, self.place.code if self.place else "")


def read_start(request: HttpRequest, user: User) -> Start:
    """Reads the start from ``for`` (a person), ``home`` and ``place`` (the code of a sign).

    They come from the address or the form. Raises ``Http404`` for a value that this person may not name.
    """
    given = given_by(request)
    resident = resident_named(given.get("for", ""), user)
    homes = addresses_of(resident)
    home = home_named(homes, given.get("home", ""))
    place = None
    if code := given.get("place", ""):
        place = get_object_or_404(PublicPlace.objects.select_related("estate"), code=code.upper())
        home = None
    estate = place.estate if place else home.estate if home else None
    estates = {estate.pk} if estate else {row.estate.pk for row in homes}
    if resident != user:
        estates_to_act_in(user, resident, estates, policies.may_report_for)
    return Start(resident, estate, home, place, homes)
