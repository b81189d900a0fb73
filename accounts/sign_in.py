"""Signing in: allauth's code process with our counting and audit around it, and the staff's password.

Known and unknown numbers are the same from the first step on: a number that nobody had becomes a
person without a checked number, who is forgotten after a day if the code is never typed.
"""

from contextlib import suppress
from datetime import datetime, timedelta
from ipaddress import IPv6Network
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
from accounts.middleware import BY_PASSWORD
from accounts.models import User
from community.core import audit, limits
from community.core.errors import ActionError, TooMany

MINUTE, HOUR, DAY = 60, 3600, 24 * 3600
RESEND_AFTER = MINUTE
# A session in which a code is expected holds a number: it ends long before that of somebody signed in.
WAITING_SESSION_AGE = HOUR
# Half of what a number may have can be used up from one place: a stranger who knows the number must
# not keep its owner out.
CODES_A_NUMBER_HERE = ((4, HOUR), (6, DAY))
CODES_A_NUMBER = ((1, RESEND_AFTER), (8, HOUR), (12, DAY))
CODES_AN_ADDRESS = (30, HOUR)
GUESSES_A_NUMBER_HERE = (12, HOUR)
GUESSES_A_NUMBER = (24, HOUR)
PASSWORDS_A_NAME_AND_ADDRESS = (5, 15 * MINUTE)
# Looser: a stranger who knows a name must not keep its owner out.
PASSWORDS_A_NAME = (50, HOUR)
PASSWORDS_AN_ADDRESS = (30, 15 * MINUTE)


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
    limits.hit("code_address", _address(request), limit=CODES_AN_ADDRESS[0], seconds=CODES_AN_ADDRESS[1])
    _count_code(phone, _here(request, phone))
    person = actions.person_with_phone(phone)
    try:
        process = LoginCodeVerificationProcess.initiate(request=request, user=person, phone=phone)
    except ActionError:  # it did not leave the house: nobody must wait a minute for nothing
        limits.forgive(f"code_{RESEND_AFTER}", phone, seconds=RESEND_AFTER)
        raise
    process.state |= {"next": next_url, "sent_at": now.timestamp()}
    process.persist()
    request.session.set_expiry(WAITING_SESSION_AGE)
    audit.record("code_sent", by=None, target=person, request=request)


def _count_code(phone: str, here: str) -> None:
    """Raises ``TooMany``; whoever has used up this place's share takes nothing from the number's."""
    try:
        for limit, seconds in CODES_A_NUMBER_HERE:
            limits.check(f"code_here_{seconds}", here, limit=limit, seconds=seconds)
        for limit, seconds in CODES_A_NUMBER:
            limits.hit(f"code_{seconds}", phone, limit=limit, seconds=seconds)
        for limit, seconds in CODES_A_NUMBER_HERE:
            limits.hit(f"code_here_{seconds}", here, limit=limit, seconds=seconds)
    except TooMany as error:
        raise _wait(error) from error


def _wait(error: TooMany) -> TooMany:
    """How long, in the words of a person."""
    seconds = error.retry_after
    if seconds <= 2 * MINUTE:
        words = _("Please wait %(seconds)s seconds.") % {"seconds": seconds}
    elif seconds <= 2 * HOUR:
        words = _("Please wait %(minutes)s minutes.") % {"minutes": -(-seconds // MINUTE)}
    else:
        words = str(_("Enough codes for today. Please call us."))
    return TooMany(words, retry_after=seconds)


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
    here = _here(request, phone)
    limits.hit("code_guess_here", here, limit=GUESSES_A_NUMBER_HERE[0], seconds=GUESSES_A_NUMBER_HERE[1])
    limits.hit("code_guess", phone, limit=GUESSES_A_NUMBER[0], seconds=GUESSES_A_NUMBER[1])
    if not compare_user_code(actual=code, expected=process.code):
        may_try_again = process.record_invalid_attempt()
        outcome = "wrong" if may_try_again else "locked"
        audit.record("sign_in", by=None, target=person, outcome=outcome, request=request, way="code")
        if may_try_again:
            raise ActionError("code_wrong", _("The code is wrong."), field="code")
        raise ActionError("code_used_up", _("Too many wrong codes. Please ask for a new one."))
    answer: HttpResponse = process.finish(process.state.get("next") or None)
    # They hold the number, and nothing asks for them.
    clear_authentication_records(request)
    if request.user.is_authenticated:
        request.session.set_expiry(None)
        limits.forgive("code_guess_here", here, seconds=GUESSES_A_NUMBER_HERE[1])
        limits.forgive("code_guess", phone, seconds=GUESSES_A_NUMBER[1])
        audit.record("sign_in", by=request.user, target=person, request=request, way="code")
    return answer


def check_password(request: HttpRequest, username: str, password: str, now: datetime) -> User:
    """Sign a member of staff in, for a working day. Raises ``ActionError`` or ``TooMany``.

    Five wrong passwords lock a name for a quarter of an hour, whether it exists or not, at the
    address they came from; only very many lock it everywhere.
    """
    name, address = username.strip().casefold(), _address(request)
    here = f"{name}@{address}"
    limit, seconds = PASSWORDS_A_NAME_AND_ADDRESS
    try:
        for counter, key, (most, within) in _failures(name, address):
            limits.check(counter, key, limit=most, seconds=within)
        limits.hit("password", here, limit=limit, seconds=seconds)
    except TooMany as error:
        audit.record("sign_in", by=None, outcome="locked", request=request, way="password")
        raise _wait(error) from error
    user = authenticate(request, username=username.strip(), password=password)
    if not isinstance(user, User):
        for counter, key, (most, within) in _failures(name, address):
            limits.hit(counter, key, limit=most, seconds=within)
        known = User.objects.filter(username=username.strip()).first()
        audit.record("sign_in", by=None, target=known, outcome="wrong", request=request, way="password")
        raise ActionError("password_wrong", _("Name or password is wrong."))
    limits.forgive("password", here, seconds=seconds)
    enter_as_staff(request, user, now)
    audit.record("sign_in", by=user, target=user, request=request, way="password")
    return user


def _failures(name: str, address: str) -> list[tuple[str, str, tuple[int, int]]]:
    """Counted only when a password was wrong: the counter, its key, how many in how long."""
    return [
        ("password_address", address, PASSWORDS_AN_ADDRESS),
        ("password_name", name, PASSWORDS_A_NAME),
    ]


def enter_as_staff(request: HttpRequest, user: User, now: datetime) -> None:
    """A staff session ends at a fixed time, used or not."""
    login(request, user, backend=BY_PASSWORD)
    request.session.set_expiry(now + timedelta(seconds=settings.STAFF_SESSION_AGE))


def _address(request: HttpRequest) -> str:
    return request.META.get("REMOTE_ADDR", "")


def _here(request: HttpRequest, phone: str) -> str:
    """The number at the place that asks; a home's IPv6 addresses are one place, by their first half."""
    place = _address(request)
    with suppress(ValueError):  # a server behind a socket may tell no address
        place = str(IPv6Network((place, 64), strict=False))
    return f"{phone}@{place}"
