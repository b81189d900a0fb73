"""Pages of a new report, one question each: category → (place) → words or pictures → check → sent."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import SignedInRequest
from accounts.models import Delegation
from community.core import clock, limits
from community.core.errors import ActionError
from community.core.limit_table import UPLOAD
from community.core.limits import network
from community.core.pictures import Prepared
from community.core.recordings import StoredRecording
from community.estates.models import PublicPlace
from services.common.question_pages import Question, next_page, page_key, row_key
from services.repairs import KEY, actions
from services.repairs.acting_for import Start, read_start
from services.repairs.actions.reports import count_report
from services.repairs.forms.resident import SuitsForm, WordsForm
from services.repairs.models import RepairCategory, RepairDraft
from services.repairs.queries import choose_place

Where = RepairCategory.Where


@require_GET
def sign(request: HttpRequest, code: str) -> HttpResponse:
    """Shows the page behind the QR code of a sign in a stairwell."""
    place = get_object_or_404(PublicPlace.objects.select_related("estate"), code=code.upper())
    return render(request, "repairs/sign.html", {"place": place, "place_estate": place.estate})


@login_required
@require_http_methods(["GET", "POST"])
def begin(request: SignedInRequest) -> HttpResponse:
    """Asks for the kind and then the category of the defect. The choice creates a draft."""
    start = read_start(request, request.user)
    if request.method == "POST":
        return _open_draft(request, start)
    if start.estate is None:
        template = "repairs/report_home.html" if start.homes else "repairs/report_no_home.html"
        acting_for = Delegation.objects.residents_of(request.user, KEY)
        return render(request, template, {"start": start, "acting_for": acting_for})
    offered = RepairCategory.objects.offered().filter(estate=start.estate)
    kind = get_object_or_404(offered.top_level(), pk=request.GET["kind"]) if _is_id(request, "kind") else None
    found = _choices(offered, kind, start)
    context = {"start": start, "kind": kind, "categories": found, "draft_id": uuid4()}
    return render(request, "repairs/report_what.html", context)


def _is_id(request: HttpRequest, name: str) -> bool:
    text = request.GET.get(name, "")
    return text.isascii() and text.isdecimal() and len(text) < 19


def _choices(offered: Any, kind: RepairCategory | None, start: Start) -> list[RepairCategory]:
    """Returns the categories of the current level; one without children can be chosen itself."""
    if kind is not None:
        below = offered.filter(parent=kind)
        return list(_fitting(below, start)) if below.exists() else [kind]
    top_level = list(_fitting(offered.top_level(), start))
    parents = set(offered.exclude(parent=None).values_list("parent", flat=True))
    with_choices = set(_fitting(offered.exclude(parent=None), start).values_list("parent", flat=True))
    for category in top_level:
        category.is_choice = category.pk not in parents  # type: ignore[attr-defined]
    return [category for category in top_level if category.pk in with_choices or category.pk not in parents]


def _fitting(categories: Any, start: Start) -> Any:
    """Excludes categories of homes if the code of a public place was scanned."""
    return categories.exclude(where=Where.HOME) if start.place else categories


def _open_draft(request: SignedInRequest, start: Start) -> HttpResponse:
    if start.estate is None:
        raise Http404
    category = get_object_or_404(
        RepairCategory.objects.offered(), pk=row_key(request.POST.get("category", "")), estate=start.estate
    )
    draft = actions.begin_report(
        actions.NewReport(
            resident=start.resident,
            estate=start.estate,
            home=None if start.place else start.home,
            place=start.place,
            category=category,
            key=page_key(request),
        ),
        by=request.user,
        now=clock.now(),
    )
    if category.is_emergency:
        return _send(request, draft)
    return redirect(_next_page(draft))


def _lacks_place(draft: RepairDraft) -> bool:
    """Whether the place does not follow from the category."""
    is_public = draft.category is not None and draft.category.where == Where.PUBLIC
    return draft.place is None and (draft.home is None or is_public)


QUESTIONS = [Question("report_place", _lacks_place)]


def _next_page(draft: RepairDraft) -> str:
    """Returns the page of the repair if the report was sent, else the next question."""
    if draft.repair_id:
        return reverse("repair", args=[draft.repair_id])
    return next_page(draft, QUESTIONS, last="report_words")


def _draft(request: SignedInRequest, draft_id: UUID) -> RepairDraft:
    drafts = RepairDraft.objects.visible_to(request.user).select_related(
        "category__parent", "resident", "estate", "place", "home__entrance__building__estate"
    )
    return get_object_or_404(drafts, pk=draft_id)


@login_required
@require_http_methods(["GET", "POST"])
def place(request: SignedInRequest, draft_id: UUID) -> HttpResponse:
    """Asks for the shared area: of the resident's building, of another one, or on the grounds."""
    draft = _draft(request, draft_id)
    if request.method == "POST":
        places = PublicPlace.objects.filter(estate=draft.estate)
        chosen = get_object_or_404(places, code=request.POST.get("place", ""))
        actions.answer_report(draft=draft, by=request.user, place=chosen)
        return redirect("report_words", draft_id=draft.pk)
    words = request.GET.get("words", "").strip()[:60]
    own = draft.home.entrance.building if draft.home else None
    choice = choose_place(draft.estate, own, within=request.GET.get("in", ""), words=words)
    return render(request, "repairs/report_place.html", {"draft": draft, "choice": choice, "words": words})


@login_required
@require_http_methods(["GET", "POST"])
def words(request: SignedInRequest, draft_id: UUID) -> HttpResponse:
    """Asks for words, pictures or a spoken message; all of them are optional."""
    draft = _draft(request, draft_id)
    if draft.repair_id:
        return redirect("repair", pk=draft.repair_id)
    form = WordsForm(request.POST or None, request.FILES or None, initial={"description": draft.description})
    if request.method == "POST" and form.is_valid() and _store_answers(request, draft, form):
        return redirect("report_check", draft_id=draft.pk)
    context = {
        "draft": draft,
        "form": form,
        "pictures": draft.pictures.all(),
        "recordings": draft.recordings.all(),
    }
    return render(request, "repairs/report_words.html", context, status=422 if form.errors else 200)


def _store_answers(request: SignedInRequest, draft: RepairDraft, form: WordsForm) -> bool:
    """Stores what can be stored and shows each refusal at its field; returns whether all was stored."""
    by, now = request.user, clock.now()
    actions.answer_report(draft=draft, by=by, description=form.cleaned_data["description"])
    for upload in form.cleaned_data["pictures"]:
        try:
            if not isinstance(upload, Prepared):  # (counted when it went up)
                limits.hit(UPLOAD, by.pk)
            actions.add_picture_to_draft(draft=draft, by=by, upload=upload, now=now)
        except ActionError as error:
            form.add_error(
                "pictures", f"{upload.name}: {error.message}" if upload.name else str(error.message)
            )
    if spoken := form.cleaned_data["spoken"]:
        try:
            if not isinstance(spoken.upload, StoredRecording):  # (counted when it went up)
                limits.hit(UPLOAD, by.pk)
            actions.add_recording_to_draft(draft=draft, by=by, spoken=spoken, now=now)
        except ActionError as error:
            form.add_error("voice", str(error.message))
    return not form.errors


@login_required
@require_POST
def remove_file(request: SignedInRequest, draft_id: UUID, kind: str, file_id: UUID) -> HttpResponse:
    draft = _draft(request, draft_id)
    if kind == "picture":
        picture = get_object_or_404(draft.pictures, pk=file_id)
        actions.remove_picture_from_draft(draft=draft, picture=picture, by=request.user)
    else:
        recording = get_object_or_404(draft.recordings, pk=file_id)
        actions.remove_recording_from_draft(draft=draft, recording=recording, by=request.user)
    return redirect("report_words", draft_id=draft.pk)


@login_required
@require_http_methods(["GET", "POST"])
def when(request: SignedInRequest, draft_id: UUID) -> HttpResponse:
    """Asks for the time that suits the resident."""
    draft = _draft(request, draft_id)
    form = SuitsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.answer_report(draft=draft, by=request.user, suits=form.cleaned_data["suits"])
        return redirect("report_check", draft_id=draft.pk)
    return render(request, "repairs/report_suits.html", {"draft": draft, "form": form})


@login_required
@require_http_methods(["GET", "POST"])
def check(request: SignedInRequest, draft_id: UUID) -> HttpResponse:
    """Shows the summary with the price before the report is sent."""
    draft = _draft(request, draft_id)
    if request.method == "POST":
        return _send(request, draft)
    if draft.repair_id or draft.category is None:
        return redirect(_next_page(draft))
    context = {"draft": draft, "pictures": draft.pictures.all(), "recordings": draft.recordings.count()}
    return render(request, "repairs/report_check.html", context)


def _send(request: SignedInRequest, draft: RepairDraft) -> HttpResponse:
    count_report(draft, request.user, network(request))
    repair = actions.send_report(draft=draft, by=request.user, now=clock.now())
    if repair.is_emergency:
        return redirect("repair_emergency", pk=repair.pk)
    messages.success(request, _("Sent. The desk will answer you soon."))
    return redirect("repair", pk=repair.pk)
