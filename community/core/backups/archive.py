"""The file of a backup: a tar of database and files with a digest of each, encrypted as a stream by age."""

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

import pyrage

from community.core.backups.databases import BackupFailed

MANIFEST, MEDIA = "manifest.json", "media/"
VERSION = 1
CHUNK = 1 << 20
# Errors of the libraries for a wrong key, a cut file and an altered byte.
UNREADABLE = (pyrage.DecryptError, OSError, tarfile.TarError, EOFError)


class _Digesting(io.RawIOBase):
    """Reads a file and adds up its digest on the way."""

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.digest, self.length = file, hashlib.sha256(), 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        found = self.file.read(len(buffer))
        buffer[: len(found)] = found
        self.digest.update(found)
        self.length += len(found)
        return len(found)


def recipient(text: str) -> Any:
    """Returns the public key that ``text`` names (``age1…``). Raises ``BackupFailed``."""
    try:
        return pyrage.x25519.Recipient.from_str(text.strip())
    except pyrage.RecipientError as error:
        raise BackupFailed(f"{text[:12]}… is no public key of age: it begins with age1 ({error})") from error


def identity(text: str) -> Any:
    """Returns the private key in ``text``, the content of a key file of age. Raises ``BackupFailed``."""
    lines = [line.strip() for line in text.splitlines() if line.startswith("AGE-SECRET-KEY-")]
    try:
        return pyrage.x25519.Identity.from_str(lines[0])
    except (IndexError, pyrage.IdentityError) as error:
        raise BackupFailed("the key file has no line AGE-SECRET-KEY-…") from error


def write(
    path: Path, database: tuple[str, Path], media: Path, names: Iterator[str], recipients: list[Any]
) -> int:
    """Writes the archive to ``path``; returns the number of files besides the database.

    ``database`` is the name in the archive and the file, ``names`` those below the folder ``media``. A file that
    was deleted meanwhile is left out: the database, dumped before, names it at most in a row that is gone too.
    """
    digests: dict[str, str] = {}

    def fill(stream: BinaryIO) -> None:
        with tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT) as archive:
            _add(archive, database[0], database[1], digests)
            for name in names:
                try:
                    _add(archive, MEDIA + name, media / name, digests)
                except FileNotFoundError:
                    continue
            said = json.dumps({"version": VERSION, "sha256": digests}).encode()
            info = tarfile.TarInfo(MANIFEST)
            info.size = len(said)
            archive.addfile(info, io.BytesIO(said))

    with path.open("xb") as target:
        os.fchmod(target.fileno(), 0o600)
        _through(fill, lambda stream: pyrage.encrypt_io(stream, target, recipients))
        target.flush()
        os.fsync(target.fileno())
    return len(digests) - 1


def read(path: Path, key: Any, into: Path) -> dict[str, str]:
    """Unpacks an archive into the empty folder ``into``; returns the digests by name.

    Raises ``BackupFailed`` for another key, a file that was cut or altered, and one that is not whole: what was
    unpacked until then is not to be used.
    """
    found: dict[str, str] = {}
    said: dict[str, Any] = {}

    def empty(stream: BinaryIO) -> None:
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            for member in archive:
                content = archive.extractfile(member) if member.isreg() else None
                if content is None:
                    raise BackupFailed(f"{member.name} is no file")
                if member.name == MANIFEST:
                    said.update(json.loads(content.read()))
                else:
                    found[member.name] = _unpack(content, into / _plain(member.name))
        while stream.read(CHUNK):
            pass

    try:
        with path.open("rb") as source:
            _through(lambda stream: pyrage.decrypt_io(source, stream, [key]), empty)
    except UNREADABLE as error:
        raise BackupFailed(f"{path.name} cannot be opened: another key, or damaged ({error})") from error
    if said.get("version") != VERSION or said.get("sha256") != found:
        raise BackupFailed(f"{path.name} is not whole: its list of files and its files differ")
    return found


def _add(archive: tarfile.TarFile, name: str, path: Path, digests: dict[str, str]) -> None:
    with path.open("rb") as file:
        info = tarfile.TarInfo(name)
        stat = os.fstat(file.fileno())
        info.size, info.mtime = stat.st_size, int(stat.st_mtime)
        digesting = _Digesting(cast(BinaryIO, file))
        archive.addfile(info, cast(BinaryIO, io.BufferedReader(digesting, CHUNK)))
        digests[name] = digesting.digest.hexdigest()


def _plain(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        raise BackupFailed(f"{name} leads out of the folder")
    return path


def _unpack(content: Any, path: Path) -> str:
    digest = hashlib.sha256()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        while chunk := content.read(CHUNK):
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()


def _through(write_to: Callable[[BinaryIO], Any], read_from: Callable[[BinaryIO], Any]) -> None:
    """Runs both at the two ends of a pipe; raises what the reader raises, else what the writer does."""
    reading, writing = os.pipe()

    def fill() -> None:
        with _closing(writing, "wb") as stream:
            write_to(stream)

    with ThreadPoolExecutor(1) as pool:
        filled = pool.submit(fill)
        try:
            with _closing(reading, "rb") as stream:
                read_from(stream)
        except BaseException:
            # A writer whose reader has gone fails by that: its own reason, if it had one, comes first.
            reason = filled.exception()
            if reason is not None and not isinstance(reason, BrokenPipeError):
                raise reason from None
            raise
        filled.result()


@contextmanager
def _closing(descriptor: int, mode: str) -> Iterator[BinaryIO]:
    with os.fdopen(descriptor, mode, buffering=CHUNK) as stream:
        yield cast(BinaryIO, stream)
