"""After it was sent: the list, the thread, and what its writer can do. With a name, or by the code."""

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
from community.core.paging import newest_first
from services.common.forms import RatingForm
from services.common.response import minutes_of
from services.common.verb_pages import ask_and_act
from services.feedback import KEY, actions, policies, thread_codes, timeline
from services.feedback.draft_token import pass_for, read_pass
from services.feedback.forms import CodeForm, NotSolvedForm, ReplyForm
from services.feedback.models import Feedback, FeedbackPicture
from services.feedback.views.unlinked import unlinked

COOKIE, COOKIE_PATH, COOKIE_AGE = "feedback", "/feedback/code/", 12 * 3600


@dataclass(frozen=True)
class Ask:
    """A page that asks, and does a verb when it is answered."""

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
        uploads=given["pictures"],
        key=given["key"],
        now=clock.now(),
    )


def _solved(feedback: Feedback, by: User | None, given: dict[str, Any]) -> None:
    actions.confirm_solved(feedback=feedback, by=by, now=clock.now(), **given)


def _rate(feedback: Feedback, by: User | None, given: dict[str, Any]) -> None:
    actions.rate_feedback(feedback=feedback, by=by, now=clock.now(), **given)


def _not_solved(feedback: Feedback, by: User | None, given: dict[str, Any]) -> None:
    actions.say_not_solved(feedback=feedback, by=by, words=given["words"], now=clock.now())


def _withdraw(feedback: Feedback, by: User | None, given: dict[str, Any]) -> None:
    actions.withdraw_feedback(feedback=feedback, by=by, now=clock.now())


ASKS: dict[str, Ask] = {
    "add": Ask("add_words", ReplyForm, "feedback/add.html", _add, lambda: _("Sent. We read it.")),
    "solved": Ask(
        "confirm_solved", RatingForm, "feedback/solved.html", _solved, lambda: _("Thank you. It is closed.")
    ),
    "rate": Ask(
        "rate_feedback", RatingForm, "feedback/solved.html", _rate, lambda: _("Thank you for telling us.")
    ),
    "not-solved": Ask(
        "say_not_solved",
        NotSolvedForm,
        "feedback/not_solved.html",
        _not_solved,
        lambda: _("It is open again. We see to it."),
    ),
    "withdraw": Ask(
        "withdraw_feedback", forms.Form, "feedback/withdraw.html", _withdraw, lambda: _("Taken back.")
    ),
}


@login_required
@require_GET
def feedback_list(request: SignedInRequest) -> HttpResponse:
    """What was written with one's name, or with that of whom one acts for, newest first."""
    mine = Feedback.objects.of_household(request.user).select_related("resident", "satisfaction")
    rows, older = newest_first(mine, before=request.GET.get("before", ""))
    return render(request, "feedback/list.html", {"rows": rows, "older": older})


def _mine(request: SignedInRequest, pk: int) -> Feedback:
    """Staff read threads on a page of their own, which writes down that they did."""
    return get_object_or_404(Feedback.objects.of_household(request.user).with_people(), pk=pk)


@login_required
@require_GET
def feedback(request: SignedInRequest, pk: int) -> HttpResponse:
    return render(request, "feedback/thread.html", _page_context(_mine(request, pk), request.user))


@login_required
@require_GET
def feedback_live(request: SignedInRequest, pk: int) -> HttpResponse:
    """The changing part of the page, as its open copies fetch it."""
    return render(request, "feedback/thread_live.html", _page_context(_mine(request, pk), request.user))


def _page_context(found: Feedback, reader: User | None) -> dict[str, Any]:
    pictures = list(found.pictures.all())
    return {
        "feedback": found,
        "verbs": policies.allowed_verbs(reader, found),
        "line": timeline.line(found),
        "thread": found.messages.filter(is_internal=False)
        .select_related("author", "on_behalf_of")
        .prefetch_related("pictures"),
        "pictures": [one for one in pictures if one.message_id is None],
        "by_code": reader is None,
        "earlier": _said_before(found) if reader is None else [],
        "promised_minutes": minutes_of(found.estate_id, KEY),
        "urls": _urls(found, reader),
    }


def _said_before(found: Feedback) -> list[Any]:
    """What the same code opened before it was rated badly: the words, then the thread."""
    earlier = found.earlier
    if earlier is None:
        return []
    return [{"words": earlier.description, "is_writers": True}, *earlier.messages.filter(is_internal=False)]


def _urls(found: Feedback, reader: User | None) -> dict[str, str]:
    """The same pages, with a name or by the code."""
    if reader is None:
        urls = {slug.replace("-", "_"): reverse("feedback_by_code_act", args=[slug]) for slug in ASKS}
        return {**urls, "thread": reverse("feedback_by_code")}
    urls = {slug.replace("-", "_"): reverse("feedback_act", args=[found.pk, slug]) for slug in ASKS}
    return {**urls, "thread": reverse("feedback", args=[found.pk])}


@login_required
@require_http_methods(["GET", "POST"])
def feedback_act(request: SignedInRequest, pk: int, verb: str) -> HttpResponse:
    return _act(request, _mine(request, pk), request.user, verb)


def _act(request: HttpRequest, found: Feedback, by: User | None, slug: str) -> HttpResponse:
    """Ask, or do what was answered; refusals stand beside their field, with what was written."""
    ask, urls = ASKS.get(slug), _urls(found, by)
    if ask is None:
        raise Http404
    if request.method == "GET" and ask.verb not in policies.allowed_verbs(by, found):
        return redirect(urls["thread"])

    def act(given: dict[str, Any]) -> str:
        ask.act(found, by, given)
        return ask.done() if by is not None else ""

    context = {"feedback": found, "urls": urls, "by_code": by is None, "slug": slug}
    return ask_and_act(
        request,
        ask.form(request.POST, request.FILES) if request.method == "POST" else ask.form(),
        act=act,
        back=urls["thread"],
        show=lambda form: render(request, ask.template, context | {"form": form}),
    )


@login_required
@require_GET
def picture(request: SignedInRequest, pk: UUID, size: str) -> HttpResponseBase:
    """A picture, to whoever may see the feedback."""
    return _serve(get_object_or_404(FeedbackPicture.objects.visible_to(request.user), pk=pk), size)


def _serve(found: FeedbackPicture, size: str) -> HttpResponseBase:
    try:
        return storage.serve_private(found.file_name(size), content_type="image/jpeg")
    except KeyError as error:
        raise Http404 from error


# -- By the code.


@unlinked
@require_http_methods(["GET", "POST"])
def enter_code(request: HttpRequest) -> HttpResponse:
    form, refusal = CodeForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        try:
            found = thread_codes.find(form.cleaned_data["code"])
        except ActionError as error:
            refusal = error
            form.add_error("code", str(error.message))
        else:
            response = redirect("feedback_by_code")
            response.set_cookie(
                COOKIE,
                pass_for(found.pk),
                max_age=COOKIE_AGE,
                path=COOKIE_PATH,
                httponly=True,
                samesite="Strict",
                secure=settings.HTTPS,
            )
            return response
    page = render(request, "feedback/code.html", {"form": form}, status=422 if form.errors else 200)
    return as_refused(page, refusal)


def _by_pass(request: HttpRequest) -> Feedback | None:
    pk = read_pass(request.COOKIES.get(COOKIE, ""))
    found = Feedback.objects.with_people().filter(pk=pk, is_anonymous=True).first() if pk else None
    return thread_codes.newest_of(found) if found else None


@unlinked
@require_GET
def by_code(request: HttpRequest) -> HttpResponse:
    """The thread, for whoever has shown the code in this browser."""
    found = _by_pass(request)
    if found is None:
        return redirect("feedback_code")
    return render(request, "feedback/thread.html", _page_context(found, None))


@unlinked
@require_http_methods(["GET", "POST"])
def by_code_act(request: HttpRequest, verb: str) -> HttpResponse:
    found = _by_pass(request)
    return redirect("feedback_code") if found is None else _act(request, found, None, verb)


@unlinked
@require_GET
def by_code_picture(request: HttpRequest, pk: UUID, size: str) -> HttpResponseBase:
    found = _by_pass(request)
    if found is None:
        raise Http404
    theirs = [one for one in (found, found.earlier) if one]
    return _serve(get_object_or_404(FeedbackPicture, feedback__in=theirs, pk=pk), size)


@unlinked
@require_POST
def leave_code(request: HttpRequest) -> HttpResponse:
    """Forget the thread on this device."""
    response = redirect("feedback_code")
    response.delete_cookie(COOKIE, path=COOKIE_PATH, samesite="Strict")
    return response
