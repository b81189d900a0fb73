"""Static files as they are served, and private files: outside the web root, behind a view that checks who asks."""

import rcssmin
import rjsmin
from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.http import FileResponse, HttpResponse, HttpResponseBase
from whitenoise.storage import CompressedManifestStaticFilesStorage

from community.core.caching import NOT_KEPT

# Folders of our own style sheets and scripts; what others wrote is served as it came.
OURS = ("css/", "js/")


def minified(name: str, text: str) -> str:
    """Returns a style sheet or script of ours without comments and blanks, any other file unchanged.

    Names stay, so that an error that a browser reports can be found in the source. ``rjsmin`` copies a
    template literal as it is but loses blanks in one that stands inside another, and ``rcssmin`` joins
    ``.a :hover`` inside ``@layer`` or ``@container``: ``tests/community/core/test_storage.py`` finds both.
    """
    if name.startswith(OURS) and name.endswith(".css"):
        return str(rcssmin.cssmin(text))
    if name.startswith(OURS) and name.endswith(".js"):
        return str(rjsmin.jsmin(text))
    return text


class HashedStaticStorage(CompressedManifestStaticFilesStorage):
    """Static files by the hash of their content, ours without comments, each compressed beside itself.

    Imports between ES modules follow.
    """

    support_js_module_import_aggregation = True

    def _save(self, name: str, content: File) -> str:
        if name.startswith(OURS) and name.endswith((".css", ".js")):
            content.seek(0)  # whoever computed its hash has read to the end
            content = ContentFile(minified(name, content.read().decode()).encode())
        return str(super()._save(name, content))


def serve_private(name: str, *, content_type: str) -> HttpResponseBase:
    """Stream a private file, or let nginx do it. The caller has checked who may see it."""
    if settings.MEDIA_ACCEL_PREFIX:
        response: HttpResponseBase = HttpResponse(content_type=content_type)
        response["X-Accel-Redirect"] = settings.MEDIA_ACCEL_PREFIX + name
    else:
        response = FileResponse(default_storage.open(name), content_type=content_type)
    response["Cache-Control"] = NOT_KEPT
    response["X-Content-Type-Options"] = "nosniff"
    return response
