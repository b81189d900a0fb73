"""Red button, and the page of the call that says who is coming."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import SignedInRequest
from accounts.models import Residency, StaffRole, User
from accounts.policies import homes_of, roles_of
from community.core import clock
from community.core.page_limits import never_refused
from community.estates.models import Estate, Home
from services.common.acting_for import estates_to_act_in
from services.common.question_pages import page_key, row_key
from services.help import actions, policies, queries, timeline
from services.help.models import HelpCall
from services.help.models.calls import residents_called_for


@never_cache
@require_GET
def help_page(request: HttpRequest) -> HttpResponse:
    """Shows the button with the numbers to call below it; signed out, only the numbers."""
    user = request.user
    if not isinstance(user, User):
        return render(request, "help/help.html")
    resident = _resident(user, request.GET.get("for", ""))
    running = HelpCall.objects.open().filter(resident=resident, is_drill=False).first()
    if running is not None:
        return redirect("help_call", running.pk)
    return render(request, "help/help.html", _choices(user, resident))


def _choices(user: User, resident: User) -> dict[str, Any]:
    """Returns the context of the residents and homes for which help can be called."""
    homes = [
        home
        for home in homes_of(resident).with_address()
        if policies.may_call_for(user, resident, estate_id=home.estate.pk)
    ]
    estates = {home.estate.pk: home.estate for home in homes}
    is_other = resident != user
    return {
        "resident": resident,
        "is_other": is_other,
        "homes": homes,
        "estates": list(estates.values()) or _desks_to_call(resident),
        "helpers": [] if is_other else queries.family_to_call(user),
        "family": [] if is_other else list(residents_called_for(user)),
        "key": uuid4(),
        "asks_words": is_other and bool(roles_of(user) & set(StaffRole.DESK)),
    }


def _desks_to_call(resident: User) -> list[Estate]:
    """Returns estates to show to residents without a home: of their requested homes, else the only estate."""
    asked = Residency.objects.requested().filter(user=resident).values("home__entrance__building__estate")
    estates = list(Estate.objects.filter(pk__in=asked) or Estate.objects.all()[:2])
    return estates if asked.exists() or len(estates) == 1 else []


def _resident(user: User, number: str) -> User:
    """Returns the resident who needs help. Raises ``Http404`` if this person may not call for them."""
    if number in ("", str(user.pk)):
        return user
    resident = get_object_or_404(User, pk=row_key(number))
    estates = homes_of(resident).values_list("entrance__building__estate", flat=True)
    estates_to_act_in(user, resident, estates, policies.may_call_for)
    return resident


@never_refused
@login_required
@require_POST
def raise_call(request: SignedInRequest) -> HttpResponse:
    """Calls for help; another press shows the open call, with new details added."""
    given = request.POST
    resident = _resident(request.user, given.get("for", ""))
    home = None
    if given.get("home"):
        home = get_object_or_404(Home.objects.with_address(), pk=row_key(given["home"]))
    call = actions.raise_call(
        resident=resident,
        by=request.user,
        home=home,
        key=page_key(request),
        words=given.get("words", ""),
        now=clock.now(),
    )
    return redirect("help_call", call.pk)


def _call(request: SignedInRequest, pk: int) -> HelpCall:
    calls = HelpCall.objects.visible_to(request.user, clock.now()).with_people()
    return get_object_or_404(calls, pk=pk)


@login_required
@never_cache
@require_GET
def call_page(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows the responder and the times; the numbers to call are always on it."""
    return render(request, "help/call.html", _page_context(request, pk))


@login_required
@never_cache
@require_GET
def call_live(request: SignedInRequest, pk: int) -> HttpResponse:
    """Returns the changing part of the page, fetched by open pages."""
    return render(request, "help/call_live.html", _page_context(request, pk))


def _page_context(request: SignedInRequest, pk: int) -> dict[str, Any]:
    call, now = _call(request, pk), clock.now()
    return {
        "call": call,
        "is_own": call.resident_id == request.user.pk,
        "verbs": policies.allowed_verbs(request.user, call, now),
        "entries": timeline.entries(call, request.user, is_staff=False),
        "called": timeline.moment(call.called_at, now),
        "since": timeline.moment(call.status_changed_at, now),
    }


@login_required
@require_http_methods(["GET", "POST"])
def take_back(request: SignedInRequest, pk: int) -> HttpResponse:
    """Asks for confirmation and takes back a call that was a mistake."""
    call = _call(request, pk)
    if request.method == "POST":
        actions.cancel_call(call=call, by=request.user, now=clock.now())
        messages.success(request, _("Taken back. The desk will call you."))
        return redirect("help_call", pk)
    if "cancel_call" not in policies.allowed_verbs(request.user, call, clock.now()):
        return redirect("help_call", pk)
    return render(request, "help/take_back.html", {"call": call})
