"""Sheets that are imported: kept, read and checked in the background, written after a yes."""

import json
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.auth import get_permission_codename
from django.core.cache import cache
from django.db import transaction
from django.db.models import F, Q
from django.utils import translation
from redis.exceptions import RedisError
from tablib import Dataset

from community.core import audit, background, clock, sealed_files
from community.core.errors import Forbidden
from community.core.rounds import go_round
from community.core.search.keys import written_together
from community.core.spreadsheets import SheetRefused, native, read_sheet
from community.core.transitions import AlreadyMoved, begin, move
from community.estates.imports import MOST_ROWS, SheetImport
from community.estates.models import Estate, ImportRun
from community.estates.outcomes import outcome_of, refusal

logger = logging.getLogger(__name__)
Status = ImportRun.Status
CARRY_ON = "community.estates.tasks.carry_on_import"
# A run on which nothing moves for so long was cut off, or its task was lost with the queue.
STANDS_STILL = timedelta(minutes=5)
LOST_IN_THE_QUEUE = timedelta(minutes=1)
MOST_ATTEMPTS = 3
KEPT = timedelta(days=1)
PROGRESS_EVERY = 200
PROGRESS_SECONDS = 3600


def may_import(user: Any, kind: str, estate_id: int) -> bool:
    """Whether this person may write rows of this kind into this estate's lists by a sheet."""
    if user.is_superuser:
        return bool(user.is_active)
    meta = apps.get_model(kind)._meta
    return bool(user.has_perm(f"{meta.app_label}.{get_permission_codename('import', meta)}", estate_id))


def start_import(
    *, estate: Estate, kind: str, content: bytes, by: Any, address: str | None, now: datetime
) -> ImportRun:
    """Keep a file and have it read; what the same person had chosen before is forgotten."""
    if not may_import(by, kind, estate.pk):
        raise Forbidden
    for earlier in ImportRun.objects.visible_to(by).filter(kind=kind).exclude(status=Status.WRITING):
        forget_import(run=earlier)
    stored = sealed_files.keep(content)
    with transaction.atomic():
        run = ImportRun.objects.create(
            estate=estate,
            kind=kind,
            started_by=by,
            language=translation.get_language() or "zh-hans",
            address=address,
            stored=stored,
            status_changed_at=now,
            created_at=now,
        )
        begin(run, by=by, now=now)
        transaction.on_commit(lambda: background.queue(CARRY_ON, [(run.pk,)]))
    return run


def confirm_import(*, run: ImportRun, answers: dict[str, Any], by: Any, now: datetime) -> None:
    """The yes, with what was chosen beside it; pressed twice it writes once."""
    if run.started_by_id != by.pk or not may_import(by, run.kind, run.estate_id):
        raise Forbidden
    if run.status in {Status.WRITING, Status.DONE}:
        return
    with transaction.atomic():
        move(run, Status.WRITING, by=by, now=now, attempts=0, progressed_at=None, answers=answers)
        transaction.on_commit(lambda: background.queue(CARRY_ON, [(run.pk,)]))


def forget_import(*, run: ImportRun) -> None:
    """Delete a run, its file and its rows."""
    run.delete()
    sealed_files.discard(run.stored)


def carry_on(*, run: ImportRun, now: datetime) -> None:
    """Read and check, or write. Begun again after a kill it writes nothing twice; only one works at a time."""
    free = Q(progressed_at=None) | Q(progressed_at__lt=now - STANDS_STILL)
    waiting = ImportRun.objects.working().filter(free, pk=run.pk, status=run.status)
    if not waiting.update(attempts=F("attempts") + 1, progressed_at=now):
        return
    try:
        with translation.override(run.language):
            (_read if run.status == Status.READING else _write)(run)
    except AlreadyMoved:
        logger.info("estates: import %s was ended by another", run.pk)
    except Exception:
        logger.exception("estates: import %s broke off", run.pk)
        _give_up(run, now=clock.now())


def _read(run: ImportRun) -> None:
    changes: dict[str, Any] = {"stored": ""}
    try:
        rows = read_sheet(BytesIO(sealed_files.read(run.stored)), most_rows=MOST_ROWS)
    except SheetRefused as refused:
        is_good, outcome = False, refusal(refused)
    else:
        result = _gone_through(run, rows, dry_run=True)
        is_good, outcome = outcome_of(result, rows)
        if is_good:
            changes["rows"] = json.dumps(rows)
    stored = run.stored
    status = Status.READY if is_good else Status.WRONG
    move(run, status, by=None, now=clock.now(), outcome=json.dumps(outcome), **changes)
    sealed_files.discard(stored)


def _write(run: ImportRun) -> None:
    rows = json.loads(run.rows)
    with transaction.atomic():
        result = _gone_through(run, rows, dry_run=False)
        is_good, outcome = outcome_of(result, rows)
        now = clock.now()
        if is_good:
            detail = {kind: count for kind, count in result.totals.items() if count}
            audit.record(
                f"import.{run.kind}",
                by=run.started_by,
                estate_id=run.estate_id,
                address=run.address,
                **detail,
            )
        status = Status.DONE if is_good else Status.WRONG
        totals = {"totals": outcome["totals"]} if is_good else outcome | {"changed_meanwhile": True}
        move(run, status, by=None, now=now, rows="", outcome=json.dumps(totals))


def _gone_through(run: ImportRun, rows: list[list[Any]], *, dry_run: bool) -> Any:
    """import_export's result. Whatever is wrong with one row, no row is written."""
    office: Any = admin.site.get_model_admin(apps.get_model(run.kind))
    resource: SheetImport = office.import_resource_classes[0](estate=run.estate, **run.answers)
    resource.on_row = _progress(run, len(rows) - 1)
    headers, *below = (native(row) for row in rows)
    with written_together():
        return resource.import_data(
            Dataset(*below, headers=headers),
            dry_run=dry_run,
            raise_errors=False,
            use_transactions=True,
            rollback_on_validation_errors=True,
            user=run.started_by,
        )


def _progress(run: ImportRun, total: int) -> Callable[[int], None]:
    """Told through the cache: the transaction in which the rows are gone through shows nothing yet."""

    def at(number: int) -> None:
        if number % PROGRESS_EVERY == 1:
            try:
                cache.set(_progress_key(run), (number, total), PROGRESS_SECONDS)
            except (RedisError, OSError):
                return

    return at


def progress_of(run: ImportRun) -> tuple[int, int] | None:
    """Rows gone through, and rows in all; None before the first one."""
    try:
        known: tuple[int, int] | None = cache.get(_progress_key(run))
    except (RedisError, OSError):
        return None
    return known


def _progress_key(run: ImportRun) -> str:
    return f"import:{run.pk}:{run.status}"


def _give_up(run: ImportRun, *, now: datetime) -> None:
    stored = run.stored
    move(run, Status.FAILED, by=None, now=now, stored="", rows="", outcome="")
    sealed_files.discard(stored)


def sweep_imports(*, now: datetime) -> int:
    """Begin again what was cut off, give up what is cut off again and again, delete what is a day old."""
    old = ImportRun.objects.filter(created_at__lt=now - KEPT)
    go_round(old, lambda run: forget_import(run=run), failing="estates: import %s could not be deleted")
    lost = Q(progressed_at=None, status_changed_at__lt=now - LOST_IN_THE_QUEUE)
    cut_off = ImportRun.objects.working().filter(lost | Q(progressed_at__lt=now - STANDS_STILL))
    return go_round(
        cut_off.select_related("estate", "started_by")[:20],
        lambda run: _again(run, now),
        failing="estates: import %s could not be gone on with",
    )


def _again(run: ImportRun, now: datetime) -> int:
    if run.attempts >= MOST_ATTEMPTS:
        _give_up(run, now=now)
    else:
        background.queue(CARRY_ON, [(run.pk,)])
    return 1
