"""Where a booking begins: for whom, and to which home."""

from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.http import HttpRequest

from accounts.models import User
from accounts.policies import homes_of
from community.estates.models import Estate, Home
from services.care import policies
from services.common.starting import estates_to_act_in, home_named, resident_named


@dataclass(frozen=True)
class Start:
    """``home`` is None while a resident of several has not said which one it is."""

    resident: User
    home: Home | None
    homes: list[Home] = field(default_factory=list)

    @property
    def estate(self) -> Estate | None:
        return self.home.estate if self.home else None

    @property
    def query(self) -> str:
        """The same start as a query string, for the links between its pages."""
        known = {"for": self.resident.pk}
        if self.home:
            known["home"] = self.home.pk
        return urlencode(known)


def read_start(request: HttpRequest, user: User) -> Start:
    """From ``for`` (a person) and ``home`` of the address or form.

    Of another person only the homes in estates where one may book for them; raises ``Http404``
    where there is none.
    """
    given = request.POST if request.method == "POST" else request.GET
    resident = resident_named(given.get("for", ""), user)
    homes = list(homes_of(resident).with_address())
    if resident.pk != user.pk:
        estates = {home.estate.pk for home in homes}
        allowed = estates_to_act_in(user, resident, estates, policies.may_book_for)
        homes = [home for home in homes if home.estate.pk in allowed]
    return Start(resident, home_named(homes, given.get("home", "")), homes)
