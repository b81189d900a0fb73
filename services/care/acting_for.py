"""Reads the person and the home that a booking is made for."""

from dataclasses import dataclass, field

from django.http import HttpRequest

from accounts.models import User
from accounts.policies import addresses_of
from community.estates.models import Estate, Home
from services.care import policies
from services.common.acting_for import estates_to_act_in, given_by, home_named, resident_named, start_query


@dataclass(frozen=True)
class Start:
    """The person and the home that a booking is made for; ``home`` is None until one of several is chosen."""

    resident: User
    home: Home | None
    homes: list[Home] = field(default_factory=list)

    @property
    def estate(self) -> Estate | None:
        return self.home.estate if self.home else None

    @property
    def query(self) -> str:
        """Returns the start as a query string, for the links between the pages."""
        return start_query(self.resident, self.home)


def read_start(request: HttpRequest, user: User) -> Start:
    """Reads the start from ``for`` (a person) and ``home`` in the address or the form.

    For another person, only the homes in estates in which the user may book for them are given. Raises
    ``Http404`` if there is no such estate, and for an unknown person or home.
    """
    given = given_by(request)
    resident = resident_named(given.get("for", ""), user)
    homes = addresses_of(resident)
    if resident.pk != user.pk:
        estates = {home.estate.pk for home in homes}
        allowed = estates_to_act_in(user, resident, estates, policies.may_book_for)
        homes = [home for home in homes if home.estate.pk in allowed]
    return Start(resident, home_named(homes, given.get("home", "")), homes)
