"""Errors raised by actions, and how pages show them."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _


class Refusal(Exception):
    """Base of all refusals of actions; ``message`` tells the person why and what to do.

    ``code`` is for programs (the API repeats it); ``field`` names the input at fault, if any. Catch
    ``ActionError`` to show a refusal in a form; ``Forbidden`` then goes on to its own page.
    """

    status = 409

    def __init__(self, code: str, message: str | Promise, *, field: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.field = field


class ActionError(Refusal):
    """Raised when an action is impossible in the present state or with this input."""


class Forbidden(Refusal):
    """Raised when the person may see the row but may not take this action."""

    status = 403

    def __init__(self, message: str | Promise = _("You are not allowed to do this.")) -> None:
        super().__init__("forbidden", message)


def show_refusal(form: Any, refusal: Refusal) -> None:
    """Shows a refusal in a form: at the input at fault, or above the form if it has no such input."""
    form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal.message))


class TooMany(ActionError):
    """Raised when a limit is reached; ``retry_after`` in seconds, ``phone`` is the number to call instead, if
    known.
    """

    status = 429

    def __init__(self, message: str | Promise, *, retry_after: int, phone: str = "") -> None:
        super().__init__("too_many", message)
        self.retry_after = retry_after
        self.phone = phone


class RefusalMiddleware:
    """Shows the refusal of an action on the page that the person came from; nothing was written."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, Refusal):
            return None
        back = request.headers.get("Referer", "")
        can_return = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
        request.is_refused = True  # type: ignore[attr-defined]
        if request.method == "POST" and error.status == 409 and can_return:
            messages.error(request, str(error.message))
            return redirect(back)
        return refused_page(request, error)


def refused_page(request: HttpRequest, error: Refusal) -> HttpResponse:
    """Returns a page with the reason and the number to call."""
    context = {"message": error.message, "phone": getattr(error, "phone", "")}
    return as_refused(render(request, "refused.html", context, status=error.status), error)


Answer = TypeVar("Answer", bound=HttpResponseBase)


def as_refused(response: Answer, error: Refusal | None) -> Answer:
    """Sets status 429 and ``Retry-After`` on a form page if a limit refused it."""
    if isinstance(error, TooMany):
        response.status_code = error.status
        response["Retry-After"] = str(error.retry_after)
    return response
