"""Sign-in of residents by number and code and of staff by password, and sign-out."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import sign_in as flow
from accounts.devices import remember_device, remember_estate
from accounts.forms import CodeForm, SignInForm, StaffSignInForm
from accounts.models import User
from accounts.policies import is_staff_person, start_page
from accounts.wechat_sign_in import account_here, offer
from community.core import audit, clock
from community.core.errors import ActionError, as_refused
from community.core.locked import works_while_locked

STAFF_PAGES = ("/staff/", "/work/", "/admin/")


@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Asks for the number and sends a code, whether or not the number is known."""
    next_url = flow.safe_next(request)
    if request.user.is_authenticated:
        return redirect(next_url or "home")
    if next_url.startswith(STAFF_PAGES) and request.method == "GET":
        return redirect(reverse("staff_sign_in") + "?" + urlencode({"next": next_url}))
    form = SignInForm(request.POST if request.method == "POST" else None)
    code, refusal = 200, None
    if request.method == "POST" and form.is_valid():
        phone, now = form.cleaned_data["phone"], clock.now()
        try:
            if not _code_is_pending(request, phone):
                flow.send_code(request, phone, next_url, now)
            return redirect("sign_in_code")
        except ActionError as error:
            form.add_error("phone", str(error.message))
            code, refusal = error.status, error
    context = {
        "form": form,
        "next": next_url,
        "has_code": flow.pending(request) is not None,
        "is_in_wechat": account_here(request) is not None,
    }
    page = render(request, "accounts/sign_in.html", context, status=code)
    return as_refused(page, refusal)


def _code_is_pending(request: HttpRequest, phone: str) -> bool:
    """Whether a code for the same number was sent within the last minute in this session."""
    process = flow.pending(request)
    if process is None or process.state["phone"] != phone:
        return False
    return flow.seconds_to_resend(process, clock.now()) > 0


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def sign_in_code(request: HttpRequest) -> HttpResponseBase:
    if request.user.is_authenticated:
        return redirect("home")
    process = flow.pending(request)
    if process is None:
        return redirect("sign_in")
    form = CodeForm(request.POST if request.method == "POST" else None)
    code, refusal = 200, None
    if request.method == "POST" and form.is_valid():
        try:
            answer = flow.check_code(request, process, form.cleaned_data["code"])
            return remember_sign_in(request, offer(request, answer))
        except ActionError as error:
            form.add_error("code", str(error.message))
            code, refusal = error.status, error
    page = render(request, "accounts/sign_in_code.html", _code_page(process, form), status=code)
    return as_refused(page, refusal)


def _code_page(process: Any, form: CodeForm) -> dict[str, Any]:
    query = urlencode({"next": process.state.get("next", "")}) if process.state.get("next") else ""
    return {
        "form": form,
        "phone": process.state["phone"],
        "wait": flow.seconds_to_resend(process, clock.now()),
        "change_url": reverse("sign_in") + (f"?{query}" if query else ""),
        "shown_code": process.code if settings.DEMO and settings.SMS_CODE_ON_SCREEN else "",
        "is_used_up": process.state["failed_attempts"] >= process.max_attempts,
    }


def remember_sign_in(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """Sets the language that the person chose before and remembers the browser."""
    user = request.user
    remember_device(request, answer)
    remember_estate(request, answer)
    if isinstance(user, User) and user.language:
        answer.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            user.language,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
            samesite=settings.LANGUAGE_COOKIE_SAMESITE,  # type: ignore[arg-type]
        )
    return answer


@never_cache
@require_http_methods(["GET", "POST"])
def sign_in_again(request: HttpRequest) -> HttpResponse:
    """Sends another code to the same number; refused within a minute of the last.

    A refusal stays in the browser under this address; opened again, it leads to the page of the code.
    """
    process = flow.pending(request)
    if process is None:
        return redirect("sign_in")
    if request.method == "GET":
        return redirect("sign_in_code")
    try:
        flow.send_code(request, process.state["phone"], process.state.get("next", ""), clock.now())
    except ActionError as error:
        form = CodeForm()
        context = _code_page(process, form) | {"refused": error.message}
        page = render(request, "accounts/sign_in_code.html", context, status=error.status)
        return as_refused(page, error)
    return redirect("sign_in_code")


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def staff_sign_in(request: HttpRequest) -> HttpResponse:
    """Signs staff in by name and password and leads to their start page."""
    next_url = flow.safe_next(request)
    if isinstance(request.user, User) and is_staff_person(request.user):
        return redirect(next_url or start_page(request.user))
    form = StaffSignInForm(request.POST if request.method == "POST" else None)
    code, refusal = 200, None
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            return flow.check_password(request, typed["username"], typed["password"], next_url)
        except ActionError as error:
            form.add_error(None, str(error.message))
            code, refusal = error.status, error
    page = render(request, "accounts/staff_sign_in.html", {"form": form, "next": next_url}, status=code)
    return as_refused(page, refusal)


@works_while_locked
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    user = request.user
    target = "sign_in"
    if isinstance(user, User):
        target = "staff_sign_in" if is_staff_person(user) else "sign_in"
        audit.record("sign_out", by=user, target=user, request=request)
    answer = redirect(target)
    remember_estate(request, answer)
    logout(request)
    messages.success(request, _("You are signed out."))
    return answer
