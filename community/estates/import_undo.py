"""Undoes an import as a whole: deletes created rows and restores changed values, or returns the reasons not
to.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models.signals import post_delete
from django.utils.translation import gettext as _

from community.core.encryption import blind_index
from community.core.search.keys import written_together

BATCH = 2000
# Rows with different values written in one statement.
AT_ONCE = 200


@dataclass
class Journal:
    """Rows that an import created or changed, in a form that JSON can hold."""

    # Keys by label of the model, in the order of creation.
    created: dict[str, list[int]] = field(default_factory=dict)
    # (label, key, values before, values after).
    updated: list[tuple[str, int, dict[str, Any], dict[str, Any]]] = field(default_factory=list)
    # Counts of irreversible steps by their code.
    firm: dict[str, int] = field(default_factory=dict)
    # Fingerprints of created rows by label and key; see ``_fingerprint``.
    prints: dict[str, dict[str, str]] = field(default_factory=dict)
    # Data of the import's own class.
    more: dict[str, Any] = field(default_factory=dict)

    def add_created(self, *rows: models.Model) -> None:
        for row in rows:
            self.created.setdefault(row._meta.label_lower, []).append(row.pk)
            self.prints.setdefault(row._meta.label_lower, {})[str(row.pk)] = _fingerprint(row)

    def add_changed(self, row: models.Model, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        self.updated.append((row._meta.label_lower, row.pk, dict(before), dict(after)))

    def add_irreversible(self, code: str) -> None:
        self.firm[code] = self.firm.get(code, 0) + 1

    @property
    def is_empty(self) -> bool:
        return not (self.created or self.updated or self.firm)


def _fingerprint(row: models.Model) -> str:
    """Returns a fingerprint of the row's values without timestamps."""
    said = [
        str(one.value_from_object(row))
        for one in row._meta.concrete_fields
        if not isinstance(one, models.DateTimeField)
    ]
    return blind_index("|".join(said))[:12]


def blocking_references(journal: Journal) -> list[str]:
    """Returns references to created rows, and the number of rows changed since the import."""
    reasons = []
    for label, keys in journal.created.items():
        for name, count in _pointing_to(apps.get_model(label), keys, journal):
            reasons.append(_("%(count)d × %(what)s") % {"count": count, "what": name})
    changed = sum(1 for _row in _changed_since(journal)) + _corrected_since(journal)
    if changed:
        reasons.append(_("%(count)d rows that have been changed since") % {"count": changed})
    return reasons


def rows_made_since(journal: Journal, since: datetime, name: str) -> list[str]:
    """Returns rows created since for rows of which the import changed ``name``; they may depend on it."""
    reasons = []
    changed: dict[str, list[int]] = {}
    for label, key, before, _after in journal.updated:
        if name in before:
            changed.setdefault(label, []).append(key)
    for label, keys in changed.items():
        for relation, pointing in _relations(apps.get_model(label)):
            if not any(one.name == "created_at" for one in pointing._meta.concrete_fields):
                continue
            found = _stored(pointing).filter(created_at__gte=since)
            count = sum(found.filter(**{f"{relation}__in": batch}).count() for batch in _batches(keys))
            if count:
                named = {"count": count, "what": str(pointing._meta.verbose_name_plural)}
                reasons.append(_("%(count)d × %(what)s") % named)
    return reasons


def undo(journal: Journal) -> None:
    """Undoes the journal inside the caller's transaction.

    Rows are deleted without cascades: the database raises ``IntegrityError`` if another row refers to them.
    Deletion signals are sent for data kept without a foreign key.
    """
    by_label: dict[str, list[tuple[int, dict[str, Any]]]] = {}
    for label, key, before, _after in journal.updated:
        by_label.setdefault(label, []).append((key, before))
    for label, changes in by_label.items():
        write_values(apps.get_model(label), changes)
    for label, keys in reversed(journal.created.items()):
        model = apps.get_model(label)
        for batch in _batches(keys):
            rows = _stored(model).filter(pk__in=batch)
            rows._raw_delete(rows.db)  # noqa: SLF001 - deletes nothing else with them
            for key in batch:
                post_delete.send(sender=model, instance=model(pk=key), using=rows.db, origin=rows)


def write_values(model: type[models.Model], changes: Iterable[tuple[int, dict[str, Any]]]) -> None:
    """Writes values by the rows' keys, rows with equal values in one statement.

    Needs the caller's transaction; search keys are written at the end for all rows.
    """
    alike: dict[tuple[tuple[str, Any], ...], list[int]] = {}
    for key, values in changes:
        alike.setdefault(tuple(sorted(values.items())), []).append(key)
    # Rows with values of their own are grouped by the columns they change.
    alone: dict[tuple[str, ...], list[models.Model]] = {}
    with written_together():
        for pairs, keys in alike.items():
            if len(keys) == 1 and pairs:
                names = tuple(name for name, _value in pairs)
                alone.setdefault(names, []).append(model(pk=keys[0], **dict(pairs)))
                continue
            for batch in _batches(keys):
                model._default_manager.filter(pk__in=batch).update(**dict(pairs))
        for names, rows in alone.items():
            model._default_manager.bulk_update(rows, names, batch_size=AT_ONCE)


def _relations(model: type[models.Model]) -> Iterable[tuple[str, Any]]:
    """Yields (name of the foreign key, model) of everything that refers to the model."""
    for relation in model._meta.get_fields(include_hidden=True):
        is_pointer = relation.auto_created and not relation.concrete and not relation.many_to_many
        if is_pointer and relation.related_model:
            yield relation.field.name, relation.related_model  # type: ignore[union-attr]


def _pointing_to(model: type[models.Model], keys: list[int], journal: Journal) -> Iterable[tuple[str, int]]:
    for relation, pointing in _relations(model):
        own = set(journal.created.get(pointing._meta.label_lower, []))
        count = 0
        for batch in _batches(keys):
            found = _stored(pointing).filter(**{f"{relation}__in": batch})
            count += sum(1 for pk in found.values_list("pk", flat=True) if pk not in own)
        if count:
            yield str(pointing._meta.verbose_name_plural), count


def _changed_since(journal: Journal) -> Iterable[int]:
    by_label: dict[str, dict[int, dict[str, Any]]] = {}
    for label, key, _before, after in journal.updated:
        by_label.setdefault(label, {})[key] = after
    for label, rows in by_label.items():
        for batch in _batches(list(rows)):
            stored = {one.pk: one for one in _stored(apps.get_model(label)).filter(pk__in=batch)}
            for key in batch:
                now = stored.get(key)
                if now is None or any(getattr(now, name) != value for name, value in rows[key].items()):
                    yield key


def _corrected_since(journal: Journal) -> int:
    """Counts created rows that were changed since the import."""
    count = 0
    for label, prints in journal.prints.items():
        for batch in _batches([int(key) for key in prints]):
            rows = _stored(apps.get_model(label)).filter(pk__in=batch)
            count += sum(1 for row in rows if _fingerprint(row) != prints[str(row.pk)])
    return count


def _stored(model: type[models.Model]) -> "models.QuerySet[Any]":
    return model._base_manager.all()


def _batches(keys: list[int]) -> Iterable[list[int]]:
    return (keys[at : at + BATCH] for at in range(0, len(keys), BATCH))
