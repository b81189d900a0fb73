"""The two modes of every page: standard, and the 大字版 (large).

A view does not know the mode. It is kept in a cookie and on the person, and an address may
name it (``?mode=large``, for posters with a QR code).
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase

STANDARD, LARGE = "standard", "large"
MODES = (STANDARD, LARGE)
COOKIE = "mode"
COOKIE_AGE = 365 * 24 * 3600


class ModeMiddleware:
    """Sets ``request.mode``: what the address names, else large if the device or the person says so.

    So that a delegate can set the large mode for a parent whose phone once chose the other.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        named = request.GET.get("mode", "")
        request.mode = named if named in MODES else _kept(request)  # type: ignore[attr-defined]
        response = self.get_response(request)
        if named in MODES:
            remember(response, named)
        return response


def _kept(request: HttpRequest) -> str:
    if request.COOKIES.get(COOKIE) == LARGE:
        return LARGE
    return LARGE if getattr(request.user, "prefers_large", False) else STANDARD


def remember(response: HttpResponseBase, mode: str) -> None:
    """Keep the choice on this device for a year."""
    response.set_cookie(COOKIE, mode, max_age=COOKIE_AGE, samesite="Lax", httponly=True)


def mode(request: HttpRequest) -> dict[str, Any]:
    """Template context: ``mode``."""
    return {"mode": getattr(request, "mode", STANDARD)}
