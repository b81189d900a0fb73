"""Sessions of staff lock after half an hour in which nobody was there; the second factor opens them again.

An open page locks by itself (``static/js/lock.js``) and lets its alarm sound on; without a script the next request
meets the lock. People who work on their own phones have none: their session ends with their shift.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from accounts.interrupted_forms import page_of_form, set_aside
from accounts.models import User
from accounts.staff_session import NEVER_LOCKS, STAFF_SESSION
from community.core import clock
from community.core.locked import is_open_while_locked
from community.core.traces import is_traceless

SEEN, LOCKED = "seen_at", "locked"
# Seconds between two notes that somebody is there.
NOTED_EACH = 60


class IdleLockMiddleware:
    """Notes that somebody is there, and answers a locked session with the page that opens it again."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        if not locks(request) or is_open_while_locked(view):
            return None
        now = clock.now()
        if is_locked(request, now):
            return _to_lock(request)
        is_background = "X-Live-Number" in request.headers
        if not is_background and not is_traceless(view):
            note_seen(request, now)
        return None


def locks(request: HttpRequest) -> bool:
    """Whether this is a session that locks."""
    session = request.session
    return bool(session.get(STAFF_SESSION)) and not session.get(NEVER_LOCKS)


def is_locked(request: HttpRequest, now: datetime) -> bool:
    """Whether the session is locked: by its page, or because nobody was there for half an hour."""
    session = request.session
    seen = session.get(SEEN, now.timestamp())
    return bool(session.get(LOCKED)) or now.timestamp() - seen > settings.STAFF_IDLE_SECONDS


def note_seen(request: HttpRequest, now: datetime) -> None:
    """Notes that somebody is there, at most once a minute."""
    if now.timestamp() - request.session.get(SEEN, 0) >= NOTED_EACH:
        request.session[SEEN] = round(now.timestamp())


def lock(request: HttpRequest) -> None:
    """Locks the session on every page."""
    request.session[LOCKED] = True


def unlock(request: HttpRequest, now: datetime) -> None:
    """Opens the session again; the second factor was given just now."""
    request.session.pop(LOCKED, None)
    request.session[SEEN] = round(now.timestamp())


def _to_lock(request: HttpRequest) -> HttpResponseBase:
    """Leads to the page that asks for the factor; what is typed is kept, and a part of a page waits."""
    if "X-Live-Number" in request.headers:
        return HttpResponse(status=423)
    page = request.get_full_path()
    if request.method not in ("GET", "HEAD"):
        page = page_of_form(request)
        if isinstance(request.user, User):
            set_aside(request, request.user, page)
        request.is_refused = True  # type: ignore[attr-defined]
    return redirect(reverse("staff_factor_again") + "?" + urlencode({"next": page}))
