"""``manage.py demo``: the whole product on one machine, by one command."""

import os
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from community.demo.processes import AlreadyRunning
from community.demo.runner import CannotStart, Runner, shorten_socket_path


class Command(BaseCommand):
    help = "Run the demo estate: Valkey, pages, live updates and background work, until Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))
        parser.add_argument("--reset", action="store_true", help="throw the demo's data away first")

    def handle(self, *args: Any, port: int, reset: bool, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("This runs the demo only: DEMO=1 python manage.py demo, or make demo.")
        try:
            shorten_socket_path()
            Runner(port=port, say=self._say).run(afresh=reset)
        except (CannotStart, AlreadyRunning) as problem:
            raise CommandError(str(problem)) from problem

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
