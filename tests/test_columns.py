"""The list of the columns that hold something of a person."""

from collections import Counter
from collections.abc import Iterator
from itertools import chain

import pytest
from django.apps import apps
from django.db import models

from community.core.encryption import BlindIndexField, Encrypted
from community.core.services import personal_columns, registry
from community.core.services.columns import OfNobody, labels_of
from services.common.personal import PERSONAL as COMMON

pytestmark = pytest.mark.once

# Types that can hold words, names, files and addresses. Keys, times, numbers and own states say nothing of a
# person without them.
WORDED = (
    models.CharField,
    models.TextField,
    models.JSONField,
    models.GenericIPAddressField,
    models.FileField,
    models.BinaryField,
    Encrypted,
)


def models_of(label: str) -> list[type[models.Model]]:
    return [model for model in apps.get_models() if label in labels_of(model)]


def rows_of_people() -> set[str]:
    known = [service.personal for service in registry.known_services().values()]
    return {one.model for one in chain(COMMON, *known) if one.about}


def must_be_named(field: models.Field, of_people: bool) -> bool:
    if field.is_relation or isinstance(field, BlindIndexField):
        return False
    if isinstance(field, WORDED):
        return not field.choices
    return "birth" in field.name or (of_people and field.name.endswith("_fen"))


def to_name() -> Iterator[tuple[str, str]]:
    of_people = rows_of_people()
    for model in apps.get_models(include_auto_created=True):
        label = model._meta.label_lower
        for field in model._meta.local_concrete_fields:
            if must_be_named(field, label in of_people):
                yield label, field.name


def named() -> list[tuple[str, str]]:
    return [
        (model._meta.label_lower, name)
        for one in registry.declared_columns()
        for model in models_of(one.model)
        for name in one.names
    ]


def test_columns__all_of_the_schema__are_named_once():
    """Each column of text, JSON, files and addresses, of births, and of money of people is in the list."""
    counted = Counter(named())
    assert [pair for pair in to_name() if not counted[pair]] == []
    assert [pair for pair, count in counted.items() if count > 1] == []


def test_columns__all_that_are_named__exist():
    wrong = [one.model for one in registry.declared_columns() if not models_of(one.model)]
    for label, name in named():
        stored = {field.name for field in apps.get_model(label)._meta.concrete_fields}
        wrong += [f"{label}.{name}"] * (name not in stored)
    assert wrong == []


def test_columns__encrypted_or_not__as_they_are_said_to_be():
    wrong = []
    for column in personal_columns():
        field = apps.get_model(column.model)._meta.get_field(column.name)
        if isinstance(field, Encrypted) != column.encrypted:
            wrong.append(f"{column.model}.{column.name}")
    assert wrong == []


def test_columns__sensitive_ones__are_encrypted():
    """But sessions and addresses of e-mail, of which packages own the column: ours never write the latter."""
    packages = {"sessions.session", "account.emailaddress"}
    clear = [
        f"{column.model}.{column.name}"
        for column in personal_columns()
        if column.sensitive and not column.encrypted and column.model not in packages
    ]
    assert clear == []


def test_columns__of_nobody__have_a_reason():
    assert [one for one in registry.declared_columns() if isinstance(one, OfNobody) and not one.why] == []
