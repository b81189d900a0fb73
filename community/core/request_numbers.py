"""A number for each request, in its answer, in every line of the log that it causes, and in its tasks.

Pages without traces get none: a line of a later task would else say when somebody without a name was there.
"""

import re
from collections.abc import Callable
from secrets import token_hex
from typing import Any

from celery.signals import before_task_publish, task_postrun, task_prerun
from django.http import HttpRequest, HttpResponseBase
from django.urls import Resolver404, resolve

from community.core.logs import request_number
from community.core.traces import is_traceless

HEADER = "X-Request-ID"
# The form of a number that a proxy in front may hand on; never words.
GIVEN = re.compile(r"[0-9a-f-]{8,64}")


class RequestNumberMiddleware:
    """Gives each request its number, the proxy's if it brings one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if _leaves_none(request):
            return self.get_response(request)
        given = request.headers.get(HEADER, "")
        number = given if GIVEN.fullmatch(given) else token_hex(8)
        token = request_number.set(number)
        try:
            response = self.get_response(request)
        finally:
            request_number.reset(token)
        response.headers[HEADER] = number
        return response


def _leaves_none(request: HttpRequest) -> bool:
    try:
        return is_traceless(resolve(request.path_info).func)
    except Resolver404:
        return False


@before_task_publish.connect
def send_along(headers: dict[str, Any] | None = None, **kwargs: Any) -> None:
    """Writes the number into the headers of a task that is queued."""
    if headers is not None and request_number.get():
        headers["request_number"] = request_number.get()


@task_prerun.connect
def take_up(task: Any = None, **kwargs: Any) -> None:
    """Sets the number of the request that has queued the task."""
    request_number.set(str(getattr(getattr(task, "request", None), "request_number", None) or ""))


@task_postrun.connect
def put_down(**kwargs: Any) -> None:
    """Forgets it again."""
    request_number.set("")
