"""What somebody reads who has stolen the database of the demo estate, and no key."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from community.core import rotation
from community.core.encryption import Encrypted, looks_sealed
from community.core.services import personal_columns, registry
from community.core.services.columns import Kind, OfNobody, labels_of

pytestmark = [pytest.mark.django_db, pytest.mark.once]
# Words that stand for nobody: a payer without a name.
NOBODY = {"住户"}
# Numbers of so many digits stand in any key or time.
SHORTEST_NUMBER = 7
# Whom a compliment is about is searched by its words in the back office and is not encrypted yet.
STILL_CLEAR = {"feedback_feedback.about"}
# Years are numbers like any other; their column is looked at instead.
NO_WORDS = {Kind.BIRTH}


def cells() -> Iterator[tuple[str, str]]:
    """Yields each different text of the database with its column."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute("SELECT name FROM pragma_table_info(%s)", [table])
            for (column,) in cursor.fetchall():
                cursor.execute(f'SELECT DISTINCT CAST("{column}" AS text) FROM "{table}"')
                for (text,) in cursor.fetchall():
                    if text and not text.isdigit():
                        yield f"{table}.{column}", text


def leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for one in value.values():
            yield from leaves(one)
    elif isinstance(value, str):
        yield value


def secrets() -> set[str]:
    """Returns the values of all sensitive columns that are encrypted, as the application reads them."""
    found: set[str] = set()
    for column in personal_columns():
        model = apps.get_model(column.model)
        field = model._meta.get_field(column.name)
        if column.sensitive and isinstance(field, Encrypted) and column.kind not in NO_WORDS:
            values = model._base_manager.values_list(column.name, flat=True)
            for value in values:
                found.update([value] if isinstance(value, str) else [])
    words = {one for one in found if not one.isdigit() or len(one) >= SHORTEST_NUMBER}
    return {value for value in words if len(value) > 1} - NOBODY


def published() -> str:
    """Returns all texts of columns that hold nothing of a person: catalogues, places, fees."""
    texts: set[str] = set()
    for one in registry.declared_columns():
        if isinstance(one, OfNobody):
            for model in apps.get_models():
                if one.model in labels_of(model):
                    for name in one.names:
                        texts.update(map(str, model._base_manager.values_list(name, flat=True)))
    return "\n".join(texts)


def where_they_stand(values: Iterable[str], texts: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """Returns the values that stand in one of the texts, by column."""
    beginning: dict[str, list[str]] = defaultdict(list)
    for value in values:
        beginning[value[:2]].append(value)
    found: dict[str, set[str]] = defaultdict(set)
    for column, text in texts:
        for place in range(len(text) - 1):
            for value in beginning.get(text[place : place + 2], ()):
                if text.startswith(value, place):
                    found[column].add(value)
    return found


def readable(text: str) -> str:
    """Returns the text with escapes of JSON resolved."""
    try:
        return json.dumps(json.loads(text), ensure_ascii=False) if text[:1] in "{[" else text
    except ValueError:
        return text


def test_dump__of_the_demo__holds_none_of_the_sensitive_values(demo: None) -> None:
    known_to_all = published()
    values = {value for value in secrets() if value not in known_to_all}
    assert len(values) > 500
    texts = [(column, readable(text)) for column, text in cells() if not looks_sealed(text)]
    found = where_they_stand(values, texts)
    assert {column: values for column, values in found.items() if column not in STILL_CLEAR} == {}


def test_dump__each_encrypted_column__holds_sealed_values_alone(demo: None) -> None:
    used = {str(source): rotation.keys_in_use(source) for source in rotation.sources()}
    assert {name: set(keys) for name, keys in used.items() if set(keys) - {"demo"}} == {}
    assert used["accounts_rosterentry.birth_year"]["demo"] > 20


def test_dump__sealed_values__stand_in_columns_that_are_known(demo: None) -> None:
    known = {str(source) for source in rotation.sources()}
    assert {column for column, text in cells() if looks_sealed(text)} - known == set()
