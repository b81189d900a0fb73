"""Command that writes database and private files into one encrypted file, and deletes old ones by the rule."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from community.core import clock
from community.core.backups import archive, keeping, work
from community.core.backups.databases import BackupFailed


class Command(BaseCommand):
    help = (
        "Back up database and private files, encrypted for BACKUP_RECIPIENTS. Keeps the last of each of seven days, "
        "four weeks and twelve months."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", type=Path, default=settings.BACKUP_DIR, help="the folder (BACKUP_DIR)")
        parser.add_argument("--keep-all", action="store_true", help="delete no old backup")

    def handle(self, *args: Any, to: Path, keep_all: bool, **options: Any) -> None:
        try:
            recipients = [archive.recipient(one) for one in settings.BACKUP_RECIPIENTS]
            path, files = work.back_up(to, recipients, now=clock.now())
        except BackupFailed as error:
            raise CommandError(f"No backup was made: {error}") from error
        self.stdout.write(f"{path}: the database and {files} files, {path.stat().st_size:,} bytes")
        if not keep_all:
            for old in work.forget_old(to):
                self.stdout.write(f"{old.name}: deleted")
        self.stdout.write(f"{len(keeping.all_in(to))} backups in {to}")
