"""What every part of the API shares: problem answers (RFC 9457) and paging by key."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.response import Response
from rest_framework.views import exception_handler

from community.core.errors import ActionError, TooMany


class NewestFirst(CursorPagination):
    """Lists page by key: the thousandth page costs what the first does."""

    ordering = ("-created_at", "-pk")
    page_size = 20


def problem_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Every refusal as ``application/problem+json``: type, title, status, and the fields at fault."""
    if isinstance(error, ActionError):
        return _refused(error)
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, ValidationError):
        body = {"code": "invalid", "title": _("Please check what you entered."), "errors": response.data}
    else:
        code = error.get_codes() if isinstance(error, APIException) else "not_found"
        detail = response.data.get("detail", "") if isinstance(response.data, dict) else ""
        body = {"code": code, "title": str(detail)}
    return _problem(body, response.status_code, dict(response.items()))


def _refused(error: ActionError) -> Response:
    body: dict[str, Any] = {"code": error.code, "title": str(error.message)}
    if error.field:
        body["errors"] = {error.field: [str(error.message)]}
    headers = {"Retry-After": str(error.retry_after)} if isinstance(error, TooMany) else {}
    return _problem(body, error.status, headers)


def _problem(body: dict[str, Any], code: int, headers: dict[str, str]) -> Response:
    headers = {name: value for name, value in headers.items() if name.lower() != "content-type"}
    full = {"type": "about:blank", "status": code, **body}
    return Response(
        full,
        status=code or status.HTTP_400_BAD_REQUEST,
        headers=headers,
        content_type="application/problem+json",
    )
