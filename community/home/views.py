"""The resident's home page: what is owed, what is under way, and the way to everything."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import SimpleLazyObject
from django.views.decorators.http import require_GET

from accounts.http import SignedInRequest
from accounts.models import Delegation, Residency, User
from accounts.policies import homes_of, is_staff_person, start_page
from community.core import clock
from community.estates.models import Home
from community.notices.queries import live_topics, news_for
from services.care.models import CareBooking
from services.fees.queries import owed_by, owed_fen_of
from services.help.models import HelpCall
from services.renovation.homework import next_for
from services.repairs import timeline
from services.repairs.models import Repair

SHOWN = 3
CARE_SHOWN = 2


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """What is owed and under way, then the services; signed out, what this is and how to begin."""
    user = request.user
    if not isinstance(user, User):
        return render(request, "home/welcome.html")
    homes = _homes(user)
    if not homes and is_staff_person(user) and not user.residencies.exists():
        return redirect(start_page(user))
    return render(request, "home/home.html", _context(user, homes))


@login_required
@require_GET
def home_live(request: SignedInRequest) -> HttpResponse:
    """What is under way, as open home pages fetch it."""
    return render(request, "home/home_live.html", _context(request.user, _homes(request.user)))


def _homes(user: User) -> list[Home]:
    return list(homes_of(user).with_address())


def _context(user: User, homes: list[Home]) -> dict[str, Any]:
    """What every service adds: two queries each at most, whatever the data."""
    parts = (_help, _owed, _news, _under_way, _care, _renovation, _family, _asked)
    context: dict[str, Any] = _place(user, homes)
    for part in parts:
        context |= part(user)
    return context


def _place(user: User, homes: list[Home]) -> dict[str, Any]:
    """Where one is, and what the page listens to: oneself, and the notices of one's estates."""
    estates = live_topics(home.estate.pk for home in homes)
    context: dict[str, Any] = {"live_topics": [f"resident:{user.pk}", *estates], "notice_topics": estates}
    if homes:  # for a newcomer the frame asks by itself, and finds none
        estate = homes[0].estate
        context |= {"home": homes[0], "estate": estate, "desk_phone": estate.desk_phone}
    return context


def _news(user: User) -> dict[str, Any]:
    """The notices for one's homes: what is urgent, and the newest."""
    return {"news": news_for(user, clock.now())}


def _help(user: User) -> dict[str, Any]:
    """A call for help that is open comes before everything else."""
    calls = HelpCall.objects.of_family(user).open().filter(is_drill=False).with_people()
    return {"help_calls": list(calls[:SHOWN])}


def _owed(user: User) -> dict[str, Any]:
    fen, bills = owed_by(user)
    return {"owed_fen": fen, "owed_bills": bills}


def _family(user: User) -> dict[str, Any]:
    """For whom one may act, in which services, and what they owe; one query for all of it."""
    given = Delegation.objects.active().filter(delegate=user).select_related("resident")
    family: dict[int, dict[str, Any]] = {}
    for one in given.annotate(owed_fen=owed_fen_of("resident")).order_by("pk"):
        known = family.setdefault(one.resident_id, {"resident": one.resident, "services": set()})
        known["services"].add(one.service)
        if one.service == "fees":
            known["owed_fen"] = one.owed_fen
    return {"family": list(family.values())}


def _under_way(user: User) -> dict[str, Any]:
    under_way = Repair.objects.of_household(user).open().with_people()[:SHOWN]
    return {
        "under_way": [{"repair": repair, "line": timeline.line(repair)} for repair in under_way],
    }


def _care(user: User) -> dict[str, Any]:
    """What is booked next, for oneself and for whom one acts."""
    ahead = CareBooking.objects.of_household(user).open().with_people().by_time()
    return {"care_bookings": list(ahead[:CARE_SHOWN])}


def _renovation(user: User) -> dict[str, Any]:
    """Who comes next into one's home, and what waits for one's word."""
    return {"appointments": next_for(user, clock.now())}


def _asked(user: User) -> dict[str, Any]:
    """The home that one has asked for; looked up only where none is confirmed yet."""
    requested = Residency.objects.requested().filter(user=user).select_related("home__entrance__building")
    return {"asked": SimpleLazyObject(requested.first)}


@require_GET
def more(request: HttpRequest) -> HttpResponse:
    """Everything else, behind one plain link of the large mode."""
    return render(request, "home/more.html")
