"""Imports of spreadsheets: stored, read and checked in the background, written after a confirmation, and
undone.
"""

import json
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import translation
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from community.core import audit, background, clock, sealed_files
from community.core.errors import Forbidden
from community.core.spreadsheets import SheetRefused, read_sheets, refusal_of
from community.core.sweeps import sweep_rows
from community.core.transitions import AlreadyMoved, move, record_first_status
from community.estates.import_results import preview, refusal, wrong_rows
from community.estates.import_undo import Journal, blocking_references, undo
from community.estates.imports import MAX_ROWS, Plan, SheetImport, WriteRefused
from community.estates.models import Estate, ImportRun, SheetWord
from community.estates.policies import may_import
from community.estates.sheets.columns import normal_heading
from community.estates.sheets.questions import YES, read_days, row_questions, table_questions
from community.estates.sheets.table import Table, find_table

logger = logging.getLogger(__name__)
Status = ImportRun.Status
CARRY_ON = "community.estates.tasks.carry_on_import"
# A run without progress for this long was interrupted, or its task was lost from the queue.
STANDS_STILL = timedelta(minutes=5)
LOST_IN_THE_QUEUE = timedelta(minutes=1)
MAX_ATTEMPTS = 3
# How long unfinished runs, values for undoing and the list of imports are kept.
KEPT = timedelta(days=1)
UNDOABLE = timedelta(days=90)
LISTED = timedelta(days=365)
PROGRESS_EVERY = 200
PROGRESS_SECONDS = 3600


@dataclass(frozen=True)
class Upload:
    content: bytes
    name: str = ""
    # Typed beside the file.
    answers: dict[str, Any] = field(default_factory=dict)


def start_import(
    *, estate: Estate, kind: str, upload: Upload, by: Any, address: str | None, now: datetime
) -> ImportRun:
    """Stores a file and queues reading it; unfinished imports of the same person are deleted.

    ``address`` is the IP address for the audit record. Raises ``Forbidden``.
    """
    if not may_import(by, kind, estate.pk):
        raise Forbidden
    chosen_before = ImportRun.objects.visible_to(by).filter(kind=kind)
    for earlier in chosen_before.exclude(status__in=[Status.WRITING, *ImportRun.FINISHED]):
        forget_import(run=earlier)
    stored = sealed_files.keep(upload.content)
    with transaction.atomic():
        run = ImportRun.objects.create(
            estate=estate,
            kind=kind,
            started_by=by,
            language=translation.get_language() or "zh-hans",
            address=address,
            file_name=upload.name,
            answers=upload.answers,
            stored=stored,
            status_changed_at=now,
            created_at=now,
        )
        record_first_status(run, by=by, now=now)
        transaction.on_commit(lambda: background.queue(CARRY_ON, [(run.pk,)]))
    return run


def answer_import(*, run: ImportRun, answers: dict[str, Any], by: Any, now: datetime) -> None:
    """Stores the answers to questions about the sheet and checks its rows again.

    Changes nothing while the sheet is being read. Raises ``Forbidden`` for another person's import and
    ``AlreadyMoved``.
    """
    _must_be_own(run, by)
    if run.status == Status.READING:
        return
    both = {**run.answers, **answers}
    for group in ("buildings", "same"):
        both[group] = {**run.answers.get(group, {}), **answers.get(group, {})}
    both["ask_columns"] = bool(answers.get("ask_columns"))
    _queue_step(run, Status.READING, by=by, now=now, answers=both, outcome="")


def confirm_import(*, run: ImportRun, answers: dict[str, Any], by: Any, now: datetime) -> None:
    """Confirms the import with the choices of the confirmation page. Repeating it changes nothing.

    Raises ``Forbidden`` for another person's import and ``AlreadyMoved``.
    """
    _must_be_own(run, by)
    if run.status in {Status.WRITING, *ImportRun.FINISHED}:
        return
    _queue_step(run, Status.WRITING, by=by, now=now, answers={**run.answers, **answers})


def undo_import(*, run: ImportRun, by: Any, address: str | None, now: datetime) -> None:
    """Queues undoing a whole import, possible while no other row depends on it. Repeating it changes nothing.

    Anyone with the right to import this kind into the estate may. Raises ``Forbidden`` and ``AlreadyMoved``.
    """
    if not may_import(by, run.kind, run.estate_id):
        raise Forbidden
    if run.status in {Status.UNDOING, Status.UNDONE}:
        return
    if not run.can_be_undone:
        raise AlreadyMoved
    _queue_step(run, Status.UNDOING, by=by, now=now, address=address)


def _must_be_own(run: ImportRun, by: Any) -> None:
    if run.started_by_id != by.pk or not may_import(by, run.kind, run.estate_id):
        raise Forbidden


def _queue_step(run: ImportRun, status: str, *, by: Any, now: datetime, **changes: Any) -> None:
    with transaction.atomic():
        move(run, status, by=by, now=now, attempts=0, progressed_at=None, **changes)
        transaction.on_commit(lambda: background.queue(CARRY_ON, [(run.pk,)]))


def forget_import(*, run: ImportRun) -> None:
    """Deletes a run with its file and rows."""
    run.delete()
    sealed_files.discard(run.stored)


def continue_import(*, run: ImportRun, now: datetime) -> None:
    """Takes the next step of a run: reading, writing or undoing.

    Only one worker takes a step at a time, and after a crash nothing is done twice. Errors end the run as
    failed. Raises ``AlreadyMoved`` if another worker ended a failing run meanwhile.
    """
    free = Q(progressed_at=None) | Q(progressed_at__lt=now - STANDS_STILL)
    waiting = ImportRun.objects.working().filter(free, pk=run.pk, status=run.status)
    if not waiting.update(attempts=F("attempts") + 1, progressed_at=now):
        return
    steps = {Status.READING: _read, Status.WRITING: _write, Status.UNDOING: _undo}
    try:
        with translation.override(run.language):
            steps[Status(run.status)](run)
    except AlreadyMoved:
        logger.info("estates: import %s was ended by another", run.pk)
    except Exception:
        logger.exception("estates: import %s broke off", run.pk)
        _give_up(run, now=clock.now())


@dataclass
class _Checked:
    """Result of checking a sheet: questions, wrong rows or the plans to write."""

    status: str
    outcome: dict[str, Any]
    importer: SheetImport | None = None
    plans: list[Plan] | None = None


def _read(run: ImportRun) -> None:
    """Reads and checks the sheet. Writes no rows meanwhile, so that no other writer waits."""
    changes: dict[str, Any] = {"stored": "", "rows": ""}
    try:
        if run.stored:
            sheets = read_sheets(BytesIO(sealed_files.read(run.stored)), most_rows=MAX_ROWS)
        else:
            sheets = json.loads(run.rows)
        checked = _check(run, sheets)
    except SheetRefused as refused:
        checked = _Checked(Status.WRONG, refusal(refused))
    else:
        if checked.status != Status.WRONG:
            changes["rows"] = json.dumps(sheets) if run.stored else run.rows
    stored = run.stored
    move(run, checked.status, by=None, now=clock.now(), outcome=json.dumps(checked.outcome), **changes)
    sealed_files.discard(stored)


def _write(run: ImportRun) -> None:
    try:
        with transaction.atomic():
            checked = _check(run, json.loads(run.rows))
            if checked.importer is not None and checked.plans is not None:
                _write_rows(run, checked, checked.importer, checked.plans)
                return
        outcome = checked.outcome if "wrong" in checked.outcome else {}
    except WriteRefused as refused:
        outcome = wrong_rows([(refused.row, refused.error)], refused.columns)
    except IntegrityError:
        # The row was entered by another request at the same moment.
        outcome = {}
    run.status = Status.WRITING
    outcome |= {"changed_meanwhile": True}
    move(run, Status.WRONG, by=None, now=clock.now(), rows="", outcome=json.dumps(outcome))


def _write_rows(run: ImportRun, checked: _Checked, importer: SheetImport, plans: list[Plan]) -> None:
    journal = Journal()
    importer.write(plans, journal)
    totals = checked.outcome["totals"]
    _remember(run)
    audit.record(
        f"import.{run.kind}", by=run.started_by, estate_id=run.estate_id, address=run.address, **totals
    )
    kept = "" if journal.is_empty else json.dumps(asdict(journal))
    changes: dict[str, Any] = {"rows": "", "journal": kept, "written_at": importer.now}
    move(run, Status.DONE, by=None, now=clock.now(), outcome=json.dumps({"totals": totals}), **changes)


def _check(run: ImportRun, sheets: list[dict[str, Any]]) -> _Checked:
    """Checks the sheet. Raises ``SheetRefused`` for a sheet that is too large."""
    for sheet in sheets:
        if sheet["refused"] and (sheet["lies_open"] or all(one["refused"] for one in sheets)):
            raise refusal_of(sheet, most_rows=MAX_ROWS)
    importer = _importer(run)
    table = find_table(sheets, importer.columns, run.answers, _known(run, SheetWord.Group.COLUMN))
    if asked := table_questions(table, importer.columns):
        return _Checked(Status.ASKING, {"questions": asked})
    if len(table.rows) > MAX_ROWS:
        return _Checked(
            Status.WRONG,
            {"said": [_("More than %(count)d rows. Please split the file.") % {"count": MAX_ROWS}]},
        )
    if not table.rows and not table.hidden:
        return _Checked(Status.WRONG, {"said": [_("There is no row below the headings.")]})
    importer.prepare(table.rows)
    if asked := row_questions(table, importer.columns, importer.places, run.answers):
        return _Checked(Status.ASKING, {"questions": asked})
    if run.answers.get("days") == YES:
        read_days(table, importer.columns)
    return _planned(run, importer, table)


def _planned(run: ImportRun, importer: SheetImport, table: Table) -> _Checked:
    importer.on_row = _progress(run, len(table.rows))
    plans, wrong = importer.plans(table.rows)
    if wrong:
        return _Checked(Status.WRONG, wrong_rows(wrong, importer.columns))
    return _Checked(Status.READY, preview(importer, table, plans), importer, plans)


def _importer(run: ImportRun, *, by: Any = None) -> SheetImport:
    office: Any = admin.site.get_model_admin(apps.get_model(run.kind))
    known = _known(run, SheetWord.Group.BUILDING)
    importer: SheetImport = office.sheet_import(
        run.estate, by=by or run.started_by, answers=run.answers, known=known, now=clock.now()
    )
    return importer


def _known(run: ImportRun, group: str) -> dict[str, str]:
    kind = run.kind if group == SheetWord.Group.COLUMN else ""
    words = SheetWord.objects.filter(estate=run.estate_id, group=group, kind=kind)
    return dict(words.values_list("written", "meant"))


def _remember(run: ImportRun) -> None:
    """Stores the answers for the estate's next sheets."""
    groups, answers = SheetWord.Group, run.answers
    chosen, headings = answers.get("columns", {}), answers.get("headings", {})
    words = {
        (groups.COLUMN, run.kind, normal_heading(headings[at])): key
        for at, key in chosen.items()
        if at in headings
    }
    same = answers.get("buildings", {}).items()
    words |= {(groups.BUILDING, "", written): meant for written, meant in same if meant}
    for (group, kind, written), meant in words.items():
        if written:
            SheetWord.objects.update_or_create(
                estate=run.estate,
                group=group,
                kind=kind,
                written=written[:60],
                defaults={"meant": meant[:60]},
            )


# -- Undoing


def _undo(run: ImportRun) -> None:
    journal = Journal(**json.loads(run.journal))
    by = run.history.filter(to_status=Status.UNDOING).latest("pk").actor
    try:
        with transaction.atomic():
            importer = _importer(run, by=by)
            reasons = [
                *importer.reasons_not_to_undo(journal, run.written_at or run.created_at),
                *blocking_references(journal),
            ]
            if not reasons:
                undo(journal)
                importer.after_undo(journal)
                counts: dict[str, Any] = {
                    "deleted": sum(map(len, journal.created.values())),
                    "restored": len(journal.updated),
                }
                audit.record(
                    f"import_undone.{run.kind}",
                    by=by,
                    target=run,
                    estate_id=run.estate_id,
                    address=run.address,
                    **counts,
                )
                move(run, Status.UNDONE, by=by, now=clock.now(), journal="")
    except IntegrityError:
        reasons = [_("Something that was entered at this very moment")]
    if reasons:
        _keep_import(run, reasons)


def _keep_import(run: ImportRun, reasons: list[str]) -> None:
    outcome = json.loads(run.outcome) | {"reasons": reasons}
    run.status = Status.UNDOING
    move(run, Status.DONE, by=None, now=clock.now(), outcome=json.dumps(outcome))


# -- Progress and interrupted runs


def _progress(run: ImportRun, total: int) -> Callable[[int], None]:
    """Returns a callback that stores the progress in the cache, since the transaction is not visible yet."""

    def at(number: int) -> None:
        if number % PROGRESS_EVERY == 1:
            try:
                cache.set(_progress_key(run), (number, total), PROGRESS_SECONDS)
            except (RedisError, OSError):
                return

    return at


def progress_of(run: ImportRun) -> tuple[int, int] | None:
    """Returns (rows checked, rows in all); None before the first."""
    try:
        known: tuple[int, int] | None = cache.get(_progress_key(run))
    except (RedisError, OSError):
        return None
    return known


def _progress_key(run: ImportRun) -> str:
    return f"import:{run.pk}:{run.status}"


def _give_up(run: ImportRun, *, now: datetime) -> None:
    if run.status == Status.UNDOING:
        with translation.override(run.language):
            _keep_import(run, [_("It was broken off, and everything is as it was.")])
        return
    stored = run.stored
    move(run, Status.FAILED, by=None, now=now, stored="", rows="", outcome="")
    sealed_files.discard(stored)


def sweep_imports(*, now: datetime) -> int:
    """Resumes interrupted runs, fails those interrupted repeatedly and deletes old ones; returns how many it
    resumed or failed.
    """
    unfinished = ~Q(status__in=ImportRun.FINISHED) & Q(created_at__lt=now - KEPT)
    old = ImportRun.objects.filter(unfinished | Q(created_at__lt=now - LISTED))
    sweep_rows(old, lambda run: forget_import(run=run), failing="estates: import %s could not be deleted")
    ImportRun.objects.filter(status=Status.DONE, created_at__lt=now - UNDOABLE).update(journal="")
    lost = Q(progressed_at=None, status_changed_at__lt=now - LOST_IN_THE_QUEUE)
    cut_off = ImportRun.objects.working().filter(lost | Q(progressed_at__lt=now - STANDS_STILL))
    return sweep_rows(
        cut_off.select_related("estate", "started_by")[:20],
        lambda run: _resume(run, now),
        failing="estates: import %s could not be gone on with",
    )


def _resume(run: ImportRun, now: datetime) -> int:
    if run.attempts >= MAX_ATTEMPTS:
        _give_up(run, now=now)
    else:
        background.queue(CARRY_ON, [(run.pk,)])
    return 1
