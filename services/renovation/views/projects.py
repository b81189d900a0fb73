"""Public pages of a project: plan, progress, elevations, pictures, questions."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import SignedInRequest
from community.core import clock, limits, storage
from community.core.errors import ActionError, as_refused, show_refusal
from community.core.expiring import address_expires
from community.core.limit_table import QUESTION
from community.core.modes import is_large
from community.core.paging import newest_first
from community.core.statements import Statement
from services.renovation import actions, progress, works_in_home
from services.renovation.forms.resident import QuestionForm
from services.renovation.models import (
    ProjectQuestion,
    RenovationPicture,
    RenovationProject,
    TimetableRow,
    WorkItem,
)
from services.renovation.views.access import building_of, own_homes, project_and_buildings, project_of

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
    context = _progress_context(request, pk)
    if not is_large():
        found = context["project"]
        pictures = works_in_home.pictures_of(found)
        context |= {
            "drawings": [one for one in pictures if one.shows == Shows.DRAWING],
            "timetable": _TIMETABLE(found.pk),
            "shared": [one for one in context["items"] if one.where != WorkItem.Where.HOMES],
            "pairs": works_in_home.shared_pairs(pictures) + works_in_home.pairs_of_neighbours(pictures),
            "questions": _QUESTIONS(found.pk),
        }
    return render(request, "renovation/project.html", context)


@login_required
@require_GET
def project_live(request: SignedInRequest, pk: int) -> HttpResponse:
    """The numbers and the reader's homes, as open pages fetch them."""
    return render(request, "renovation/project_live.html", _progress_context(request, pk))


_TIMETABLE: Statement[TimetableRow] = Statement(
    lambda project: TimetableRow.objects.filter(project=project).order_by("begins_on", "pk")
)
_QUESTIONS: Statement[ProjectQuestion] = Statement(
    lambda project: ProjectQuestion.objects.filter(project=project)[:SHOWN_QUESTIONS]
)


def _progress_context(request: SignedInRequest, pk: int) -> dict[str, Any]:
    found, taking_part = project_and_buildings(request, pk)
    homes = own_homes(request, taking_part)
    plan = works_in_home.plan_of(found, homes)
    work = works_in_home.works_in(homes, plan, reader=request.user, now=clock.now())
    total, buildings, answers = progress.numbers_and_answers(found, taking_part, [home.pk for home in homes])
    mine = [{"home": home, "work": work[home.pk], "answer": answers.get(home.pk, "")} for home in homes]
    return {"project": found, "items": plan.items, "mine": mine, "total": total, "buildings": buildings}


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
@address_expires
def picture(request: SignedInRequest, pk: UUID, size: str) -> HttpResponseBase:
    """A picture, for users who may see what it shows."""
    found = get_object_or_404(RenovationPicture.objects.visible_to(request.user), pk=pk)
    try:
        return storage.serve_private(found.file_name(size), content_type="image/jpeg", of=found)
    except KeyError as error:
        raise Http404 from error
