"""The roster on the desk: find a person of it, correct the line, add one, change the number, move out."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts import actions
from accounts.http import SignedInRequest
from accounts.models import RosterEntry, User
from accounts.queries import lines_found
from community.core import audit, clock
from community.core.errors import Refusal, show_refusal
from community.desk.access import desk_only
from community.desk.forms import CheckedForm, LineForm, LineNumberForm, NewLineForm, SearchForm
from community.desk.people import by_name, desks_of, roster_page

MAX_FOUND = 50


@desk_only
@require_http_methods(["GET", "POST"])
def roster(request: SignedInRequest) -> HttpResponse:
    """Lists the valid lines. A search is posted, so that numbers and names stand in no address."""
    form = SearchForm(request.POST if request.method == "POST" else None)
    desks = desks_of(request.user)
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        found = lines_found(form.cleaned_data["words"], desks).order_by("pk")
        found = found.select_related("home__entrance__building__estate")
        context |= {"lines": by_name(found[:MAX_FOUND]), "searched": True}
    else:
        standing = RosterEntry.objects.standing().of_estates(desks)
        page = roster_page(standing, request.GET.get("after", ""))
        context |= {"lines": page.rows, "next_url": f"?{page.next_query}" if page.next_query else ""}
    return render(request, "desk/roster.html", context)


def _line(request: SignedInRequest, pk: int) -> RosterEntry:
    lines = RosterEntry.objects.of_estates(desks_of(request.user))
    return get_object_or_404(lines.select_related("home__entrance__building__estate"), pk=pk)


@desk_only
@require_GET
def line(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows a line of the roster. The number stands here in full, so the visit is recorded."""
    found = _line(request, pk)
    if found.phone or found.landline:
        estate = found.home.estate.pk
        audit.record_number_read(found, by=request.user, estate_id=estate, request=request)
    signed_in = User.objects.with_phone(found.phone).exclude(phone_verified_at=None)
    others = RosterEntry.objects.standing().filter(home=found.home_id).exclude(pk=found.pk)
    context = {
        "line": found,
        "has_signed_in": bool(found.phone) and signed_in.exists(),
        "others": others,
    }
    return render(request, "desk/roster_line.html", context)


@desk_only
@require_http_methods(["GET", "POST"])
def new(request: SignedInRequest) -> HttpResponse:
    form = NewLineForm(request.POST if request.method == "POST" else None, estates=desks_of(request.user))
    if request.method == "POST" and form.is_valid():
        names = ("home", "name", "phone", "landline", "kind", "birth_year")
        added = RosterEntry(**{name: form.cleaned_data[name] for name in names})
        try:
            actions.add_roster_entry(line=added, by=request.user, now=clock.now())
            messages.success(request, _("%(name)s is on the roster now.") % {"name": added.name})
            return redirect("desk_roster_line", added.pk)
        except Refusal as error:
            show_refusal(form, error)
    return _form_page(request, form, title=_("Add to the roster"), button=_("Add"))


@desk_only
@require_http_methods(["GET", "POST"])
def edit(request: SignedInRequest, pk: int) -> HttpResponse:
    found = _line(request, pk)
    initial = {name: getattr(found, name) for name in LineForm.base_fields}
    form = LineForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.correct_roster_entry(
                entry=found, words=actions.RosterDetails(**form.cleaned_data), by=request.user
            )
            messages.success(request, _("Corrected."))
            return redirect("desk_roster_line", pk)
        except Refusal as error:
            show_refusal(form, error)
    return _form_page(request, form, title=_("Correct the line"), line=found)


@desk_only
@require_http_methods(["GET", "POST"])
def number(request: SignedInRequest, pk: int) -> HttpResponse:
    """The same person has another number, or none any more; what was checked is kept with it."""
    found = _line(request, pk)
    form = LineNumberForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_roster_number(entry=found, by=request.user, now=clock.now(), **form.cleaned_data)
            messages.success(request, _("Changed. The old and the new number were told."))
            return redirect("desk_roster_line", pk)
        except Refusal as error:
            show_refusal(form, error)
    lead = _("The number opens the account: every sign-in ends, the old and the new number are told.")
    return _form_page(request, form, title=_("Change mobile number"), line=found, lead=lead)


@desk_only
@require_http_methods(["GET", "POST"])
def end(request: SignedInRequest, pk: int) -> HttpResponse:
    """The person has moved out; the home that they have by this line goes with it."""
    found = _line(request, pk)
    form = CheckedForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        checked = form.cleaned_data["checked"]
        try:
            actions.end_roster_entry(entry=found, by=request.user, checked=checked, now=clock.now())
            messages.success(request, _("%(name)s has moved out.") % {"name": found.name})
            return redirect("desk_roster_line", pk)
        except Refusal as error:
            form.add_error(None, str(error.message))
    lead = _("They see nothing of this home any more. The line stays, as moved out.")
    words = {"title": _("Moved out"), "button": _("Move out"), "kind": "danger", "lead": lead}
    return _form_page(request, form, line=found, **words)


def _form_page(request: SignedInRequest, form: Any, **context: Any) -> HttpResponse:
    return render(request, "desk/roster_form.html", {"form": form, **context})
