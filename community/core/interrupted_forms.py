"""Keeps forms that could no longer be accepted, encrypted, for an hour in their person's session.

The session holds the address and the person; words and files are encrypted in the storage. Nothing is sent
automatically: the page shows the form filled in, and the person sends it again.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.contrib.sessions.backends.base import SessionBase
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from community.core import sealed_files
from community.core.virus_scan import RefusedUpload

KEY = "unsent_forms"
FOLDER = "unsent"
KEPT_FOR = timedelta(hours=1)
MAX_FORMS = 3
MAX_CHARACTERS = 200_000
MAX_FILE_BYTES = 60 * 1024 * 1024
# Fields never kept: secrets, and fields that pages write themselves. ``old`` and ``again`` belong to the
# password form.
SECRET = re.compile(r"passw|csrf|secret|token|otp|(^|[_-])(pin|code|card|cvv|old|again)$", re.IGNORECASE)
FILE_FIELD = "unsent_file"
# ``carried`` holds another page's form that must not be kept.
BESIDE = {FILE_FIELD, "carried", "next", "action", "_save", "_continue", "_addanother"}


@dataclass(frozen=True)
class InterruptedFile:
    """An uploaded file of a form; ``key`` is its name in the page, ``stored`` in the storage."""

    key: str
    field: str
    name: str
    content_type: str
    stored: str


@dataclass(frozen=True)
class InterruptedForm:
    """A form that ``person`` (a key) sent to ``address`` from ``page``, both paths of this site."""

    person: int
    address: str
    page: str
    at: float
    is_signed_out: bool
    words: str
    files: tuple[InterruptedFile, ...]
    has_lost_files: bool = False
    # Kept while the person switched the mode or asked the family: nothing went wrong, so nothing is said.
    is_set_aside: bool = False

    def fields(self) -> dict[str, list[str]]:
        """Returns the typed values by field. Raises ``FileNotFoundError`` if they are deleted."""
        found: dict[str, list[str]] = json.loads(sealed_files.read(self.words))
        return found


def typed_fields(post: QueryDict) -> dict[str, list[str]]:
    """Returns the fields that may be kept; empty if nothing was typed or chosen."""
    kept = {name: values for name, values in post.lists() if not SECRET.search(name) and name not in BESIDE}
    size = sum(len(name) + sum(map(len, values)) for name, values in kept.items())
    return kept if size <= MAX_CHARACTERS else {}


def keep(
    session: SessionBase,
    *,
    fields: dict[str, list[str]],
    files: MultiValueDict[str, Any],
    now: datetime,
    person: int,
    **about: Any,
) -> None:
    """Stores a form for its person; the oldest is dropped for a fourth.

    ``about``: ``address``, ``page``, ``is_signed_out`` and perhaps ``is_set_aside``. Files beyond
    60 MB in all are dropped.
    """
    folder = f"{FOLDER}/{now:%Y%m%d%H}"
    kept, bytes_left, has_lost = [], MAX_FILE_BYTES, False
    for field, file in _each(files):
        if file.size > bytes_left or isinstance(file, RefusedUpload):
            has_lost = True
            continue
        bytes_left -= file.size
        file.seek(0)
        stored = sealed_files.keep(file.read(), folder=folder)
        kept.append(InterruptedFile(uuid4().hex, field, file.name, file.content_type or "", stored))
    words = sealed_files.keep(json.dumps(fields).encode(), folder=folder)
    form = InterruptedForm(
        person=person, at=now.timestamp(), words=words, files=tuple(kept), has_lost_files=has_lost, **about
    )
    others = [one for one in _all(session) if one.address != form.address or one.person != person]
    for one in others[: max(0, len(others) - MAX_FORMS + 1)]:
        discard(session, one)
    _write(session, [one for one in _all(session) if one.address != form.address] + [form])


def _each(files: MultiValueDict[str, Any]) -> Iterator[tuple[str, Any]]:
    for field, some in files.lists():
        for file in some:
            yield field, file


def waiting(session: SessionBase, *, person: int, now: datetime) -> list[InterruptedForm]:
    """Returns the forms of this person; deletes those of others and those older than an hour."""
    fresh = []
    for one in _all(session):
        if one.person == person and now.timestamp() - one.at < KEPT_FOR.total_seconds():
            fresh.append(one)
        else:
            discard(session, one)
    return fresh


def discard(session: SessionBase, form: InterruptedForm) -> None:
    """Deletes a form and its files."""
    for name in (form.words, *(file.stored for file in form.files)):
        sealed_files.discard(name)
    _write(session, [one for one in _all(session) if one.words != form.words])


def move_to(session: SessionBase, form: InterruptedForm, page: str) -> None:
    """Shows the form on another page."""
    _write(session, [replace(one, page=page) if one.words == form.words else one for one in _all(session)])


def as_upload(file: InterruptedFile) -> SimpleUploadedFile:
    """Returns the kept file as an upload. Raises ``FileNotFoundError``."""
    return SimpleUploadedFile(file.name, sealed_files.read(file.stored), content_type=file.content_type)


def forget_old(*, now: datetime) -> int:
    """Deletes the folders of expired forms; returns the number of files."""
    last = f"{now - KEPT_FOR - timedelta(hours=1):%Y%m%d%H}"
    try:
        hours, _files = default_storage.listdir(FOLDER)
    except FileNotFoundError:
        return 0
    number = 0
    for hour in hours:
        if hour > last:
            continue
        _folders, names = default_storage.listdir(f"{FOLDER}/{hour}")
        for name in names:
            sealed_files.discard(f"{FOLDER}/{hour}/{name}")
        default_storage.delete(f"{FOLDER}/{hour}")
        number += len(names)
    return number


def _all(session: SessionBase) -> list[InterruptedForm]:
    return [
        InterruptedForm(**{**one, "files": tuple(InterruptedFile(**file) for file in one["files"])})
        for one in session.get(KEY, [])
    ]


def _write(session: SessionBase, forms: list[InterruptedForm]) -> None:
    if forms:
        session[KEY] = [asdict(one) for one in forms]
    else:
        session.pop(KEY, None)
