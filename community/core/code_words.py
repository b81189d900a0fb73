"""Codes and bare field names in words: what is stored as a code is read by people too.

The Chinese stands in ``parts/codes.po`` by context and code; English is the code itself, with blanks.
"""

from django.apps import apps
from django.db import models
from django.utils.functional import lazy
from django.utils.translation import pgettext

OURS = ("accounts.", "community.", "services.")


def in_words(context: str, code: str) -> str:
    """A code in the active language."""
    words = pgettext(context, code)
    return words if words != code else code.replace(".", " ").replace("_", " ")


def _field_name(name: str) -> str:
    return pgettext("field", name)


def name_fields() -> None:
    """Let the pages call a field that was given no words of its own by the name in ``parts/codes.po``.

    Nothing of the model changes: migrations look at what was given.
    """
    lazily = lazy(_field_name, str)
    for model in apps.get_models():
        if model.__module__.startswith(OURS):
            for field in (*model._meta.local_fields, *model._meta.local_many_to_many):
                if isinstance(field, models.Field) and field._verbose_name is None:  # type: ignore[attr-defined]  # noqa: SLF001
                    field.verbose_name = lazily(str(field.verbose_name))
