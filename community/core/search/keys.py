"""Writes search keys together with their row, in the same transaction."""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import reduce
from itertools import islice
from typing import Any, ClassVar, TypeVar

from django.apps import apps as installed
from django.db import connection, models, transaction
from django.db.models.signals import post_delete

from community.core.encryption import BlindIndexField, blind_index, blind_indexes
from community.core.models import SearchKey

# Kinds of rows in the table of search keys.
PERSON, LINE, HOME = "person", "line", "home"
BATCH = 500
INSERT = 'INSERT INTO core_searchkey (kind, "row", "key") VALUES (%s, %s, %s) ON CONFLICT DO NOTHING'
INSERT_ARRAYS = """
    INSERT INTO core_searchkey (kind, "row", "key")
    SELECT %s, * FROM unnest(%s::bigint[], %s::text[]) ON CONFLICT DO NOTHING
"""
Row = TypeVar("Row", bound="Searched")
KEY_LENGTH = 24
_later: ContextVar[dict[type["Searched"], set[Any]] | None] = ContextVar("search_later", default=None)


def _indexes_of(model: type[models.Model], columns: Iterable[str]) -> list[BlindIndexField]:
    """Returns the blind indexes of these columns that are not among them."""
    names = set(columns)
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, BlindIndexField) and field.of in names and field.name not in names
    ]


def _batches(rows: Iterable[Any]) -> Iterator[list[Any]]:
    left = iter(rows)
    while some := list(islice(left, BATCH)):
        yield some


def sealed(keys: Iterable[str]) -> set[str]:
    """Hashes keys of personal data as they are stored; only this server can compute the hashes."""
    return {blind_index(f"search:{key}")[:KEY_LENGTH] for key in keys}


def looked_for(keys: Iterable[str]) -> set[str]:
    """Returns the hashes under which these keys may be stored, also those of the former key."""
    return {hashed[:KEY_LENGTH] for key in keys for hashed in blind_indexes(f"search:{key}")}


class SearchedQuerySet(models.QuerySet[Row, Row]):
    """Writes search keys in bulk operations."""

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        """Refuses ``ignore_conflicts``, which does not tell which rows were stored."""
        if kwargs.get("ignore_conflicts"):
            raise TypeError("Rows with search keys cannot be made with ignore_conflicts.")
        with transaction.atomic(using=self.db):
            made = super().bulk_create(objs, *args, **kwargs)
            _write_new(self.model, made)
        return made

    def bulk_update(self, objs: Iterable[Any], fields: Iterable[str], batch_size: int | None = None) -> int:
        """Updates the rows with the blind indexes of the fields."""
        rows, names = list(objs), list(fields)
        indexes = _indexes_of(self.model, names)
        for row in rows:
            for index in indexes:
                index.pre_save(row, add=False)
        return super().bulk_update(rows, [*names, *(one.name for one in indexes)], batch_size)

    def update(self, **changes: Any) -> int:
        """Updates the rows with the blind indexes of the columns, and their search keys if a searched column
        changes.
        """
        for index in _indexes_of(self.model, changes):
            changes[index.name] = index.value_for(changes[index.of])
        if not self.model.search_touches(changes):
            return super().update(**changes)
        with transaction.atomic(using=self.db):
            rows = list(self.order_by().values_list("pk", flat=True))
            count = super().update(**changes)
            if count:
                write_keys(self.model, rows)
        return count


class Searched(models.Model):
    """A row that has search keys, or whose names are part of the keys of other rows."""

    # Kind in the table of keys; empty if only the rows below are searched.
    search_kind: ClassVar[str] = ""
    # Lookups of the columns from which the keys are made.
    search_columns: ClassVar[tuple[str, ...]] = ()
    # Model whose keys contain a name of this row, and the lookup from it to this row.
    search_below: ClassVar[tuple[str, str] | None] = None

    class Meta:
        abstract = True

    @staticmethod
    def search_keys(*columns: Any) -> set[str]:
        """Returns the stored keys of a row with these values of ``search_columns``."""
        raise NotImplementedError

    @classmethod
    def search_touches(cls, columns: Iterable[str]) -> bool:
        own = {column.split("__")[0] for column in cls.search_columns}
        return any(column.removesuffix("_id") in own for column in columns)

    def save(self, *args: Any, **kwargs: Any) -> None:
        fields = kwargs.get("update_fields")
        if fields is not None:
            fields = [*fields, *(index.name for index in _indexes_of(type(self), fields))]
            kwargs["update_fields"] = fields
        if fields is not None and not self.search_touches(fields):
            super().save(*args, **kwargs)
            return
        is_new = self._state.adding and self.pk is None
        with transaction.atomic():
            super().save(*args, **kwargs)
            if is_new:
                _write_new(type(self), [self])
            else:
                write_keys(type(self), [self.pk])


def searched_models() -> list[type[Searched]]:
    """Returns the models that have search keys."""
    return [model for model in installed.get_models() if issubclass(model, Searched) and model.search_kind]


@contextmanager
def written_together() -> Iterator[None]:
    """Delays writing keys to the end of the block and writes them in large batches.

    Open it inside the transaction that writes the rows.
    """
    if _later.get() is not None:
        yield
        return
    put_off: dict[type[Searched], set[Any]] = {}
    token = _later.set(put_off)
    try:
        yield
    finally:
        _later.reset(token)
    for model, rows in put_off.items():
        write_keys(model, rows)


def _write_new(model: type[Searched], made: Collection[Any]) -> None:
    """Writes keys of new rows, which have none yet and no rows below them."""
    if not model.search_kind:
        return
    if (put_off := _later.get()) is not None:
        put_off.setdefault(model, set()).update(row.pk for row in made)
        return
    for rows in _batches(made):
        columns = {row.pk: [_value(row, column) for column in model.search_columns] for row in rows}
        _insert(model.search_kind, {row: model.search_keys(*values) for row, values in columns.items()})


def _insert(kind: str, keys: dict[Any, set[str]]) -> None:
    """Inserts keys without the ORM, whose objects would cost more than the rest of an import."""
    pairs = [(row, key) for row in keys for key in sorted(keys[row])]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(INSERT_ARRAYS, [kind, [row for row, _key in pairs], [key for _row, key in pairs]])
        elif pairs:
            cursor.executemany(INSERT, [(kind, row, key) for row, key in pairs])


def _value(row: Any, column: str) -> Any:
    return reduce(getattr, column.split("__"), row)


def write_keys(model: type[Searched], rows: Iterable[Any]) -> int:
    """Updates the stored keys of these rows; returns how many rows had wrong ones.

    Reads the columns again: other writers of a row have finished, or wait for our lock.
    """
    if (put_off := _later.get()) is not None:
        put_off.setdefault(model, set()).update(rows)
        return 0
    if model.search_below is not None:
        label, path = model.search_below
        below: Any = installed.get_model(label)
        under = below._base_manager.filter(**{f"{path}__in": list(rows)}).order_by("pk")
        return write_keys(below, list(under.select_for_update().values_list("pk", flat=True)))
    wrong = 0
    for some in _batches(sorted(rows)):
        wrong += _write_some(model, some)
    return wrong


def _write_some(model: type[Searched], rows: list[Any]) -> int:
    wanted, stored = _wanted(model, rows), _stored(model, rows)
    wrong = [row for row in rows if wanted.get(row, set()) != stored.get(row, set())]
    if wrong:
        SearchKey.objects.filter(kind=model.search_kind, row__in=wrong).delete()
        _insert(model.search_kind, {row: wanted.get(row, set()) for row in wrong})
    return len(wrong)


def _wanted(model: type[Searched], rows: Collection[Any]) -> dict[Any, set[str]]:
    found = model._base_manager.filter(pk__in=rows).values_list("pk", *model.search_columns)
    return {pk: model.search_keys(*columns) for pk, *columns in found}


def _stored(model: type[Searched], rows: Collection[Any]) -> dict[Any, set[str]]:
    stored: dict[Any, set[str]] = {}
    for row, key in SearchKey.objects.filter(kind=model.search_kind, row__in=rows).values_list("row", "key"):
        stored.setdefault(row, set()).add(key)
    return stored


def wrong_rows(model: type[Searched]) -> Iterator[Any]:
    """Yields rows whose stored keys differ from their columns, and keys of deleted rows."""
    for rows in _batches(_all_rows(model)):
        wanted, stored = _wanted(model, rows), _stored(model, rows)
        yield from (row for row in rows if wanted.get(row, set()) != stored.get(row, set()))


def mend(model: type[Searched]) -> int:
    """Rewrites wrong keys of all rows; returns how many rows had them."""
    mended = 0
    for rows in _batches(_all_rows(model)):
        with transaction.atomic():
            mended += write_keys(model, rows)
    return mended


def _all_rows(model: type[Searched]) -> list[Any]:
    keyed = SearchKey.objects.filter(kind=model.search_kind).values_list("row", flat=True).distinct()
    return sorted({*keyed, *model._base_manager.values_list("pk", flat=True)})


def forget_with_row(sender: type[models.Model], instance: Any, **kwargs: Any) -> None:
    """Deletes the keys of a deleted row."""
    if issubclass(sender, Searched) and sender.search_kind:
        SearchKey.objects.filter(kind=sender.search_kind, row=instance.pk).delete()


def connect() -> None:
    for model in searched_models():
        post_delete.connect(forget_with_row, sender=model, dispatch_uid=f"core.search.{model.search_kind}")


def fill(
    apps: Any, label: str, kind: str, columns: tuple[str, ...], keys_of: Callable[..., set[str]]
) -> None:
    """Fills the table in a migration with keys of existing rows; can be repeated."""
    rows = apps.get_model(label)._base_manager.order_by("pk").values_list("pk", *columns)
    for some in _batches(rows.iterator(chunk_size=BATCH)):
        _insert(kind, {pk: keys_of(*values) for pk, *values in some})
