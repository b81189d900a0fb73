"""The person's own page (/me/): name, homes, requests and API tokens."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import actions
from accounts.forms import NameForm, TokenForm
from accounts.http import SignedInRequest
from accounts.models import ApiToken, Delegation, Residency, StaffRole, User
from accounts.policies import is_staff_person, lodgers_of, roles_of, scopes_for, start_page
from accounts.second_factor.again import asks_again
from community.core import clock
from community.core.errors import ActionError, show_refusal
from community.core.services import scopes
from community.wechat.models import Binding

NEW_SECRET = "new_token_secret"  # noqa: S105  (a key of the session)


@login_required
@require_GET
def me(request: SignedInRequest) -> HttpResponse:
    residencies = (
        Residency.objects.filter(user=request.user)
        .exclude(status=Residency.Status.ENDED)
        .select_related("home__entrance__building__estate")
        .prefetch_related("history")
    )
    start = start_page(request.user) if is_staff_person(request.user) else ""
    context = {
        "residencies": residencies,
        "asking": _requests_to_confirm(request.user),
        "lodgers": _lodgers(request.user),
        "helpers": Delegation.objects.active()
        .of_services_on()
        .filter(resident=request.user)
        .values("delegate")
        .distinct()
        .count(),
        "start_page": start,
        "signs_in_by_wechat": Binding.objects.visible_to(request.user).exists(),
        # Others come to their tokens from the guide of the API.
        "shows_tokens": start or ApiToken.objects.valid(clock.now()).filter(user=request.user).exists(),
    }
    return render(request, "accounts/me.html", context)


def _requests_to_confirm(user: User) -> QuerySet[Residency]:
    """Returns the requests that this person may confirm as an owner of the home."""
    owned = Residency.objects.active().filter(user=user, kind=Residency.Kind.OWNER).values("home")
    asked = Residency.objects.requested().filter(home__in=owned).exclude(user=user)
    return asked.select_related("user", "home__entrance__building__estate")


def _lodgers(user: User) -> QuerySet[Residency]:
    """Returns who lives in the homes that this person owns, with addresses."""
    return lodgers_of(user).select_related("user", "home__entrance__building__estate")


@login_required
@require_http_methods(["GET", "POST"])
def end_lodging(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ends the residency of a tenant or relative in a home that the person owns, after a confirmation."""
    residency = get_object_or_404(_lodgers(request.user), pk=pk)
    if request.method == "POST":
        actions.move_out(residency=residency, by=request.user, now=clock.now())
        messages.success(request, _("Done. They were told."))
        return redirect("me")
    return render(request, "accounts/end_lodging.html", {"residency": residency})


@login_required
@require_POST
def confirm_request(request: SignedInRequest, pk: int) -> HttpResponse:
    asked = get_object_or_404(_requests_to_confirm(request.user), pk=pk)
    actions.approve_residency(residency=asked, by=request.user, now=clock.now())
    messages.success(request, _("Confirmed. They were told."))
    return redirect("me")


@login_required
@require_http_methods(["GET", "POST"])
def name(request: SignedInRequest) -> HttpResponse:
    form = NameForm(request.POST if request.method == "POST" else None, initial={"name": request.user.name})
    if request.method == "POST" and form.is_valid():
        actions.rename(user=request.user, name=form.cleaned_data["name"], by=request.user)
        return redirect("me")
    return render(request, "accounts/name.html", {"form": form})


@login_required
@require_http_methods(["GET", "POST"])
def leave_home(request: SignedInRequest, pk: int) -> HttpResponse:
    """Leaves a home or withdraws the request for it, after a confirmation."""
    own = Residency.objects.filter(user=request.user).select_related("home__entrance__building__estate")
    residency = get_object_or_404(own, pk=pk)
    if request.method == "POST":
        actions.move_out(residency=residency, by=request.user, now=clock.now())
        return redirect("me")
    return render(request, "accounts/leave_home.html", {"residency": residency})


@login_required
@require_GET
def tokens(request: SignedInRequest) -> HttpResponse:
    """Lists the tokens; the secret of a new one is shown once."""
    mine = ApiToken.objects.valid(clock.now()).filter(user=request.user)
    labels = {scope.name: scope.label for scope in scopes()}
    held = {role.pk: role for role in StaffRole.objects.held_by(request.user).select_related("estate")}
    rows = [
        (
            token,
            [labels[scope] for scope in token.scopes if scope in labels],
            [held[pk] for pk in token.role_ids if pk in held],
        )
        for token in mine
    ]
    context = {"tokens": rows, "secret": request.session.pop(NEW_SECRET, "")}
    return render(request, "accounts/tokens.html", context)


@login_required
@require_http_methods(["GET", "POST"])
@asks_again
def new_token(request: SignedInRequest) -> HttpResponse:
    form = TokenForm(
        request.POST if request.method == "POST" else None,
        scopes=scopes_for(request.user),
        is_staff=bool(roles_of(request.user)),
    )
    if request.method == "POST" and form.is_valid():
        try:
            _token, secret = actions.make_token(user=request.user, now=clock.now(), **form.cleaned_data)
            request.session[NEW_SECRET] = secret
            return redirect("tokens")
        except ActionError as error:
            show_refusal(form, error)
    return render(request, "accounts/new_token.html", {"form": form})


@login_required
@require_http_methods(["GET", "POST"])
def revoke_token(request: SignedInRequest, pk: int) -> HttpResponse:
    token = get_object_or_404(ApiToken, pk=pk, user=request.user)
    if request.method == "POST":
        actions.revoke_token(token=token, by=request.user, now=clock.now())
        messages.success(request, _("The token no longer works."))
        return redirect("tokens")
    return render(request, "accounts/revoke_token.html", {"token": token})
