"""Storage of static files as served, and private files outside the web root behind a view that checks access."""

from typing import Any

import rcssmin
import rjsmin
from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import models
from django.http import FileResponse, HttpResponse, HttpResponseBase
from whitenoise.storage import CompressedManifestStaticFilesStorage

from community.core.caching import NOT_KEPT

# Folders of our own style sheets and scripts; third-party files are served unchanged.
OURS = ("css/", "js/")


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


def serve_private(name: str, *, content_type: str, of: models.Model | None = None) -> HttpResponseBase:
    """Streams a private file, or lets nginx do it. The caller has checked the permission.

    ``of`` is the row of a file of a person: its reading by staff goes on record (``accounts/audited.py``).
    Without it the file is for everybody of the estate.
    """
    if settings.MEDIA_ACCEL_PREFIX:
        response: HttpResponseBase = HttpResponse(content_type=content_type)
        response["X-Accel-Redirect"] = settings.MEDIA_ACCEL_PREFIX + name
    else:
        response = FileResponse(default_storage.open(name), content_type=content_type)
    response.file_of = of  # type: ignore[attr-defined]
    response["Cache-Control"] = NOT_KEPT
    response["X-Content-Type-Options"] = "nosniff"
    return response
