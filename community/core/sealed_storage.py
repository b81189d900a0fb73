"""Storage of private files, which are encrypted one chunk after another.

A file begins with a line that names the format, key and cipher, then 16 random bytes that name the file, then
chunks of 64 KiB, each with its nonce and tag. Each chunk is bound to the name of the file, its number and whether
it is the last one, so that chunks cannot be left out, moved or taken from another file. A file without that line
was stored before there was encryption and is read as it is, until ``rotate_keys`` has passed.
"""

import base64
import io
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from cryptography.exceptions import InvalidTag
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

from community.core.ciphers import NONCE_BYTES, TAG_BYTES
from community.core.encryption import decrypt, looks_sealed, newest_prefix, seal, unseal

MARK = b"linli-sealed-1 "
CHUNK = 64 * 1024
NAME_BYTES = 16
_SEALED_CHUNK = NONCE_BYTES + CHUNK + TAG_BYTES
# The mark, a name of a key and cipher, the end of the line.
_LONGEST_LINE = 200
# Name to which files were bound that were encrypted as one value.
WRAPPED = "sealed"
_BEGINS = re.compile(rb"[\w.-]+(?:/[a-z\d-]+)?:[A-Za-z\d+/]{38,}")
# End of the name of a file that is being encrypted anew.
_RENEWING = ".renewing"


class FileBroken(OSError):
    """The file was changed, cut off, or its key is no longer there."""


def _bound(name: bytes, number: int, *, is_last: bool) -> bytes:
    return name + number.to_bytes(8, "big") + bytes([is_last])


def sealed_chunks(content: IO[bytes]) -> Iterator[bytes]:
    """Yields the content as it is stored; keeps two chunks in memory."""
    name = os.urandom(NAME_BYTES)
    yield MARK + newest_prefix().encode() + b"\n" + name
    number, chunk = 0, content.read(CHUNK)
    while True:
        following = content.read(CHUNK) if len(chunk) == CHUNK else b""
        yield seal(chunk, bound_to=_bound(name, number, is_last=not following))
        if not following:
            return
        number, chunk = number + 1, following


class SealedReader(io.RawIOBase):
    """Reads an encrypted file; can seek, and keeps one chunk in memory. Raises ``FileBroken``."""

    def __init__(self, file: IO[bytes], prefix: str) -> None:
        self._file, self._prefix = file, prefix
        self._name = file.read(NAME_BYTES)
        self._begin = file.tell()
        stored = file.seek(0, io.SEEK_END) - self._begin
        self._chunks = max(1, -(-stored // _SEALED_CHUNK))
        self.size = stored - self._chunks * (NONCE_BYTES + TAG_BYTES)
        if len(self._name) < NAME_BYTES or self.size < 0:
            raise FileBroken("the file is cut off")
        self._at = 0
        self._number, self._clear = -1, b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        # An empty file has one chunk too, which says that it is the last.
        if self._at >= self.size and self._number >= 0:
            return 0
        number, inside = divmod(self._at, CHUNK)
        if number >= self._chunks:
            return 0
        self._load(number)
        part = self._clear[inside : inside + len(buffer)]
        buffer[: len(part)] = part
        self._at += len(part)
        return len(part)

    def _load(self, number: int) -> None:
        if number == self._number:
            return
        self._file.seek(self._begin + number * _SEALED_CHUNK)
        is_last = number == self._chunks - 1
        bound_to = _bound(self._name, number, is_last=is_last)
        try:
            self._clear = unseal(self._prefix, self._file.read(_SEALED_CHUNK), bound_to=bound_to)
        except (InvalidTag, KeyError, ValueError) as error:
            raise FileBroken("the file was changed, or its key is not there") from error
        self._number = number

    def close(self) -> None:
        self._file.close()
        super().close()


def _prefix_of(file: IO[bytes]) -> str | None:
    """Reads the first line; returns the key and cipher that it names, None for a file that is not encrypted."""
    line = file.readline(_LONGEST_LINE)
    if line.startswith(MARK) and line.endswith(b"\n"):
        return line[len(MARK) : -1].decode("ascii", "replace")
    file.seek(0)
    return None


def opened(file: IO[bytes]) -> IO[bytes]:
    """Returns the content of a stored file, encrypted or not."""
    prefix = _prefix_of(file)
    return file if prefix is None else io.BufferedReader(SealedReader(file, prefix), CHUNK)  # type: ignore[return-value]


def unwrapped(content: bytes) -> bytes:
    """Returns the content of a file that was encrypted as one value, before the storage encrypted all; any other
    unchanged.
    """
    try:
        stored = content.decode("ascii")
        return base64.b64decode(decrypt(stored, column=WRAPPED)) if looks_sealed(stored) else content
    except (UnicodeDecodeError, InvalidTag, KeyError, ValueError):
        return content


def _unwrapped(file: IO[bytes]) -> IO[bytes]:
    """The same of an open file; reads it whole only if it may be one."""
    begin = file.read(_LONGEST_LINE)
    file.seek(0)
    return io.BytesIO(unwrapped(file.read())) if _BEGINS.match(begin) else file


class SealedStorage(FileSystemStorage):
    """Private files in a folder, encrypted."""

    def _save(self, name: str, content: File) -> str:
        content.seek(0)
        with tempfile.TemporaryFile() as sealed:
            for chunk in sealed_chunks(content):  # type: ignore[arg-type]
                sealed.write(chunk)
            sealed.seek(0)
            return str(super()._save(name, File(sealed, name=name)))  # type: ignore[misc]

    def _open(self, name: str, mode: str = "rb") -> File:
        if mode != "rb":
            raise ValueError("Private files are written by save() alone.")
        return File(opened(Path(self.path(name)).open("rb")), name=name)

    def size(self, name: str) -> int:
        """Returns the number of bytes of the content."""
        with self.open(name) as file:
            return int(file.seek(0, io.SEEK_END))

    def key_of(self, name: str) -> str | None:
        """Returns the name of the key of a file; None for one that is not encrypted."""
        with Path(self.path(name)).open("rb") as file:
            prefix = _prefix_of(file)
        return None if prefix is None else prefix.partition("/")[0]

    def names(self, folder: str = "") -> Iterator[str]:
        """Yields the names of all files, folder by folder in the order of their names."""
        try:
            folders, files = self.listdir(folder)
        except FileNotFoundError:
            return
        below = f"{folder}/" if folder else ""
        yield from (f"{below}{name}" for name in sorted(files) if not name.endswith(_RENEWING))
        for name in sorted(folders):
            yield from self.names(f"{below}{name}")

    def renew(self, name: str) -> bool:
        """Encrypts a file with the newest key and cipher unless it is; returns whether it did.

        The file stays readable all the while, and keeps its time. One that was deleted meanwhile is left so.
        Raises ``FileBroken`` for a file that cannot be read.
        """
        path = Path(self.path(name))
        fresh = path.with_name(path.name + _RENEWING)
        try:
            with path.open("rb") as stored:
                before = os.fstat(stored.fileno())
                prefix = _prefix_of(stored)
                if prefix == newest_prefix():
                    return False
                stored.seek(0)
                with opened(stored) as content, fresh.open("wb") as file:
                    for chunk in sealed_chunks(_unwrapped(content) if prefix is None else content):
                        file.write(chunk)
                    file.flush()
                    os.fsync(file.fileno())
            fresh.chmod(before.st_mode)
            os.utime(fresh, ns=(before.st_atime_ns, before.st_mtime_ns))
            if not path.exists():
                return False
            fresh.replace(path)
        except FileNotFoundError:
            return False
        finally:
            fresh.unlink(missing_ok=True)
        return True
