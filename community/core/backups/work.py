"""Making a backup, and coming back from one."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from django.core.files.storage import default_storage

from community.core.backups import archive, databases, keeping
from community.core.backups.databases import BackupFailed
from community.core.sealed_storage import SealedStorage

# Django's proxy of the one storage.
storage = cast(SealedStorage, default_storage)
PART = ".part"


def back_up(folder: Path, recipients: list[Any], *, now: datetime) -> tuple[Path, int]:
    """Writes database and private files into one encrypted file of ``folder``; returns it and the number of files.

    The database is dumped first, so that no row names a file that is missing. A backup that failed leaves nothing.
    Raises ``BackupFailed``.
    """
    if not recipients:
        raise BackupFailed(
            "BACKUP_RECIPIENTS is empty: a backup in clear is a leak. docs/operations.md says how"
        )
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = folder / keeping.name_of(now)
    being_written = target.with_name(target.name + PART)
    try:
        with _own_folder(folder) as own:
            name = databases.file_name()
            databases.dump(own / name)
            files = archive.write(being_written, (name, own / name), media(), storage.names(), recipients)
        being_written.rename(target)
    except OSError as error:
        raise BackupFailed(f"it could not be written: {error}") from error
    finally:
        being_written.unlink(missing_ok=True)
    return target, files


def forget_old(folder: Path) -> list[Path]:
    """Deletes the backups that no rule keeps; returns them."""
    gone = keeping.to_delete(keeping.all_in(folder))
    for path in gone:
        path.unlink()
    return gone


def check(path: Path, key: Any) -> int:
    """Opens a backup whole without restoring it; returns the number of its files. Raises ``BackupFailed``."""
    with _own_folder(path.parent) as own:
        return len(archive.read(path, key, own)) - 1


def restore(path: Path, key: Any, *, say: Callable[[str], Any]) -> int:
    """Puts database and files back into the empty place that the settings name; returns the number of files.

    Nothing is touched before the whole backup is unpacked and compared. Raises ``BackupFailed``, also where
    something is already: a backup never replaces what is alive.
    """
    if not databases.is_empty():
        raise BackupFailed("the database has tables already: give an empty one")
    if media().exists() and any(media().iterdir()):
        raise BackupFailed(f"{media()} has files already: give an empty folder")
    media().parent.mkdir(parents=True, exist_ok=True)
    with _own_folder(media().parent) as own:
        found = archive.read(path, key, own)
        name = databases.file_name()
        if name not in found:
            raise BackupFailed("this backup is of another kind of database: set DATABASE_URL to that kind")
        say(f"{path.name}: {len(found) - 1} files, all whole")
        databases.load(own / name)
        _put_in_place(own / archive.MEDIA.rstrip("/"))
    return len(found) - 1


def media() -> Path:
    """Returns the folder of the private files."""
    return Path(storage.location)


def _put_in_place(unpacked: Path) -> None:
    if media().exists():
        media().rmdir()
    if unpacked.exists():
        unpacked.rename(media())
    else:
        media().mkdir()


@contextmanager
def _own_folder(beside: Path) -> Iterator[Path]:
    """Yields a folder that nobody else can read, on the same disk; it is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix=".backup-", dir=beside))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
