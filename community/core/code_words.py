"""Words for stored codes and for model fields without a name of their own.

The Chinese is in ``parts/codes.po`` by context and code; English is the code itself with blanks.
"""

from django.apps import apps
from django.db import models
from django.utils.functional import lazy
from django.utils.translation import pgettext

OURS = ("accounts.", "community.", "services.")


def in_words(context: str, code: str) -> str:
    """Returns a code in the active language."""
    words = pgettext(context, code)
    return words if words != code else code.replace(".", " ").replace("_", " ")


def _field_name(name: str) -> str:
    return pgettext("field", name)


def name_fields() -> None:
    """Gives fields without a ``verbose_name`` a translated name from ``parts/codes.po``.

    The models stay unchanged for migrations, which look at the original definition.
    """
    lazily = lazy(_field_name, str)
    for model in apps.get_models():
        if model.__module__.startswith(OURS):
            for field in (*model._meta.local_fields, *model._meta.local_many_to_many):
                if isinstance(field, models.Field) and field._verbose_name is None:  # type: ignore[attr-defined]  # noqa: SLF001
                    field.verbose_name = lazily(str(field.verbose_name))
