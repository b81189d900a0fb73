"""Pages after sending: the list, the thread, and the writer's verbs, with a name or by the code."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import SignedInRequest
from accounts.models import User
from community.core import clock, storage
from community.core.errors import ActionError, as_refused
from community.core.expiring import address_expires
from community.core.paging import newest_first
from services.common.forms import SpokenRatingForm
from services.common.response_clock import minutes_of
from services.common.verb_pages import ask_and_act
from services.feedback import KEY, actions, policies, queries, thread_codes, timeline
from services.feedback.draft_token import read_thread_cookie, thread_cookie
from services.feedback.forms import CodeForm, NotSolvedForm, ReplyForm
from services.feedback.models import Feedback, FeedbackPicture, FeedbackRecording
from services.feedback.views.anonymous import anonymous_page

COOKIE, COOKIE_PATH, COOKIE_AGE = "feedback", "/feedback/code/", 12 * 3600


@dataclass(frozen=True)
class VerbPage:
    """A page with the form of one verb of the writer."""

    verb: str
    form: type[forms.Form]
    template: str
    act: Callable[[Feedback, User | None, dict[str, Any]], None]
    done: Callable[[], str]


def _add(feedback: Feedback, by: User | None, given: dict[str, Any]) -> None:
    actions.add_words(
        feedback=feedback,
        by=by,
        words=given["words"],
        uploads=[*given["pictures"], *([given["spoken"]] if given["spoken"] else [])],
        key=given["key"],
        now=clock.now(),
    )


def _solved(feedback: Feedback, by: User | None, given: dict[str, Any]) -> None:
    actions.confirm_solved(feedback=feedback, by=by, now=clock.now(), **given)


def _rate(feedback: Feedback, by: User | None, given: dict[str, Any]) -> None:
    actions.rate_feedback(feedback=feedback, by=by, now=clock.now(), **given)


def _not_solved(feedback: Feedback, by: User | None, given: dict[str, Any]) -> None:
    actions.say_not_solved(feedback=feedback, by=by, now=clock.now(), **given)


def _withdraw(feedback: Feedback, by: User | None, given: dict[str, Any]) -> None:
    actions.withdraw_feedback(feedback=feedback, by=by, now=clock.now())


VERB_PAGES: dict[str, VerbPage] = {
    "add": VerbPage("add_words", ReplyForm, "feedback/add.html", _add, lambda: _("Sent. We read it.")),
    "solved": VerbPage(
        "confirm_solved",
        SpokenRatingForm,
        "feedback/solved.html",
        _solved,
        lambda: _("Thank you. It is closed."),
    ),
    "rate": VerbPage(
        "rate_feedback",
        SpokenRatingForm,
        "feedback/solved.html",
        _rate,
        lambda: _("Thank you for telling us."),
    ),
    "not-solved": VerbPage(
        "say_not_solved",
        NotSolvedForm,
        "feedback/not_solved.html",
        _not_solved,
        lambda: _("It is open again. We see to it."),
    ),
    "withdraw": VerbPage(
        "withdraw_feedback", forms.Form, "feedback/withdraw.html", _withdraw, lambda: _("Taken back.")
    ),
}


@login_required
@require_GET
def feedback_list(request: SignedInRequest) -> HttpResponse:
    """Shows feedback of the user and of people they act for, the newest first."""
    rows_of_household = Feedback.objects.of_household(request.user).select_related("resident", "satisfaction")
    rows, older = newest_first(rows_of_household.with_voices(), before=request.GET.get("before", ""))
    return render(request, "feedback/list.html", {"rows": rows, "older": older})


def _own_feedback(request: SignedInRequest, pk: int) -> Feedback:
    """Returns the feedback of the user's household; raises ``Http404`` otherwise.

    Staff read threads on a page of their own, which records it.
    """
    return get_object_or_404(Feedback.objects.of_household(request.user).with_people(), pk=pk)


@login_required
@require_GET
def feedback(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows a thread to its writer."""
    return render(request, "feedback/thread.html", _page_context(_own_feedback(request, pk), request.user))


@login_required
@require_GET
def feedback_live(request: SignedInRequest, pk: int) -> HttpResponse:
    """Renders the changing part of the page, which open pages fetch."""
    return render(
        request, "feedback/thread_live.html", _page_context(_own_feedback(request, pk), request.user)
    )


def _page_context(found: Feedback, reader: User | None) -> dict[str, Any]:
    pictures = list(found.pictures.all())
    return {
        "feedback": found,
        "verbs": policies.allowed_verbs(reader, found),
        "line": timeline.line(found),
        "thread": found.messages.filter(is_internal=False)
        .select_related("author", "on_behalf_of")
        .prefetch_related("pictures", "recordings"),
        "pictures": [picture for picture in pictures if picture.message_id is None],
        "recordings": found.recordings.filter(message=None),
        "rating_recording": queries.rating_recording(found),
        "by_code": reader is None,
        "earlier": _earlier_messages(found) if reader is None else [],
        "promised_minutes": minutes_of(found.estate_id, KEY),
        "urls": _urls(found, reader),
    }


def _earlier_messages(found: Feedback) -> list[Any]:
    """Returns the messages of the feedback that the same code opened before it was rated badly."""
    earlier = found.earlier
    if earlier is None:
        return []
    return [{"words": earlier.description, "is_writers": True}, *earlier.messages.filter(is_internal=False)]


def _urls(found: Feedback, reader: User | None) -> dict[str, str]:
    """Returns the paths of the thread and its verbs, with a name or by the code."""
    if reader is None:
        urls = {slug.replace("-", "_"): reverse("feedback_by_code_act", args=[slug]) for slug in VERB_PAGES}
        return {**urls, "thread": reverse("feedback_by_code")}
    urls = {slug.replace("-", "_"): reverse("feedback_act", args=[found.pk, slug]) for slug in VERB_PAGES}
    return {**urls, "thread": reverse("feedback", args=[found.pk])}


@login_required
@require_http_methods(["GET", "POST"])
def feedback_act(request: SignedInRequest, pk: int, verb: str) -> HttpResponse:
    """Takes a verb of the writer."""
    return _take_verb(request, _own_feedback(request, pk), request.user, verb)


def _take_verb(request: HttpRequest, found: Feedback, by: User | None, slug: str) -> HttpResponse:
    """Shows the form of a verb, or takes the verb; refusals are shown at their field, with the typed values."""
    verb_page, urls = VERB_PAGES.get(slug), _urls(found, by)
    if verb_page is None:
        raise Http404
    if request.method == "GET" and verb_page.verb not in policies.allowed_verbs(by, found):
        return redirect(urls["thread"])

    def act(given: dict[str, Any]) -> str:
        verb_page.act(found, by, given)
        return verb_page.done() if by is not None else ""

    context = {"feedback": found, "urls": urls, "by_code": by is None, "slug": slug}
    return ask_and_act(
        request,
        verb_page.form(request.POST, request.FILES) if request.method == "POST" else verb_page.form(),
        act=act,
        back=urls["thread"],
        show=lambda form: render(request, verb_page.template, context | {"form": form}),
    )


@login_required
@require_GET
@address_expires
def picture(request: SignedInRequest, pk: UUID, size: str) -> HttpResponseBase:
    """Serves a picture to everyone who may see the feedback."""
    return _serve(get_object_or_404(FeedbackPicture.objects.visible_to(request.user), pk=pk), size)


@login_required
@require_GET
@address_expires
def recording(request: SignedInRequest, pk: UUID) -> HttpResponseBase:
    """Serves a spoken message to everyone who may see the feedback."""
    found = get_object_or_404(FeedbackRecording.objects.visible_to(request.user), pk=pk)
    return storage.serve_private(found.name, content_type=found.content_type, of=found)


@login_required
@require_GET
@address_expires
def rating_recording(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Serves what was spoken with the rating of which this is the follow-up, to who may see the follow-up."""
    found = queries.rating_recording(get_object_or_404(Feedback.objects.visible_to(request.user), pk=pk))
    if found is None:
        raise Http404
    return storage.serve_private(found.name, content_type=found.content_type, of=found)


def _serve(found: FeedbackPicture, size: str) -> HttpResponseBase:
    try:
        return storage.serve_private(found.file_name(size), content_type="image/jpeg", of=found)
    except KeyError as error:
        raise Http404 from error


# -- By the code


@anonymous_page
@require_http_methods(["GET", "POST"])
def enter_code(request: HttpRequest) -> HttpResponse:
    """Asks for the code; the right one sets a cookie that opens the thread."""
    form, refusal = CodeForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        try:
            found = thread_codes.find_thread(form.cleaned_data["code"])
        except ActionError as error:
            refusal = error
            form.add_error("code", str(error.message))
        else:
            response = redirect("feedback_by_code")
            response.set_cookie(
                COOKIE,
                thread_cookie(found.pk),
                max_age=COOKIE_AGE,
                path=COOKIE_PATH,
                httponly=True,
                samesite="Strict",
                secure=settings.HTTPS,
            )
            return response
    page = render(request, "feedback/code.html", {"form": form}, status=422 if form.errors else 200)
    return as_refused(page, refusal)


def _feedback_of_cookie(request: HttpRequest) -> Feedback | None:
    """Returns the thread of the cookie; None without a valid one."""
    pk = read_thread_cookie(request.COOKIES.get(COOKIE, ""))
    found = Feedback.objects.with_people().filter(pk=pk, is_anonymous=True).first() if pk else None
    return thread_codes.latest_thread(found) if found else None


@anonymous_page
@require_GET
def by_code(request: HttpRequest) -> HttpResponse:
    """Shows the thread if the code was entered in this browser."""
    found = _feedback_of_cookie(request)
    if found is None:
        return redirect("feedback_code")
    return render(request, "feedback/thread.html", _page_context(found, None))


@anonymous_page
@require_http_methods(["GET", "POST"])
def by_code_act(request: HttpRequest, verb: str) -> HttpResponse:
    """Takes a verb of the anonymous writer."""
    found = _feedback_of_cookie(request)
    return redirect("feedback_code") if found is None else _take_verb(request, found, None, verb)


@anonymous_page
@require_GET
@address_expires
def by_code_picture(request: HttpRequest, pk: UUID, size: str) -> HttpResponseBase:
    """Serves a picture of the thread, or of the one rated before it."""
    found = _feedback_of_cookie(request)
    if found is None:
        raise Http404
    threads = [thread for thread in (found, found.earlier) if thread]
    return _serve(get_object_or_404(FeedbackPicture, feedback__in=threads, pk=pk), size)


@anonymous_page
@require_POST
def leave_code(request: HttpRequest) -> HttpResponse:
    """Deletes the cookie, so that this device does not open the thread any more."""
    response = redirect("feedback_code")
    response.delete_cookie(COOKIE, path=COOKIE_PATH, samesite="Strict")
    return response
