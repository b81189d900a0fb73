"""Sign-in: allauth's code flow with our limits and audit, and the password of staff.

Known and unknown numbers behave alike: an unknown number becomes a person without a checked number, who is
deleted after a day if the code is never typed.
"""

from datetime import datetime
from urllib.parse import urlsplit

from allauth.account.internal.flows.login import clear_authentication_records, perform_password_login
from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.account.models import Login
from allauth.account.stages import LoginByCodeStage, LoginStageController
from allauth.core.internal.cryptokit import compare_user_code
from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from accounts import actions
from accounts.devices import known_device
from accounts.models import User
from accounts.policies import start_page
from accounts.sign_in_limits import count_code, guesses_of_code, tries_of_password
from accounts.staff_session import MADE_FOR, PASSWORD_GIVEN
from community.core import audit, limits
from community.core.errors import ActionError, TooMany
from community.core.limit_table import (
    CODE_DEVICE_MINUTE,
    CODE_NUMBER_MINUTE,
    GUESS_NETWORK,
    PASSWORD_NAME,
    PASSWORD_NETWORK,
    Limit,
)
from community.core.limits import network

RESEND_AFTER = CODE_NUMBER_MINUTE.seconds
# Seconds; a session that waits for a code holds a number, so it ends early.
WAITING_SESSION_AGE = 3600


def safe_next(request: HttpRequest) -> str:
    """Returns the requested next page if it is on this site; "" otherwise."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours and urlsplit(wanted).path.startswith("/") else ""


def send_code(request: HttpRequest, phone: str, next_url: str, now: datetime) -> None:
    """Sends a new code and notes in the session that one is expected.

    A new code restarts the ten minutes and the five attempts. Raises ``TooMany``, ``LimitsUnavailable`` and
    ``ActionError`` if the SMS could not be sent.
    """
    device = known_device(request, User.objects.with_phone(phone).first())
    count_code(phone, network(request), device)
    person = actions.person_with_phone(phone)
    try:
        process = LoginCodeVerificationProcess.initiate(request=request, user=person, phone=phone)
    except ActionError:  # not sent, so the waiting time does not apply
        limits.forgive(CODE_NUMBER_MINUTE, phone)
        limits.forgive(CODE_DEVICE_MINUTE, device)
        raise
    process.state |= {"next": next_url, "sent_at": now.timestamp()}
    process.persist()
    request.session.set_expiry(WAITING_SESSION_AGE)
    audit.record("code_sent", by=None, target=person, request=request)


def pending(request: HttpRequest) -> LoginCodeVerificationProcess | None:
    """Returns the sign-in that waits for its code in this session; None if there is none or it expired."""
    stage = LoginStageController.enter(request, LoginByCodeStage.key)
    return LoginCodeVerificationProcess.resume(stage) if stage is not None and stage.state else None


def seconds_to_resend(process: LoginCodeVerificationProcess, now: datetime) -> int:
    """Returns the seconds until another code may be sent."""
    return max(0, round(process.state.get("sent_at", 0) + RESEND_AFTER - now.timestamp()))


def check_code(request: HttpRequest, process: LoginCodeVerificationProcess, code: str) -> HttpResponse:
    """Signs the person in and returns the redirect to their next page.

    Raises ``ActionError``: ``code_wrong``, or ``code_used_up`` after five wrong codes and if the number
    changed meanwhile.
    """
    phone, person = process.state["phone"], process.user
    counted = guesses_of_code(phone, network(request), known_device(request, person))
    limits.hit_all(counted)
    if person is None or not User.objects.with_phone(phone).filter(pk=person.pk).exists():
        # The number changed while its code was on the way and may belong to another person now.
        process.abort()
        audit.record("sign_in", by=None, target=person, outcome="refused", request=request, way="code")
        raise ActionError("code_used_up", _("This code is no longer valid. Please ask for a new one."))
    if not compare_user_code(actual=code, expected=process.code):
        may_try_again = process.record_invalid_attempt()
        outcome = "wrong" if may_try_again else "locked"
        audit.record_failure("sign_in", target=person, outcome=outcome, request=request, way="code")
        if may_try_again:
            raise ActionError("code_wrong", _("The code is wrong."), field="code")
        raise ActionError("code_used_up", _("Too many wrong codes. Please ask for a new one."))
    answer: HttpResponse = process.finish(process.state.get("next") or None)
    # Unused records of allauth about the checked number.
    clear_authentication_records(request)
    if request.user.is_authenticated:
        request.session.set_expiry(None)
        _uncount(counted, per_network=GUESS_NETWORK)
        audit.record("sign_in", by=request.user, target=person, request=request, way="code")
    return answer


def check_password(request: HttpRequest, username: str, password: str, next_url: str) -> HttpResponse:
    """Checks name and password of a member of staff and returns the redirect to the second factor.

    Five wrong passwords lock a name for a quarter of an hour in the network they came from, whether the name
    exists or not; a browser that knows the owner stays unlocked. Raises ``ActionError`` and ``TooMany``.
    """
    known = User.objects.filter(username=username.strip()).first()
    counted = tries_of_password(username, network(request), known_device(request, known))
    try:
        limits.hit_all(counted)
    except TooMany:
        audit.record_failure("sign_in", outcome="locked", request=request, way="password")
        raise
    user = authenticate(request, username=username.strip(), password=password)
    if not isinstance(user, User):
        audit.record_failure("sign_in", target=known, outcome="wrong", request=request, way="password")
        raise ActionError("password_wrong", _("Name or password is wrong."))
    _uncount(counted, per_network=PASSWORD_NETWORK, kept=PASSWORD_NAME)
    audit.record("password_given", by=None, target=user, request=request)
    request.session.set_expiry(WAITING_SESSION_AGE)
    signing_in = Login(
        user=user,
        redirect_url=next_url or start_page(user),
        signal_kwargs=PASSWORD_GIVEN,
        # A pending sign-in ends with its password, and with all sessions of the person.
        state={MADE_FOR: user.get_session_auth_hash()},
    )
    answer: HttpResponse = perform_password_login(request, {}, signing_in)
    return answer


def _uncount(counted: list[limits.Counted], *, per_network: Limit, kept: Limit | None = None) -> None:
    """Removes the counts of a right code or password; other attempts in the network or of the name stay
    counted.
    """
    for limit, key in counted:
        if limit in (per_network, kept):
            limits.give_back(limit, key)
        else:
            limits.forgive(limit, key)
