"""The pages that are shown when one broke, or takes no such request."""

import errno
import logging
import sys
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import render
from django.template import loader

from accounts.models import User
from community.core.modes import mode_of_device
from community.desk.context import frame_of
from community.desk.start import nav

logger = logging.getLogger(__name__)
API = "/api/"
FULL = (errno.ENOSPC, errno.EDQUOT)
TRY_AGAIN_SECONDS = 10


def server_error(request: HttpRequest) -> HttpResponse:
    """Renders the page in the person's mode, without context processors: the database may be broken.

    503, with what to do meanwhile, if the database is out of reach or the disk is full; 500 for an error of ours.
    Staff in their area keep their menu, where it can be made.
    """
    if _is_out_of_reach(sys.exception()):
        return _render(request, "500.html", 503, {"is_away": True})
    try:
        menu = _menu(request)
    except Exception:  # this page is the last thing that may break
        logger.exception("the page of an error has no menu")
        menu = {}
    return _render(request, "500_staff.html" if menu else "500.html", 500, menu)


def _render(request: HttpRequest, template: str, status: int, context: dict[str, Any]) -> HttpResponse:
    mode = getattr(request, "mode", None) or mode_of_device(request)
    known = {"mode": mode, "hotline": settings.HOTLINE}
    page = HttpResponse(loader.get_template(template).render(known | context), status=status)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        page["Retry-After"] = str(TRY_AGAIN_SECONDS)
    return page


def _is_out_of_reach(error: BaseException | None) -> bool:
    """Whether the database cannot be reached, or a disk is full: nothing was saved, and it passes."""
    if isinstance(error, OSError):
        return error.errno in FULL
    return isinstance(error, OperationalError | InterfaceError)


def _menu(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    if not isinstance(user, User) and not getattr(user, "is_authenticated", False):
        return {}
    assert user is not None
    if frame_of(request.path, user)[0] != "base_staff.html":  # type: ignore[arg-type]
        return {}
    entries = nav(request, user)  # type: ignore[arg-type]
    return {"staff_nav": entries, "staff_waiting": sum(entry.count for entry in entries)}


class NotAllowedMiddleware:
    """Gives a page to whoever opens an address that only takes what a form sends."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = self.get_response(request)
        is_bare = isinstance(answer, HttpResponseNotAllowed) and not answer.content
        if not is_bare or request.path.startswith(API):
            return answer
        page = render(request, "405.html", status=405)
        page["Allow"] = answer["Allow"]
        return page
