"""Problem answers (RFC 9457) for errors below ``/api/`` that Django answers itself."""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import override

PROBLEM = "application/problem+json"
BELOW = "/api/"


class ProblemMiddleware:
    """Answers errors below ``/api/`` as problems where no API view did: CSRF, host, address, crash.

    Must be the outermost middleware, since inner ones answer errors too.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        is_error = response.status_code >= 400 and request.path_info.startswith(BELOW)
        if not is_error or response.get("Content-Type", "").startswith(PROBLEM):
            return response
        with override(getattr(request, "LANGUAGE_CODE", settings.LANGUAGE_CODE)):
            problem = plain_problem(response.status_code)
        for name, value in response.items():
            if name not in ("Content-Type", "Content-Length"):
                problem[name] = value
        problem.cookies = response.cookies
        return problem


def plain_problem(code: int) -> JsonResponse:
    """Returns a problem for a status."""
    said = {
        400: ("bad_request", _("This request cannot be read.")),
        403: ("permission_denied", _("You are not allowed to do this.")),
        404: ("not_found", _("There is no such address.")),
        405: ("method_not_allowed", _("This cannot be done at this address.")),
        413: ("too_large", _("This is too large to be read.")),
        503: ("unavailable", _("The pages cannot be reached for a moment.")),
        500: ("error", _("Something went wrong on our side. Nothing was lost; please try again.")),
    }
    name, title = said.get(code, (HTTPStatus(code).name.lower(), HTTPStatus(code).phrase))
    body = {"type": "about:blank", "status": code, "code": name, "title": title}
    return JsonResponse(body, status=code, content_type=PROBLEM)
