"""Checks that the audit record is as it was sealed: nothing missing, altered or added."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

from community.core.audit_heads import Head
from community.core.audit_seals import (
    FIELDS,
    HASHES,
    MARK_BYTES,
    Run,
    chunks,
    digest_of,
    digests_of,
    in_runs,
    runs_of,
    without,
)
from community.core.models import AuditCheck, AuditRecord, AuditSeal, SealSent
from community.core.triggers import wrong_triggers

AT_ONCE = 1000
# A record is sealed within a minute; the rest is for a busy worker.
SEALED_AFTER = timedelta(minutes=10)


def problems(*, now: datetime, heads: Iterable[Head] = ()) -> Iterator[str]:
    """Returns what is wrong, a sentence each: triggers, seals and their records, then the heads.

    Reads the record batch by batch, so it needs the memory of one, however long the record is.
    """
    yield from wrong_triggers()
    yield from _wrong_seals(now)
    yield from _wrong_heads(heads)


def note_check(*, found: int, now: datetime) -> AuditCheck:
    """Stores that the record was checked, for the auditor's page."""
    last = AuditSeal.objects.values_list("number", flat=True).first()
    return AuditCheck.objects.create(at=now, seals=last or 0, problems=found)


def _wrong_seals(now: datetime) -> Iterator[str]:
    last: AuditSeal | None = None
    for seal in AuditSeal.objects.order_by("number").iterator(chunk_size=20):
        yield from _wrong_link(last, seal)
        yield from _wrong_records(seal)
        yield from _added(last, seal)
        last = seal
    yield from _unsealed(last, now)
    for place, number in SealSent.objects.values_list("place", "number"):
        if number > (last.number if last else 0):
            yield f"Seal {number} was sent to {place} and is missing."


def _wrong_link(last: AuditSeal | None, seal: AuditSeal) -> Iterator[str]:
    number = last.number + 1 if last else 1
    if seal.number > number:
        yield f"Missing: {_seals(number, seal.number - 1)}."
    elif seal.previous != (last.digest if last else ""):
        yield f"Seal {seal.number} does not continue the seal before it."
    if seal.hash_name not in HASHES or digest_of(seal) != seal.digest:
        yield f"Seal {seal.number} was altered."


def _wrong_records(seal: AuditSeal) -> Iterator[str]:
    """Compares the records of a seal with its digests; names those that are missing or altered."""
    if seal.hash_name not in HASHES:
        return
    runs: list[Run] = [(first, last) for first, last in seal.runs]
    rows = [
        row
        for some in chunks(runs)
        for row in AuditRecord.objects.filter(in_runs(some)).order_by("pk").values_list(*FIELDS)
    ]
    digests = digests_of(rows, seal.hash_name)
    if digests.batch == seal.rows_digest:
        return
    there = {row[0] for row in rows}
    sealed = [key for first, last in runs for key in range(first, last + 1)]
    marks = dict(zip(sealed, _marks(bytes(seal.marks)), strict=False))
    found = zip((row[0] for row in rows), _marks(digests.marks), strict=True)
    missing = [key for key in sealed if key not in there]
    altered = [key for key, mark in found if marks.get(key) != mark]
    for run in runs_of(missing):
        yield f"Missing: {_records(run)}, of seal {seal.number}."
    for run in runs_of(altered):
        yield f"Altered: {_records(run)}, of seal {seal.number}."
    if not missing and not altered:
        yield f"The records of seal {seal.number} are not those that were sealed."


def _marks(packed: bytes) -> Iterator[bytes]:
    return (packed[start : start + MARK_BYTES] for start in range(0, len(packed), MARK_BYTES))


def _added(last: AuditSeal | None, seal: AuditSeal) -> Iterator[str]:
    """Finds records with keys that this seal and those before it leave out and no longer wait for."""
    before = last.up_to if last else 0
    open_runs = [(first, end) for first, end, _until in last.awaited] if last else []
    if seal.up_to > before:
        open_runs.append((before + 1, seal.up_to))
    taken = sorted([*map(tuple, seal.runs), *((first, end) for first, end, _until in seal.awaited)])
    yield from _in_no_seal(without(open_runs, taken))


def _in_no_seal(runs: list[Run]) -> Iterator[str]:
    for some in chunks(runs):
        found = AuditRecord.objects.filter(in_runs(some)).order_by("pk").values_list("pk", flat=True)
        for run in runs_of(found.iterator()):
            yield f"Added afterwards: {_records(run)}, in no seal."


def _unsealed(last: AuditSeal | None, now: datetime) -> Iterator[str]:
    late = AuditRecord.objects.filter(at__lt=now - SEALED_AFTER).order_by("pk").values_list("pk", flat=True)
    awaited = [(first, end) for first, end, _until in last.awaited] if last else []
    for some in chunks(awaited):
        for run in runs_of(late.filter(in_runs(some)).iterator()):
            yield f"Not sealed for {_minutes()} minutes: {_records(run)}."
    for run in runs_of(late.filter(pk__gt=last.up_to if last else 0).iterator()):
        yield f"Not sealed for {_minutes()} minutes: {_records(run)}."


def _wrong_heads(heads: Iterable[Head]) -> Iterator[str]:
    left = iter(heads)
    while some := list(islice(left, AT_ONCE)):
        numbers = [head.number for head in some]
        stored = dict(AuditSeal.objects.filter(number__in=numbers).values_list("number", "digest"))
        for head in some:
            if head.number not in stored:
                yield f"Seal {head.number} is in the heads and missing here."
            elif stored[head.number] != head.digest:
                yield f"Seal {head.number} is another than the one in the heads."


def _records(run: Run) -> str:
    return f"record {run[0]}" if run[0] == run[1] else f"records {run[0]}–{run[1]}"


def _seals(first: int, last: int) -> str:
    return f"seal {first}" if first == last else f"seals {first}–{last}"


def _minutes() -> int:
    return int(SEALED_AFTER.total_seconds()) // 60
