"""The resident's home page: what is owed, what is under way, and the way to everything."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import SimpleLazyObject
from django.views.decorators.http import require_GET

from accounts.http import SignedInRequest
from accounts.models import Residency, User
from accounts.policies import homes_of, is_staff_person, start_page
from community.core import clock
from community.core.services import in_order
from community.estates.models import Home
from community.home import parts
from community.notices.queries import live_topics, news_for


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Shows what is owed and under way, then the services; the welcome page where nobody is signed in."""
    user = request.user
    if not isinstance(user, User):
        return render(request, "home/welcome.html", _welcome())
    homes = _homes(user)
    if not homes and is_staff_person(user) and not user.residencies.exists():
        return redirect(start_page(user))
    return render(request, "home/home.html", _context(user, homes))


def _welcome() -> dict[str, Any]:
    homes = parts.homes_declared()
    return {
        "lines": in_order(line for home in homes for line in home.welcome),
        "buttons": in_order(button for home in homes for button in home.welcome_buttons),
    }


@login_required
@require_GET
def home_live(request: SignedInRequest) -> HttpResponse:
    """Returns the changing parts of the home page, as open pages fetch them."""
    return render(request, "home/home_live.html", _context(request.user, _homes(request.user)))


def _homes(user: User) -> list[Home]:
    return list(homes_of(user).with_address())


def _context(user: User, homes: list[Home]) -> dict[str, Any]:
    """Context of the home page. Each service makes two queries at most, whatever the data."""
    now = clock.now()
    found = in_order(part for home in parts.homes_declared() for part in home.parts)
    given = [(part, part.context(user, now)) for part in found]
    context: dict[str, Any] = _place(user, homes) | {"news": news_for(user, now)}
    for _part, names in given:
        context |= names
    return context | {
        "alarms": [part.template for part, names in given if names and part.is_alarm],
        "under_way_parts": [part.template for part, names in given if names and not part.is_alarm],
        "tiles": in_order(tile for home in parts.homes_declared() for tile in home.tiles),
        "doors": parts.doors(context),
        "family": parts.family_of(user),
        "asked": _asked(user),
    }


def _place(user: User, homes: list[Home]) -> dict[str, Any]:
    """The person's first home, and the live topics of the page: the person, and the notices of their estates."""
    estates = live_topics(home.estate.pk for home in homes)
    context: dict[str, Any] = {"live_topics": [f"resident:{user.pk}", *estates], "notice_topics": estates}
    if homes:  # for a newcomer the frame asks by itself, and finds none
        estate = homes[0].estate
        context |= {"home": homes[0], "estate": estate, "desk_phone": estate.desk_phone}
    return context


def _asked(user: User) -> SimpleLazyObject:
    """The home that the person has asked for; looked up only where none is confirmed yet."""
    requested = Residency.objects.requested().filter(user=user).select_related("home__entrance__building")
    return SimpleLazyObject(requested.first)


@require_GET
def more(request: HttpRequest) -> HttpResponse:
    """Lists the pages that have no door in the large mode."""
    homes = parts.homes_declared()
    if request.user.is_authenticated:
        links = [link for home in homes for link in home.more]
    else:
        links = [link for home in homes for link in home.more_signed_out]
    return render(request, "home/more.html", {"links": in_order(links)})
