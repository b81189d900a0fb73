"""The keys of a row are written with the row, in the same transaction, whoever writes it."""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import reduce
from itertools import islice
from typing import Any, ClassVar, TypeVar

from django.apps import apps as installed
from django.db import connection, models, transaction
from django.db.models.signals import post_delete

from community.core.encryption import blind_index
from community.core.models import SearchKey

# What rows are called in the table of search keys.
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


def _batches(rows: Iterable[Any]) -> Iterator[list[Any]]:
    left = iter(rows)
    while some := list(islice(left, BATCH)):
        yield some


def sealed(keys: Iterable[str]) -> set[str]:
    """Keys of personal data, as they are stored: hashes that only this server can make."""
    return {blind_index(f"search:{key}")[:KEY_LENGTH] for key in keys}


class SearchedQuerySet(models.QuerySet[Row, Row]):
    """Writes search keys with rows that are written many at once."""

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        """As Django's, but not with ``ignore_conflicts``: it does not say which rows were stored."""
        if kwargs.get("ignore_conflicts"):
            raise TypeError("Rows with search keys cannot be made with ignore_conflicts.")
        with transaction.atomic(using=self.db):
            made = super().bulk_create(objs, *args, **kwargs)
            _write_new(self.model, made)
        return made

    def update(self, **changes: Any) -> int:
        if not self.model.search_touches(changes):
            return super().update(**changes)
        with transaction.atomic(using=self.db):
            rows = list(self.order_by().values_list("pk", flat=True))
            count = super().update(**changes)
            if count:
                write_keys(self.model, rows)
        return count


class Searched(models.Model):
    """A row that is found by keys, or whose names stand in the keys of rows below it."""

    # What the rows are called in the table of keys; empty where only the rows below are searched.
    search_kind: ClassVar[str] = ""
    # Lookups of the columns that the keys are made of.
    search_columns: ClassVar[tuple[str, ...]] = ()
    # Rows of another model whose keys contain a name of this row: its label, and the way from it to here.
    search_below: ClassVar[tuple[str, str] | None] = None

    class Meta:
        abstract = True

    @staticmethod
    def search_keys(*columns: Any) -> set[str]:
        """The keys of a row with these values in ``search_columns``, as they are stored."""
        raise NotImplementedError

    @classmethod
    def search_touches(cls, columns: Iterable[str]) -> bool:
        own = {column.split("__")[0] for column in cls.search_columns}
        return any(column.removesuffix("_id") in own for column in columns)

    def save(self, *args: Any, **kwargs: Any) -> None:
        fields = kwargs.get("update_fields")
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
    """The models that are found by keys."""
    return [model for model in installed.get_models() if issubclass(model, Searched) and model.search_kind]


@contextmanager
def written_together() -> Iterator[None]:
    """Within, keys of many rows are put off and written at the end, a few hundred rows at a time.

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
    """Nothing is stored of these yet, and nothing is below them."""
    if not model.search_kind:
        return
    if (put_off := _later.get()) is not None:
        put_off.setdefault(model, set()).update(row.pk for row in made)
        return
    for rows in _batches(made):
        columns = {row.pk: [_value(row, column) for column in model.search_columns] for row in rows}
        _insert(model.search_kind, {row: model.search_keys(*values) for row, values in columns.items()})


def _insert(kind: str, keys: dict[Any, set[str]]) -> None:
    """Past the ORM: a row has a dozen keys, and objects of them would cost more than all else of an import."""
    pairs = [(row, key) for row in keys for key in sorted(keys[row])]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(INSERT_ARRAYS, [kind, [row for row, _key in pairs], [key for _row, key in pairs]])
        elif pairs:
            cursor.executemany(INSERT, [(kind, row, key) for row, key in pairs])


def _value(row: Any, column: str) -> Any:
    return reduce(getattr, column.split("__"), row)


def write_keys(model: type[Searched], rows: Iterable[Any]) -> int:
    """Makes the stored keys of these rows what they are to be; returns of how many rows they were not.

    The columns are read afresh: whoever else wrote the row has done so before, or waits for our lock on it.
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
    """The rows whose stored keys are not those that their columns make; also those of rows that are gone."""
    for rows in _batches(_all_rows(model)):
        wanted, stored = _wanted(model, rows), _stored(model, rows)
        yield from (row for row in rows if wanted.get(row, set()) != stored.get(row, set()))


def mend(model: type[Searched]) -> int:
    """Writes the keys of all rows anew where they are wrong; returns of how many."""
    mended = 0
    for rows in _batches(_all_rows(model)):
        with transaction.atomic():
            mended += write_keys(model, rows)
    return mended


def _all_rows(model: type[Searched]) -> list[Any]:
    keyed = SearchKey.objects.filter(kind=model.search_kind).values_list("row", flat=True).distinct()
    return sorted({*keyed, *model._base_manager.values_list("pk", flat=True)})


def forget_with_row(sender: type[models.Model], instance: Any, **kwargs: Any) -> None:
    """A row that is deleted, by itself or with another, leaves no key behind."""
    if issubclass(sender, Searched) and sender.search_kind:
        SearchKey.objects.filter(kind=sender.search_kind, row=instance.pk).delete()


def connect() -> None:
    for model in searched_models():
        post_delete.connect(forget_with_row, sender=model, dispatch_uid=f"core.search.{model.search_kind}")


def fill(
    apps: Any, label: str, kind: str, columns: tuple[str, ...], keys_of: Callable[..., set[str]]
) -> None:
    """For a migration: the keys of rows that were there before the table was. It can be begun again."""
    rows = apps.get_model(label)._base_manager.order_by("pk").values_list("pk", *columns)
    for some in _batches(rows.iterator(chunk_size=BATCH)):
        _insert(kind, {pk: keys_of(*values) for pk, *values in some})
