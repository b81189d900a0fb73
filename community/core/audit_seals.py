"""Seals of the audit record: each batch of records has a digest that includes the digest before it.

Keys come from a sequence, so a record with a lower key may be committed after one with a higher key, and a
rolled-back transaction leaves its key unused. A seal therefore names the exact keys of its records, and the
keys that it still waits for: a later seal takes the records that have come by then. After ``LATEST`` no
transaction is open any longer, and a record with such a key was added by somebody else.

The digest is a plain hash, not one with a key: a key on the same machine would not stop those who can alter
the tables, would have to outlive every change of keys, and would keep the auditor from checking without it.
What stops a new calculation of the whole chain is its head, which leaves the machine every minute
(``community/core/audit_heads.py``).
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import reduce
from typing import Any, NamedTuple

from cryptography.hazmat.primitives import hashes
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q

from community.core.models import AuditRecord, AuditSeal

# Part of every digest: a later form of records or seals gets another name.
FORM = "linli-audit-1"
HASHES: dict[str, type[hashes.HashAlgorithm]] = {"sha256": hashes.SHA256, "sm3": hashes.SM3}
FIELDS = ("pk", "action", "actor_id", "target", "estate_id_number", "outcome", "address", "detail", "at")
MARK_BYTES = 8
BATCH = 2000
RANGES_AT_ONCE = 100
LATEST = timedelta(days=1)

# Keys from the first to the last, both included.
Run = tuple[int, int]
Row = tuple[Any, ...]


class Digests(NamedTuple):
    """The digest of a batch, and the beginnings of the digests of its records."""

    batch: str
    marks: bytes


def seal_records(*, now: datetime) -> int:
    """Seals all records that no seal has yet; returns their number.

    Each batch is one transaction. A task that runs at the same time, or was killed, changes nothing of this.
    """
    sealed = 0
    while count := _seal_batch(now):
        sealed += count
    return sealed


def _seal_batch(now: datetime) -> int:
    try:
        with transaction.atomic():
            last = AuditSeal.objects.first()
            rows = _unsealed(last)
            if not rows:
                return 0
            next_seal(last, rows, now).save(force_insert=True)
            return len(rows)
    except IntegrityError:
        # Another task has made the seal of this number, with these records.
        return 0


def next_seal(last: AuditSeal | None, rows: Sequence[Row], now: datetime) -> AuditSeal:
    """Returns the seal of these records, ordered by key, that follows ``last``; it is not stored."""
    name = settings.AUDIT_HASH
    digests = digests_of(rows, name)
    up_to = max(last.up_to if last else 0, rows[-1][0])
    seal = AuditSeal(
        number=last.number + 1 if last else 1,
        at=now,
        hash_name=name,
        runs=[list(run) for run in runs_of(row[0] for row in rows)],
        awaited=_awaited(last, rows, now),
        up_to=up_to,
        count=len(rows),
        marks=digests.marks,
        rows_digest=digests.batch,
        previous=last.digest if last else "",
    )
    seal.digest = digest_of(seal)
    return seal


def _unsealed(last: AuditSeal | None) -> list[Row]:
    """Returns the records that were awaited and have come, and the next new ones, ordered by key."""
    records = AuditRecord.objects.order_by("pk").values_list(*FIELDS)
    awaited = [(first, end) for first, end, _until in last.awaited] if last else []
    late = [row for some in chunks(awaited) for row in records.filter(in_runs(some))]
    return late + list(records.filter(pk__gt=last.up_to if last else 0)[:BATCH])


def _awaited(last: AuditSeal | None, rows: Sequence[Row], now: datetime) -> list[list[Any]]:
    """Returns the keys that no record has and a transaction may still commit, with the end of that time.

    The record after the gap was written after the gap's key was drawn, so its time says how old the gap is.
    """
    taken = list(runs_of(row[0] for row in rows))
    gaps = [(first, end, until) for first, end, until in last.awaited] if last else []
    before = last.up_to if last else 0
    for row in rows:
        if row[0] > before + 1:
            gaps.append((before + 1, row[0] - 1, (row[8] + LATEST).astimezone(UTC).isoformat()))
        before = max(before, row[0])
    return [
        [*run, until]
        for first, end, until in gaps
        if datetime.fromisoformat(until) >= now
        for run in without([(first, end)], taken)
    ]


def digests_of(rows: Iterable[Row], hash_name: str) -> Digests:
    """Returns the digests of records given as ``FIELDS`` in the order of their keys."""
    whole, marks = _hash(hash_name), bytearray()
    for row in rows:
        one = _hash(hash_name, _packed(_readable(row)))
        digest = one.finalize()
        whole.update(digest)
        marks += digest[:MARK_BYTES]
    return Digests(whole.finalize().hex(), bytes(marks))


def digest_of(seal: AuditSeal) -> str:
    """Returns the digest of a seal: of all its fields, the digest before it among them."""
    told = [
        seal.number,
        _moment(seal.at),
        seal.hash_name,
        seal.runs,
        seal.awaited,
        seal.up_to,
        seal.count,
        bytes(seal.marks).hex(),
        seal.rows_digest,
        seal.previous,
    ]
    return _hash(seal.hash_name, _packed(told)).finalize().hex()


def _readable(row: Row) -> list[Any]:
    return [FORM, *row[:8], _moment(row[8])]


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _packed(what: Any) -> bytes:
    return json.dumps(what, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _hash(name: str, content: bytes = b"") -> hashes.Hash:
    digest = hashes.Hash(HASHES[name]())
    digest.update(content)
    return digest


def runs_of(keys: Iterable[int]) -> Iterator[Run]:
    """Joins ascending keys to runs: 3, 4, 5, 9 → (3, 5), (9, 9)."""
    first = last = None
    for key in keys:
        if first is None or last is None:
            first = key
        elif key != last + 1:
            yield first, last
            first = key
        last = key
    if first is not None and last is not None:
        yield first, last


def without(runs: Sequence[Run], taken: Sequence[Run]) -> list[Run]:
    """Returns what is left of runs without the keys of others; both are ascending."""
    left: list[Run] = []
    for first, last in runs:
        for other_first, other_last in taken:
            if other_last < first:
                continue
            if other_first > last:
                break
            if other_first > first:
                left.append((first, other_first - 1))
            first = other_last + 1
        if first <= last:
            left.append((first, last))
    return left


def in_runs(runs: Sequence[Run]) -> Q:
    """Returns the condition that a key is in one of the runs, of which there must be one at least."""
    return reduce(lambda one, other: one | other, (Q(pk__range=run) for run in runs))


def chunks(runs: Sequence[Run]) -> Iterator[Sequence[Run]]:
    """Splits runs for conditions that both databases read."""
    for start in range(0, len(runs), RANGES_AT_ONCE):
        yield runs[start : start + RANGES_AT_ONCE]
