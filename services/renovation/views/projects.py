"""Public pages of a project: plan, progress, elevations, pictures, questions."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import SignedInRequest
from community.core import clock, limits, storage
from community.core.errors import ActionError, as_refused, show_refusal
from community.core.limit_table import QUESTION
from community.core.modes import is_large
from community.core.paging import newest_first
from services.renovation import actions, progress, works_in_home
from services.renovation.forms.resident import QuestionForm
from services.renovation.models import RenovationPicture, RenovationProject, WorkItem
from services.renovation.views.access import building_of, own_homes, project_of

Shows = RenovationPicture.Shows
SHOWN_QUESTIONS = 3


@login_required
@require_GET
def projects(request: SignedInRequest) -> HttpResponse:
    """The projects of the user's estates; a single one opens at once."""
    found = list(RenovationProject.objects.visible_to(request.user).select_related("estate"))
    if len(found) == 1:
        return redirect("renovation", pk=found[0].pk)
    return render(request, "renovation/projects.html", {"projects": found})


@login_required
@require_GET
def project(request: SignedInRequest, pk: int) -> HttpResponse:
    """Everything about a project; in the large mode the reader's own homes alone."""
    found = project_of(request, pk)
    context = _progress_context(request, found)
    if not is_large():
        common = found.pictures.filter(Q(shows=Shows.DRAWING) | Q(item__isnull=False)).select_related("item")
        pictures = list(common)
        context |= {
            "drawings": [one for one in pictures if one.shows == Shows.DRAWING],
            "timetable": list(found.timetable.all()),
            "shared": [one for one in context["items"] if one.where != WorkItem.Where.HOMES],
            "pairs": works_in_home.shared_pairs(pictures) + works_in_home.pairs_of_neighbours(found),
            "questions": list(found.questions.all()[:SHOWN_QUESTIONS]),
        }
    return render(request, "renovation/project.html", context)


@login_required
@require_GET
def project_live(request: SignedInRequest, pk: int) -> HttpResponse:
    """The numbers and the reader's homes, as open pages fetch them."""
    found = project_of(request, pk)
    return render(request, "renovation/project_live.html", _progress_context(request, found))


def _progress_context(request: SignedInRequest, found: RenovationProject) -> dict[str, Any]:
    taking_part = progress.buildings_of(found)
    homes = own_homes(request, taking_part)
    items = list(found.items.select_related("project__estate", "entrance__building"))
    in_homes = [one for one in items if one.where == WorkItem.Where.HOMES]
    work = works_in_home.works_in(homes, in_homes, reader=request.user, now=clock.now())
    answers = works_in_home.participations_of(found, homes)
    context: dict[str, Any] = {
        "project": found,
        "items": items,
        "mine": [{"home": home, "work": work[home.pk], "participation": answers[home.pk]} for home in homes],
    }
    if not is_large():
        context["total"], context["buildings"] = progress.numbers_of(found, taking_part)
    return context


@login_required
@require_GET
def building(request: SignedInRequest, pk: int, building_pk: int) -> HttpResponse:
    """The elevation of a building, with a cell for each home."""
    return render(request, "renovation/building.html", _building_context(request, pk, building_pk))


@login_required
@require_GET
def building_live(request: SignedInRequest, pk: int, building_pk: int) -> HttpResponse:
    return render(request, "renovation/building_live.html", _building_context(request, pk, building_pk))


def _building_context(request: SignedInRequest, pk: int, building_pk: int) -> dict[str, Any]:
    found = project_of(request, pk)
    place = building_of(found, building_pk)
    mine = [home.pk for home in own_homes(request, [place])]
    return {
        "project": found,
        "building": place,
        "elevation": progress.elevation_of(found, place, mine=mine),
    }


@login_required
@require_GET
def questions(request: SignedInRequest, pk: int) -> HttpResponse:
    """All questions and comments with their answers, without names."""
    found = project_of(request, pk)
    rows, older = newest_first(found.questions.all(), before=request.GET.get("before", ""))
    context = {"project": found, "questions": rows, "older": older}
    return render(request, "renovation/questions.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def ask(request: SignedInRequest, pk: int) -> HttpResponse:
    """Asks a question or comments; the answer is public."""
    found = project_of(request, pk)
    form = QuestionForm(request.POST if request.method == "POST" else None, initial={"key": uuid4()})
    refusal: ActionError | None = None
    if request.method == "POST" and form.is_valid():
        try:
            limits.hit(QUESTION, request.user.pk)
            actions.ask_question(project=found, by=request.user, now=clock.now(), **form.cleaned_data)
        except ActionError as error:
            refusal = error
            show_refusal(form, error)
        else:
            messages.success(request, _("Sent. The answer will stand here for everybody."))
            return redirect("renovation_questions", pk=pk)
    context = {"project": found, "form": form}
    return as_refused(
        render(request, "renovation/ask.html", context, status=422 if form.errors else 200), refusal
    )


@login_required
@require_GET
def picture(request: SignedInRequest, pk: UUID, size: str) -> HttpResponseBase:
    """A picture, for users who may see what it shows."""
    found = get_object_or_404(RenovationPicture.objects.visible_to(request.user), pk=pk)
    try:
        return storage.serve_private(found.file_name(size), content_type="image/jpeg", of=found)
    except KeyError as error:
        raise Http404 from error
