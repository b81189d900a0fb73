"""The second factor of staff: given while signing in, set up the first time, and looked after later."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from allauth.account.internal.stagekit import stash_login
from allauth.account.stages import LoginStage, LoginStageController
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import clear_totp_secret, get_totp_secret
from allauth.mfa.webauthn.internal import auth as passkeys
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.crypto import constant_time_compare
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import idle
from accounts.forms import FactorForm, PasskeyForm
from accounts.http import SignedInRequest
from accounts.models import User
from accounts.policies import is_staff_person, start_page
from accounts.second_factor import factors
from accounts.second_factor.adapter import passkeys_work_here
from accounts.second_factor.again import asks_again
from accounts.second_factor.given import note_given
from accounts.second_factor.stages import GiveFactorStage, SetUpFactorStage
from accounts.sign_in import safe_next
from accounts.staff_session import MADE_FOR
from accounts.views.sign_in import remember_sign_in
from community.core import clock
from community.core.errors import ActionError, Forbidden, as_refused
from community.core.locked import works_while_locked

# Codes were made in this pending login and wait to be written down.
SHOWN = "codes"


def _pending(request: HttpRequest, stage: type[LoginStage]) -> tuple[LoginStage, User] | None:
    """Returns the pending sign-in that is at this stage, and its person; None without one."""
    found = LoginStageController.enter(request, stage.key)
    user = found.login.user if found is not None else None
    if found is None or not isinstance(user, User) or not user.is_active:
        return None
    made_for = found.login.state.get(MADE_FOR, "")
    return (found, user) if constant_time_compare(made_for, user.get_session_auth_hash()) else None


@dataclass
class Sent:
    """The code and the passkey that a page of a factor may send, and what became of them."""

    form: FactorForm
    passkey: PasskeyForm
    is_done: bool = False
    refusal: ActionError | None = None


def _tried(request: HttpRequest, act: Callable[[Sent], bool]) -> Sent:
    """Reads what was sent and does ``act`` with it; a refusal is said beside the code, where one was typed."""
    form = FactorForm(request.POST if "code" in request.POST else None)
    sent = Sent(form, PasskeyForm(request.POST if "credential" in request.POST else None))
    if request.method == "POST":
        try:
            sent.is_done = act(sent)
        except ActionError as error:
            sent.refusal = error
            if form.is_bound:
                form.add_error("code", str(error.message))
    return sent


def _go_on(request: HttpRequest, stage: LoginStage) -> HttpResponse:
    answer = stage.exit()
    return remember_sign_in(request, answer) if request.user.is_authenticated else answer


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def give(request: HttpRequest) -> HttpResponseBase:
    """Asks for the code of the app or the passkey, after the password."""
    pending = _pending(request, GiveFactorStage)
    if pending is None:
        return redirect("staff_sign_in")
    stage, user = pending
    sent = _tried(request, lambda sent: _given(request, user, sent))
    if sent.is_done:
        return _go_on(request, stage)
    return _page(request, "accounts/factor.html", _give_page(request, user, sent), sent)


def _given(request: HttpRequest, user: User, sent: Sent) -> bool:
    """Whether a right factor was sent; it is noted in the session. Raises as ``check_code`` does."""
    found: Authenticator | None = None
    if sent.form.is_bound and sent.form.is_valid():
        found = factors.check_code(request, user, sent.form.cleaned_data["code"])
    elif sent.passkey.is_bound:
        found = factors.check_passkey(request, user, _answer_of(sent.passkey)["credential"])
    if found is not None:
        post_authentication(request, found)
    return found is not None


def _answer_of(passkey: PasskeyForm) -> dict[str, Any]:
    """Returns what the browser sent. Raises ``ActionError`` if it is no answer of a passkey."""
    if not passkey.is_valid():
        raise ActionError("passkey_refused", str(next(iter(passkey.errors.values()))[0]))
    return passkey.cleaned_data


def _page(request: HttpRequest, template: str, context: dict[str, Any], sent: Sent) -> HttpResponseBase:
    """Returns the page, with a refusal at its top unless it stands beside the code."""
    refusal, form = sent.refusal, sent.form
    status = refusal.status if refusal is not None else 422 if form.errors else 200
    said = {"refused": refusal.message} if refusal is not None and not form.is_bound else {}
    return as_refused(render(request, template, context | said, status=status), refusal)


def _give_page(request: HttpRequest, user: User, sent: Sent) -> dict[str, Any]:
    """Returns what the page shows; each time it is shown it asks the passkey something new."""
    can_use = factors.has_passkey(user) and passkeys_work_here(request.get_host())
    return {
        "form": sent.form,
        "options": passkeys.begin_authentication(user) if can_use else None,
        "shown_code": _shown_code(user),
    }


def _shown_code(user: User) -> str:
    """Returns the present code of a person of the demo; "" everywhere else."""
    return factors.present_code(user) if settings.DEMO and settings.SMS_CODE_ON_SCREEN else ""


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def set_up(request: HttpRequest) -> HttpResponseBase:
    """Has a person without a factor set one up; nobody gets on without it."""
    pending = _pending(request, SetUpFactorStage)
    if pending is None:
        return redirect("staff_sign_in")
    stage, user = pending
    if stage.state.get(SHOWN):
        if "noted" in request.POST:
            return _go_on(request, stage)
        return render(request, "accounts/factor_codes.html", {"codes": factors.recovery_codes(user)})
    sent = _tried(request, lambda sent: _add(request, user, sent, is_first=True))
    if sent.is_done:
        note_given(request, user, kind="first")
        stage.state[SHOWN] = True
        stash_login(request, stage.login)
        return redirect("staff_factor_setup")
    return _page(request, "accounts/factor_setup.html", _add_page(request, user, sent), sent)


def _add(request: HttpRequest, user: User, sent: Sent, *, is_first: bool = False) -> bool:
    """Adds what was sent; returns False if nothing usable was."""
    if sent.form.is_bound and sent.form.is_valid():
        code = sent.form.cleaned_data["code"]
        factors.add_app(request, user, secret=get_totp_secret(), code=code, is_first=is_first)
        clear_totp_secret(request)
        return True
    if sent.passkey.is_bound:
        typed = _answer_of(sent.passkey)
        name, credential = typed["name"] or _("Passkey"), typed["credential"]
        factors.add_passkey(request, user, name=name, credential=credential, is_first=is_first)
        return True
    return False


def _add_page(request: HttpRequest, user: User, sent: Sent) -> dict[str, Any]:
    """Returns what a page shows that adds a factor."""
    adapter, secret = get_adapter(), get_totp_secret()
    url = adapter.build_totp_url(user, secret)
    return {
        "form": sent.form,
        "passkey": PasskeyForm(initial={"name": _("This device")}),
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        "picture": mark_safe(adapter.build_totp_svg(url)),  # noqa: S308  (drawn by segno)
        "totp_url": url,
        "options": passkeys.begin_registration(user, passwordless=False)
        if passkeys_work_here(request.get_host())
        else None,
    }


@works_while_locked
@never_cache
@login_required
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def again(request: SignedInRequest) -> HttpResponseBase:
    """Asks for the factor once more before a grave act, and leads back to where it was about to be done."""
    user = _staff_person(request)
    sent = _tried(request, lambda sent: _given(request, user, sent))
    if sent.is_done:
        idle.unlock(request, clock.now())
        return redirect(safe_next(request) or start_page(user))
    context = _give_page(request, user, sent) | {"next": safe_next(request)}
    if idle.locks(request) and idle.is_locked(request, clock.now()):
        # Neither the menu nor its numbers are for whoever passes by.
        context |= {"is_locked": True, "staff_nav": None, "staff_waiting": 0}
    return _page(request, "accounts/factor_again.html", context, sent)


@works_while_locked
@login_required
@require_POST
def presence(request: SignedInRequest) -> HttpResponse:
    """Notes that somebody is at an open page, or locks the session because nobody is."""
    if idle.locks(request):
        if "away" in request.POST:
            idle.lock(request)
        elif not idle.is_locked(request, clock.now()):
            idle.note_seen(request, clock.now())
    return HttpResponse(status=204)


@never_cache
@login_required
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
@asks_again
def own(request: SignedInRequest) -> HttpResponseBase:
    """Shows a person's own factors: adds one, removes one, makes new codes on paper."""
    user = _staff_person(request)
    sent = _tried(request, lambda sent: _own_act(request, sent))
    if sent.is_done:
        return redirect("staff_factors")
    context = _add_page(request, user, sent) | {
        "factors": factors.factors_of(user),
        "codes_left": len(factors.recovery_codes(user)),
    }
    return _page(request, "accounts/factors.html", context, sent)


def _own_act(request: SignedInRequest, sent: Sent) -> bool:
    """Does what was sent and says so; returns False if nothing usable was sent."""
    if removed := request.POST.get("remove", ""):
        mine = {str(one.pk): one.pk for one in factors.factors_of(request.user)}
        factors.remove_factor(request, request.user, pk=mine.get(removed, 0))
        messages.success(request, _("Removed."))
        return True
    if _add(request, request.user, sent):
        messages.success(request, _("Added. Use it the next time you sign in."))
        return True
    return False


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
@asks_again
def codes(request: SignedInRequest) -> HttpResponse:
    """Makes new codes on paper and shows them this once."""
    user = _staff_person(request)
    if request.method == "GET":
        return render(request, "accounts/factor_codes_new.html")
    factors.renew_recovery_codes(request, user)
    return render(request, "accounts/factor_codes.html", {"codes": factors.recovery_codes(user)})


def _staff_person(request: SignedInRequest) -> User:
    if not is_staff_person(request.user):
        raise Forbidden
    return request.user
