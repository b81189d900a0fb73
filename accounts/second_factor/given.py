"""Whether and when the second factor was given in a session, as allauth notes it there."""

from typing import Any

from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY as USER_KEY,
)
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY as METHODS_KEY
from allauth.account.internal.flows.login import record_authentication
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest

from accounts.models import User

METHOD = "mfa"


def given_at(session: Any) -> float:
    """Returns when (in seconds since 1970) the session's person last gave a factor; 0 if never."""
    if session.get(USER_KEY) != session.get(SESSION_KEY):
        return 0.0
    return max((one["at"] for one in session.get(METHODS_KEY, ()) if one["method"] == METHOD), default=0.0)


def has_factor(session: Any) -> bool:
    """Whether the session's person gave a factor in it."""
    return given_at(session) > 0


def note_given(request: HttpRequest, user: User, *, kind: str) -> None:
    """Notes that the person gave a factor just now."""
    record_authentication(request, user, METHOD, type=kind)
