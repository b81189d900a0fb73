"""Writing, one question a page: what kind → words or pictures → with a name or without → sent.

Between the pages everything travels in the form itself, so that what ends without a name was never
stored with one.
"""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import SignedInRequest
from accounts.models import Delegation, StaffRole, User
from accounts.policies import estates_of, homes_of
from community.core import clock, limits
from community.core.errors import ActionError, as_refused
from community.core.limit_table import FEEDBACK, FEEDBACK_NAMELESS, FEEDBACK_PICTURES
from community.estates.models import Estate
from services.common.acting_for import estates_to_act_in, given_by, number_of, resident_named
from services.feedback import KEY, actions, crowd, policies, wording
from services.feedback.actions.writing import MAX_ABOUT, MAX_PICTURES, Written, sent_before
from services.feedback.forms import WriteForm
from services.feedback.models import Feedback, LoosePicture
from services.feedback.models.feedback import reference_in
from services.feedback.sealing import Begun, unseal
from services.feedback.views.unlinked import unlinked, untold


@dataclass(frozen=True)
class Start:
    """Where somebody begins; ``resident`` is None for who is not signed in."""

    estates: list[Estate]
    resident: User | None
    by: User | None

    @property
    def is_for_another(self) -> bool:
        return self.resident != self.by


def _start(request: HttpRequest) -> Start:
    """From ``for`` (whose delegate one is, or what a resident said at the desk); else for oneself, else
    for nobody."""
    given = given_by(request)
    user = request.user if isinstance(request.user, User) else None
    if user is None:
        return Start(list(Estate.objects.all()), None, None)
    resident = resident_named(given.get("for", ""), user)
    estates = Estate.objects.filter(pk__in=homes_of(resident).values("entrance__building__estate"))
    if resident != user:
        # Who has only asked for a home lives nowhere yet; the desk may still write down what they say.
        acted_in = list(estates or estates_of(user, *StaffRole.DESK))
        allowed = estates_to_act_in(user, resident, (one.pk for one in acted_in), policies.may_write_for)
        return Start(list(Estate.objects.filter(pk__in=allowed)), resident, user)
    found = list(estates) or list(estates_of(user)) or list(Estate.objects.all())
    return Start(found, resident, user)


@untold
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """What kind, then the words; a POST has the words, and is answered with the question for a name."""
    start = _start(request)
    if request.method == "POST":
        return _words(request, start)
    estate = _estate(start, request.GET.get("estate", ""))
    kind = request.GET.get("kind", "")
    about = request.GET.get("about", "")[:MAX_ABOUT]
    context: dict[str, Any] = {"start": start, "about": about, "acting_for": _acting_for(start)}
    if estate is None:
        return render(request, "feedback/estate.html", context)
    if kind not in Feedback.Kind.values:
        context |= {"kinds": wording.KINDS, "estate_chosen": estate}
        return render(request, "feedback/kind.html", context)
    begun = Begun.now(estate=estate.pk, kind=kind, resident=start.resident.pk if start.resident else 0)
    return _words_page(request, WriteForm(initial={"about": about}), begun)


def _acting_for(start: Start) -> QuerySet[User]:
    """For whom else one may write, asked only of who begins for oneself."""
    if start.by is None or start.is_for_another:
        return User.objects.none()
    return Delegation.objects.residents_of(start.by, KEY)


def _estate(start: Start, chosen: str) -> Estate | None:
    if chosen:
        found = [one for one in start.estates if one.pk == number_of(chosen)]
        if not found:
            raise Http404
        return found[0]
    return start.estates[0] if len(start.estates) == 1 else None


def _words_page(request: HttpRequest, form: WriteForm, begun: Begun, *, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "begun": begun,
        "sealed": begun.seal(),
        "kind": wording.KINDS[begun.kind],
        "pictures_left": MAX_PICTURES - len(begun.pictures),
    }
    return render(request, "feedback/words.html", context, status=status)


def _begun(request: HttpRequest) -> Begun:
    begun = unseal(request.POST.get("sealed", ""))
    if begun is None:
        raise ActionError("too_old", _("This page is too old. Please begin again; copy your words first."))
    return begun


def _words(request: HttpRequest, start: Start) -> HttpResponse:
    begun = _begun(request)
    if start.estates and begun.estate not in {one.pk for one in start.estates}:
        raise Http404
    try:
        _must_have_pictures(begun)
    except ActionError as error:
        return _again(request, WriteForm(request.POST), begun, error)
    if request.POST.get("step") == "edit":
        return _words_page(request, WriteForm(initial=request.POST.dict()), begun)
    if request.POST.get("step") == "no-pictures":
        return _words_page(request, WriteForm(initial=request.POST.dict()), begun.without_pictures())
    form = WriteForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            begun = begun.with_pictures(_keep(request, begun, form.cleaned_data["pictures"]))
            return _name_page(request, form, begun, start)
        except ActionError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error.message))
    return _words_page(request, form, begun, status=422)


def _keep(request: HttpRequest, begun: Begun, uploads: list[Any]) -> list[Any]:
    """Counted by the crowd and not by who it is, because nobody knows yet whether that may be known."""
    if len(begun.pictures) + len(uploads) > MAX_PICTURES:
        raise ActionError("too_many_pictures", _("6 pictures are enough."), field="pictures")
    if uploads:
        crowd.hit(FEEDBACK_PICTURES, begun.estate, request)
    return [one.pk for one in actions.keep_loose_pictures(uploads=uploads, now=clock.now())]


def _name_page(request: HttpRequest, form: WriteForm, begun: Begun, start: Start) -> HttpResponse:
    context = {
        "form": form,
        "words": form.cleaned_data["words"],
        "about": form.cleaned_data["about"],
        "begun": begun,
        "sealed": begun.seal(),
        "sealed_without_name": begun.nameless().seal(),
        "start": start,
        "kind": wording.KINDS[begun.kind],
        "may_name": _may_name(start, begun),
        "names_somebody": bool(reference_in(form.cleaned_data["about"])),
    }
    return render(request, "feedback/name.html", context)


def _may_name(start: Start, begun: Begun) -> bool:
    """Whoever lives nowhere here yet can write without a name only."""
    if start.by is None or start.resident is None:
        return False
    estate = next((one for one in start.estates if one.pk == begun.estate), None)
    return estate is not None and policies.may_write(start.by, start.resident, estate)


def _written(begun: Begun, form: WriteForm) -> Written:
    given = form.cleaned_data
    estate = get_object_or_404(Estate, pk=begun.estate)
    return Written(estate, begun.kind, given["words"], given["about"], begun.pictures)


def _must_be_fresh(begun: Begun) -> None:
    """A second tap on what is too old would send it twice: it is looked at again first."""
    _must_have_pictures(begun)
    if begun.is_renewed:
        words = _("This page is from yesterday. Your words are still here; please look at them and go on.")
        raise ActionError("too_old", words)


def _must_have_pictures(begun: Begun) -> None:
    if begun.has_lost_pictures:
        words = _("This page is from yesterday. Your words are still here; please add your pictures again.")
        raise ActionError("too_old", words, field="pictures")


def _all_sent(begun: Begun) -> None:
    """A picture that nobody took came after the rest was sent."""
    if LoosePicture.objects.filter(pk__in=begun.pictures).exists():
        raise sent_before()


def _again(request: HttpRequest, form: WriteForm, begun: Begun, error: ActionError) -> HttpResponse:
    """It could not be sent: the page with everything that was written, and why.

    What was sent before and changed since can be sent from there as something new.
    """
    form.add_error(error.field if error.field in form.fields else None, str(error.message))
    if error.code == "sent_before":
        unsent = LoosePicture.objects.filter(pk__in=begun.pictures).values_list("pk", flat=True)
        begun = Begun.now(estate=begun.estate, kind=begun.kind, resident=begun.resident).with_pictures(
            list(unsent)
        )
    elif error.code == "pictures_gone":
        here = LoosePicture.objects.filter(pk__in=begun.pictures).values_list("pk", flat=True)
        begun = begun.without_pictures().with_pictures(list(here))
    return as_refused(_words_page(request, form, begun, status=422), error)


@login_required
@require_POST
def send(request: SignedInRequest) -> HttpResponse:
    """With a name."""
    begun = _begun(request)
    form = WriteForm(request.POST)
    if not form.is_valid():
        return _words_page(request, form, begun, status=422)
    resident = get_object_or_404(User, pk=begun.resident) if begun.resident else request.user
    try:
        _must_be_fresh(begun)
        limits.hit(FEEDBACK, request.user.pk)
        feedback = actions.send_named(
            written=_written(begun, form),
            resident=resident,
            by=request.user,
            key=begun.key,
            now=clock.now(),
        )
        _all_sent(begun)
    except ActionError as error:
        return _again(request, form, begun, error)
    messages.success(request, _("Sent. We answer you soon."))
    if policies.is_household(request.user, feedback):
        return redirect("feedback", pk=feedback.pk)
    return redirect("staff_feedback_one", pk=feedback.pk)


@unlinked
@require_POST
def send_without_name(request: HttpRequest) -> HttpResponse:
    """Without a name: the code is shown here, once. The same page sent again shows the same code."""
    begun = _begun(request)
    form = WriteForm(request.POST)
    if not form.is_valid():
        return _words_page(request, form, begun, status=422)
    try:
        _must_be_fresh(begun)
        crowd.hit(FEEDBACK_NAMELESS, begun.estate, request)
        written = _written(begun, form)
        feedback = actions.send_anonymous(written=written, code=begun.code, now=clock.now())
        _all_sent(begun)
    except ActionError as error:
        return _again(request, form, begun, error)
    context = {"code": begun.code, "parts": begun.code.split("-"), "sent": feedback}
    return render(request, "feedback/sent.html", context)
