"""Process that creates the bills of a run, to be killed: ``python -m tests.support.biller RUN SIZE [MIDDLE]``.

With ``MIDDLE`` it kills itself in the middle of the second batch: after a statement that begins like this.
"""

import os
import signal
import sys
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "community.settings")


def main(run_pk: int, size: int, middle: str = "") -> None:
    from django.db import connection

    from services.fees import tasks
    from services.fees.billing.actions import batches

    batches.SIZE, batches.LARGEST = size, 1
    print("ready", flush=True)
    with connection.execute_wrapper(_KillsItself(middle)):
        tasks.make_bills(run_pk)


class _KillsItself:
    def __init__(self, middle: str) -> None:
        self.middle, self.times = middle, 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        done = execute(sql, params, many, context)
        if self.middle and sql.startswith(self.middle):
            self.times += 1
            if self.times == 2:
                os.kill(os.getpid(), signal.SIGKILL)
        return done


if __name__ == "__main__":
    django.setup()
    main(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
