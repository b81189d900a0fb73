"""Rate limit for all pages that write, besides the limits of single actions."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from community.core import limits
from community.core.errors import TooMany, refused_page
from community.core.limit_table import PAGE_WRITES
from community.core.traces import is_traceless

View = TypeVar("View", bound=Callable[..., Any])


def never_refused(view: View) -> View:
    """Marks a view that no rate limit may block."""
    view.never_refused = True  # type: ignore[attr-defined]
    return view


class PageWritesMiddleware:
    """Counts forms sent by signed-in people. The API has its own limit; pages without traces are not counted."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if request.method != "POST" or is_traceless(view) or getattr(view, "never_refused", False):
            return None
        if getattr(view, "csrf_exempt", False) or not request.user.is_authenticated:
            return None
        try:
            limits.hit(PAGE_WRITES, request.user.pk)
        except TooMany as error:
            return refused_page(request, error)
        return None
