"""Count the daily figures of a range of days anew: after a restore, or for the time before an upgrade."""

from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from community.core import clock
from community.desk import figures
from community.estates.models import Estate


class Command(BaseCommand):
    help = (
        "Count the daily figures of some days anew (who used the product is known for the last weeks only)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("first", type=_day, help="first day, as 2026-01-31")
        parser.add_argument("last", type=_day, nargs="?", help="last day; yesterday, if left out")
        parser.add_argument("--estate", help="short code of one estate; all of them, if left out")

    def handle(self, *args: Any, **options: Any) -> None:
        yesterday = clock.today(clock.now()) - timedelta(days=1)
        first, last = options["first"], min(options["last"] or yesterday, yesterday)
        if first > last:
            raise CommandError("The first day lies after the last one that is over.")
        estates = Estate.objects.all()
        if options["estate"]:
            estates = estates.filter(code=options["estate"])
            if not estates:
                raise CommandError("No estate has this code.")
        changed = sum(figures.fill(estate=estate, first=first, last=last) for estate in estates)
        self.stdout.write(f"{changed} figures are new or another, {first} to {last}.")


def _day(text: str) -> date:
    return date.fromisoformat(text)
