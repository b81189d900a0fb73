"""Pages of a person about their own data: to see, to correct, to take along and to have deleted."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts import actions, fresh_code
from accounts.forms import CodeForm
from accounts.http import SignedInRequest
from accounts.models import Erasure
from accounts.own_data.copies import count_rows, pack_copy
from accounts.own_data.erasing import open_matters
from accounts.own_data.held import held_of
from accounts.own_data.readers import readings_of
from accounts.policies import is_staff_person
from accounts.sign_in import safe_next
from community.core import actions as core_actions
from community.core import audit, clock, limits, sealed_files
from community.core.errors import ActionError, show_refusal
from community.core.expiring import address_expires
from community.core.limit_table import OWN_COPY
from community.core.models import ExportFile

Status = ExportFile.Status
REFRESH = "3"


@login_required
@require_GET
def my_data(request: SignedInRequest) -> HttpResponse:
    """Shows what is held and why, how much of it, where it is corrected, and who of the staff read it."""
    context = {
        "held": held_of(request.user),
        "readings": readings_of(request.user, clock.now()),
        "erasure": Erasure.objects.open().filter(person=request.user).first(),
    }
    return render(request, "accounts/my_data.html", context)


@login_required
@require_http_methods(["GET", "POST"])
@fresh_code.asks_code
def own_copy(request: SignedInRequest) -> HttpResponse:
    """Asks for a copy of everything, shows how far it is, and leads to it for a day.

    The worker that makes it opens this page as the person and gets the file itself.
    """
    export: ExportFile | None = getattr(request, "export_file", None)
    if export is not None:
        return _made(request, export)
    mine = ExportFile.objects.visible_to(request.user).own_data()
    if request.method == "POST":
        try:
            _ask(request)
        except ActionError as error:
            messages.error(request, str(error.message))
        return redirect("own_copy")
    newest = mine.first()
    answer = render(request, "accounts/own_copy.html", {"export": newest})
    if newest is not None and newest.status == Status.WAITING:
        answer["Refresh"] = REFRESH
    return answer


def _ask(request: SignedInRequest) -> None:
    """Begins a copy, one at a time."""
    if ExportFile.objects.visible_to(request.user).own_data().waiting().exists():
        return
    now = clock.now()
    limits.hit(OWN_COPY, request.user.pk)
    core_actions.request_export(
        page=reverse("own_copy"),
        title=_("Copy of my data"),
        file_name=f"linli-{clock.today(now):%Y%m%d}",
        right=ExportFile.OWN_DATA,
        estates=[],
        total=count_rows(request.user),
        by=request.user,
        address=audit.address_of(request),
        now=now,
    )
    audit.record("own_copy_asked", by=request.user, target=request.user, request=request)


def _made(request: SignedInRequest, export: ExportFile) -> HttpResponse:
    def note(done: int) -> None:
        core_actions.note_progress(export=export, done=done, now=clock.now())

    packed, count = pack_copy(request.user, note_progress=note)
    audit.record("own_copy_made", by=request.user, target=request.user, request=request, rows=count)
    return HttpResponse(packed, content_type="application/zip")


@login_required
@require_GET
@address_expires
def own_copy_file(request: SignedInRequest, pk: int) -> HttpResponse:
    """Returns the copy to the person whose data it is, within a day."""
    mine = ExportFile.objects.visible_to(request.user).own_data().filter(status=Status.READY)
    found = get_object_or_404(mine.filter(created_at__gt=clock.now() - core_actions.KEPT), pk=pk)
    try:
        content = sealed_files.read(found.stored)
    except FileNotFoundError as error:
        raise Http404 from error
    audit.record("own_copy_fetched", by=request.user, target=request.user, request=request)
    answer = HttpResponse(content, content_type="application/zip")
    answer["Content-Disposition"] = content_disposition_header(True, f"{found.file_name}.zip") or "attachment"
    answer["Cache-Control"] = "private, no-store"
    return answer


@login_required
@require_http_methods(["GET", "POST"])
@fresh_code.asks_code
def delete_me(request: SignedInRequest) -> HttpResponse:
    """Says what goes, what stays by law and what has to end before; asks for the deletion or takes it back."""
    mine = Erasure.objects.open().filter(person=request.user).first()
    if request.method == "POST":
        try:
            if "back" not in request.POST:
                actions.ask_erasure(person=request.user, by=request.user, now=clock.now())
            elif mine is not None:
                actions.drop_erasure(erasure=mine, by=request.user, now=clock.now())
                messages.success(request, _("Taken back. Nothing is deleted."))
        except ActionError as error:
            messages.error(request, str(error.message))
        return redirect("delete_me")
    context: dict[str, Any] = {"erasure": mine}
    if mine is None:
        context |= {
            "held": held_of(request.user),
            "matters": open_matters(request.user),
            "is_staff_person": is_staff_person(request.user),
            "has_code": fresh_code.given_lately(request, clock.now()),
        }
    return render(request, "accounts/delete_me.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def code(request: SignedInRequest) -> HttpResponse:
    """Sends a code to the person's own number and asks for it, before a grave act."""
    next_url, now = safe_next(request) or reverse("my_data"), clock.now()
    form = CodeForm(request.POST if "code" in request.POST else None)
    refusal: Any = None
    if form.is_bound and form.is_valid():
        try:
            fresh_code.check_fresh_code(request, request.user, form.cleaned_data["code"], now)
            messages.success(request, _("Thank you. Please press once more."))
            return redirect(next_url)
        except ActionError as error:
            show_refusal(form, error)
    elif request.method == "POST" and not form.is_bound:
        try:
            fresh_code.send_fresh_code(request, request.user, now)
        except ActionError as error:
            refusal = error.message
    context = {
        "form": form,
        "next": next_url,
        "refused": refusal,
        "is_sent": fresh_code.PENDING in request.session,
        "shown_code": request.session.get(fresh_code.ON_SCREEN, "") if _shows_code(request) else "",
    }
    return render(request, "accounts/fresh_code.html", context, status=422 if form.errors else 200)


def _shows_code(request: HttpRequest) -> bool:
    return bool(settings.DEMO and settings.SMS_CODE_ON_SCREEN)
