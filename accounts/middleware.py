"""How long one stays signed in, and as what: a resident for long, staff only by password."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth import BACKEND_SESSION_KEY, SESSION_KEY, logout
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.policies import is_staff_person
from accounts.weeks import WEEK, this_week
from community.core import audit
from community.core.traces import is_traceless

BY_PASSWORD = "django.contrib.auth.backends.ModelBackend"  # noqa: S105  (the name of a class)


class StaffByPasswordMiddleware:
    """Signs out whoever came by a code, as a resident, and was given a role since.

    A code alone opens no staff powers; the session remembers which way it was opened.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.session.get(BACKEND_SESSION_KEY, BY_PASSWORD) == BY_PASSWORD:
            return self.get_response(request)
        user: Any = request.user
        if not user.is_authenticated or not is_staff_person(user):
            return self.get_response(request)
        audit.record("sign_in", by=None, target=user, outcome="refused", request=request, way="code")
        logout(request)
        messages.info(request, _("Staff sign in with name and password."))
        return redirect("staff_sign_in")


class StaySignedInMiddleware:
    """Puts off the end of a resident's session, by one write a week.

    A staff session has an end of its own, and keeps it. A page that leaves no trace puts off nothing:
    the new end would say when it was opened.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        session = request.session
        if is_traceless(view) or SESSION_KEY not in session or "_session_expiry" in session:
            return
        if session.get(WEEK) != this_week():
            session[WEEK] = this_week()
