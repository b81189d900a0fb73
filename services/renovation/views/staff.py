"""The coordinator's pages: projects, a project, its week, homes to visit, and appointments."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import SignedInRequest
from accounts.models import Residency
from accounts.policies import estates_of, has_role
from community.core import audit, clock, dates
from community.core.errors import ActionError, Forbidden, show_refusal
from community.estates.models import Home
from services.common.question_pages import row_key
from services.common.verb_pages import form_named, forms_for, take_verb
from services.renovation import actions, policies, progress, queries, timeline, works_in_home
from services.renovation.forms.resident import TakePartForm
from services.renovation.forms.staff import (
    STAFF_FORMS,
    AnswerForm,
    AppointmentForm,
    CampaignForm,
    DoorForm,
    SharedPicturesForm,
)
from services.renovation.models import Appointment, RenovationProject, WorkItem
from services.renovation.roles import COORDINATING, HELPING, OVERSEEING
from services.renovation.views.access import building_of

Status = RenovationProject.Status
# Next status from each status, and the label of its button.
NEXT = {
    Status.DRAFT: (Status.OPEN, gettext_lazy("Open it for comments")),
    Status.OPEN: (Status.SCHEDULED, gettext_lazy("Fix the schedule")),
    Status.SCHEDULED: (Status.IN_WORK, gettext_lazy("The work begins")),
    Status.IN_WORK: (Status.FINISHED, gettext_lazy("All is finished")),
}


def _project(request: SignedInRequest, pk: int) -> RenovationProject:
    rows = RenovationProject.objects.coordinated_by(request.user).select_related("estate")
    return get_object_or_404(rows, pk=pk)


def _page_context(request: SignedInRequest, project: RenovationProject) -> dict[str, Any]:
    return {
        "project": project,
        "estate": project.estate,
        "may_write": has_role(request.user, project.estate_id, *COORDINATING),
        "may_book": has_role(request.user, project.estate_id, *HELPING),
    }


@login_required
@require_GET
def projects(request: SignedInRequest) -> HttpResponse:
    if not estates_of(request.user, *OVERSEEING).exists():
        raise Forbidden
    rows = RenovationProject.objects.coordinated_by(request.user).select_related("estate")
    return render(request, "renovation/staff/projects.html", {"projects": queries.with_counts(rows)})


@login_required
@require_GET
def project(request: SignedInRequest, pk: int) -> HttpResponse:
    return render(request, "renovation/staff/project.html", _project_context(request, _project(request, pk)))


@login_required
@require_GET
def project_live(request: SignedInRequest, pk: int) -> HttpResponse:
    return render(
        request, "renovation/staff/project_live.html", _project_context(request, _project(request, pk))
    )


def _project_context(
    request: SignedInRequest, found: RenovationProject, *, tried: Any = None
) -> dict[str, Any]:
    now = clock.now()
    total, buildings = progress.numbers_of(found, progress.buildings_of(found))
    context = _page_context(request, found)
    forms: list[Any] = []
    if context["may_write"]:
        kinds = (CampaignForm, SharedPicturesForm)
        forms = [tried if isinstance(tried, kind) else kind(by=request.user, project=found) for kind in kinds]
    return context | {
        "total": total,
        "buildings": buildings,
        "campaigns": list(found.campaigns.select_related("item", "building", "crew__resource")),
        "now": now,
        "to_move": queries.appointments_to_move(found, now=now),
        "defects": list(queries.defects_of(found)),
        "missed": queries.missed_of(found),
        "questions": list(
            found.questions.filter(answer="").select_related("asked_by").order_by("created_at")
        ),
        "shared": list(found.items.exclude(where=WorkItem.Where.HOMES).select_related("entrance")),
        "stages": WorkItem.Stage.choices,
        "next_step": NEXT.get(Status(found.status)) if context["may_write"] else None,
        "forms": forms,
    }


@login_required
@require_POST
def project_act(request: SignedInRequest, pk: int, verb: str) -> HttpResponse:
    """Takes a verb on the project: next status, campaign, pictures, or progress of shared work."""
    found = _project(request, pk)
    policies.must_coordinate(request.user, found.estate_id)
    now = clock.now()
    if verb == "advance":
        actions.move_project(project=found, to=request.POST.get("to", ""), by=request.user, now=now)
        done = found.get_status_display()
    elif verb == "stage":
        item = get_object_or_404(found.items, pk=row_key(request.POST.get("item", "")))
        actions.set_stage(item=item, stage=request.POST.get("stage", ""), by=request.user)
        done = item.get_stage_display()
    else:
        kind = {"campaign": CampaignForm, "pictures": SharedPicturesForm}.get(verb)
        if kind is None:
            raise Http404
        form = kind(request.POST, request.FILES, by=request.user, project=found)
        if not form.carry_out(now=now):
            answer = _project_context(request, found, tried=form)
            return render(request, "renovation/staff/project.html", answer, status=422)
        done = str(kind.title)
    messages.success(request, _("Done: %(what)s") % {"what": done})
    return redirect("staff_renovation", pk=pk)


@login_required
@require_http_methods(["GET", "POST"])
def answer(request: SignedInRequest, pk: int) -> HttpResponse:
    """All questions of a project; POST answers a question."""
    found = _project(request, pk)
    context = _page_context(request, found)
    tried = None
    if request.method == "POST":
        policies.must_coordinate(request.user, found.estate_id)
        question = get_object_or_404(
            found.questions.select_related("project", "asked_by"),
            pk=row_key(request.POST.get("question", "")),
        )
        tried = AnswerForm(request.POST, by=request.user, question=question)
        if tried.carry_out(now=clock.now()):
            messages.success(request, _("Answered in the open."))
            return redirect("staff_renovation_questions", pk=pk)
    questions = list(found.questions.select_related("asked_by").order_by("answered_at", "-created_at")[:100])
    questions.sort(key=lambda question: (bool(question.answer), -question.created_at.timestamp()))
    forms = [
        tried if tried and tried.question == question else AnswerForm(by=request.user, question=question)
        for question in questions
    ]
    shown = context | {"rows": list(zip(questions, forms, strict=True))}
    status = 422 if tried and tried.errors else 200
    return render(request, "renovation/staff/questions.html", shown, status=status)


@login_required
@require_GET
def week(request: SignedInRequest, pk: int) -> HttpResponse:
    return render(request, "renovation/staff/week.html", _week_context(request, pk))


@login_required
@require_GET
def week_live(request: SignedInRequest, pk: int) -> HttpResponse:
    return render(request, "renovation/staff/week_live.html", _week_context(request, pk))


def _week_context(request: SignedInRequest, pk: int) -> dict[str, Any]:
    found = _project(request, pk)
    today = clock.today(clock.now())
    try:
        day = date.fromisoformat(request.GET.get("from", ""))
        monday = queries.monday_of(day)
        monday + timedelta(days=14), monday - timedelta(days=14)
    except (ValueError, OverflowError):
        monday = queries.monday_of(today)
    crews = list(queries.crews_of(found.estate_id))
    return _page_context(request, found) | {
        "weeks": queries.week_of(crews, monday, found),
        "today": today,
        "monday": monday,
        "query": urlencode({"from": monday.isoformat()}),
        "before": (monday - timedelta(days=7)).isoformat(),
        "after": (monday + timedelta(days=7)).isoformat(),
        "topics": [found.live_topic, *(crew.live_topic for crew in crews)],
    }


@login_required
@require_GET
def building(request: SignedInRequest, pk: int, building_pk: int) -> HttpResponse:
    """A building's elevation, and the homes to visit, by entrance."""
    return render(request, "renovation/staff/building.html", _building_context(request, pk, building_pk))


@login_required
@require_GET
def building_live(request: SignedInRequest, pk: int, building_pk: int) -> HttpResponse:
    return render(request, "renovation/staff/building_live.html", _building_context(request, pk, building_pk))


def _building_context(request: SignedInRequest, pk: int, building_pk: int) -> dict[str, Any]:
    found = _project(request, pk)
    place = building_of(found, building_pk)
    doors = progress.without_appointment(found, place, now=clock.now())
    return _page_context(request, found) | {
        "building": place,
        "elevation": progress.elevation_of(found, place, for_staff=True),
        "doors": doors,
        "count": sum(len(homes) for _entrance, homes in doors),
    }


@login_required
@require_http_methods(["GET", "POST"])
def door(request: SignedInRequest, pk: int, home_pk: int) -> HttpResponse:
    """A home, for staff at its door: its answer and wishes, and a time for each work item."""
    found = _project(request, pk)
    homes = Home.objects.with_address().filter(entrance__building__in=found.parts.values("building"))
    home = get_object_or_404(homes, pk=home_pk)
    now = clock.now()
    tried: Any = None
    if request.method == "POST":
        policies.must_act_for_home(request.user, home, found)
        tried = _door_form(request, found, home)
        if tried is None:
            messages.success(request, _("Kept."))
            return redirect("renovation_door", pk=pk, home_pk=home_pk)
    return _show_door(request, found, home, tried=tried, now=now)


def _door_form(request: SignedInRequest, found: RenovationProject, home: Home) -> Any:
    """Returns the refused form; None if it was carried out."""
    now = clock.now()
    if "item" in request.POST:
        item = get_object_or_404(
            found.items.filter(where=WorkItem.Where.HOMES).select_related("project__estate"),
            pk=row_key(request.POST["item"]),
        )
        booking = DoorForm(request.POST, by=request.user, home=home, item=item, now=now)
        return None if booking.carry_out(now=now) else booking
    form = TakePartForm(request.POST)
    if not form.is_valid():
        return form
    try:
        answer = actions.HouseholdAnswer(**form.cleaned_data)
        actions.take_part(project=found, home=home, answer=answer, by=request.user, now=now)
    except ActionError as error:
        show_refusal(form, error)
        return form
    return None


def _show_door(
    request: SignedInRequest, found: RenovationProject, home: Home, *, tried: Any, now: Any
) -> HttpResponse:
    context = _page_context(request, found)
    participation = works_in_home.participation_of(found, home)
    before = {
        "answer": participation.answer,
        "wishes": participation.wishes,
        "shares_pictures": participation.shares_pictures,
    }
    rows = []
    for row in works_in_home.work_in(found, home, reader=request.user, now=now):
        form = None
        if row.is_open and context["may_book"]:
            is_tried = isinstance(tried, DoorForm) and tried.item == row.item
            form = tried if is_tried else DoorForm(by=request.user, home=home, item=row.item, now=now)
        rows.append((row, form))
    living = list(Residency.objects.active().filter(home=home).select_related("user"))
    if living:
        audit.record_number_read(home, by=request.user, estate_id=found.estate_id, request=request)
    shown = context | {
        "its_home": home,
        "participation": participation,
        "rows": rows,
        "living": living,
        "spoken_wishes": works_in_home.spoken_wishes(participation),
        "form": tried if isinstance(tried, TakePartForm) else TakePartForm(initial=before),
    }
    return render(request, "renovation/staff/door.html", shown, status=422 if tried else 200)


def _appointment(request: SignedInRequest, pk: int) -> Appointment:
    rows = Appointment.objects.filter(estate__in=estates_of(request.user, *OVERSEEING)).with_people()
    return get_object_or_404(rows, pk=pk)


@login_required
@require_GET
def appointment(request: SignedInRequest, pk: int) -> HttpResponse:
    found = _appointment(request, pk)
    audit.record_number_read(found, by=request.user, estate_id=found.estate_id, request=request)
    return render(request, "renovation/staff/appointment.html", _appointment_context(request, found))


def _appointment_context(
    request: SignedInRequest, found: Appointment, *, tried: AppointmentForm | None = None
) -> dict[str, Any]:
    now = clock.now()
    verbs = policies.allowed_verbs(request.user, found, now)
    participation = works_in_home.participation_of(found.project, found.home)
    return _page_context(request, found.project) | {
        "appointment": found,
        "tone": timeline.tone(found),
        "entries": timeline.entries(found, request.user),
        "pairs": works_in_home.pairs_of_appointment(found),
        "pictures": list(found.pictures.all()),
        "recordings": list(found.recordings.all()),
        "participation": participation,
        "spoken_wishes": works_in_home.spoken_wishes(participation),
        "when": dates.moment_words(found.starts_at, now),
        "forms": forms_for(
            STAFF_FORMS,
            verbs,
            lambda kind: kind(by=request.user, appointment=found, now=now),
            tried=tried,
        ),
    }


@login_required
@require_http_methods(["GET", "POST"])
def appointment_act(request: SignedInRequest, pk: int, verb: str) -> HttpResponse:
    kind = form_named(STAFF_FORMS, verb)
    if request.method == "GET":
        return redirect("staff_appointment", pk=pk)
    found = _appointment(request, pk)
    policies.require(kind.verb, request.user, found)

    def again(form: AppointmentForm) -> HttpResponse:
        shown = _appointment_context(request, _appointment(request, pk), tried=form)
        return render(request, "renovation/staff/appointment.html", shown, status=422)

    return take_verb(
        request,
        kind(request.POST, by=request.user, appointment=found, now=clock.now()),
        done=lambda: _("Done: %(what)s") % {"what": kind.title},
        back=lambda: reverse("staff_appointment", args=[pk]),
        again=again,
    )
