"""Middleware for what people may see, and for the length and the way of signing in: long for residents, by
password for staff.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth import BACKEND_SESSION_KEY, SESSION_KEY, logout
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.handlers import WEEK, this_week
from accounts.models import found_once
from accounts.policies import is_staff_person
from accounts.second_factor.given import has_factor
from community.core import audit
from community.core.traces import is_traceless

BY_PASSWORD = "django.contrib.auth.backends.ModelBackend"  # noqa: S105  (the name of a class)


class FoundOnceMiddleware:
    """Keeps what each person may see for the rest of a request that only reads.

    Requests that write find it out anew each time, as do sockets and tasks.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        with found_once():
            return self.get_response(request)


class StaffByFactorsMiddleware:
    """Signs out people with staff powers who did not sign in by password and second factor.

    Such sessions are those opened by a code before the person was given a role, and those opened before there
    were second factors.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        session = request.session
        if SESSION_KEY not in session or (
            session.get(BACKEND_SESSION_KEY) == BY_PASSWORD and has_factor(session)
        ):
            return self.get_response(request)
        user: Any = request.user
        if not user.is_authenticated or not is_staff_person(user):
            return self.get_response(request)
        way = "password" if session.get(BACKEND_SESSION_KEY) == BY_PASSWORD else "code"
        audit.record("sign_in", by=None, target=user, outcome="refused", request=request, way=way)
        logout(request)
        messages.info(request, _("Staff sign in with name and password."))
        return redirect("staff_sign_in")


class StaySignedInMiddleware:
    """Extends the sessions of residents, with one write a week.

    Staff sessions keep their fixed end. Pages marked ``leaves_no_trace`` extend nothing, because the new end
    would tell when they were opened.
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
