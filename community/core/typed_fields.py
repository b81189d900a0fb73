"""Makes every field of every form and serializer clean its input before validation.

Django and REST framework have no setting for this, and a base class would miss forms made by them and by the
admin's packages. So the one method through which all values of a field pass is wrapped once at start-up.
``tests/test_typed_fields.py`` checks every field.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls.converters import IntConverter
from django.utils.translation import gettext as _
from rest_framework import serializers

from community.core.typed_text import clean, plain
from community.core.virus_scan import RefusedUpload

# Largest integer of a column.
MOST = 2**63 - 1
KEY_DIGITS = 18

FORM_NUMBERS = (
    *(forms.IntegerField, forms.DecimalField, forms.fields.BaseTemporalField, forms.DurationField),
    forms.UUIDField,
)
API_NUMBERS = (
    *(serializers.IntegerField, serializers.FloatField, serializers.DecimalField, serializers.UUIDField),
    *(serializers.DateField, serializers.DateTimeField, serializers.TimeField, serializers.DurationField),
)


def is_secret(field: Any) -> bool:
    """Whether the field is a password, which is taken unchanged."""
    if isinstance(field, forms.Field):
        return isinstance(field.widget, forms.PasswordInput)
    style: dict[str, Any] = getattr(field, "style", {})
    return style.get("input_type") == "password"


def is_numeric(field: Any) -> bool:
    """Whether the field takes a number; text fields declare this by ``is_plain``."""
    return isinstance(field, FORM_NUMBERS + API_NUMBERS) or getattr(field, "is_plain", False)


def cleaned_input(field: Any, value: Any) -> Any:
    """Returns the cleaned input of a field; values that are not text unchanged.

    Raises ``ValidationError`` for a file in which a virus was found.
    """
    if isinstance(value, RefusedUpload):
        if isinstance(field, forms.Field):
            raise ValidationError(str(value.words), code="virus_scan")
        raise serializers.ValidationError(str(value.words), code="virus_scan")
    if not isinstance(value, str) or is_secret(field):
        return value
    return plain(value) if is_numeric(field) else clean(value)


def must_fit(value: Any) -> Any:
    """Returns the value. Raises ``ValidationError`` for an integer too large for a column."""
    if isinstance(value, int) and not -MOST <= value <= MOST:
        raise ValidationError(_("This number is too large."), code="too_large")
    return value


def _cleaning(method: Callable[..., Any], fits: Callable[[Any], Any]) -> Callable[..., Any]:
    @wraps(method)
    def cleaned(field: Any, value: Any = serializers.empty, *args: Any, **kwargs: Any) -> Any:
        return fits(method(field, cleaned_input(field, value), *args, **kwargs))

    return cleaned


def _must_fit_api(value: Any) -> Any:
    try:
        return must_fit(value)
    except ValidationError as error:
        raise serializers.ValidationError(error.messages, code="too_large") from error


def _must_be_keys(method: Callable[..., Any]) -> Callable[..., Any]:
    """Refuses keys that are too long to exist."""

    @wraps(method)
    def cleaned(field: Any, value: Any) -> Any:
        if isinstance(value, list | tuple):
            for one in value:
                if isinstance(one, str) and one.isdecimal() and len(one) > KEY_DIGITS:
                    raise ValidationError(
                        field.error_messages["invalid_choice"], code="invalid_choice", params={"value": one}
                    )
        return method(field, value)

    return cleaned


def install() -> None:
    """Wraps the fields; called once by ``CoreConfig.ready``."""
    forms.Field.clean = _cleaning(forms.Field.clean, must_fit)  # type: ignore[method-assign]
    many = forms.ModelMultipleChoiceField
    many.clean = _must_be_keys(many.clean)  # type: ignore[method-assign]
    for kind in (serializers.Field, serializers.CharField):
        kind.run_validation = _cleaning(kind.run_validation, _must_fit_api)  # type: ignore[method-assign]
    # Longer keys in addresses cannot exist and need no query.
    IntConverter.regex = f"[0-9]{{1,{KEY_DIGITS}}}"
