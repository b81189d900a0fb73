"""Signing in: allauth's code process with our counting and audit around it, and the staff's password.

Known and unknown numbers are the same from the first step on: a number that nobody had becomes a
person without a checked number, who is forgotten after a day if the code is never typed.
"""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from allauth.account.internal.flows.login import clear_authentication_records
from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.account.stages import LoginByCodeStage, LoginStageController
from allauth.core.internal.cryptokit import compare_user_code
from django.conf import settings
from django.contrib.auth import authenticate, login
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from accounts import actions
from accounts.devices import known_device
from accounts.middleware import BY_PASSWORD
from accounts.models import User
from accounts.sign_in_limits import count_code, guesses_of_code, tries_of_password
from community.core import audit, limits
from community.core.addresses import network
from community.core.errors import ActionError, TooMany
from community.core.limit_table import (
    CODE_DEVICE_MINUTE,
    CODE_NUMBER_MINUTE,
    GUESS_NETWORK,
    PASSWORD_NAME,
    PASSWORD_NETWORK,
    Limit,
)

RESEND_AFTER = CODE_NUMBER_MINUTE.seconds
# A session in which a code is expected holds a number: it ends long before that of somebody signed in.
WAITING_SESSION_AGE = 3600


def safe_next(request: HttpRequest) -> str:
    """Where the person wanted to go, if that is a page of ours; "" otherwise."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours and urlsplit(wanted).path.startswith("/") else ""


def send_code(request: HttpRequest, phone: str, next_url: str, now: datetime) -> None:
    """Send a new code to a number and remember in the session that one is expected.

    Raises ``TooMany`` or ``LimitsUnavailable``. Sending again starts afresh: ten minutes, five tries.
    """
    device = known_device(request, User.objects.with_phone(phone).first())
    count_code(phone, network(request), device)
    person = actions.person_with_phone(phone)
    try:
        process = LoginCodeVerificationProcess.initiate(request=request, user=person, phone=phone)
    except ActionError:  # it did not leave the house: nobody must wait a minute for nothing
        limits.forgive(CODE_NUMBER_MINUTE, phone)
        limits.forgive(CODE_DEVICE_MINUTE, device)
        raise
    process.state |= {"next": next_url, "sent_at": now.timestamp()}
    process.persist()
    request.session.set_expiry(WAITING_SESSION_AGE)
    audit.record("code_sent", by=None, target=person, request=request)


def pending(request: HttpRequest) -> LoginCodeVerificationProcess | None:
    """The sign-in that waits for its code in this session; None if there is none, or it is too old."""
    stage = LoginStageController.enter(request, LoginByCodeStage.key)
    return LoginCodeVerificationProcess.resume(stage) if stage is not None and stage.state else None


def seconds_to_resend(process: LoginCodeVerificationProcess, now: datetime) -> int:
    return max(0, round(process.state.get("sent_at", 0) + RESEND_AFTER - now.timestamp()))


def check_code(request: HttpRequest, process: LoginCodeVerificationProcess, code: str) -> HttpResponse:
    """Sign the person in, and lead them on. Raises ``ActionError`` for a wrong code.

    After the fifth wrong one the code is worth nothing (``code`` of the error: ``code_used_up``).
    """
    phone, person = process.state["phone"], process.user
    counted = guesses_of_code(phone, network(request), known_device(request, person))
    limits.hit_all(counted)
    if person is None or not User.objects.with_phone(phone).filter(pk=person.pk).exists():
        # The number was changed while its code was on the way: whoever holds it is somebody else now.
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
    # They hold the number, and nothing asks for them.
    clear_authentication_records(request)
    if request.user.is_authenticated:
        request.session.set_expiry(None)
        _was_right(counted, per_network=GUESS_NETWORK)
        audit.record("sign_in", by=request.user, target=person, request=request, way="code")
    return answer


def check_password(request: HttpRequest, username: str, password: str, now: datetime) -> User:
    """Sign a member of staff in, for a working day. Raises ``ActionError`` or ``TooMany``.

    Five wrong passwords lock a name for a quarter of an hour, whether it exists or not, at the
    network they came from; only very many lock it everywhere, and a browser that knows its owner never.
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
    _was_right(counted, per_network=PASSWORD_NETWORK, kept=PASSWORD_NAME)
    enter_as_staff(request, user, now)
    audit.record("sign_in", by=user, target=user, request=request, way="password")
    return user


def _was_right(counted: list[limits.Counted], *, per_network: Limit, kept: Limit | None = None) -> None:
    """Only wrong ones count. What others did at this network, or with this name elsewhere, stays."""
    for limit, key in counted:
        if limit in (per_network, kept):
            limits.give_back(limit, key)
        else:
            limits.forgive(limit, key)


def enter_as_staff(request: HttpRequest, user: User, now: datetime) -> None:
    """A staff session ends at a fixed time, used or not."""
    login(request, user, backend=BY_PASSWORD)
    request.session.set_expiry(now + timedelta(seconds=settings.STAFF_SESSION_AGE))
