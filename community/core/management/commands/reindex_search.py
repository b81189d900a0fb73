"""Command that checks and repairs the table of search keys."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from community.core.search.keys import mend, searched_models, wrong_rows


class Command(BaseCommand):
    """Rebuilds search keys after ``BLIND_INDEX_KEY`` changed or rows were written outside the application."""

    help = "Write the keys by which people and homes are found anew where they are wrong."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="only count the rows with wrong keys")

    def handle(self, *args: Any, **options: Any) -> None:
        total = 0
        for model in searched_models():
            count = sum(1 for _row in wrong_rows(model)) if options["check"] else mend(model)
            total += count
            self.stdout.write(f"{model._meta.label}: {count}")
        if options["check"] and total:
            raise SystemExit(1)
