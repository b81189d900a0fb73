"""``manage.py prepare_demo``: the part of ``make demo`` that needs the apps; does what is not done yet."""

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from community.core import translations
from community.demo.merchants import enter_merchants


class Command(BaseCommand):
    help = "Translations, database, demo estate, static files: whatever is missing. `make demo` calls it."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("This prepares the demo only; please use `make demo`.")
        if translations.compile_if_stale():
            self._say("Compiled the translations")
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self._say("Migrating the database")
            call_command("migrate", interactive=False, verbosity=0)
        if not get_user_model().objects.exists():
            self._say("Loading the demo estate (once; it takes a little)")
            # Whole or not at all: a start that is broken off must not leave half an estate.
            with transaction.atomic():
                call_command("load_demo")
        enter_merchants()
        self._say("Collecting the style sheets, scripts and pictures")
        call_command("collectstatic", interactive=False, verbosity=0)

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
