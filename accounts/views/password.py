"""Passwords of staff: the first one by a link, a new one at any time."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import actions
from accounts.first_password import person_of
from accounts.forms import NewPasswordForm, OwnPasswordForm
from accounts.http import SignedInRequest
from accounts.policies import is_staff_person, start_page
from community.core import audit, limits
from community.core.errors import ActionError, Forbidden, as_refused, show_refusal
from community.core.limit_table import OWN_PASSWORD


@never_cache
@login_required
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def own_password(request: SignedInRequest) -> HttpResponse:
    """Changes the person's password; requires the old one and ends their other sessions."""
    user = request.user
    if not is_staff_person(user):
        raise Forbidden
    form, refusal = OwnPasswordForm(request.POST if request.method == "POST" else None), None
    if request.method == "POST" and form.is_valid():
        try:
            _check_old(request, form.cleaned_data["old"])
            actions.choose_password(user=user, password=form.cleaned_data["password"])
            update_session_auth_hash(request, user)
            messages.success(request, _("Changed. Every other sign-in of yours has ended."))
            return redirect(start_page(user))
        except ActionError as error:
            refusal = error
            show_refusal(form, error)
    page = render(request, "accounts/own_password.html", {"form": form})
    return as_refused(page, refusal)


def _check_old(request: SignedInRequest, old: str) -> None:
    """Raises ``ActionError`` for a wrong old password; attempts are counted, since the session may be stolen."""
    limits.hit(OWN_PASSWORD, request.user.pk)
    if not request.user.check_password(old):
        user = request.user
        audit.record_failure("password_changed", target=user, outcome="wrong", request=request)
        raise ActionError("old_password_wrong", _("The old password is wrong."), field="old")
    limits.forgive(OWN_PASSWORD, request.user.pk)


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def first_password(request: HttpRequest, key: str, token: str) -> HttpResponse:
    """Sets the first password from the manager's link; the person then signs in by name and password."""
    person = person_of(key, token)
    if person is None:
        return render(request, "accounts/first_password_over.html", status=404)
    form = NewPasswordForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.choose_password(user=person, password=form.cleaned_data["password"], is_first=True)
            messages.success(request, _("Your password is set. Please sign in."))
            return redirect("staff_sign_in")
        except ActionError as error:
            show_refusal(form, error)
    return render(request, "accounts/first_password.html", {"form": form, "person": person})
