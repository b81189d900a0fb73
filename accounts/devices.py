"""Browsers in which a person has signed in before.

An attacker who knows a number or a staff name can use up its limits and lock its owner out. A signed cookie
notes which people have signed in with a browser, and gives each a small limit of their own there. The cookie
is sent to the sign-in pages only, names people by key, and is void once the password or the number has
changed.
"""

import secrets
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import User
from accounts.policies import homes_of, is_staff_person
from community.estates.models import Estate

SALT = "accounts.devices"
COOKIE, STAFF_COOKIE = "device", "staff_device"
AGE = 365 * 24 * 3600
# Families share a phone and shifts a computer; the entry unused longest is dropped.
MAX_PEOPLE = 8
# Names no person, and may be read on every page.
ESTATE_COOKIE = "estate"
# The database holds no longer key.
MAX_DIGITS = 18


def known_device(request: HttpRequest, user: User | None) -> str:
    """Returns the key under which the person's attempts in this browser are counted; "" for an unknown
    browser.
    """
    if user is None or not user.is_active:
        return ""
    for name in (COOKIE, STAFF_COOKIE):
        device, marks = _read(request, name)
        if constant_time_compare(marks.get(str(user.pk), ""), _mark(user, device)):
            return f"{user.pk}:{device}"
    return ""


def remember_device(request: HttpRequest, response: HttpResponseBase) -> None:
    """Notes in the browser's cookie that the signed-in person has used it."""
    user = request.user
    if not isinstance(user, User):
        return
    is_staff = is_staff_person(user)
    name = STAFF_COOKIE if is_staff else COOKIE
    device, marks = _read(request, name)
    device = device or secrets.token_urlsafe(12)
    marks.pop(str(user.pk), None)
    marks[str(user.pk)] = _mark(user, device)
    kept = dict(list(marks.items())[-MAX_PEOPLE:])
    response.set_cookie(  # type: ignore[attr-defined]
        name,
        signing.dumps({"device": device, "people": kept}, salt=SALT),
        max_age=AGE,
        path=reverse("staff_sign_in" if is_staff else "sign_in"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def remember_estate(request: HttpRequest, response: HttpResponseBase) -> None:
    """Notes in the browser the estate of the signed-in resident, whose desk is shown there while signed out."""
    user = request.user
    home = homes_of(user).select_related("entrance__building").first() if isinstance(user, User) else None
    if home is None:
        return
    response.set_cookie(  # type: ignore[attr-defined]
        ESTATE_COOKIE,
        str(home.entrance.building.estate_id),
        max_age=AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def remembered_estate(request: HttpRequest) -> Estate | None:
    """Returns the estate noted in this browser; None for an unknown browser."""
    noted = request.COOKIES.get(ESTATE_COOKIE, "")
    if not (noted.isascii() and noted.isdecimal() and len(noted) < MAX_DIGITS):
        return None
    return Estate.objects.filter(pk=int(noted)).first()


def _read(request: HttpRequest, name: str) -> tuple[str, dict[str, str]]:
    try:
        found: Any = signing.loads(request.COOKIES.get(name, ""), salt=SALT, max_age=AGE)
        return str(found["device"]), dict(found["people"])
    except (signing.BadSignature, KeyError, TypeError, ValueError):
        return "", {}


def _mark(user: User, device: str) -> str:
    """Returns a signature that changes with the password and the number."""
    text = f"{user.pk}:{user.phone_index}:{user.get_session_auth_hash()}:{device}"
    return salted_hmac(SALT, text, algorithm="sha256").hexdigest()[:32]
