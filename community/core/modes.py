"""Modes of all pages: standard and large (大字版).

Views do not know the mode. It is stored in a cookie and for the person, and an address may set it
(``?mode=large``, for posters with a QR code).
"""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

STANDARD, LARGE = "standard", "large"
MODES = (STANDARD, LARGE)
COOKIE = "mode"
COOKIE_AGE = 365 * 24 * 3600
_active: ContextVar[str] = ContextVar("mode", default=STANDARD)


class ModeMiddleware:
    """Sets ``request.mode`` from the address, or large if the device or the person prefers it.

    A delegate can therefore set the large mode for a parent whose phone once chose standard.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        named = request.GET.get("mode", "")
        request.mode = named if named in MODES else _kept(request)  # type: ignore[attr-defined]
        token = _active.set(request.mode)  # type: ignore[attr-defined]
        try:
            response = self.get_response(request)
        finally:
            _active.reset(token)
        if named in MODES:
            remember(response, named)
        return response


def is_large() -> bool:
    """Whether the page that is being made is in the large mode; False outside of a request."""
    return _active.get() == LARGE


def mode_of_device(request: HttpRequest) -> str:
    """Returns the mode that the device has kept: all that is known where the person cannot be looked up."""
    return LARGE if request.COOKIES.get(COOKIE) == LARGE else STANDARD


def _kept(request: HttpRequest) -> str:
    if mode_of_device(request) == LARGE:
        return LARGE
    return LARGE if getattr(request.user, "prefers_large", False) else STANDARD


def remember(response: HttpResponseBase, mode: str) -> None:
    """Stores the mode on this device for a year."""
    response.set_cookie(
        COOKIE,
        mode,
        max_age=COOKIE_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
        httponly=True,
    )


def mode(request: HttpRequest) -> dict[str, Any]:
    """Template context processor for ``mode``."""
    return {"mode": getattr(request, "mode", STANDARD)}
