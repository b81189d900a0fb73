"""Pages of people who answer calls: open calls, people on duty, and one call."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import SignedInRequest
from accounts.models import StaffRole
from accounts.policies import has_role
from accounts.staff_pages import chosen_estate
from community.core import audit, clock
from community.core.paging import newest_first
from community.estates.models import Estate
from services.common.actions import board_topic
from services.common.verb_pages import form_named
from services.help import duty_roster, policies, queries, timeline
from services.help.actions.notifications import family_of
from services.help.forms.calls import CALL_FORMS, CallForm, DrillForm
from services.help.models import HelpCall


def estate_of(request: SignedInRequest) -> tuple[Estate, list[Estate]]:
    """Returns the chosen estate and those to choose from. Raises ``Forbidden`` if there are none."""
    return chosen_estate(request, queries.estates_watched_by(request.user, clock.now()))


@login_required
@require_GET
def calls_page(request: SignedInRequest) -> HttpResponse:
    """Shows open calls, people on duty, and ended calls, newest first."""
    estate, estates = estate_of(request)
    now, before = clock.now(), request.GET.get("before", "")
    ended = HelpCall.objects.answered_by(request.user, now).filter(
        estate=estate, status=HelpCall.Status.ENDED
    )
    rows, older = newest_first(ended.with_people(), before=before)
    context = _open_context(request, estate) | {
        "estates": estates,
        "calls": rows,
        "figures": queries.figures(estate, now),
        "may_drill": policies.may_edit_roster(request.user, estate.pk),
        "may_raise": has_role(request.user, estate.pk, *StaffRole.DESK),
        "next_url": f"?estate={estate.pk}&before={older}" if older else "",
        "first_url": f"?estate={estate.pk}" if before else "",
    }
    return render(request, "help/staff/calls.html", context)


@login_required
@require_GET
def calls_live(request: SignedInRequest) -> HttpResponse:
    """Returns the changing part of the page, fetched by open pages."""
    estate, _estates = estate_of(request)
    return render(request, "help/staff/open.html", _open_context(request, estate))


def _open_context(request: SignedInRequest, estate: Estate) -> dict[str, Any]:
    now = clock.now()
    return {
        "topic": board_topic(estate.pk),
        "estate": estate,
        "open_calls": queries.open_calls(request.user, estate, now),
        "on_duty": duty_roster.on_duty(estate, now),
        "gaps": duty_roster.gaps([estate], now)[estate.pk],
        "tones": timeline.TONES,
    }


def _call_for_staff(request: SignedInRequest, pk: int) -> HelpCall:
    calls = HelpCall.objects.answered_by(request.user, clock.now()).with_people()
    return get_object_or_404(calls, pk=pk)


@login_required
@require_GET
def call_page(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows one call; records that phone numbers were shown."""
    call = _call_for_staff(request, pk)
    return render(request, "help/staff/call.html", _whole_page_context(request, call, None))


def _whole_page_context(request: SignedInRequest, call: HelpCall, tried: CallForm | None) -> dict[str, Any]:
    now = clock.now()
    audit.record_number_read(call, by=request.user, estate_id=call.estate_id, request=request)
    verbs = policies.allowed_verbs(request.user, call, now)
    forms = [
        tried if tried is not None and isinstance(tried, kind) else kind(call=call, by=request.user)
        for kind in CALL_FORMS
        if set(kind.verbs) & verbs or isinstance(tried, kind)
    ]
    shows_family = call.shows_family(now)
    return _page_context(request, call) | {
        "forms": forms,
        "shows_family": shows_family,
        "family": family_of(call) if shows_family else [],
    }


def _page_context(request: SignedInRequest, call: HelpCall) -> dict[str, Any]:
    return {
        "call": call,
        "estate": call.estate,
        "tone": timeline.TONES[call.status],
        "is_overdue": call.is_overdue(clock.now()),
        "entries": timeline.entries(call, request.user, is_staff=True),
    }


@login_required
@require_GET
def call_live(request: SignedInRequest, pk: int) -> HttpResponse:
    """Returns the changing part of the page, without phone numbers."""
    return render(request, "help/staff/call_live.html", _page_context(request, _call_for_staff(request, pk)))


@login_required
@require_http_methods(["GET", "POST"])
def act(request: SignedInRequest, pk: int, verb: str) -> HttpResponse:
    """Takes a verb on a call."""
    call = _call_for_staff(request, pk)
    form_class = form_named(CALL_FORMS, verb)
    if request.method == "GET":
        return redirect("staff_help_call", pk=pk)
    form = form_class(request.POST, call=call, by=request.user)
    if form.carry_out(now=clock.now()):
        done = _("%(reference)s: %(state)s.")
        messages.success(request, done % {"reference": call.reference, "state": call.get_status_display()})
        return redirect("staff_help_call", pk=pk)
    return render(request, "help/staff/call.html", _whole_page_context(request, call, form), status=422)


@login_required
@require_http_methods(["GET", "POST"])
def drill(request: SignedInRequest) -> HttpResponse:
    """Starts a drill for the people on duty."""
    estate, _estates = estate_of(request)
    policies.must_edit_roster(request.user, estate.pk)
    filled = request.POST if request.method == "POST" else None
    form = DrillForm(filled, estate=estate, by=request.user, initial={"key": uuid4()})
    if request.method == "POST" and form.carry_out(now=clock.now()) and form.call is not None:
        audit.record("help.drill", by=request.user, target=form.call, estate_id=estate.pk, request=request)
        return redirect("staff_help_call", form.call.pk)
    return render(
        request,
        "help/staff/drill.html",
        {"form": form, "estate": estate},
        status=422 if form.errors else 200,
    )
