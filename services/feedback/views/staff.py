"""Pages for staff: the queue, the most urgent first, and one thread."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import SignedInRequest
from accounts.models import User
from accounts.policies import estates_of
from accounts.staff_pages import chosen_estate
from community.core import audit, clock
from community.core.paging import newest_first
from community.core.search.filtering import any_of
from community.core.typed_fields import KEY_DIGITS
from community.estates.models import Estate
from services.common.verb_pages import form_named, forms_for, take_verb
from services.feedback import policies, queries, timeline
from services.feedback.actions.steps import desk_topic
from services.feedback.forms import STAFF_FORMS, AnswerForm, FeedbackForm, QueueFilters
from services.feedback.models import Feedback, StandardAnswer
from services.feedback.roles import WORKING

SHOWN = 60


@dataclass(frozen=True)
class Desk:
    """The estate and the filters of the queue."""

    estate: Estate
    estates: list[Estate]
    filters: QueueFilters
    valid_filters: dict[str, Any]

    @property
    def query(self) -> str:
        return urlencode({"estate": self.estate.pk, **self.valid_filters})


def _desk(request: SignedInRequest) -> Desk:
    """Reads the estate and the filters of the address."""
    estate, estates = chosen_estate(request, estates_of(request.user, *WORKING))
    filters = QueueFilters(request.GET)
    return Desk(estate, estates, filters, filters.valid_filters())


@login_required
@require_GET
def queue(request: SignedInRequest) -> HttpResponse:
    """Shows the queue of feedback."""
    desk = _desk(request)
    context = _rows_context(request, desk) | {"estates": desk.estates}
    return render(request, "feedback/staff/queue.html", context)


@login_required
@require_GET
def queue_live(request: SignedInRequest) -> HttpResponse:
    """Renders the changing part of the queue, which open pages fetch."""
    return render(request, "feedback/staff/rows.html", _rows_context(request, _desk(request)))


def _rows_context(request: SignedInRequest, desk: Desk) -> dict[str, Any]:
    """Returns the context of the queue's rows."""
    now, before = clock.now(), request.GET.get("before", "")
    seen = Feedback.objects.for_staff(request.user).filter(estate=desk.estate)
    rows = queries.with_attachment_flags(queries.filter_feedback(seen, desk.valid_filters, now))
    ways, older = queries.ways_to(desk.valid_filters), ""
    if desk.valid_filters.get("state"):
        found, older = newest_first(rows, before=before, ways=ways)
    else:
        found = list(rows.filter(any_of(ways)).most_urgent_first()[: SHOWN + 1])  # type: ignore[attr-defined]
    queries.attach_clocks(found, desk.estate, now)
    return {
        "desk": desk,
        "estate": desk.estate,
        "topic": desk_topic(desk.estate.pk),
        "rows": found[:SHOWN],
        "has_more": len(found) > SHOWN,
        "next_url": f"?{desk.query}&before={older}" if older else "",
        "first_url": f"?{desk.query}" if before else "",
    }


def _thread(request: SignedInRequest, pk: int) -> Feedback:
    """Returns the feedback; raises ``Http404`` if the user's roles do not show it."""
    return get_object_or_404(Feedback.objects.for_staff(request.user).with_people(), pk=pk)


@login_required
@require_GET
def thread(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows one thread, and records that the resident's number was shown."""
    found = _thread(request, pk)
    if found.resident_id:
        audit.record_number_read(
            found,
            by=request.user,
            estate_id=found.estate_id,
            request=request,
        )
    context = _page_context(request, found) | {"forms": _forms(request.user, found)}
    return render(request, "feedback/staff/one.html", context)


@login_required
@require_GET
def thread_live(request: SignedInRequest, pk: int) -> HttpResponse:
    """Renders the changing part of the page; it contains no phone number."""
    return render(request, "feedback/staff/one_live.html", _page_context(request, _thread(request, pk)))


def _page_context(request: SignedInRequest, found: Feedback) -> dict[str, Any]:
    queries.attach_clocks([found], found.estate, clock.now())
    pictures = list(found.pictures.all())
    return {
        "feedback": found,
        "estate": found.estate,
        "verbs": policies.allowed_verbs(request.user, found),
        "thread": found.messages.select_related("author", "on_behalf_of").prefetch_related(
            "pictures", "recordings"
        ),
        "pictures": [picture for picture in pictures if picture.message_id is None],
        "recordings": found.recordings.filter(message=None),
        "rating_recording": queries.rating_recording(found),
        "entries": timeline.entries(found, request.user),
        "answers": StandardAnswer.objects.filter(estate=found.estate_id),
    }


def _forms(user: User, found: Feedback, *, tried: FeedbackForm | None = None) -> list[FeedbackForm]:
    verbs = policies.allowed_verbs(user, found)
    return forms_for(STAFF_FORMS, verbs, lambda kind: kind(feedback=found, by=user), tried=tried)


@login_required
@require_http_methods(["GET", "POST"])
def act(request: SignedInRequest, pk: int, verb: str) -> HttpResponse:
    """Takes a verb, or inserts a standard answer into the words of the form."""
    found = _thread(request, pk)
    kind = form_named(STAFF_FORMS, verb)
    if request.method == "GET":
        return redirect("staff_feedback_one", pk=pk)

    def again(form: FeedbackForm, *, status: int = 422) -> HttpResponse:
        context = _page_context(request, found) | {"forms": _forms(request.user, found, tried=form)}
        return render(request, "feedback/staff/one.html", context, status=status)

    if kind is AnswerForm and request.POST.get("insert"):
        return again(_with_standard_answer(request, found), status=200)
    policies.require(kind.verb, request.user, found)
    return take_verb(
        request,
        kind(request.POST, feedback=found, by=request.user),
        done=lambda: _("Done: %(reference)s.") % {"reference": found.reference},
        back=lambda: _next_url(request, found),
        again=again,
    )


def _next_url(request: SignedInRequest, found: Feedback) -> str:
    """Returns the path of the thread; of the queue if the user cannot see the thread after handing it over."""
    if Feedback.objects.for_staff(request.user).filter(pk=found.pk).exists():
        return reverse("staff_feedback_one", args=[found.pk])
    return f"{reverse('staff_feedback')}?estate={found.estate_id}"


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= KEY_DIGITS


def _with_standard_answer(request: SignedInRequest, found: Feedback) -> FeedbackForm:
    """Returns the form with the words so far and the chosen answer below them; nothing is sent yet."""
    chosen = request.POST.get("standard", "")
    answers = StandardAnswer.objects.filter(estate=found.estate_id)
    answer = answers.filter(pk=chosen).first() if _is_key(chosen) else None
    words = "\n".join(
        part for part in (request.POST.get("words", "").strip(), answer and answer.words) if part
    )
    initial = {"words": words, "then": request.POST.get("then", "solved")}
    return AnswerForm(feedback=found, by=request.user, initial=initial)
