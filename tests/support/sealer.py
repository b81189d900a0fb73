"""Process that seals the audit record: ``python -m tests.support.sealer [RECORDS]``.

It kills itself in the middle; with ``RECORDS`` it goes on for ever instead, and writes and seals so many
records a second.
"""

import os
import signal
import sys
import time
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "community.settings")


def die_in_the_middle() -> None:
    from django.db import connection

    from community.core import audit_seals, clock

    with connection.execute_wrapper(_kill_after_the_seal):
        audit_seals.seal_records(now=clock.now())


def _kill_after_the_seal(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    done = execute(sql, params, many, context)
    if sql.startswith('INSERT INTO "core_auditseal"'):
        os.kill(os.getpid(), signal.SIGKILL)
    return done


def seal_for_ever(records: int) -> None:
    from community.core import audit_seals, clock
    from community.core.models import AuditRecord

    while True:
        now = clock.now()
        AuditRecord.objects.bulk_create(
            AuditRecord(action="thing.done", outcome="ok", at=now) for _n in range(records)
        )
        began = time.perf_counter()
        audit_seals.seal_records(now=now)
        print(time.perf_counter() - began, flush=True)
        time.sleep(1)


if __name__ == "__main__":
    django.setup()
    if len(sys.argv) > 1:
        seal_for_ever(int(sys.argv[1]))
    die_in_the_middle()
