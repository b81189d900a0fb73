"""Signed in once, signed in for long: a resident who comes back is not asked again."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponseBase

from community.core import clock

WEEK = "kept_in_week"


class StaySignedInMiddleware:
    """Puts off the end of a resident's session, by one write a week.

    A staff session has an end of its own, and keeps it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        session = request.session
        if SESSION_KEY in session and "_session_expiry" not in session and session.get(WEEK) != _this_week():
            session[WEEK] = _this_week()
        return self.get_response(request)


def note_week(sender: Any, request: HttpRequest, **kwargs: Any) -> None:
    """Django says that somebody has signed in: the first page need not write the week."""
    request.session[WEEK] = _this_week()


def _this_week() -> str:
    year, week, _day = clock.now().isocalendar()
    return f"{year}-{week}"
