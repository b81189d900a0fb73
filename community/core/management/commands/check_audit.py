"""``manage.py check_audit [--heads FILE]``: checks the audit record, its seals and the triggers."""

import sys
from argparse import ArgumentParser, FileType
from typing import Any

from django.core.management.base import BaseCommand

from community.core import audit_check, clock
from community.core.audit_heads import heads_in

MAX_SHOWN = 1000


class Command(BaseCommand):
    help = "Print what is missing, altered or added in the audit record; exit with 1 if anything is."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--heads",
            type=FileType(encoding="utf-8", errors="replace"),
            help="file or log with the digests that were sent off the machine",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        heads = heads_in(options["heads"] or ())
        found = 0
        for problem in audit_check.problems(now=clock.now(), heads=heads):
            found += 1
            if found <= MAX_SHOWN:
                self.stdout.write(problem)
        check = audit_check.note_check(found=found, now=clock.now())
        if found:
            self.stderr.write(f"{found} problems")
            sys.exit(1)
        self.stdout.write(f"{check.seals} seals, all records as they were sealed")
