"""Counts the second factor as given when a test signs staff in without the pages."""

import time
from typing import Any

from django.contrib.auth.signals import user_logged_in

METHODS, PERSON = "account_authentication_methods", "account_authentication_methods_user"


def count_as_given() -> None:
    """Has ``force_login`` note it; signing in on the pages stays as it is."""
    user_logged_in.connect(_note, weak=False, dispatch_uid="tests.given")


def _note(*, request: Any, user: Any, **_more: Any) -> None:
    if "REQUEST_METHOD" not in request.META:
        note(request.session, user)


def note(session: Any, user: Any) -> None:
    session[METHODS] = [{"method": "mfa", "at": time.time()}]
    session[PERSON] = str(user.pk)
