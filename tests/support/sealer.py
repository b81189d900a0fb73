"""Process that seals the audit record and kills itself in the middle: ``python -m tests.support.sealer``."""

import os
import signal
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "community.settings")


def main() -> None:
    from django.db import connection

    from community.core import audit_seals, clock

    with connection.execute_wrapper(_kill_after_the_seal):
        audit_seals.seal_records(now=clock.now())


def _kill_after_the_seal(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    done = execute(sql, params, many, context)
    if sql.startswith('INSERT INTO "core_auditseal"'):
        os.kill(os.getpid(), signal.SIGKILL)
    return done


if __name__ == "__main__":
    django.setup()
    main()
