"""Page that a resident's phone keeps for the moment without signal, and the service worker that shows it."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_safe

from accounts.http import SignedInRequest
from accounts.models import User
from accounts.policies import homes_of
from community.core import caching, clock
from community.estates.models import Estate
from community.home.matters import cards, open_matters, open_rows

SCRIPT = "static/js/offline-sw.js"
MOST_ESTATES = 2


@login_required
@require_GET
def page(request: SignedInRequest, mode: str) -> HttpResponse:
    """Returns the page to keep in one mode: phone numbers, without a name, a home or a form.

    ``user`` is hidden from the template, so that the frame adds nothing of the person.
    """
    request.mode = mode  # type: ignore[attr-defined]
    homes = homes_of(request.user).values("entrance__building__estate")
    context: dict[str, Any] = {
        "estates": list(Estate.objects.filter(pk__in=homes).order_by("pk")[:MOST_ESTATES]),
        "line": _under_way(request.user, clock.now()),
        "user": None,
        "estate": None,
    }
    return render(request, "home/offline.html", context)


def _under_way(user: User, now: datetime) -> str:
    """Returns the next open matter in one line without a name or a home; "" without one."""
    matters, _waiting = open_matters(user, now, open_rows(user))
    next_one = next((card for card in cards(matters[:1], user, now)), None)
    if next_one is None:
        return ""
    parts = (next_one.matter.title, next_one.when or next_one.matter.tag)
    return " · ".join(str(part) for part in parts if part)


@require_safe
def signal(request: HttpRequest) -> HttpResponse:
    """Leads home: whoever reaches this address has a signal again."""
    return redirect("home")


@require_GET
def service_worker(request: HttpRequest) -> HttpResponse:
    """Returns the service worker for the pages of residents."""
    text = (settings.BASE_DIR / SCRIPT).read_text()
    response = HttpResponse(text, content_type="text/javascript; charset=utf-8")
    caching.same_for_everybody(response, "no-cache")
    return response
