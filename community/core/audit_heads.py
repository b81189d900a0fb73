"""Digests of seals leave the machine: to a file, such as one on a mounted disk of another, and to syslog.

Whoever can alter the database can also calculate the chain anew. They cannot take back what other machines
have been told: ``manage.py check_audit --heads FILE`` compares.
"""

import fcntl
import logging
import os
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from logging.handlers import SysLogHandler
from pathlib import Path
from typing import NamedTuple, NoReturn
from urllib.parse import urlsplit

from django.conf import settings

from community.core.models import AuditSeal, SealSent

logger = logging.getLogger(__name__)
AT_ONCE = 500
SYSLOG_PORT = 514
LINE = re.compile(r"linli-audit seal=(\d+) .*\bdigest=([0-9a-f]{32,128})\b")


class Head(NamedTuple):
    """Number and digest of a seal."""

    number: int
    digest: str


def send_heads(*, now: datetime) -> int:
    """Sends the digests that have not reached each place of ``AUDIT_HEADS`` yet; returns how many it sent.

    A place that cannot be reached is tried again with the next call. A digest may be sent twice, and is never
    left out: the number is stored when the place has it.
    """
    return sum(_send_to(place, now) for place in settings.AUDIT_HEADS)


def _send_to(place: str, now: datetime) -> int:
    SealSent.objects.get_or_create(place=place, defaults={"number": 0, "at": now})
    sent = 0
    while True:
        done = SealSent.objects.values_list("number", flat=True).get(place=place)
        seals = AuditSeal.objects.filter(number__gt=done).order_by("number").defer("marks", "runs", "awaited")
        lines = {seal.number: line_of(seal) for seal in seals[:AT_ONCE]}
        if not lines:
            return sent
        try:
            _write(place, lines.values())
        except OSError as error:
            logger.error("audit: heads do not reach %s: %s", place, error)
            return sent
        last = max(lines)
        SealSent.objects.filter(place=place, number__lt=last).update(number=last, at=now)
        sent += len(lines)


def line_of(seal: AuditSeal) -> str:
    """Returns what is said of a seal: number, time, records, hash and digest, nothing of a person."""
    at = seal.at.astimezone(UTC).isoformat(timespec="seconds")
    return f"linli-audit seal={seal.number} at={at} records={seal.count} hash={seal.hash_name} digest={seal.digest}"


def heads_in(lines: Iterable[str]) -> Iterator[Head]:
    """Returns the heads in lines of such a file, or of a log of syslog with other lines among them."""
    for line in lines:
        if found := LINE.search(line):
            yield Head(int(found[1]), found[2])


def _write(place: str, lines: Iterable[str]) -> None:
    """Raises ``OSError`` if the place does not take them."""
    if place.startswith("syslog:"):
        _write_to_syslog(place, lines)
        return
    with Path(place).open("a", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.writelines(f"{line}\n" for line in lines)
        file.flush()
        os.fsync(file.fileno())


class _Syslog(SysLogHandler):
    def handleError(self, record: logging.LogRecord) -> NoReturn:  # noqa: N802  (a method of logging)
        """Raises the error, which the library would only print."""
        raise  # noqa: PLE0704  (called while it is handled)


def _write_to_syslog(place: str, lines: Iterable[str]) -> None:
    where = urlsplit(place)
    address = (where.hostname, where.port or SYSLOG_PORT) if where.hostname else where.path
    handler = _Syslog(address=address, facility=SysLogHandler.LOG_AUTHPRIV)
    handler.append_nul = False
    try:
        for line in lines:
            handler.emit(logging.LogRecord("audit", logging.INFO, "", 0, line, None, None))
    finally:
        handler.close()
