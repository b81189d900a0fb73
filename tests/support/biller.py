"""Process that creates the bills of a run, to be killed: ``python -m tests.support.biller RUN SIZE``."""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "community.settings")


def main(run_pk: int, size: int) -> None:
    from services.fees import tasks
    from services.fees.actions import batches

    batches.SIZE = size
    print("ready", flush=True)
    tasks.make_bills(run_pk)


if __name__ == "__main__":
    django.setup()
    main(int(sys.argv[1]), int(sys.argv[2]))
