"""Reference numbers that people can say on the phone: ``R-261123-0042``."""

import secrets
from collections.abc import Callable
from datetime import date

from django.db import transaction
from django.db.models import Case, F, TextField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Concat, Substr
from django.db.models.lookups import LessThan

from community.estates.models import Estate
from services.common.models import ReferenceCounter

# Numbers for ``unordered_reference``. ``next_reference`` counts from 1 and is not expected to reach them within
# a day, so the two do not collide.
UNORDERED = range(5000, 10_000)


def next_reference(*, letter: str, estate: Estate, on: date) -> str:
    """Returns the next reference of an estate's day. Call it last: the counter stays locked until the commit."""
    return next_references(letter=letter, estate=estate, on=on, count=1)[0]


def next_references(*, letter: str, estate: Estate, on: date, count: int) -> list[str]:
    """Returns the next ``count`` references in order, with one UPDATE."""
    row = ReferenceCounter.objects.filter(estate=estate, letter=letter, day=on)
    with transaction.atomic():
        if not row.update(last=F("last") + count):
            ReferenceCounter.objects.bulk_create(
                [ReferenceCounter(estate=estate, letter=letter, day=on)], ignore_conflicts=True
            )
            row.update(last=F("last") + count)
        last = row.values_list("last", flat=True).get()
    return [f"{letter}-{on:%y%m%d}-{number:04d}" for number in range(last - count + 1, last + 1)]


def in_sql_reference(first: str, offset: Combinable) -> Combinable:
    """Returns the reference that is ``offset`` after ``first`` as an expression of the database.

    Numbers from 10,000 on have more than four digits, which SQL's ``lpad`` would cut.
    """
    prefix, _dash, number = first.rpartition("-")
    counted = Value(int(number)) + offset
    digits = Case(
        When(LessThan(counted, Value(10_000)), then=Substr(_as_text(Value(10_000) + counted), 2)),
        default=_as_text(counted),
        output_field=TextField(),
    )
    return Concat(Value(f"{prefix}-"), digits, output_field=TextField())


def _as_text(number: Combinable) -> Cast:
    return Cast(number, TextField())


def unordered_reference(*, letter: str, on: date, is_taken: Callable[[str], bool]) -> str:
    """Returns a random reference, which reveals no order among references."""
    while True:
        reference = f"{letter}-{on:%y%m%d}-{secrets.choice(UNORDERED)}"
        if not is_taken(reference):
            return reference
