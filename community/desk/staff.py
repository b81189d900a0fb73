"""The accounts of those who work in an estate, for its manager and for security administrators."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Prefetch, Q, QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import actions
from accounts.first_password import link_for
from accounts.http import SignedInRequest
from accounts.models import Approval, FactorReset, StaffRole, User
from accounts.policies import (
    Role,
    estates_of,
    is_security_admin,
    may_end_role,
    may_manage_account,
    may_renew_access,
    may_reset_factor,
    must_manage_account,
)
from accounts.second_factor.again import asks_again
from accounts.second_factor.factors import factors_of
from community.core import clock
from community.core.errors import ActionError, Refusal, as_refused, show_refusal
from community.core.paging import newest_first
from community.desk import handover
from community.desk.access import staff_keepers_only, staff_only
from community.desk.forms import EndAccountForm, FactorResetForm, NewAccountForm, RoleForm
from community.estates.models import Estate

SHOWN_LINK = "first_password_link"
SHOWN = 50
# Acts by two about the role of one person.
ROLES = (actions.ROLE, actions.AUDITORS_ROLE)


def _managed(request: SignedInRequest) -> QuerySet[Estate]:
    if is_security_admin(request.user):
        return Estate.objects.all()
    return estates_of(request.user, Role.MANAGER)


def _staff(request: SignedInRequest) -> QuerySet[User]:
    """Staff of the estates whose staff this person keeps, with their roles there as ``roles_here``."""
    here = StaffRole.ever.filter(estate__in=_managed(request)).select_related("estate")
    asked = Approval.objects.waiting().filter(estate__in=_managed(request), kind__in=ROLES)
    people = User.objects.filter(
        Q(pk__in=here.values("user")) | Q(pk__in=[one.given["person"] for one in asked])
    )
    return people.prefetch_related(Prefetch("staff_roles", queryset=here, to_attr="roles_here"))


@staff_keepers_only
@require_GET
def people(request: SignedInRequest) -> HttpResponse:
    """Lists them, the newest first where there are many."""
    found, older = newest_first(
        _staff(request), before=request.GET.get("before", ""), by="joined_at", size=SHOWN
    )
    return render(
        request, "desk/staff.html", {"people": found, "next_url": f"?before={older}" if older else ""}
    )


@staff_keepers_only
@require_http_methods(["GET", "POST"])
@asks_again
def new(request: SignedInRequest) -> HttpResponse:
    form = NewAccountForm(
        request.POST if request.method == "POST" else None, estates=_managed(request), by=request.user
    )
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                person = _make(form.cleaned_data, by=request.user)
            return _show_link(request, person)
        except Refusal as error:
            show_refusal(form, error)
    return render(request, "desk/staff_new.html", {"form": form})


def _make(given: dict[str, Any], *, by: User) -> User:
    new = actions.NewStaff(given["username"], given["name"], given["phone"])
    return actions.make_account(new, estate=given["estate"], roles=given["roles"], by=by, now=clock.now())


def _show_link(request: SignedInRequest, person: User) -> HttpResponse:
    """The link is kept in the session for one page: it stands in no address and no second page."""
    request.session[SHOWN_LINK] = {"person": person.pk, "link": link_for(request, person)}
    return redirect("desk_staff_one", person.pk)


@never_cache
@staff_keepers_only
@require_GET
def one(request: SignedInRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(_staff(request), pk=pk)
    return _page_of_one(request, person, RoleForm(estates=_managed(request), by=request.user))


def _page_of_one(
    request: SignedInRequest, person: User, form: RoleForm, *, status: int = 200
) -> HttpResponse:
    kept = request.session.get(SHOWN_LINK) or {}
    if kept:
        del request.session[SHOWN_LINK]
    roles = [(held, may_end_role(request.user, held)) for held in person.roles_here]  # type: ignore[attr-defined]
    waiting = Approval.objects.waiting()
    asked = waiting.about_any(actions.ROLE, person.pk) | waiting.about_any(actions.AUDITORS_ROLE, person.pk)
    context = {
        "person": person,
        "roles": roles,
        "waiting": asked.filter(estate__in=_managed(request)),
        "form": form,
        "link": kept.get("link", "") if kept.get("person") == person.pk else "",
        "keeps": may_manage_account(request.user, person),
        "may_renew": may_renew_access(request.user, person),
        "is_self": person.pk == request.user.pk,
    }
    return render(request, "desk/staff_one.html", context, status=status)


@staff_only
@require_http_methods(["GET", "POST"])
@asks_again
def factor(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Resets a lost second factor: one administrator asks for it, another agrees."""
    person = get_object_or_404(User, pk=pk, is_active=True)
    if not may_reset_factor(request.user, person):
        raise Http404
    waiting = FactorReset.objects.asked().of(person).select_related("person", "asked_by").first()
    form = FactorResetForm(request.POST if request.POST.get("verb") == "ask" else None)
    refusal: ActionError | None = None
    if request.method == "POST":
        try:
            if done := _factor_step(request, person, waiting, form):
                messages.success(request, done)
                return redirect("desk_staff_factor", pk)
        except ActionError as error:
            refusal = error
    context = {
        "person": person,
        "factors": factors_of(person),
        "waiting": waiting,
        "is_asker": waiting is not None and waiting.asked_by_id == request.user.pk,
        "form": form,
        "refused": refusal.message if refusal else "",
        "back": reverse("desk_staff_one", args=[pk]) if _staff(request).filter(pk=pk).exists() else "/staff/",
    }
    status = refusal.status if refusal else 422 if form.errors else 200
    return as_refused(render(request, "desk/staff_factor.html", context, status=status), refusal)


def _factor_step(
    request: SignedInRequest, person: User, waiting: FactorReset | None, form: FactorResetForm
) -> str:
    """Does what was pressed and returns what to say; "" if nothing usable was sent."""
    verb, now = request.POST.get("verb"), clock.now()
    if verb == "ask" and form.is_valid():
        actions.ask_factor_reset(person=person, by=request.user, now=now, **form.cleaned_data)
        return _("Asked. A second administrator has to agree.")
    if verb == "agree" and waiting:
        actions.agree_to_factor_reset(reset=waiting, by=request.user, now=now)
        return _("Reset. The next sign-in sets up a new second step.")
    if verb == "decline" and waiting:
        actions.decline_factor_reset(reset=waiting, by=request.user, now=now)
        return _("Declined. Nothing has changed.")
    return ""


@staff_keepers_only
@require_POST
@asks_again
def give_role(request: SignedInRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(_staff(request), pk=pk)
    form = RoleForm(request.POST, estates=_managed(request), by=request.user)
    if form.is_valid():
        try:
            asked = actions.ask_role(
                actions.NewRole(person, **form.cleaned_data), by=request.user, now=clock.now()
            )
        except ActionError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _said_of(asked))
            return redirect("desk_staff_one", pk)
    return _page_of_one(request, person, form, status=422)


def _said_of(asked: Approval | None) -> str:
    if asked is None:
        return _("They have this role already.")
    if asked.status == Approval.Status.DONE:
        return _("The role is given.")
    return _("Asked. A second person has to agree.")


@staff_keepers_only
@require_POST
@asks_again
def end_role(request: SignedInRequest, pk: int, role_pk: int) -> HttpResponse:
    here = StaffRole.ever.filter(user_id=pk, estate__in=_managed(request)).select_related("user")
    try:
        actions.end_role(held=get_object_or_404(here, pk=role_pk), by=request.user)
        messages.success(request, _("The role is taken away."))
    except Refusal as error:
        messages.error(request, str(error.message))
    if _staff(request).filter(pk=pk).exists():
        return redirect("desk_staff_one", pk)
    # Managers who end their own role lose access to the page of staff.
    return redirect("desk")


@staff_keepers_only
@require_POST
@asks_again
def renew(request: SignedInRequest, pk: int) -> HttpResponse:
    """A new link, for somebody who has lost their password."""
    person = get_object_or_404(_staff(request), pk=pk)
    actions.renew_access(person=person, by=request.user, now=clock.now())
    return _show_link(request, person)


@staff_keepers_only
@require_http_methods(["GET", "POST"])
@asks_again
def end(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ends an account; asks first who takes over the work that is assigned to it."""
    person = get_object_or_404(_staff(request), pk=pk)
    must_manage_account(request.user, person)
    work = handover.work_of(person)
    form = EndAccountForm(
        request.POST if request.method == "POST" else None,
        person=person,
        estates=[held.estate_id for held in person.roles_here],  # type: ignore[attr-defined]
        work=work,
    )
    if request.method == "POST" and form.is_valid():
        try:
            _end(request, person, work, form.chosen())
            messages.success(request, _("The account of %(name)s is ended.") % {"name": person})
            return redirect("desk_staff")
        except Refusal as error:
            show_refusal(form, error)
    return render(request, "desk/staff_end.html", {"person": person, "work": work, "form": form})


def _end(
    request: SignedInRequest, person: User, work: Sequence[handover.Work], chosen: dict[str, User | None]
) -> None:
    """Hands the work over while the person still has their roles; all of it or nothing."""
    now = clock.now()
    with transaction.atomic():
        handover.hand_over(work=work, to=chosen, by=request.user, now=now)
        actions.end_account(person=person, by=request.user, now=now)
