"""The resident's home page: what is owed, what is under way, and the way to everything."""

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from accounts.http import SignedInRequest
from accounts.models import User
from accounts.policies import addresses_of, is_staff_person, requested_home, start_page
from community.core import clock
from community.core.services import in_order
from community.estates.models import Home
from community.home import matters, parts
from community.home.forms import MattersForm
from community.home.keeping import kept_fragment, kept_page
from community.home.present import present_for
from community.home.waiting import handed_over, items_for
from community.notices.queries import news_for


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Shows what is owed and under way, then the services; the welcome page where nobody is signed in."""
    user = request.user
    if not isinstance(user, User):
        return render(request, "home/welcome.html", _welcome())

    def make(topics: list[str]) -> HttpResponse:
        homes = _homes(user)
        if not homes and is_staff_person(user) and not user.residencies.exists():
            return redirect(start_page(user))
        return render(request, "home/home.html", _context(user, homes) | {"live_topics": topics})

    return kept_page(request, user, make)


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

    def make(topics: list[str]) -> HttpResponse:
        return render(request, "home/home_live.html", _context(request.user, _homes(request.user)))

    return kept_fragment(request, make)


def _homes(user: User) -> list[Home]:
    return addresses_of(user)


def _context(user: User, homes: list[Home]) -> dict[str, Any]:
    """Context of the home page. Each service makes three queries at most, whatever the data."""
    now = clock.now()
    found = in_order(part for home in parts.homes_declared() for part in home.parts)
    given = [(part, part.context(user, now)) for part in found]
    news = news_for(user, now)
    context: dict[str, Any] = _place(user, homes) | {"news": news}
    for _part, names in given:
        context |= names
    context["family"], context["is_asked"] = parts.family_of(user, context)
    shown = [part for part, names in given if part.is_shown(names)]
    there = present_for(user, now, handed_over(user, now))
    under_way, found_waiting = matters.open_matters(user, now, there.matters())
    found_waits = [one.waiting for one in found_waiting if one.waiting]
    waiting = items_for(user, now, found=found_waits, news=news, context=context | {"there": there})
    helped = {one["resident"].pk: one for one in context["family"]}
    own = [one for one in under_way if not one.resident or one.resident.pk not in helped]
    for pk, one in helped.items():
        theirs = [matter for matter in under_way if matter.resident and matter.resident.pk == pk]
        one["cards"] = matters.cards(theirs, user, now)
        one["urgent"] = [item for item in waiting if item.is_urgent and item.resident_id == pk]
    return context | {
        "parts": [part.template for part in shown],
        "cards": matters.cards(own[: matters.CARDS], user, now),
        "more_cards": len(own) - matters.CARDS,
        "waiting": waiting,
        "tiles": parts.tiles(),
        "doors": parts.doors(context),
    }


def _place(user: User, homes: list[Home]) -> dict[str, Any]:
    """The person's first home, or the one that is being checked."""
    if homes:  # for a newcomer the frame asks by itself, and finds none
        estate = homes[0].estate
        return {"home": homes[0], "estate": estate, "desk_phone": estate.desk_phone, "asked": None}
    return {"asked": requested_home(user)}


@login_required
@require_GET
def waiting(request: SignedInRequest) -> HttpResponse:
    """Lists everything that waits for the person, and the urgent notices that they have read."""
    return render(request, "home/waiting.html", _context(request.user, _homes(request.user)))


@login_required
@require_GET
def mine(request: SignedInRequest) -> HttpResponse:
    """Lists all matters of the person, their household and the people they act for, newest first (我的事)."""
    now = clock.now()
    form = MattersForm(request.GET, today=clock.today(now))
    form.is_valid()
    rows, older = matters.page_of(request.user, now, form.chosen, before=request.GET.get("before", ""))
    filters = {name: request.GET[name] for name in form.fields if request.GET.get(name)}
    context = {
        "form": form,
        "rows": rows,
        "sought": form.chosen.get("words", ""),
        "is_filtered": bool(filters),
        "older_url": f"?{urlencode(filters | {'before': older})}" if older else "",
    }
    return render(request, "home/mine.html", context)


@require_GET
def more(request: HttpRequest) -> HttpResponse:
    """Lists the pages that have no door in the large mode."""
    homes = parts.homes_declared()
    if request.user.is_authenticated:
        links = [link for home in homes for link in home.more]
    else:
        links = [link for home in homes for link in home.more_signed_out]
    return render(request, "home/more.html", {"links": in_order(links)})
