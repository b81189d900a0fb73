"""Pages of a home: its answer, its work, and its appointments."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import SignedInRequest
from community.core import clock
from community.core.errors import ActionError, show_refusal
from services.renovation import actions, works_in_home
from services.renovation.forms.resident import TakePartForm
from services.renovation.views.access import home_of, project_of


@login_required
@require_GET
def home(request: SignedInRequest, pk: int, home_pk: int) -> HttpResponse:
    return render(request, "renovation/home.html", _home_context(request, pk, home_pk))


@login_required
@require_GET
def home_live(request: SignedInRequest, pk: int, home_pk: int) -> HttpResponse:
    return render(request, "renovation/home_live.html", _home_context(request, pk, home_pk))


def _home_context(request: SignedInRequest, pk: int, home_pk: int) -> dict[str, Any]:
    project = project_of(request, pk)
    found = home_of(request, project, home_pk)
    participation = works_in_home.participation_of(project, found)
    return {
        "project": project,
        "its_home": found,
        "work": works_in_home.work_in(project, found, reader=request.user, now=clock.now()),
        "participation": participation,
        "spoken": works_in_home.spoken_wishes(participation),
    }


@login_required
@require_http_methods(["GET", "POST"])
def take_part(request: SignedInRequest, pk: int, home_pk: int) -> HttpResponse:
    """Asks whether the household takes part, and for its wishes."""
    project = project_of(request, pk)
    found = home_of(request, project, home_pk)
    participation = works_in_home.participation_of(project, found)
    before = {
        "answer": participation.answer,
        "wishes": participation.wishes,
        "shares_pictures": participation.shares_pictures,
    }
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = TakePartForm(*sent)
    form.initial = before if participation.answered_at else {}
    if request.method == "POST" and form.is_valid():
        try:
            answer = actions.HouseholdAnswer(**form.cleaned_data)
            actions.take_part(project=project, home=found, answer=answer, by=request.user, now=clock.now())
        except ActionError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("Kept. You can change it at any time."))
            return redirect("renovation_home", pk=pk, home_pk=home_pk)
    spoken = works_in_home.spoken_wishes(participation)
    context = {"project": project, "its_home": found, "form": form, "spoken": spoken}
    return render(request, "renovation/take_part.html", context, status=422 if form.errors else 200)
