"""The desk's pages about people: find, register, check who lives where, and the page work starts on."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import actions
from accounts.forms import NameForm, to_e164
from accounts.http import SignedInRequest
from accounts.models import Delegation, Residency, RosterEntry, StaffRole, User
from accounts.policies import has_role, roles_of
from community.core import audit, clock
from community.core.errors import Refusal, show_refusal
from community.core.paging import newest_first
from community.core.services import declared, in_order
from community.desk.access import desk_only, staff_only
from community.desk.forms import DeclineForm, NumberForm, RegisterForm, SearchForm
from community.desk.people import desks_of, find, residents_page
from community.wechat.models import Binding


@staff_only
@require_GET
def start(request: SignedInRequest) -> HttpResponse:
    """Shows the pages that this person's roles open, with what waits there."""
    return render(request, "desk/start.html", {"roles": _roles(request.user)})


def _roles(user: User) -> list[str]:
    return [str(StaffRole.Role(role).label) for role in sorted(roles_of(user))]


@desk_only
@require_http_methods(["GET", "POST"])
def residents(request: SignedInRequest) -> HttpResponse:
    """A search is posted, so that numbers and names stand in no address and no log."""
    form = SearchForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return _search(request, form)
    desks = desks_of(request.user)
    page = residents_page(User.objects.living_in(desks), desks, request.GET.get("after", ""))
    next_url = f"?{page.next_query}" if page.next_query else ""
    return render(request, "desk/residents.html", {"form": form, "people": page.rows, "next_url": next_url})


def _search(request: SignedInRequest, form: SearchForm) -> HttpResponse:
    """A whole number opens the person; anything else lists whom it may be."""
    words = form.cleaned_data["words"]
    found = find(words, desks_of(request.user))
    if found.only_one and to_e164(words):
        return redirect("desk_resident", found.only_one.pk)
    context = {"form": form, "people": found.people, "lines": found.lines, "searched": True}
    return render(request, "desk/residents.html", context)


def resident_of_desk(request: SignedInRequest, pk: int) -> User:
    return get_object_or_404(User.objects.living_in(desks_of(request.user)), pk=pk)


@desk_only
@require_GET
def resident(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows a resident. The number stands here in full, so the visit is recorded."""
    person = resident_of_desk(request, pk)
    audit.record_number_read(person, by=request.user, request=request)
    homes = (
        Residency.objects.of_estates(desks_of(request.user))
        .filter(user=person, status__in=["active", "requested"])
        .select_related("home__entrance__building__estate")
    )
    parts = in_order(part for one in declared() for part in one.resident_parts)
    context = {
        "person": person,
        "homes": [(one, _buttons(person, one)) for one in homes],
        "parts": [part.template for part in parts],
        "helpers": Delegation.objects.open()
        .of_services_on()
        .filter(resident=person)
        .select_related("delegate"),
        "bindings": Binding.objects.visible_to(person),
    }
    for part in parts:
        context |= part.context(request.user, person)
    return render(request, "desk/resident.html", context)


def _buttons(person: User, residency: Residency) -> list[dict[str, Any]]:
    """Buttons for what the desk can request in the name of this person, in this home."""
    if residency.status != Residency.Status.ACTIVE:
        return []
    actions_of = [action for one in declared() for action in one.resident_actions]
    return [
        {"url": one.url(person, residency), "label": one.label, "icon": one.icon, "kind": one.kind}
        for one in in_order(actions_of)
    ]


@desk_only
@require_http_methods(["GET", "POST"])
def register(request: SignedInRequest) -> HttpResponse:
    form = RegisterForm(request.POST if request.method == "POST" else None, estates=desks_of(request.user))
    if request.method == "POST" and form.is_valid():
        typed = {name: form.cleaned_data[name] for name in ("name", "phone", "home", "kind")}
        try:
            residency = actions.add_residency_at_desk(**typed, by=request.user, now=clock.now())
            messages.success(request, _("Registered."))
            return redirect("desk_resident", residency.user_id)
        except Refusal as error:
            form.add_error(None, str(error.message))
    return render(request, "desk/register.html", {"form": form})


@desk_only
@require_http_methods(["GET", "POST"])
def rename(request: SignedInRequest, pk: int) -> HttpResponse:
    person = resident_of_desk(request, pk)
    form = NameForm(request.POST if request.method == "POST" else None, initial={"name": person.name})
    if request.method == "POST" and form.is_valid():
        actions.rename(user=person, name=form.cleaned_data["name"], by=request.user)
        return redirect("desk_resident", pk)
    return render(request, "desk/rename.html", {"form": form, "person": person})


@desk_only
@require_http_methods(["GET", "POST"])
def change_number(request: SignedInRequest, pk: int) -> HttpResponse:
    """Changes the number of an account; the roster and the sign-ins follow."""
    person = resident_of_desk(request, pk)
    form = NumberForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_number(user=person, by=request.user, now=clock.now(), **form.cleaned_data)
            messages.success(request, _("Changed. The old and the new number were told."))
            return redirect("desk_resident", pk)
        except Refusal as error:
            show_refusal(form, error)
    return render(request, "desk/change_number.html", {"form": form, "person": person})


@desk_only
@require_POST
def set_mode(request: SignedInRequest, pk: int) -> HttpResponse:
    actions.set_mode_for(
        resident=resident_of_desk(request, pk), by=request.user, large=request.POST.get("large") == "1"
    )
    return redirect("desk_resident", pk)


@desk_only
@require_http_methods(["GET", "POST"])
def end_home(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ends a residency after the resident has moved out."""
    here = Residency.objects.of_estates(desks_of(request.user)).select_related(
        "user", "home__entrance__building__estate"
    )
    residency = get_object_or_404(here, pk=pk)
    if request.method == "POST":
        actions.move_out(residency=residency, by=request.user, now=clock.now())
        messages.success(request, _("Ended. The resident was told."))
        return redirect("desk_residents")
    return render(request, "desk/end_home.html", {"residency": residency})


def _requests(request: SignedInRequest) -> Any:
    """Returns residencies of estates in which the user is the desk or the auditor, without their own."""
    visible = Residency.objects.visible_to(request.user).exclude(user=request.user)
    return visible.select_related("user", "home__entrance__building__estate")


@staff_only
@require_GET
def residencies(request: SignedInRequest) -> HttpResponse:
    """Lists the requests for a home."""
    before = request.GET.get("before", "")
    rows, after = newest_first(_requests(request).requested(), before=before)
    context = {
        "rows": rows,
        "next_url": f"?before={after}" if after else "",
        "first_url": reverse("desk_residencies") if before else "",
    }
    return render(request, "desk/residencies.html", context)


@staff_only
@require_GET
def residency(request: SignedInRequest, pk: int) -> HttpResponse:
    return _residency_page(request, get_object_or_404(_requests(request), pk=pk), DeclineForm())


def _residency_page(request: SignedInRequest, asked: Residency, form: DeclineForm) -> HttpResponse:
    """Renders a request with its evidence: residents of the home, and its lines of the roster."""
    estate = asked.home.estate
    may_decide = has_role(request.user, estate.pk, *StaffRole.DESK)
    context = {
        "asked": asked,
        "form": form,
        "may_decide": may_decide and asked.status == Residency.Status.REQUESTED,
        "roster": RosterEntry.objects.standing().filter(home=asked.home),
        "living": Residency.objects.active().filter(home=asked.home).select_related("user"),
        "history": asked.history.select_related("actor"),
    }
    if may_decide:
        audit.record_number_read(asked.user, by=request.user, estate_id=estate.pk, request=request)
    return render(request, "desk/residency.html", context | {"shows_number": may_decide})


@desk_only
@require_POST
def approve(request: SignedInRequest, pk: int) -> HttpResponse:
    asked = get_object_or_404(_requests(request), pk=pk)
    actions.approve_residency(residency=asked, by=request.user, now=clock.now())
    messages.success(request, _("Confirmed. The resident was told."))
    return redirect("desk_residencies")


@desk_only
@require_POST
def decline(request: SignedInRequest, pk: int) -> HttpResponse:
    asked = get_object_or_404(_requests(request), pk=pk)
    form = DeclineForm(request.POST)
    if not form.is_valid():
        return _residency_page(request, asked, form)
    actions.decline_residency(
        residency=asked, by=request.user, reason=form.cleaned_data["reason"], now=clock.now()
    )
    messages.success(request, _("Declined. The resident was told."))
    return redirect("desk_residencies")
