"""Long exports: requested on a page, made in the background by the page's own view, kept for a day."""

import logging
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Q
from django.http import Http404, HttpRequest, QueryDict
from django.urls import resolve
from django.utils import translation

from community.core import background, clock, sealed_files
from community.core.errors import Refusal
from community.core.models import ExportFile
from community.core.sweeps import sweep_rows
from community.core.transitions import AlreadyMoved, move, record_first_status

logger = logging.getLogger(__name__)
Status = ExportFile.Status
MAKE = "community.core.tasks.make_export"
# An export without progress for this long was interrupted, or its task was lost from the queue.
STANDS_STILL = timedelta(minutes=5)
LOST_IN_THE_QUEUE = timedelta(minutes=1)
MAX_ATTEMPTS = 3
KEPT = timedelta(days=1)


def may_download_export(user: Any, export: ExportFile) -> bool:
    """Whether the user still has the export right in every estate of the export's rows.

    A copy of the user's own data needs no right.
    """
    if not user.is_active or export.asked_by_id != user.pk:
        return False
    if export.is_own_data:
        return True
    if user.administration:
        return bool(user.has_perm(export.right))
    return bool(export.estates) and all(user.has_perm(export.right, estate) for estate in export.estates)


def request_export(*, page: str, by: Any, now: datetime, **what: Any) -> ExportFile:
    """Queues making the sheet that ``page`` answers with; returns the export already waiting for the page, if
    any.
    """
    for under_way in ExportFile.objects.visible_to(by).waiting():
        if under_way.page == page:
            return under_way
    with transaction.atomic():
        export = ExportFile.objects.create(
            page=page,
            asked_by=by,
            language=translation.get_language() or "zh-hans",
            status_changed_at=now,
            created_at=now,
            **what,
        )
        record_first_status(export, by=by, now=now)
        transaction.on_commit(lambda: background.queue(MAKE, [(export.pk,)]))
    return export


def note_progress(*, export: ExportFile, done: int, now: datetime) -> None:
    """Stores how many rows of the export are written."""
    ExportFile.objects.filter(pk=export.pk).update(done=done, progressed_at=now)


def make_export(*, pk: int, now: datetime) -> None:
    """Makes one export unless another worker does: requests the page as the person did, rights included.

    Errors end the export as failed. Raises ``AlreadyMoved`` if another worker ended a failing export
    meanwhile.
    """
    free = Q(progressed_at=None) | Q(progressed_at__lt=now - STANDS_STILL)
    waiting = ExportFile.objects.waiting().filter(free, pk=pk)
    if not waiting.update(attempts=F("attempts") + 1, progressed_at=now):
        return
    export = ExportFile.objects.select_related("asked_by").get(pk=pk)
    stored = ""
    try:
        stored = sealed_files.keep(_render_export(export))
        move(export, Status.READY, by=None, now=clock.now(), stored=stored, done=export.total)
    except AlreadyMoved:
        sealed_files.discard(stored)
    except (Refusal, PermissionDenied, Http404):
        _give_up(export, now=clock.now())
    except Exception:
        logger.exception("core: export %s broke off", pk)
        _give_up(export, now=clock.now())


def _render_export(export: ExportFile) -> bytes:
    """Returns the page's answer to the same person; with ``export_file`` set, it is the sheet itself."""
    if not may_download_export(export.asked_by, export):
        raise PermissionDenied
    address = urlsplit(export.page)
    request = HttpRequest()
    request.method = "GET"
    request.path = request.path_info = address.path
    request.GET = QueryDict(address.query)  # type: ignore[assignment]
    request.META = {
        "REMOTE_ADDR": export.address or "",
        "QUERY_STRING": address.query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "443",
    }
    request.user = export.asked_by
    request.export_file = export  # type: ignore[attr-defined]
    match = request.resolver_match = resolve(address.path)
    with translation.override(export.language):
        answer = match.func(request, *match.args, **match.kwargs)
    if answer.status_code != 200:
        raise PermissionDenied
    return bytes(answer.content)


def _give_up(export: ExportFile, *, now: datetime) -> None:
    move(export, Status.FAILED, by=None, now=now)


def forget_export(*, export: ExportFile) -> None:
    """Deletes an export and its file."""
    export.delete()
    sealed_files.discard(export.stored)


def sweep_exports(*, now: datetime) -> int:
    """Resumes interrupted exports, fails those interrupted repeatedly and deletes those older than a day.

    Returns how many it resumed or failed.
    """
    old = ExportFile.objects.filter(created_at__lt=now - KEPT)
    sweep_rows(
        old, lambda export: forget_export(export=export), failing="core: export %s could not be deleted"
    )
    lost = Q(progressed_at=None, created_at__lt=now - LOST_IN_THE_QUEUE)
    cut_off = ExportFile.objects.waiting().filter(lost | Q(progressed_at__lt=now - STANDS_STILL))
    return sweep_rows(
        cut_off[:20], lambda export: _resume(export, now), failing="core: export %s could not be gone on with"
    )


def _resume(export: ExportFile, now: datetime) -> int:
    if export.attempts >= MAX_ATTEMPTS:
        _give_up(export, now=now)
    else:
        background.queue(MAKE, [(export.pk,)])
    return 1
