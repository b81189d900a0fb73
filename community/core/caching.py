"""No answer is kept by a browser or a proxy unless its view says so.

Nearly every page shows something of somebody's: on a shared phone or computer the next person must not
find it by going back, or in the folder where the browser keeps files. Static files are answered before
this middleware, and are kept for long.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

NOT_KEPT = "private, no-store"


class NotKeptMiddleware:
    """Sets ``Cache-Control: private, no-store`` on every answer but those of ``same_for_everybody``."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not getattr(response, "is_same_for_everybody", False):
            response["Cache-Control"] = NOT_KEPT
        return response


def same_for_everybody(response: HttpResponseBase, how: str) -> None:
    """Let an answer be kept, by the rules of ``how``: it says the same to whoever asks, and of nobody."""
    response.is_same_for_everybody = True  # type: ignore[attr-defined]
    response["Cache-Control"] = how
