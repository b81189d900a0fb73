"""Pages of writing, one question a page: kind → words or pictures → with a name or anonymously → sent.

The data travels in the form from page to page, so that feedback sent anonymously was never stored with a
name.
"""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import SignedInRequest
from accounts.models import Delegation, User
from community.core import clock, limits
from community.core.errors import ActionError, as_refused, show_refusal
from community.core.limit_table import FEEDBACK, FEEDBACK_NAMELESS, FEEDBACK_PICTURES
from community.estates.models import Estate
from services.common import early_files
from services.common import views as common_views
from services.common.early_files import EarlyPicture, EarlyRecording
from services.common.models import EarlyFile
from services.common.question_pages import row_key
from services.feedback import KEY, actions, anonymous_limits, policies, timeline
from services.feedback.acting_for import Start, read_start
from services.feedback.actions.feedback import MAX_ABOUT, FeedbackContent, sent_before_error
from services.feedback.draft_token import DraftToken, unseal
from services.feedback.forms import WriteForm
from services.feedback.models import Feedback
from services.feedback.models.feedback import MAX_PICTURES_OF_FEEDBACK, reference_in
from services.feedback.views.anonymous import anonymous_page, unrecorded_page


@unrecorded_page
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Asks for the kind, then for the words; the answer to a POST with the words asks for a name."""
    start = read_start(request)
    if request.method == "POST":
        return _words_step(request, start)
    estate = _estate(start, request.GET.get("estate", ""))
    kind = request.GET.get("kind", "")
    about = request.GET.get("about", "")[:MAX_ABOUT]
    context: dict[str, Any] = {"start": start, "about": about, "acting_for": _acting_for(start)}
    if estate is None:
        return render(request, "feedback/estate.html", context)
    if kind not in Feedback.Kind.values:
        context |= {"kinds": timeline.KINDS, "estate_chosen": estate}
        return render(request, "feedback/kind.html", context)
    draft = DraftToken.now(estate=estate.pk, kind=kind, resident=start.resident.pk if start.resident else 0)
    form = WriteForm(initial={"about": about}, may_speak=_may_name(start, draft))
    return _words_page(request, form, draft)


def _acting_for(start: Start) -> QuerySet[User]:
    """The people for whom the user may write too; none if they already write for another."""
    if start.by is None or start.is_for_another:
        return User.objects.none()
    return Delegation.objects.residents_of(start.by, KEY)


def _estate(start: Start, chosen: str) -> Estate | None:
    if chosen:
        found = [estate for estate in start.estates if estate.pk == row_key(chosen)]
        if not found:
            raise Http404
        return found[0]
    return start.estates[0] if len(start.estates) == 1 else None


def _words_page(
    request: HttpRequest, form: WriteForm, draft: DraftToken, *, status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "draft": draft,
        "sealed": draft.seal(),
        "kind": timeline.KINDS[draft.kind],
        "spoken": early_files.find_spoken(draft.spoken) if draft.spoken else None,
        "pictures_left": MAX_PICTURES_OF_FEEDBACK - len(draft.pictures),
    }
    return render(request, "feedback/words.html", context, status=status)


def _draft(request: HttpRequest) -> DraftToken:
    draft = unseal(request.POST.get("sealed", ""))
    if draft is None:
        raise ActionError("too_old", _("This page is too old. Please begin again; copy your words first."))
    return draft


def _words_step(request: HttpRequest, start: Start) -> HttpResponse:
    draft = _draft(request)
    if start.estates and draft.estate not in {estate.pk for estate in start.estates}:
        raise Http404
    speaks = {"may_speak": _may_name(start, draft), "has_spoken": bool(draft.spoken)}
    try:
        _must_have_files(draft)
    except ActionError as error:
        return _page_with_refusal(request, WriteForm(request.POST, **speaks), draft, error)
    if step := request.POST.get("step"):
        return _words_page(request, WriteForm(initial=request.POST.dict(), **speaks), _without(draft, step))
    form = WriteForm(request.POST, request.FILES, **speaks)
    is_valid = form.is_valid()
    try:
        if spoken := form.sound():
            if not isinstance(spoken.upload, EarlyRecording):  # (counted when it went up)
                anonymous_limits.hit(FEEDBACK_PICTURES, draft.estate, request)
            kept = early_files.keep_spoken(page=draft.key, spoken=spoken, now=clock.now())
            draft = draft.with_spoken(kept.id)
        if is_valid:
            draft = draft.with_pictures(_store_pictures(request, draft, form.cleaned_data["pictures"]))
            return _name_page(request, form, draft, start)
    except ActionError as error:
        show_refusal(form, error)
    return _words_page(request, form, draft, status=422)


def _without(draft: DraftToken, step: str) -> DraftToken:
    """Returns the draft for the page of the words, without what the writer takes out of it."""
    if step == "no-recording" and draft.spoken:
        early_files.discard_spoken(draft.spoken)
        return draft.with_spoken(None)
    return draft.without_pictures() if step == "no-pictures" else draft


def _store_pictures(request: HttpRequest, draft: DraftToken, uploads: list[Any]) -> list[Any]:
    """Stores the pictures. The limit counts groups of addresses, since the writer may still choose no name."""
    if len(draft.pictures) + len(uploads) > MAX_PICTURES_OF_FEEDBACK:
        raise ActionError(
            "too_many_pictures",
            _("%(most)s pictures are enough.") % {"most": MAX_PICTURES_OF_FEEDBACK},
            field="pictures",
        )
    # Those that went up before were counted then.
    if any(not isinstance(upload, EarlyPicture) for upload in uploads):
        anonymous_limits.hit(FEEDBACK_PICTURES, draft.estate, request)
    kept = actions.store_loose_pictures(uploads=uploads, page=draft.key, now=clock.now())
    return [picture.id for picture in kept]


@unrecorded_page
@require_POST
def early_picture(request: HttpRequest) -> HttpResponse:
    """Stores a picture while the words are being written; a page counts once for the limit."""
    draft = unseal(request.POST.get("sealed", ""))
    if draft is None:
        return common_views.keep_early_picture(request, None)
    if not EarlyFile.objects.filter(page=draft.key).exists():
        anonymous_limits.hit(FEEDBACK_PICTURES, draft.estate, request)
    return common_views.keep_early_picture(request, draft.key)


# At an address of its own, of which the web server keeps no line.
early_picture_shown = unrecorded_page(common_views.early_picture_shown)
early_recording_shown = unrecorded_page(common_views.early_recording_shown)


@unrecorded_page
@require_POST
def early_recording(request: HttpRequest) -> HttpResponse:
    """Stores the spoken message of somebody who may write with a name, while the words are being written."""
    draft = unseal(request.POST.get("sealed", ""))
    if draft is None or not _may_name(read_start(request), draft):
        return common_views.keep_early_recording(request, None)
    anonymous_limits.hit(FEEDBACK_PICTURES, draft.estate, request)
    return common_views.keep_early_recording(request, draft.key)


def _name_page(request: HttpRequest, form: WriteForm, draft: DraftToken, start: Start) -> HttpResponse:
    context = {
        "form": form,
        "words": form.cleaned_data["words"],
        "about": form.cleaned_data["about"],
        "draft": draft,
        "sealed": draft.seal(),
        "sealed_without_name": draft.nameless().seal(),
        "start": start,
        "kind": timeline.KINDS[draft.kind],
        "may_name": _may_name(start, draft),
        "names_somebody": bool(reference_in(form.cleaned_data["about"])),
    }
    return render(request, "feedback/name.html", context)


def _may_name(start: Start, draft: DraftToken) -> bool:
    """Whether the feedback can bear a name: only residents of the estate, and those who act for them."""
    if start.by is None or start.resident is None:
        return False
    estate = next((estate for estate in start.estates if estate.pk == draft.estate), None)
    return estate is not None and policies.may_write(start.by, start.resident, estate)


def _content(draft: DraftToken, form: WriteForm) -> FeedbackContent:
    given = form.cleaned_data
    estate = get_object_or_404(Estate, pk=draft.estate)
    return FeedbackContent(estate, draft.kind, given["words"], given["about"], draft.pictures, draft.spoken)


def _must_be_valid(draft: DraftToken) -> None:
    """Raises ``ActionError`` for a page older than a day: a second tap would send it twice."""
    _must_have_files(draft)
    if draft.is_renewed:
        words = _("This page is from yesterday. Your words are still here; please look at them and go on.")
        raise ActionError("too_old", words)


def _must_have_files(draft: DraftToken) -> None:
    if draft.has_lost_spoken:
        words = _("This page is from yesterday. Please speak again, and add your pictures again.")
        raise ActionError("too_old", words, field="recording")
    if draft.has_lost_pictures:
        words = _("This page is from yesterday. Your words are still here; please add your pictures again.")
        raise ActionError("too_old", words, field="pictures")


def _must_all_be_sent(draft: DraftToken) -> None:
    """Raises ``ActionError`` if something was added after the feedback had been sent."""
    if EarlyFile.objects.filter(pk__in=[*draft.pictures, draft.spoken]).exists():
        raise sent_before_error()


def _page_with_refusal(
    request: HttpRequest, form: WriteForm, draft: DraftToken, error: ActionError
) -> HttpResponse:
    """Shows the page again with everything that was written, and the refusal.

    A text that was sent before and has changed since can be sent from there as new feedback.
    """
    show_refusal(form, error)
    if error.code == "sent_before":
        unsent = EarlyFile.objects.filter(pk__in=draft.pictures).values_list("pk", flat=True)
        anew = DraftToken.now(estate=draft.estate, kind=draft.kind, resident=draft.resident)
        spoken = EarlyFile.objects.filter(pk__in=[draft.spoken]).values_list("pk", flat=True).first()
        draft = anew.with_pictures(list(unsent)).with_spoken(spoken)
    elif error.code == "pictures_gone":
        here = EarlyFile.objects.filter(pk__in=draft.pictures).values_list("pk", flat=True)
        draft = draft.without_pictures().with_pictures(list(here))
    elif error.code == "spoken_gone":
        draft = draft.with_spoken(None)
    return as_refused(_words_page(request, form, draft, status=422), error)


@login_required
@require_POST
def send(request: SignedInRequest) -> HttpResponse:
    """Sends the feedback with a name."""
    draft = _draft(request)
    form = WriteForm(request.POST, may_speak=True, has_spoken=bool(draft.spoken or draft.has_lost_spoken))
    if not form.is_valid():
        return _words_page(request, form, draft, status=422)
    resident = get_object_or_404(User, pk=draft.resident) if draft.resident else request.user
    try:
        _must_be_valid(draft)
        limits.hit(FEEDBACK, request.user.pk)
        feedback = actions.send_named(
            content=_content(draft, form),
            resident=resident,
            by=request.user,
            key=draft.key,
            now=clock.now(),
        )
        _must_all_be_sent(draft)
    except ActionError as error:
        return _page_with_refusal(request, form, draft, error)
    messages.success(request, _("Sent. We answer you soon."))
    if policies.is_household(request.user, feedback):
        return redirect("feedback", pk=feedback.pk)
    return redirect("staff_feedback_one", pk=feedback.pk)


@anonymous_page
@require_POST
def send_without_name(request: HttpRequest) -> HttpResponse:
    """Sends the feedback without a name and shows its code; the same page sent again shows the same code."""
    draft = _draft(request)
    form = WriteForm(request.POST)
    if not form.is_valid():
        return _words_page(request, form, draft, status=422)
    try:
        content = _content(draft, form)
        # Only a name lets a voice be sent: what was spoken is deleted, and missed by nobody.
        draft = replace(draft, spoken=None, has_lost_spoken=False)
        _must_be_valid(draft)
        anonymous_limits.hit(FEEDBACK_NAMELESS, draft.estate, request)
        feedback = actions.send_anonymous(content=content, code=draft.code, now=clock.now())
        _must_all_be_sent(draft)
    except ActionError as error:
        return _page_with_refusal(request, form, draft, error)
    context = {"code": draft.code, "parts": draft.code.split("-"), "sent": feedback}
    return render(request, "feedback/sent.html", context)
