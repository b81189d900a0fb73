"""Pages of the alarm bar, of phones without signal, of pictures sent ahead of their form, and of ratings."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import SignedInRequest
from accounts.policies import is_staff_person
from community.core import caching, clock, limits, pictures, storage
from community.core.errors import ActionError, Forbidden
from community.core.events import page_polled
from community.core.expiring import address_expires
from community.core.limit_table import UPLOAD
from community.core.locked import works_while_locked
from community.core.pictures import PicturesBusy
from services.common import alarms, early_files
from services.common.actions import acknowledge_alarm
from services.common.forms import SpokenForm, SpokenRatingForm
from services.common.models import Alarm, EarlyFile, SatisfactionQuestion, SatisfactionRecording
from services.common.satisfaction import answer_question
from services.common.verb_pages import ask_and_act

# The pages that the service worker of field workers stores on their phones, and its script.
WORK = "/work/"
SCRIPT = "static/js/work-sw.js"


@works_while_locked
@login_required
@require_GET
def alarm_bar(request: SignedInRequest) -> HttpResponse:
    """Returns the alarm bar that open pages of staff fetch; empty once their duty is over."""
    if not is_staff_person(request.user):
        raise Forbidden
    page_polled.send(now=clock.now())
    return render(
        request, "common/alarms.html", {"alarms": alarms.heard_by(request.user, clock.now()).alarms}
    )


@login_required
@require_POST
def take_alarm(request: SignedInRequest, pk: int) -> HttpResponse:
    """Acknowledges an alarm, which stops everywhere."""
    alarm = get_object_or_404(Alarm.objects.visible_to(request.user), pk=pk)
    acknowledge_alarm(alarm=alarm, by=request.user, now=clock.now())
    return redirect(alarm.page or "desk")


@login_required
@require_POST
def early_picture(request: SignedInRequest) -> HttpResponse:
    """Stores a picture of a page whose form comes later; answers with the token that the form sends."""
    page = early_files.page_of(request.POST.get("ticket", ""))
    limits.hit(UPLOAD, request.user.pk)
    return keep_early_picture(request, page)


def keep_early_picture(request: HttpRequest, page: UUID | None) -> HttpResponse:
    """Answers with a token, with the reason of a refusal, or with 409: the picture must go with its form."""
    upload = request.FILES.get("picture")
    if page is None or upload is None:
        return JsonResponse({}, status=409)
    try:
        [kept] = early_files.keep_pictures(page=page, uploads=[upload], now=clock.now())
    except PicturesBusy:
        return JsonResponse({}, status=409)
    except ActionError as refusal:
        return JsonResponse({"message": str(refusal.message)}, status=422)
    return JsonResponse({"token": kept.token})


@require_GET
@address_expires
def early_picture_shown(request: HttpRequest, token: str) -> HttpResponseBase:
    """Returns the small picture of a token, for a form that is shown again."""
    found = early_files.read_token(token)
    if found is None or not EarlyFile.objects.filter(pk=found.id).exists():
        raise Http404
    return storage.serve_private(pictures.file_name(found.key, "small"), content_type="image/jpeg")


@login_required
@require_POST
def early_recording(request: SignedInRequest) -> HttpResponse:
    """Stores the spoken message of a page whose form comes later; answers with the token that the form sends."""
    page = early_files.page_of(request.POST.get("ticket", ""))
    limits.hit(UPLOAD, request.user.pk)
    return keep_early_recording(request, page)


def keep_early_recording(request: HttpRequest, page: UUID | None) -> HttpResponse:
    """Answers with a token, with the reason of a refusal, or with 409: the message must go with its form.

    Deletes the message of the token ``taken_out``, if one is given.
    """
    if taken_out := early_files.read_spoken(request.POST.get("taken_out", "")):
        taken_out.discard()
        return JsonResponse({})
    form = SpokenForm(request.POST, request.FILES)
    if page is None or "recording" not in request.FILES:
        return JsonResponse({}, status=409)
    if not form.is_valid():
        return JsonResponse({"message": form.errors["recording"][0]}, status=422)
    try:
        kept = early_files.keep_spoken(page=page, spoken=form.cleaned_data["spoken"], now=clock.now())
    except ActionError as refusal:
        return JsonResponse({"message": str(refusal.message)}, status=422)
    return JsonResponse({"token": kept.token})


@require_GET
@address_expires
def early_recording_shown(request: HttpRequest, token: str) -> HttpResponseBase:
    """Returns the spoken message of a token, for a form that is shown again."""
    found = early_files.read_spoken(token)
    if found is None or not EarlyFile.objects.filter(pk=found.id).exists():
        raise Http404
    return storage.serve_private(found.name, content_type=found.content_type)


@login_required
@require_GET
@address_expires
def rating_recording(request: SignedInRequest, pk: UUID) -> HttpResponseBase:
    """Serves what was spoken with a rating, to who spoke it and to staff who read the words of ratings."""
    found = get_object_or_404(SatisfactionRecording.objects.visible_to(request.user), pk=pk)
    return storage.serve_private(found.name, content_type=found.content_type, of=found)


@login_required
@require_http_methods(["GET", "POST"])
def how_was_it(request: SignedInRequest, pk: int) -> HttpResponse:
    """Asks for a rating of a request without a page of its own; answered once."""
    question = get_object_or_404(
        SatisfactionQuestion.objects.visible_to(request.user).select_related("answer", "resident"), pk=pk
    )

    def act(given: dict[str, Any]) -> str:
        answer_question(question=question, by=request.user, now=clock.now(), **given)
        return _("Thank you for telling us.")

    sent = (request.POST, request.FILES) if request.method == "POST" and not question.answer else ()

    return ask_and_act(
        request,
        SpokenRatingForm(*sent),
        act=act,
        back=reverse("how_was_it", args=[pk]),
        show=lambda form: render(request, "common/how_was_it.html", {"question": question, "form": form}),
    )


@never_cache
@require_GET
def session(request: HttpRequest) -> JsonResponse:
    """Returns the id of the signed-in user, or null; the phone asks before it sends stored entries."""
    if not request.user.is_authenticated:
        return JsonResponse({"user": None})
    return JsonResponse({"user": request.user.pk, "token": get_token(request)})


@require_GET
def service_worker(request: HttpRequest) -> HttpResponse:
    """Returns the service worker that stores the pages of field workers on the phone; its scope is /work/."""
    text = (settings.BASE_DIR / SCRIPT).read_text()
    response = HttpResponse(text, content_type="text/javascript; charset=utf-8")
    response["Service-Worker-Allowed"] = WORK
    caching.same_for_everybody(response, "no-cache")
    return response
