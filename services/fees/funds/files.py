"""Files of lines of funds: pictures are decoded in the sandbox, PDFs are stored encrypted."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core import pictures, sealed_files, storage
from community.core.errors import ActionError
from services.fees.models import FundFile, FundLine

FOLDER = "funds"
MAX_PDF_BYTES = 5 * 1024 * 1024
# Stored fields of a file: the key of a picture, or the name of a PDF.
Stored = dict[str, str]


@contextmanager
def storing(uploads: Mapping[str, Any]) -> Iterator[dict[str, Stored]]:
    """Stores uploads by kind of file; deletes them if the block raises. Put the transaction inside.

    Raises ``ActionError`` with the kind as field for a file that is neither a picture nor a PDF, or too large.
    """
    stored: dict[str, Stored] = {}
    try:
        for kind, upload in uploads.items():
            stored[kind] = _store(upload, kind)
        yield stored
    except BaseException:
        for one in stored.values():
            _discard(one)
        raise


def _store(upload: Any, kind: str) -> Stored:
    start = upload.read(5)
    upload.seek(0)
    if start != b"%PDF-":
        try:
            return {"picture": pictures.store(upload).key}
        except pictures.PictureRefused as refused:
            raise ActionError(refused.code, refused.message, field=kind) from refused
    content = upload.read(MAX_PDF_BYTES + 1)
    if len(content) > MAX_PDF_BYTES:
        raise ActionError("too_large", _("This file is larger than 5 MB."), field=kind)
    if b"%%EOF" not in content[-1024:]:
        raise ActionError("broken_pdf", _("This PDF is not complete. Please save it again."), field=kind)
    return {"sealed": sealed_files.keep(content, folder=FOLDER)}


def _discard(stored: Stored) -> None:
    if "picture" in stored:
        pictures.discard(stored["picture"])
    sealed_files.discard(stored.get("sealed", ""))


def attach(line: FundLine, stored: Mapping[str, Stored], *, by: User, now: datetime) -> None:
    """Writes the rows of stored files."""
    for kind, fields in stored.items():
        FundFile.objects.create(line=line, kind=kind, added_by=by, at=now, **fields)


def serve(file: FundFile) -> HttpResponseBase:
    """Returns the content of a file; the caller has checked that it may be seen."""
    if file.picture:
        return storage.serve_private(pictures.file_name(file.picture, "large"), content_type="image/jpeg")
    response = HttpResponse(sealed_files.read(file.sealed), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{file.kind}.pdf"'
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
