"""Shared parts of the API: problem answers (RFC 9457) and paging by key."""

from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db.models import QuerySet
from django.http import HttpRequest, JsonResponse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.exceptions import APIException, NotFound, ParseError, ValidationError
from rest_framework.filters import BaseFilterBackend
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import exception_handler

from community.core.api_bodies import TooLarge
from community.core.errors import Refusal, TooMany
from community.core.problems import PROBLEM, plain_problem
from community.core.search.filtering import search_rows


class NewestFirst(CursorPagination):
    """Paging by key, so that every page costs the same."""

    ordering = ("-created_at", "-pk")
    page_size = 20

    def decode_cursor(self, request: Request) -> Cursor | None:
        """Returns the position of a cursor. Raises ``NotFound`` for one that we did not issue."""
        cursor = super().decode_cursor(request)
        if cursor is None or cursor.position is None:
            return cursor
        try:
            is_moment = parse_datetime(str(cursor.position)) is not None
        except ValueError:
            is_moment = False
        if not is_moment:
            raise NotFound(self.invalid_cursor_message)
        return cursor


class Search(BaseFilterBackend):
    """Filter ``search`` in the address, for views with ``found_by``."""

    def filter_queryset(self, request: Any, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        return search_rows(queryset, request.query_params.get("search", ""), view.found_by)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Describes the parameter in the OpenAPI schema."""
        said = "A name or a part of it, its pinyin initials, a number or its last four digits, an address."
        return [
            {
                "name": "search",
                "in": "query",
                "required": False,
                "description": said,
                "schema": {"type": "string"},
            }
        ]


def problem_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Converts errors to ``application/problem+json``: type, title, status and the fields at fault."""
    if isinstance(error, Refusal):
        return _refused(error)
    if isinstance(error, RequestDataTooBig):
        error = TooLarge()
    elif isinstance(error, SuspiciousOperation):
        error = ParseError(_("This request cannot be read."))
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, ValidationError):
        body: dict[str, Any] = {
            "code": "invalid",
            "title": _("Please check what you entered."),
            "errors": _by_field(response.data),
        }
    else:
        code = error.get_codes() if isinstance(error, APIException) else _code(response.status_code)
        detail = response.data.get("detail", "") if isinstance(response.data, dict) else ""
        body = {"code": code, "title": str(detail)}
    return _problem(body, response.status_code, dict(response.items()))


def _by_field(errors: Any) -> dict[str, Any]:
    return errors if isinstance(errors, dict) else {"non_field_errors": errors}


def _code(number: int) -> str:
    return "not_found" if number == status.HTTP_404_NOT_FOUND else "permission_denied"


def _refused(error: Refusal) -> Response:
    body: dict[str, Any] = {"code": error.code, "title": str(error.message)}
    if error.field:
        body["errors"] = {error.field: [str(error.message)]}
    headers = {"Retry-After": str(error.retry_after)} if isinstance(error, TooMany) else {}
    return _problem(body, error.status, headers)


def _problem(body: dict[str, Any], code: int, headers: dict[str, str]) -> Response:
    headers = {name: value for name, value in headers.items() if name.lower() != "content-type"}
    full = {"type": "about:blank", "status": code, **body}
    return Response(full, status=code, headers=headers, content_type=PROBLEM)


def no_such_address(request: HttpRequest, path: str = "") -> JsonResponse:
    """Answers unknown addresses below /api/v1/ with a problem instead of a page."""
    return plain_problem(404)


PROBLEM_SCHEMA = {
    "type": "object",
    "description": "RFC 9457. `code` is for programs, `title` for people, `errors` names the fields at fault.",
    "properties": {
        "type": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "title": {"type": "string"},
        "errors": {"type": "object", "additionalProperties": {}},
    },
    "required": ["type", "status", "code", "title"],
}


def add_problems(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Adds the problem answer to every operation (hook of drf-spectacular)."""
    result["components"].setdefault("schemas", {})["Problem"] = PROBLEM_SCHEMA
    answer = {
        "description": "A problem (RFC 9457)",
        "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for operations in result["paths"].values():
        for operation in operations.values():
            if isinstance(operation, dict) and "responses" in operation:
                operation["responses"]["default"] = answer
    return result
