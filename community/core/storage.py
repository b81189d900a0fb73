"""Storage of static files as served, and private files outside the web root behind a view that checks access."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import rcssmin
import rjsmin
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import models
from django.http import FileResponse, HttpRequest, HttpResponseBase
from whitenoise.storage import CompressedManifestStaticFilesStorage

from community.core.caching import NOT_KEPT

# Folders of our own style sheets and scripts; third-party files are served unchanged.
OURS = ("css/", "js/")
# Range of one part of a file: bytes=0-499, bytes=500-, bytes=-500.
RANGE = re.compile(r"bytes=(?P<first>\d{0,15})-(?P<last>\d{0,15})")


def minified(name: str, text: str) -> str:
    """Minifies our style sheets and scripts; returns other files unchanged.

    Names are kept, so that errors reported by browsers can be found in the source. ``rjsmin`` keeps a
    template literal but loses blanks in a nested one, and ``rcssmin`` joins ``.a :hover`` inside ``@layer``
    or ``@container``: ``tests/community/core/test_storage.py`` finds both.
    """
    if name.startswith(OURS) and name.endswith(".css"):
        return str(rcssmin.cssmin(text))
    if name.startswith(OURS) and name.endswith(".js"):
        return str(rjsmin.jsmin(text))
    return text


class HashedStaticStorage(CompressedManifestStaticFilesStorage):
    """Static files named by the hash of their content, ours minified, each with a compressed copy.

    Imports between ES modules are rewritten.
    """

    support_js_module_import_aggregation = True

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._addresses: dict[str, str] = {}

    def url(self, name: str | None, force: bool = False) -> str:
        """Returns the address of a file, looked up in the manifest once a process: a page names twenty."""
        if name is None or force:
            return str(super().url(name, force))
        if name not in self._addresses:
            self._addresses[name] = str(super().url(name))
        return self._addresses[name]

    def _save(self, name: str, content: File) -> str:
        if name.startswith(OURS) and name.endswith((".css", ".js")):
            content.seek(0)  # computing the hash has read to the end
            content = ContentFile(minified(name, content.read().decode()).encode())
        return str(super()._save(name, content))


class PrivateFile(FileResponse):
    """A private file, of which a request may ask for a part (RFC 9110, 14.2), as players of recordings do."""

    # The row that the file belongs to.
    file_of: models.Model | None = None

    def __init__(self, name: str, *, content_type: str) -> None:
        self.whole = default_storage.open(name)
        super().__init__(self.whole, content_type=content_type)
        self.length = int(self["Content-Length"])
        self["Accept-Ranges"] = "bytes"
        self["Cache-Control"] = NOT_KEPT
        self["X-Content-Type-Options"] = "nosniff"

    def limit(self, wanted: str) -> None:
        """Answers with the one part that a Range header names; with the whole file to any other header."""
        found = RANGE.fullmatch(wanted)
        if found is None or found["first"] == found["last"] == "":
            return
        if found["first"]:
            first = int(found["first"])
            last = min(int(found["last"] or self.length), self.length - 1)
        else:
            first, last = max(0, self.length - int(found["last"])), self.length - 1
        if first > last:
            self.status_code = 416
            self["Content-Range"] = f"bytes */{self.length}"
            first, last = 0, -1
        else:
            self.status_code = 206
            self["Content-Range"] = f"bytes {first}-{last}/{self.length}"
        self["Content-Length"] = str(last - first + 1)
        self.streaming_content = self._part(first, last - first + 1)

    def _part(self, first: int, left: int) -> Iterator[bytes]:
        self.whole.seek(first)
        while left and (some := self.whole.read(min(left, self.block_size))):
            left -= len(some)
            yield some


class RangeMiddleware:
    """Answers requests for a part of a private file."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if isinstance(response, PrivateFile) and "Range" in request.headers:
            response.limit(request.headers["Range"])
        return response


def serve_private(name: str, *, content_type: str, of: models.Model | None = None) -> HttpResponseBase:
    """Streams a private file, decrypted. The caller has checked the permission.

    ``of`` is the row of a file of a person: its reading by staff goes on record (``accounts/audited.py``).
    Without it the file is for everybody of the estate.
    """
    response = PrivateFile(name, content_type=content_type)
    response.file_of = of
    return response
