"""Command that puts a backup back into an empty place, or only looks whether it could."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from community.core.backups import archive, work
from community.core.backups.databases import BackupFailed


class Command(BaseCommand):
    help = "Restore a backup into an empty database and an empty folder; run migrate afterwards."
    # The database is empty: nothing can be checked yet.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("backup", type=Path)
        parser.add_argument("--key", type=Path, required=True, help="the file with the private key of age")
        parser.add_argument("--check", action="store_true", help="only open it and compare its files")

    def handle(self, *args: Any, backup: Path, key: Path, check: bool, **options: Any) -> None:
        try:
            private = archive.identity(key.read_text())
            if check:
                self.stdout.write(
                    f"{backup.name}: the database and {work.check(backup, private)} files, all whole"
                )
                return
            files = work.restore(backup, private, say=self.stdout.write)
        except (BackupFailed, OSError) as error:
            raise CommandError(f"Nothing was restored: {error}") from error
        self.stdout.write(f"Restored: the database and {files} files. Now: manage.py migrate")
