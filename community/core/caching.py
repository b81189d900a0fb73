"""Forbids browsers and proxies to cache an answer unless its view allows it.

Nearly every page shows personal data: on a shared device the next person must not find it by going back or in
the browser's cache. Static files are served before this middleware and cached for long.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

NOT_KEPT = "private, no-store"


class NotKeptMiddleware:
    """Sets ``Cache-Control: private, no-store`` on every answer without ``same_for_everybody``."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not getattr(response, "is_same_for_everybody", False):
            response["Cache-Control"] = NOT_KEPT
        return response


def same_for_everybody(response: HttpResponseBase, how: str) -> None:
    """Allows caching by the rules in ``how``, for answers that are equal for all and contain no personal
    data.
    """
    response.is_same_for_everybody = True  # type: ignore[attr-defined]
    response["Cache-Control"] = how
