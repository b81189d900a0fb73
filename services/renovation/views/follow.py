"""One appointment: when, who comes, what was done, and what the household says of it."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import SignedInRequest
from community.core import clock
from community.core.errors import ActionError, show_refusal
from services.renovation import actions, policies, timeline, works_in_home
from services.renovation.forms.resident import DefectsForm, GoodForm, ReasonForm
from services.renovation.models import Appointment
from services.renovation.views.lookup import appointment_of


@login_required
@require_GET
def appointment(request: SignedInRequest, pk: int) -> HttpResponse:
    return render(request, "renovation/appointment.html", _page_context(request, pk))


@login_required
@require_GET
def appointment_live(request: SignedInRequest, pk: int) -> HttpResponse:
    return render(request, "renovation/appointment_live.html", _page_context(request, pk))


def _page_context(request: SignedInRequest, pk: int) -> dict[str, Any]:
    found = appointment_of(request, pk)
    return {
        "appointment": found,
        "project": found.project,
        "tone": timeline.tone(found),
        "verbs": policies.allowed_verbs(request.user, found, clock.now()),
        "line": timeline.line(found),
        "entries": timeline.entries(found, request.user),
        "pairs": works_in_home.pairs_of_appointment(found),
        "pictures": list(found.pictures.all()),
    }


def _step_view(
    verb: str, form_class: type[forms.Form], template: str
) -> Callable[[Callable[..., str]], Callable[..., HttpResponse]]:
    """A page that asks, and does ``verb`` when it is answered; refusals stand beside their field."""

    def make(act: Callable[..., str]) -> Callable[..., HttpResponse]:
        @login_required
        @require_http_methods(["GET", "POST"])
        def view(request: SignedInRequest, pk: int) -> HttpResponse:
            found = appointment_of(request, pk)
            if request.method == "GET" and verb not in policies.allowed_verbs(
                request.user, found, clock.now()
            ):
                return redirect("appointment", pk=pk)
            form = form_class(request.POST if request.method == "POST" else None)
            if request.method == "POST" and form.is_valid():
                try:
                    messages.success(request, act(request, found, form.cleaned_data))
                    return redirect("appointment", pk=pk)
                except ActionError as error:
                    show_refusal(form, error)
            context = {"appointment": found, "form": form}
            return render(request, template, context, status=422 if form.errors else 200)

        return view

    return make


@_step_view("cancel_appointment", ReasonForm, "renovation/cancel.html")
def cancel(request: SignedInRequest, found: Appointment, given: dict[str, Any]) -> str:
    actions.cancel_appointment(appointment=found, by=request.user, reason=given["reason"], now=clock.now())
    if found.status == Appointment.Status.DEFECTS:
        return _("Cancelled. What is not right stays noted; please choose another time.")
    return _("Cancelled. Nobody will come.")


@_step_view("confirm_work", GoodForm, "renovation/confirm.html")
def confirm(request: SignedInRequest, found: Appointment, given: dict[str, Any]) -> str:
    actions.confirm_work(appointment=found, by=request.user, now=clock.now(), **given)
    return _("Thank you. The warranty runs from today.")


@_step_view("name_defects", DefectsForm, "renovation/defects.html")
def defects(request: SignedInRequest, found: Appointment, given: dict[str, Any]) -> str:
    actions.name_defects(appointment=found, by=request.user, words=given["words"], now=clock.now())
    return _("The crew knows. Somebody will come again.")
