"""Delegations that the desk writes down for a resident; they begin only with the resident's own consent."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import actions
from accounts.forms import CodeForm
from accounts.http import SignedInRequest
from accounts.models import Delegation, DelegationRequest, User
from accounts.policies import may_confirm_paper
from community.core import audit, clock, pictures
from community.core.errors import ActionError, show_refusal
from community.core.expiring import address_expires
from community.core.storage import serve_private
from community.desk.access import desk_only
from community.desk.forms import FamilyForm
from community.desk.views import resident_of_desk

Way = DelegationRequest.Way


@desk_only
@require_http_methods(["GET", "POST"])
def family(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows who may act for this person and what waits for their consent; takes a new request."""
    person = resident_of_desk(request, pk)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = FamilyForm(*sent)
    if sent and form.is_valid():
        typed = {name: form.cleaned_data[name] for name in ("phone", "relation", "services", "ends_on")}
        proposed = actions.ProposedDelegation(resident=person, **typed)
        picture = form.cleaned_data["picture"]
        try:
            made = actions.propose_delegation(proposed, by=request.user, picture=picture, now=clock.now())
            by_code = _("A code was sent to their phone. They type it here themselves.")
            messages.success(
                request, by_code if made.way == Way.CODE else _("A colleague has to confirm it.")
            )
            return redirect("desk_family", pk)
        except ActionError as error:
            show_refusal(form, error)
    return render(request, "desk/family.html", _context(request, person, form))


def _context(request: SignedInRequest, person: User, form: FamilyForm) -> dict[str, Any]:
    asked = DelegationRequest.objects.waiting().filter(resident=person).select_related("proposed_by")
    return {
        "person": person,
        "form": form,
        "code_form": CodeForm(auto_id="code_%s"),
        "helpers": Delegation.objects.open()
        .of_services_on()
        .filter(resident=person)
        .select_related("delegate"),
        "asked": [(one, one.takes_code(clock.now()), may_confirm_paper(request.user, one)) for one in asked],
    }


def _asked(request: SignedInRequest, pk: int) -> DelegationRequest:
    """A request of a resident of this desk; any other is a 404."""
    rows = DelegationRequest.objects.select_related("resident", "proposed_by")
    found = get_object_or_404(rows, pk=pk)
    resident_of_desk(request, found.resident_id)
    return found


def _take(
    request: SignedInRequest, found: DelegationRequest, take: Any, done: str, **given: Any
) -> HttpResponse:
    """Takes an action on the request, and redirects to the page with its result."""
    try:
        take(request=found, by=request.user, now=clock.now(), **given)
        messages.success(request, done)
    except ActionError as error:
        messages.error(request, str(error.message))
    return redirect("desk_family", found.resident_id)


@desk_only
@require_POST
def agree_by_code(request: SignedInRequest, pk: int) -> HttpResponse:
    """The resident types the code from their own phone."""
    found = _asked(request, pk)
    form = CodeForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("The code has 6 digits."))
        return redirect("desk_family", found.resident_id)
    done = _("Sent. It begins when they agree.")
    return _take(request, found, actions.agree_by_code, done, code=form.cleaned_data["code"])


@desk_only
@require_POST
def confirm_paper(request: SignedInRequest, pk: int) -> HttpResponse:
    """The second member of staff has looked at the paper."""
    return _take(request, _asked(request, pk), actions.confirm_paper, _("Sent. It begins when they agree."))


@desk_only
@require_POST
def drop_request(request: SignedInRequest, pk: int) -> HttpResponse:
    return _take(request, _asked(request, pk), actions.drop_request, _("Given up."))


@desk_only
@require_GET
@address_expires
def paper(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """The photographed paper; looking at it is on record."""
    found = _asked(request, pk)
    if not found.picture_key:
        raise Http404
    audit.record("delegation_paper_read", by=request.user, target=found.resident, request=request)
    return serve_private(pictures.file_name(found.picture_key, "large"), content_type="image/jpeg")


@desk_only
@require_POST
def end_family(request: SignedInRequest, pk: int, delegate: int) -> HttpResponse:
    person = resident_of_desk(request, pk)
    helper = get_object_or_404(User.objects.filter(delegations_held__resident=person).distinct(), pk=delegate)
    actions.end_delegations(resident=person, delegate=helper, by=request.user, now=clock.now())
    return redirect("desk_family", pk)
