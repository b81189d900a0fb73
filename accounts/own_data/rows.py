"""Finds the rows about a person, and their columns."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Q, QuerySet

from accounts.models import User
from community.core.encryption import EncryptedTextField
from community.core.services import App, Personal, holders


def declared_rows() -> Iterator[tuple[App, Personal]]:
    """Returns every declaration of rows about people, with the app that holds them."""
    for app in holders():
        for declared in app.personal:
            yield app, declared


def model_of(declared: Personal) -> type[models.Model]:
    found: type[models.Model] = apps.get_model(declared.model)
    return found


def rows_about(person: User, declared: Personal) -> QuerySet[Any]:
    """Returns the rows about the person; none for rows in which people are only named."""
    model = model_of(declared)
    about = Q()
    for way in declared.about:
        about |= Q(**{way: person.pk})
    if not about:
        return QuerySet(model).none()
    rows: QuerySet[Any] = QuerySet(model)
    return rows.filter(pk__in=QuerySet(model).filter(about).values("pk"))


def columns_with_words(declared: Personal) -> list[models.Field]:
    """Returns the columns that hold words or names: those that were always encrypted, and those declared."""
    fields = model_of(declared)._meta.concrete_fields
    return [
        one
        for one in fields
        if one.name in declared.plain or (isinstance(one, EncryptedTextField) and not one.was_clear)
    ]


def words_of(model: type[models.Model]) -> str:
    """Returns what the rows of a model are called, "" for steps and files, which belong to another row."""
    is_named = "verbose_name_plural" in model._meta.original_attrs
    return str(model._meta.verbose_name_plural) if is_named else ""
