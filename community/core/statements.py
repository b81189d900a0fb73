"""Statements that are written once and asked with other values each time.

Django needs longer to write a statement with many joins than the database to answer it. What differs from
page to page are a few values, so the rest is kept for as long as the process runs. Nothing of an answer is
kept, and nothing of what was asked.
"""

from collections.abc import Callable, Collection, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import BooleanField, Exists, QuerySet
from django.db.models.expressions import RawSQL

Row = TypeVar("Row")
# Lengths of lists for which a statement is kept; beyond the last it is written anew.
LENGTHS = (0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128)
# Marks stand for values while a statement is written; no value of ours is like them.
_FIRST_KEY, _FIRST_MOMENT = 2_000_000_000, datetime(1971, 2, 3, tzinfo=UTC)
_TEXT = "\ue000{}"
_INNER = "statement_of_keys"
NO_KEY = "SELECT CAST(NULL AS bigint) WHERE 1 = 0"


@dataclass(frozen=True)
class _Written:
    """A statement with the compiler that knows what its columns mean.

    ``pieces`` is the text between the places of its values; ``values`` has for each place the number of the
    mark that stood there, or the value itself in a tuple. ``converters`` make of a column what its field holds;
    they know no connection.
    """

    rows: "QuerySet[Any]"
    compiler: Any
    pieces: Sequence[str]
    values: Sequence[int | tuple[Any]]
    converters: dict[int, Any]


class Statement(Generic[Row]):
    """A statement that ``write`` returns as a queryset, for marks in place of the values.

    A value is a key, a text, a day, a moment, a list of these to be found in (``home__in=homes``), or a queryset
    to look within (``pk__in=chosen``), which is written anew each time: so a list has its joins written once, and
    who may see what is found out each time. Values must reach the statement as they are: not through a field that
    encrypts, and not in Python. Whatever else ``write`` reads, such as the time, would stay as it was.
    """

    def __init__(self, write: "Callable[..., QuerySet[Any, Row]]") -> None:
        self._write = write
        self._written: dict[tuple[object, ...], _Written | None] = {}

    def __call__(self, *values: Any) -> list[Row]:
        """Returns the rows for these values."""
        if any(isinstance(one, list) and len(one) > LENGTHS[-1] for one in values):
            return list(self._write(*values))
        values = tuple(_filled_up(one) if isinstance(one, list) else one for one in values)
        shape = tuple(_shape(one) for one in values)
        if shape not in self._written:
            self._written[shape] = self._written_for(values)
        written = self._written[shape]
        return [] if written is None else _asked(written, values)

    def _written_for(self, values: Sequence[Any]) -> _Written | None:
        """Writes the statement for values of this shape; None if no row can ever be in it."""
        marks: list[Any] = []
        rows = self._write(*(_marked(one, marks) for one in values)).all()
        compiler = rows.query.get_compiler(rows.db)
        try:
            sql, params = compiler.as_sql()
        except EmptyResultSet:
            return None
        ops = connections[rows.db].ops
        places = {_stored(mark, ops): number for number, mark in enumerate(marks)}
        found = [places.get(one, (one,)) if isinstance(one, int | str | date) else (one,) for one in params]
        if {one for one in found if isinstance(one, int)} != set(range(len(marks))):
            raise ValueError("A value does not reach the statement as it is.")
        columns = [column for column, *_named in compiler.select[: compiler.col_count]]
        if compiler.has_composite_fields(columns):
            raise TypeError("A statement takes no columns of several parts.")
        return _Written(rows, compiler, sql.split("%s"), found, compiler.get_converters(columns))


def _filled_up(values: list[Any]) -> list[Any]:
    """Repeats the last value up to the next length."""
    length = next(one for one in LENGTHS if one >= len(values))
    return [*values, *values[-1:] * (length - len(values))]


def _shape(value: Any) -> object:
    if isinstance(value, QuerySet):
        return QuerySet
    return (list, len(value)) if isinstance(value, list) else type(value)


def _marked(value: Any, marks: list[Any]) -> Any:
    """Returns what stands for a value, and adds it to ``marks``."""
    if isinstance(value, list):
        return [_marked(one, marks) for one in value]
    mark = _mark(value, len(marks))
    marks.append(mark)
    return RawSQL("%s", [mark]) if isinstance(value, QuerySet) else mark


def _mark(value: Any, number: int) -> Any:
    if isinstance(value, datetime):
        return _FIRST_MOMENT + timedelta(hours=number)
    if isinstance(value, date):
        return (_FIRST_MOMENT + timedelta(days=number)).date()
    if isinstance(value, int) and not isinstance(value, bool):
        return _FIRST_KEY + number
    if isinstance(value, str | QuerySet):
        return _TEXT.format(number)
    raise TypeError(f"A statement takes no {type(value)}.")


def _stored(value: Any, ops: Any) -> Any:
    """Returns the value as the database takes it."""
    if isinstance(value, datetime):
        return ops.adapt_datetimefield_value(value)
    return ops.adapt_datefield_value(value) if isinstance(value, date) else value


def _asked(written: _Written, values: Sequence[Any]) -> list[Any]:
    rows = written.rows.all()
    connection = connections[rows.db]
    given: list[Any] = []
    for value in values:
        given += value if isinstance(value, list) else [value]
    text, params = [written.pieces[0]], []
    for place, piece in zip(written.values, written.pieces[1:], strict=True):
        if isinstance(place, tuple):
            text.append("%s")
            params.append(place[0])
        elif isinstance(given[place], QuerySet):
            inner, of_inner = _inner(given[place])
            text.append(inner)
            params += of_inner
        else:
            text.append("%s")
            params.append(_stored(given[place], connection.ops))
        text.append(piece)
    compiler = copy(written.compiler)
    compiler.connection = connection
    compiler.as_sql = lambda: ("".join(text), params)
    compiler.get_converters = lambda _columns: written.converters
    compiler.has_composite_fields = lambda _columns: False
    rows.query.get_compiler = lambda *_args, **_kwargs: compiler  # type: ignore[method-assign]
    return list(rows)


def _inner(chosen: "QuerySet[Any]") -> tuple[str, Collection[Any]]:
    # Kept with the queryset: a page asks whether there are rows, and then reads them.
    known: tuple[str, Collection[Any]] | None = vars(chosen).get(_INNER)
    if known is None:
        keys = chosen.values("pk")
        if not keys.query.is_sliced:
            keys = keys.order_by()
        try:
            known = keys.query.get_compiler(keys.db).as_sql()
        except EmptyResultSet:
            known = NO_KEY, ()
        vars(chosen)[_INNER] = known
    return known


def has_rows(chosen: Any) -> Any:
    """Returns the expression whether a queryset that is a value of a statement has any row."""
    if isinstance(chosen, RawSQL):
        return RawSQL("EXISTS (%s)", chosen.params, output_field=BooleanField())
    return Exists(chosen)
