"""A fresh code by SMS, which a resident gives before a grave act with their own data."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.devices import known_device
from accounts.models import User
from accounts.policies import is_staff_person
from accounts.second_factor.again import asks_again
from accounts.sign_in_limits import count_code, guesses_of_code
from community.core import audit, clock, limits
from community.core.errors import ActionError
from community.core.limits import network
from community.notifications import sms

SALT = "accounts.fresh_code"
PENDING, GIVEN, ON_SCREEN = "fresh_code", "fresh_code_given_at", "fresh_code_shown"
VALID = timedelta(minutes=10)
MAX_TRIES = 5


def send_fresh_code(request: HttpRequest, user: User, now: datetime) -> None:
    """Sends a code to the person's own number; the session keeps its hash.

    Raises ``ActionError`` for a person without a checked number, ``TooMany`` and ``CodeNotSent``.
    """
    if not (user.phone and user.phone_verified_at):
        raise ActionError("no_number", _("No checked number is known of you. Please ask the desk."))
    count_code(user.phone, network(request), known_device(request, user))
    code = f"{secrets.randbelow(10**6):06d}"
    request.session[PENDING] = {"hash": _hash(user, code), "at": now.timestamp(), "tries": 0}
    if settings.DEMO and settings.SMS_CODE_ON_SCREEN:
        request.session[ON_SCREEN] = code
    sms.send_code(user.phone, code)
    audit.record("code_sent", by=user, target=user, request=request)


def check_fresh_code(request: HttpRequest, user: User, code: str, now: datetime) -> None:
    """Notes that the person gave the code. Raises ``ActionError`` (``code_wrong``, ``code_used_up``)."""
    limits.hit_all(guesses_of_code(user.phone, network(request), known_device(request, user)))
    sent: dict[str, Any] = request.session.get(PENDING) or {}
    is_late = now.timestamp() - sent.get("at", 0) > VALID.total_seconds()
    if not sent or is_late or sent["tries"] >= MAX_TRIES:
        raise ActionError(
            "code_used_up", _("This code is no longer valid. Please ask for a new one."), field="code"
        )
    request.session[PENDING] = sent | {"tries": sent["tries"] + 1}
    if not constant_time_compare(_hash(user, code), sent["hash"]):
        raise ActionError("code_wrong", _("The code is wrong."), field="code")
    del request.session[PENDING]
    request.session.pop(ON_SCREEN, None)
    request.session[GIVEN] = now.timestamp()


def given_lately(request: HttpRequest, now: datetime) -> bool:
    """Whether the person gave a code within the last ten minutes in this session."""
    return now.timestamp() - request.session.get(GIVEN, 0) < VALID.total_seconds()


def asks_code(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Asks for a fresh code before what the view does, unless one was given lately; staff for their factor.

    Reading passes.
    """
    for_staff = asks_again(view)

    @wraps(view)
    def asking(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if isinstance(request.user, User) and is_staff_person(request.user):
            return for_staff(request, *args, **kwargs)
        if request.method in ("GET", "HEAD") or given_lately(request, clock.now()):
            return view(request, *args, **kwargs)
        return redirect(reverse("fresh_code") + "?" + urlencode({"next": request.path}))

    return asking


def _hash(user: User, code: str) -> str:
    return salted_hmac(SALT, f"{user.pk}:{code.strip()}", algorithm="sha256").hexdigest()
