"""Deletes a person: each step in a transaction of its own, harmless to repeat, the name itself last.

Rows that the law keeps go on leading to the row of the person, which is emptied. Its number is then a pseudonym
without a key: nothing in the database or the media folder says whose it was.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import models, transaction
from django.db.models import Q, QuerySet

from accounts.actions.moves import move_out
from accounts.actions.tokens import revoke_all_tokens
from accounts.models import Delegation, DelegationRequest, Residency, RosterEntry, User, national_number
from accounts.own_data.rows import (
    columns_with_words,
    declared_rows,
    model_of,
    rows_about,
)
from community.core import audit, changes
from community.core.encryption import BlindIndexField
from community.core.row_files import files_of, has_files
from community.core.services import Open, Personal, holders, is_off
from community.core.sessions import SessionStore
from community.estates.models import ImportRun
from community.notifications import live
from community.notifications.models import InboxNotice, OutboxMessage

BATCH = 200


def open_matters(person: User) -> list[Open]:
    """Returns what must end before the person can be deleted, of services that are switched on."""
    found: list[Open] = []
    for app in holders():
        if app.data_use is not None and not is_off(getattr(app, "key", "")):
            found += app.data_use.open_matters(person)
    return found


def erase(person: User, *, now: datetime) -> None:
    """Deletes or empties every row about the person. Interrupted, it can be called again."""
    # Before the homes of the person are forgotten, by which a line without a number is found.
    _close_access(person, now)
    _forget_roster(person)
    declared = [one for _app, one in declared_rows() if one.about]
    for one in declared:
        if not one.goes:
            _empty(rows_about(person, one), one)
    # Rows with files first: others delete them by a cascade, which knows no files.
    for one in sorted((one for one in declared if one.goes), key=lambda one: not has_files(model_of(one))):
        _delete(rows_about(person, one))
    for one in {one.model: one for _app, one in declared_rows() if _is_voice(one)}.values():
        _delete(QuerySet(model_of(one)).filter(added_by=person))
    for step in (_forget_messages, _forget_imports, _forget_office):
        step(person)
    _empty_person(person, now)


def _close_access(person: User, now: datetime) -> None:
    """Ends sessions, sockets, homes, delegations and tokens."""
    with transaction.atomic():
        delegates = Delegation.objects.open().filter(resident=person).values_list("delegate", flat=True)
        live.access_ended(person.pk, *delegates)
        person.is_active = False
        person.session_epoch += 1
        person.save(update_fields=["is_active", "session_epoch"])
        revoke_all_tokens(user=person, by=person, now=now)
    for session in Session.objects.order_by("pk").iterator(chunk_size=BATCH):
        if str(SessionStore().decode(session.session_data).get(SESSION_KEY)) == str(person.pk):
            session.delete()
    homes = Residency.objects.filter(
        user=person, status__in=[Residency.Status.REQUESTED, Residency.Status.ACTIVE]
    )
    for residency in homes.select_related("user", "home__entrance__building__estate"):
        move_out(residency=residency, by=person, now=now)


def _empty(rows: QuerySet[Any], declared: Personal) -> None:
    """Takes names and words out of rows that stay; a sealed file of theirs becomes an empty one."""
    emptied = {one.name: None if one.null else "" for one in columns_with_words(declared)}
    for index in rows.model._meta.concrete_fields:
        if isinstance(index, BlindIndexField) and index.of in emptied:
            emptied[index.name] = None if index.null else ""
    with transaction.atomic(), changes.covering(rows.model):
        if emptied:
            rows.update(**emptied)
        if has_files(rows.model):
            for row in rows.iterator(chunk_size=BATCH):
                for file in files_of(row):
                    transaction.on_commit(partial(file.replace_by_nothing, row))


def _delete(rows: QuerySet[Any]) -> None:
    """Deletes rows and, after the commit, their files."""
    while found := list(rows.order_by("pk")[:BATCH]):
        with transaction.atomic():
            for row in found:
                for file in files_of(row):
                    if not _is_shared(row, file.name):
                        transaction.on_commit(file.discard)
            for row in found:
                row.delete()


def _is_shared(row: models.Model, name: str) -> bool:
    """Whether another row names the same file, as pictures of the demo do."""
    others: QuerySet[Any] = QuerySet(type(row)).exclude(pk=row.pk)
    column = next((one for one in ("key", "picture_key", "name", "stored") if getattr(row, one, None)), None)
    return column is not None and others.filter(**{column: getattr(row, column)}).exists()


def _is_voice(declared: Personal) -> bool:
    """Whether the rows are spoken messages: the voice is that of who added them."""
    columns = {field.name for field in model_of(declared)._meta.concrete_fields}
    return {"seconds", "added_by"} <= columns


def _forget_roster(person: User) -> None:
    """Deletes the lines of the estate's list with the person's number, or their name in one of their homes."""
    homes = Residency.objects.filter(user=person).values("home")
    lines = Q(home__in=homes, name_index=person.name_index) if person.name else Q(pk=None)
    if person.phone_index:
        lines |= Q(phone_index=person.phone_index)
    for line in RosterEntry.objects.filter(lines):
        line.delete()
    for request in DelegationRequest.objects.all():
        if person.phone and request.phone == person.phone:
            request.delete()


def _forget_messages(person: User) -> None:
    """Takes the name and the number out of messages to others."""
    traces = _traces(person)
    for model in (InboxNotice, OutboxMessage):
        rows = model.objects.only("pk", "params").order_by("pk")
        for row in rows.iterator(chunk_size=10 * BATCH):
            params = {name: _without(value, traces) for name, value in row.params.items()}
            if params != row.params:
                with changes.covering(model):
                    model.objects.filter(pk=row.pk).update(params=params)


def _forget_imports(person: User) -> None:
    """Empties what imports keep to be undone, if the person is in it: the import can no longer be undone."""
    traces = _traces(person)
    for run in ImportRun.objects.order_by("pk").iterator(chunk_size=20):
        kept = {name: getattr(run, name) for name in ("rows", "outcome", "journal", "file_name")}
        found = {name: "" for name, text in kept.items() if any(trace in text for trace in traces)}
        if found:
            with changes.covering(ImportRun):
                ImportRun.objects.filter(pk=run.pk).update(**found)


def _forget_office(person: User) -> None:
    """Takes the name out of the back office's own list of changes."""
    for trace in _traces(person):
        LogEntry.objects.filter(object_repr__contains=trace).update(object_repr="")


def _traces(person: User) -> list[str]:
    found = [person.name, person.phone, national_number(person.phone)]
    return [one for one in found if len(one) > 1]


def _without(value: Any, traces: Iterable[str]) -> Any:
    if isinstance(value, str) and any(trace in value for trace in traces):
        return ""
    return value


def _empty_person(person: User, now: datetime) -> None:
    with transaction.atomic():
        person.name = person.phone = person.language = ""
        person.username = person.phone_verified_at = person.last_login = None
        person.prefers_large = False
        person.set_unusable_password()
        person.save()
        person.groups.clear()
        person.user_permissions.clear()
        audit.record("person_erased", by=None, target=person)
