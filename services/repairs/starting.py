"""Where a report begins: for whom, in which estate, and what is known of the place already."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from accounts.models import Delegation, User
from accounts.policies import homes_of, may_act_for
from community.estates.models import Estate, Home, PublicPlace


@dataclass(frozen=True)
class Start:
    """``estate`` is None while a resident of several estates has not said which home it is."""

    resident: User
    estate: Estate | None
    home: Home | None
    place: PublicPlace | None
    homes: list[Home]

    @property
    def query(self) -> str:
        """The same start as a query string, for the links between its pages."""
        known: dict[str, int | str] = {"for": self.resident.pk}
        if self.home:
            known["home"] = self.home.pk
        if self.place:
            known["place"] = self.place.code
        return urlencode(known)


def read_start(request: HttpRequest, user: User) -> Start:
    """From ``for`` (a person), ``home`` and ``place`` (the code of a sign) of the address or form.

    Raises ``Http404`` where one of them is not the person's to name.
    """
    given = request.POST if request.method == "POST" else request.GET
    resident = user if not given.get("for", "") else get_object_or_404(User, pk=number_of(given["for"]))
    homes = list(homes_of(resident).with_address())
    home = _home(homes, given.get("home", ""))
    place = None
    if code := given.get("place", ""):
        place = get_object_or_404(PublicPlace.objects.select_related("estate"), code=code.upper())
        home = None
    estate = place.estate if place else home.estate if home else None
    estates = {estate.pk} if estate else {one.estate.pk for one in homes}
    if resident != user and not any(
        may_act_for(user, resident, Delegation.Service.REPAIRS, estate_id=pk) for pk in estates
    ):
        raise Http404
    return Start(resident, estate, home, place, homes)


def _home(homes: list[Home], chosen: str) -> Home | None:
    if chosen:
        found = [home for home in homes if home.pk == number_of(chosen)]
        if not found:
            raise Http404
        return found[0]
    return homes[0] if len(homes) == 1 else None


def number_of(text: str) -> int:
    """A key out of an address or a form; what is none is not found."""
    if not (text.isascii() and text.isdecimal()) or len(text) > 18:
        raise Http404
    return int(text)
