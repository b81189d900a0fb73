"""Pages of invitations by a link: the resident's page with the code, the relative's page behind the link."""

from typing import Any, cast

import segno
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import actions
from accounts.forms import NameForm, RelationForm
from accounts.http import SignedInRequest
from accounts.models import FamilyInvitation
from community.core import clock
from community.core.errors import ActionError, Refusal, as_refused


def _own(request: SignedInRequest, pk: int) -> FamilyInvitation:
    return get_object_or_404(
        FamilyInvitation.objects.visible_to(request.user).select_related("delegate"), pk=pk
    )


@login_required
@require_GET
def invitation(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows the link and its QR code to the resident."""
    rows = FamilyInvitation.objects.open(clock.now()).visible_to(request.user)
    found = get_object_or_404(rows, pk=pk)
    url = settings.PUBLIC_URL.rstrip("/") + reverse("family_invited", args=[actions.token_of(found)])
    # Attributes, not styles: the page's policy allows no inline style.
    code = segno.make(url, error="m", micro=False).svg_inline(
        omitsize=True, border=3, light="#fff", dark="#000"
    )
    context = {"invitation": found, "url": url, "code": mark_safe(code), **_words(found)}  # noqa: S308
    return render(request, "accounts/invitation.html", context)


@require_http_methods(["GET", "POST"])
def invited(request: HttpRequest, token: str) -> HttpResponse:
    """Asks the person who opened the link whether they will act for the resident; signed out, says first who
    asks and what signing in leads to.
    """
    if request.method == "GET" and not request.user.is_authenticated:
        return _invited_signed_out(request, token)
    return _answer(cast(SignedInRequest, request), token)


def _invited_signed_out(request: HttpRequest, token: str) -> HttpResponse:
    """Shows the end of the asker's number and no more: a link in WeChat may be read by anyone."""
    context: dict[str, Any] = {"sign_in_url": reverse("sign_in") + "?" + urlencode({"next": request.path})}
    try:
        context |= _words(actions.invitation_of(token, by=None, now=clock.now()))
    except ActionError as refusal:
        context["over"] = refusal.message
        return as_refused(render(request, "accounts/invited_signed_out.html", context), refusal)
    return render(request, "accounts/invited_signed_out.html", context)


@login_required
def _answer(request: SignedInRequest, token: str) -> HttpResponse:
    """Shows what is asked for, and takes the link; asks for the name if it is unknown."""
    now = clock.now()
    try:
        found = actions.invitation_of(token, by=request.user, now=now)
    except ActionError as refusal:
        page = render(request, "accounts/invited.html", {"over": refusal.message})
        return as_refused(page, refusal)
    form, refused = NameForm(request.POST if request.method == "POST" else None), None
    if request.method == "POST":
        try:
            name = request.POST.get("name", "")
            actions.take_invitation(invitation=found, by=request.user, name=name, now=now)
            return redirect("family_invited", token)
        except Refusal as refusal:
            refused = refusal
            form.add_error("name" if refusal.field == "name" else None, str(refusal.message))
    context = {
        "invitation": found,
        "form": form,
        "asks_name": not request.user.name,
        "is_taken": found.delegate_id == request.user.pk,
        "is_own": found.resident_id == request.user.pk,
        **_words(found),
    }
    return as_refused(render(request, "accounts/invited.html", context), refused)


def _words(found: FamilyInvitation) -> dict[str, Any]:
    relations = dict(RelationForm.RELATIONS)
    return {"relation": relations.get(found.relation, found.relation), "digits": found.resident.phone[-4:]}


@login_required
@require_POST
def confirm(request: SignedInRequest, pk: int) -> HttpResponse:
    """Confirms the person who took the link."""
    actions.confirm_invitation(invitation=_own(request, pk), by=request.user, now=clock.now())
    messages.success(request, _("Done. They can help you now."))
    return redirect("family")


@login_required
@require_POST
def drop(request: SignedInRequest, pk: int) -> HttpResponse:
    """Withdraws the link, or refuses the person who took it."""
    actions.drop_invitation(invitation=_own(request, pk), by=request.user, now=clock.now())
    return redirect("family")
