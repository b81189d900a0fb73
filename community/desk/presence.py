"""Records that a person used the product today in a mode: a row a person, day and mode, nothing else."""

import logging
from collections.abc import Callable
from datetime import date
from threading import Lock
from typing import Any

from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponseBase

from community.core import clock
from community.core.modes import LARGE, STANDARD
from community.core.services import declared
from community.desk.models import Presence

logger = logging.getLogger(__name__)

# Addresses requested by pages themselves or by programs, which are not counted as use. Services add their
# pages without traces.
NOT_COUNTED = (
    "/api/",
    "/live/",
    "/static/",
    "/media/",
    "/inbox/list/",
    "/inbox/count/",
    "/notices/urgent/",
)


class _Known:
    """People whom this process has recorded today, so that a day's second page costs nothing."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._day: date | None = None
        self._people: set[tuple[int, str]] = set()

    def is_new(self, day: date, person: int, mode: str) -> bool:
        with self._lock:
            if self._day != day:
                self._day, self._people = day, set()
            if (person, mode) in self._people:
                return False
            self._people.add((person, mode))
            return True

    def forget(self) -> None:
        with self._lock:
            self._people = set()


known = _Known()


class PresenceMiddleware:
    """Writes a person down at the first page of the day in a mode, after the page is made."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        user: Any = getattr(request, "user", None)
        if user is not None and user.is_authenticated and _counts(request):
            _write_down(user.pk, LARGE if getattr(request, "mode", "") == LARGE else STANDARD)
        return response


def _counts(request: HttpRequest) -> bool:
    hidden = tuple(path for service in declared() for path in service.unrecorded_paths)
    return not request.path.startswith(NOT_COUNTED + hidden) and not request.path.endswith("/live/")


def _write_down(person: int, mode: str) -> None:
    """A page never fails, and never waits twice, because somebody could not be counted."""
    today = clock.today(clock.now())
    if not known.is_new(today, person, mode):
        return
    try:
        with transaction.atomic():
            Presence.objects.bulk_create(
                [Presence(user_id=person, day=today, mode=mode)], ignore_conflicts=True
            )
    except DatabaseError as error:
        logger.warning("presence: somebody could not be counted: %r", error)
