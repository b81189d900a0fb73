"""The person for whom a page shows bills: the user, a parent, or a resident at the desk."""

from dataclasses import dataclass

from django.http import HttpRequest

from accounts.models import User, access_of
from accounts.policies import addresses_of
from community.estates.models import Home
from services.common.acting_for import estates_to_act_in, given_by, home_named, resident_named, start_query
from services.fees.models import Bill, BillQuerySet
from services.fees.models.bills import pays_for_home
from services.fees.policies import may_pay_for


@dataclass(frozen=True)
class Household:
    """A resident with their homes, and all of their bills that the reader may pay."""

    resident: User
    homes: list[Home]
    home: Home | None
    bills: BillQuerySet
    is_own: bool
    # Homes whose fees the owner pays, as the estate does not let tenants pay.
    owner_pays: list[Home]

    @property
    def query(self) -> str:
        """The resident as a query string for links between the pages; empty for the reader's own bills."""
        return "" if self.is_own else start_query(self.resident)


def read_household(request: HttpRequest, user: User) -> Household:
    """Reads ``for`` and ``home`` of the address or form.

    Raises ``Http404`` if the user may not act for the resident.
    """
    given = given_by(request)
    resident = resident_named(given.get("for", ""), user)
    homes = addresses_of(resident)
    bills = Bill.objects.of_resident(resident)
    if resident != user:
        estates = {home.estate.pk for home in homes} | set(bills.open().values_list("estate", flat=True))
        allowed = estates_to_act_in(user, resident, estates, may_pay_for)
        homes = [home for home in homes if home.estate.pk in allowed]
        bills = bills.filter(estate__in=allowed)
    home = home_named(homes, given.get("home", ""))
    shown = {one.pk for one in homes}
    living = access_of(resident).living()
    # A person may be tenant and owner of the same home.
    paying = {one.home_id for one in living if pays_for_home(one)}
    owner_pays = [one for one in homes if one.pk in shown - paying]
    return Household(resident, homes, home, bills, is_own=resident == user, owner_pays=owner_pays)
