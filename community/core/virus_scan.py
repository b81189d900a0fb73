"""Uploads pass a virus scanner, if the operator has one, before anything of ours reads them.

``ScannedUploads`` is the one handler of all uploads: forms, the API, the admin's imports and files sent ahead.
It puts a ``RefusedUpload``, which has no content, in the place of a file that it does not let in. The fields of forms
and serializers show its words (``typed_fields``), so that the form comes back filled in.
"""

import io
import logging
import socket
import struct
import time
from functools import lru_cache
from typing import IO, Any, Protocol
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

logger = logging.getLogger(__name__)
# Larger than any file that is taken (pictures: 40 MB). clamd's own StreamMaxLength may be less.
MAX_BYTES = 64 * 1024 * 1024
CHUNK = 64 * 1024
CONNECT_SECONDS, SECONDS = 2, 15
PORT = 3310
LONGEST_ANSWER = 4096
FOUND = _("A virus was found in this file, so it was not taken. Please choose another one.")
TOO_LARGE = _("This file is too large to be checked for viruses. Please choose a smaller one.")
UNREACHABLE = _(
    "Files cannot be checked for viruses right now. Please try again in a few minutes, or send this without the file."
)


class ScannerDown(Exception):
    """Raised when a scanner does not answer in time, or not as it should."""


class TooLarge(Exception):
    """Raised for a file larger than the scanner takes."""


class Scanner(Protocol):
    """A scanner; ``VIRUS_SCAN`` may name a class of one's own with these methods, made without arguments."""

    def scan(self, file: IO[bytes]) -> str:
        """Returns the name of what was found, "" for nothing. Raises ``ScannerDown`` and ``TooLarge``."""
        ...

    def ping(self) -> None:
        """Raises ``ScannerDown`` unless the scanner answers."""
        ...


class Clamd:
    """ClamAV's daemon, by the INSTREAM command of its protocol (clamd(8)): a Unix socket, or a host and a port."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self.address: Any = (parts.hostname, parts.port or PORT) if parts.hostname else parts.path
        self.family = socket.AF_INET if parts.hostname else socket.AF_UNIX
        if not self.address:
            raise ImproperlyConfigured("VIRUS_SCAN: clamd:/path/of/socket or clamd://host:port")

    def scan(self, file: IO[bytes]) -> str:
        said = self._ask(b"zINSTREAM\0", file)
        if "size limit exceeded" in said:
            raise TooLarge
        if said == "stream: OK":
            return ""
        if said.startswith("stream: ") and said.endswith(" FOUND"):
            return said.removeprefix("stream: ").removesuffix(" FOUND")
        raise ScannerDown(f"answer: {said[:200]!r}")

    def ping(self) -> None:
        if (said := self._ask(b"zPING\0")) != "PONG":
            raise ScannerDown(f"answer: {said[:200]!r}")

    def _ask(self, command: bytes, file: IO[bytes] | None = None) -> str:
        ends_at = time.monotonic() + SECONDS
        try:
            with self._connected() as link:
                link.settimeout(SECONDS)
                try:
                    link.sendall(command)
                    if file is not None:
                        _send(link, file, ends_at)
                except (BrokenPipeError, ConnectionResetError):
                    # It stops listening once it has seen enough, and says why.
                    pass
                return _answer(link, ends_at)
        except OSError as error:
            raise ScannerDown(repr(error)) from error

    def _connected(self) -> socket.socket:
        if self.family == socket.AF_INET:
            return socket.create_connection(self.address, CONNECT_SECONDS)
        link = socket.socket(self.family)
        link.settimeout(CONNECT_SECONDS)
        try:
            link.connect(self.address)
        except OSError:
            link.close()
            raise
        return link


def _send(link: socket.socket, file: IO[bytes], ends_at: float) -> None:
    while chunk := file.read(CHUNK):
        link.settimeout(_left(ends_at))
        link.sendall(struct.pack("!I", len(chunk)) + chunk)
    link.sendall(struct.pack("!I", 0))


def _answer(link: socket.socket, ends_at: float) -> str:
    said = b""
    while b"\0" not in said and len(said) < LONGEST_ANSWER:
        link.settimeout(_left(ends_at))
        part = link.recv(LONGEST_ANSWER)
        if not part:
            break
        said += part
    return said.partition(b"\0")[0].decode(errors="replace").strip()


def _left(ends_at: float) -> float:
    left = ends_at - time.monotonic()
    if left <= 0:
        raise TimeoutError("the scanner takes too long")
    return left


@lru_cache(maxsize=4)
def scanner_of(setting: str) -> Scanner:
    """Returns the scanner of ``VIRUS_SCAN``. Raises ``ImproperlyConfigured`` and ``ImportError``."""
    if setting.startswith("clamd:"):
        return Clamd(setting)
    made: Scanner = import_string(setting)()
    return made


class RefusedUpload(UploadedFile):
    """Stands in the place of a file that was not let in, without its content; ``words`` say why."""

    def __init__(self, file: UploadedFile, words: str | Promise) -> None:
        super().__init__(io.BytesIO(), file.name, file.content_type, 0, file.charset)
        self.words = words


class ScannedUploads(TemporaryFileUploadHandler):
    """Takes uploads to temporary files, and lets in those in which the scanner finds nothing."""

    file: TemporaryUploadedFile
    request: HttpRequest
    is_down = False

    def file_complete(self, file_size: int) -> UploadedFile | None:
        file = super().file_complete(file_size)
        if file is None or not settings.VIRUS_SCAN:
            return file
        words = self._refusal(file)
        file.seek(0)
        if words is None:
            return file
        refused = RefusedUpload(file, words)
        # Deletes it.
        file.close()
        return refused

    def _refusal(self, file: UploadedFile) -> str | Promise | None:
        if (file.size or 0) > MAX_BYTES:
            return TOO_LARGE
        try:
            # A form with several files waits once for a scanner that is away.
            found = "" if self.is_down else scanner_of(settings.VIRUS_SCAN).scan(file)
        except TooLarge:
            return TOO_LARGE
        except ScannerDown as error:
            logger.error("virus scan: %s", error)
            self.is_down = True
        if self.is_down:
            return None if settings.VIRUS_SCAN_UNREACHABLE == "accept" else UNREACHABLE
        if not found:
            return None
        findings_of(self.request).append(found)
        logger.warning("virus scan: %s found", _plain(found))
        return FOUND


def findings_of(request: HttpRequest) -> list[str]:
    """Returns the names of what was found in the files of a request; ``accounts.audited`` records them."""
    found: list[str] = request.__dict__.setdefault("virus_findings", [])
    return found


def _plain(name: str) -> str:
    return "".join(letter for letter in name if letter.isprintable())[:100]
