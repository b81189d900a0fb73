"""``manage.py translations``: compiles translations; ``--check`` lists errors, ``--missing`` entries to add."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from community.core import translations


class Command(BaseCommand):
    help = "Merge the parts of the translation into django.mo; no gettext tools are needed."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="list what is missing or wrong, and fail")
        parser.add_argument("--missing", action="store_true", help="print the missing entries, to paste")

    def handle(self, *args: Any, check: bool, missing: bool, **options: Any) -> None:
        if missing:
            self.stdout.write(translations.skeleton())
            return
        count = translations.compile_all()
        self.stdout.write(f"{count} entries compiled")
        if check:
            self._check()

    def _check(self) -> None:
        problems = translations.problems()
        for problem in problems:
            self.stderr.write(problem)
        if problems:
            raise CommandError(f"{len(problems)} problems in the translations")
        self.stdout.write("The translation is complete")
