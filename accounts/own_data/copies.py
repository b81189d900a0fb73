"""A copy of what is held of a person: JSON with labels in their language, pictures and recordings, as a ZIP."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from pathlib import PurePosixPath
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from accounts.models import StaffRole, User
from accounts.own_data.rows import declared_rows, rows_about, words_of
from community.core import clock
from community.core.encryption import BlindIndexField
from community.core.row_files import RowFile, files_of
from community.core.services import Personal
from community.notifications import messages
from community.notifications.models import InboxNotice, OutboxMessage

# Technical columns: hashes, keys against double posts and names of files.
UNSAID = {"code_hash", "digest", "nonce", "password", "phone_index", "picture_key", "session_epoch", "stored"}
# Parameters of messages that may name other people.
NAMES = {"name", "carer", "worker", "resident", "who", "by", "responder"}
EVERY = 100


def pack_copy(person: User, *, note_progress: Callable[[int], None]) -> tuple[bytes, int]:
    """Returns the ZIP and the number of rows in it. Other people stand in it as their roles."""
    packed = io.BytesIO()
    count, told = 0, _Told(person)
    said: dict[str, list[dict[str, Any]]] = {str(_("Person")): [told.person()]}
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for declared, row in _rows(person):
            heading = words_of(type(row)) or str(_("Steps and files"))
            entry = told.row(declared, row)
            names = [name for one in files_of(row) if (name := _add(file, one))]
            if names:
                entry[str(_("Files"))] = names
            said.setdefault(heading, []).append(entry)
            count += 1
            if count % EVERY == 0:
                note_progress(count)
        text = json.dumps(said, ensure_ascii=False, indent=1)
        file.writestr("data.json", text)
    return packed.getvalue(), count


def count_rows(person: User) -> int:
    """Returns how many rows are about the person."""
    seen: dict[str, set[Any]] = {}
    for _app, declared in declared_rows():
        seen.setdefault(declared.model, set()).update(
            rows_about(person, declared).values_list("pk", flat=True)
        )
    return sum(len(keys) for keys in seen.values())


def _rows(person: User) -> Iterator[tuple[Personal, models.Model]]:
    """Returns the rows about the person, each once, though several apps may declare the same model."""
    seen: set[tuple[str, Any]] = set()
    for _app, declared in declared_rows():
        for row in rows_about(person, declared).order_by("pk").iterator(chunk_size=500):
            if (declared.model, row.pk) not in seen:
                seen.add((declared.model, row.pk))
                yield declared, row


def _add(file: zipfile.ZipFile, one: RowFile) -> str:
    name = f"{one.folder}/{PurePosixPath(one.name).name}"
    try:
        file.writestr(name, one.read())
    except FileNotFoundError:
        return ""
    return name


class _Told:
    """Puts rows into words for one reader."""

    def __init__(self, person: User) -> None:
        self._person = person
        self._roles: dict[int, str] = {}

    def person(self) -> dict[str, Any]:
        return self._columns(self._person, others=())

    def row(self, declared: Personal, row: models.Model) -> dict[str, Any]:
        if isinstance(row, InboxNotice | OutboxMessage):
            return self._message(row)
        return self._columns(row, others=declared.others)

    def _columns(self, row: models.Model, *, others: tuple[str, ...]) -> dict[str, Any]:
        said: dict[str, Any] = {}
        for field in row._meta.concrete_fields:
            if field.primary_key or field.name in UNSAID or isinstance(field, BlindIndexField):
                continue
            value = self._role_word() if field.name in others else self._value(row, field)
            if value not in (None, "", [], {}):
                label = str(field.verbose_name)
                said[f"{label} ({field.name})" if label in said else label] = value
        return said

    def _value(self, row: models.Model, field: models.Field) -> Any:
        if field.is_relation:
            return self._related(row, field)
        if field.choices:
            return str(getattr(row, f"get_{field.name}_display")())
        value = getattr(row, field.attname)
        if isinstance(value, datetime):
            return clock.local(value).isoformat(timespec="minutes")
        if isinstance(value, date | time):
            return value.isoformat()
        return value if isinstance(value, str | int | bool | list | dict | None) else str(value)

    def _related(self, row: models.Model, field: models.Field) -> Any:
        key = getattr(row, field.attname)
        if key is None:
            return None
        if field.related_model is User:
            return self._somebody(key)
        if _names_nobody(field.related_model):
            return str(getattr(row, field.name))
        return str(key)

    def _somebody(self, key: int) -> str:
        if key == self._person.pk:
            return str(_("you"))
        if key not in self._roles:
            role = StaffRole.objects.held_by(User(pk=key)).first()
            self._roles[key] = role.get_role_display() if role else str(_("another resident"))
        return self._roles[key]

    def _role_word(self) -> str:
        return str(_("staff"))

    def _message(self, row: InboxNotice | OutboxMessage) -> dict[str, Any]:
        mine = self._person.name
        params = {
            name: value if name not in NAMES or value == mine else self._role_word()
            for name, value in row.params.items()
        }
        title, body = messages.in_words(row.template, params)
        at = clock.local(row.created_at).isoformat(timespec="minutes")
        return {str(_("when")): at, str(_("title")): title, str(_("words")): body}


def _names_nobody(model: Any) -> bool:
    """Whether a row's words in a sentence name no person: places and catalogues, which no app declares."""
    label = model._meta.label_lower
    return all(declared.model != label for _app, declared in declared_rows())
