"""Middleware that records refusals and the reading of people's files by staff, and knows each request's address."""

import logging
import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import DatabaseError, models
from django.http import HttpRequest, HttpResponseBase

from accounts.policies import is_staff_person
from community.core import audit, limits
from community.core.limit_table import FILE_READ
from community.core.traces import is_traceless
from community.core.virus_scan import findings_of

logger = logging.getLogger(__name__)
# A thumbnail stands on lists; it is the whole picture whose reading is recorded.
NOT_RECORDED = "small"
ARGUMENT = re.compile(r"<[^>]*>")


class AuditMiddleware:
    """Records refusals of pages and of the API, and reads of people's files by staff.

    Records that actions write get the request's address. Pages that leave no trace leave none here.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with audit.address_known(request):
            answer = self.get_response(request)
            found = request.resolver_match
            if found is not None and not is_traceless(found.func):
                try:
                    _record(request, answer)
                except DatabaseError:
                    # The answer is made: that nobody can write it down must not take it away.
                    logger.exception("audit: an answer could not be recorded")
        return answer

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        if is_traceless(view):
            audit.forget_address()


def _record(request: HttpRequest, answer: HttpResponseBase) -> None:
    for name in findings_of(request):
        _record_failure(request, "virus_found", "refused", finding=name[:100])
    if outcome := _refusal(request, answer):
        _record_refusal(request, outcome)
    elif row := getattr(answer, "file_of", None):
        _record_read(request, row)


def _refusal(request: HttpRequest, answer: HttpResponseBase) -> str:
    """Returns the outcome of a refused request; "" if it was not refused.

    An address that names a row is refused to whoever is signed in and may not see the row, if there is one.
    What strangers are refused is not recorded, but for wrong tokens, whose number is limited: it would let
    anybody make the database write.
    """
    if answer.status_code == 401 and "Authorization" in request.headers:
        return "refused"
    is_missing = answer.status_code == 404 or getattr(answer, "is_missing", False)
    if (answer.status_code != 403 and not is_missing) or not request.user.is_authenticated:
        return ""
    if answer.status_code == 403:
        return "refused"
    return "not_found" if request.resolver_match and request.resolver_match.kwargs else ""


def _record_refusal(request: HttpRequest, outcome: str) -> None:
    found = request.resolver_match
    assert found is not None
    # The route and the keys in it, never the address itself: some addresses are secrets.
    keys = [str(value) for value in found.kwargs.values() if isinstance(value, (int, UUID))]
    _record_failure(request, "page_asked", outcome, keys=keys)


def _record_failure(request: HttpRequest, action: str, outcome: str, **detail: Any) -> None:
    assert request.resolver_match is not None
    page = _page_of(request.resolver_match.route)
    audit.record_failure(action, outcome=outcome, by=request.user, request=request, page=page, **detail)


def _page_of(route: str) -> str:
    """Returns a route as an auditor reads it: ``repairs/<int:pk>/`` → ``/repairs/…/``."""
    return "/" + ARGUMENT.sub("…", route)[:200]


def _record_read(request: HttpRequest, row: models.Model) -> None:
    user: Any = request.user
    found = request.resolver_match
    is_thumbnail = found is not None and found.kwargs.get("size") == NOT_RECORDED
    if is_thumbnail or not user.is_authenticated or not is_staff_person(user):
        return
    if limits.is_first(FILE_READ, f"{user.pk}:{row._meta.label_lower}:{row.pk}"):
        audit.record("file_read", by=user, target=row, estate_id=getattr(row, "estate_id", None))
