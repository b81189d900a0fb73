"""The second factor of staff in tests: an app that has been set up, its codes, and signing in with it."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from allauth.mfa.utils import decrypt
from django.test import Client
from django.urls import reverse

from accounts.models import User
from community.core import clock
from tests.factories import PASSWORD

SECONDS = 30


def set_up_app(user: User) -> None:
    """Gives the person an app and codes on paper, as if they had set it up before."""
    TOTP.activate(user, generate_totp_secret())
    RecoveryCodes.activate(user)


def app_code(user: User, *, steps: int = 0) -> str:
    """Returns what the app shows ``steps`` of half a minute from now."""
    one = Authenticator.objects.get(user=user, type="totp")
    return code_of(decrypt(one.data["secret"]), steps=steps)


def code_of(secret: str, *, steps: int = 0) -> str:
    counter = int(clock.now().timestamp()) // SECONDS + steps
    return format_hotp_value(hotp_value(secret, counter))


def give_password(client: Client, username: str, password: str = PASSWORD, **more: str) -> Any:
    return client.post(reverse("staff_sign_in"), {"username": username, "password": password, **more})


def give_code(client: Client, code: str) -> Any:
    return client.post(reverse("staff_factor"), {"code": code})


def sign_in(client: Client, user: User, **more: str) -> Any:
    """Signs in by password and app, which is set up if need be; returns the last answer."""
    if not Authenticator.objects.filter(user=user).exists():
        set_up_app(user)
    assert give_password(client, user.username or "", **more).url == reverse("staff_factor")
    return give_code(client, app_code(user))


def person_of(client: Client) -> User | None:
    """Returns who is signed in with this browser."""
    key = client.session.get("_auth_user_id")
    return User.objects.get(pk=key) if key else None
