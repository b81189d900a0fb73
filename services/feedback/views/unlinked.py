"""Pages on which nobody is anybody: what is written there must lead back to no one."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.debug import sensitive_post_parameters

from community.core.traces import leaves_no_trace

View = Callable[..., HttpResponseBase]


def unlinked(view: View) -> View:
    """Forgets who is signed in before the view begins, so that neither it nor the page can record it.

    Nothing of the page stays on the device either: it may be the family's.
    """

    @wraps(view)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        request.user = AnonymousUser()
        return view(request, *args, **kwargs)

    return untold(opened)


def untold(view: View) -> View:
    """Where nobody knows yet whether it will be with a name: neither kept nor logged nor in a report."""

    @sensitive_post_parameters()
    @wraps(view)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, *args, **kwargs)

    return leaves_no_trace(opened)
