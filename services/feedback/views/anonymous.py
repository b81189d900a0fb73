"""Decorators of pages that must not link the content to a person."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.debug import sensitive_post_parameters

from community.core.traces import leaves_no_trace

View = Callable[..., HttpResponseBase]


def anonymous_page(view: View) -> View:
    """Signs the user out for this request, so that neither the view nor the page can record them.

    The browser stores nothing of the page either: the device may be the family's.
    """

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        request.user = AnonymousUser()
        return view(request, *args, **kwargs)

    return unrecorded_page(wrapper)


def unrecorded_page(view: View) -> View:
    """Keeps the page out of caches, logs and error reports: the writer may still choose to stay anonymous."""

    @sensitive_post_parameters()
    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, *args, **kwargs)

    return leaves_no_trace(wrapper)
