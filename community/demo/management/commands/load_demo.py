"""The demo estate: made once, into an empty database."""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from community.core import clock
from community.demo.loading import load
from community.estates.models import Estate


class Command(BaseCommand):
    help = "Load two estates with their homes, people and a year of repairs. Only with DEMO=1."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("The demo's people have public passwords: it loads with DEMO=1 only.")
        if Estate.objects.exists():
            raise CommandError("There are estates already; `make demo-reset` starts afresh.")
        began = time.monotonic()
        made = load(clock.now())
        counts = ", ".join(f"{count} {name}" for name, count in made.items())
        self.stdout.write(f"Made {counts} in {time.monotonic() - began:.1f} s")
