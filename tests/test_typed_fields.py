"""What is typed and sent is cleaned at the border: in every field of every form and serializer there is."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from unittest.mock import patch

import pytest
from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import translation
from rest_framework import serializers

import accounts
import community
import services
from accounts.forms import NameForm, StaffSignInForm
from community.core import clock
from community.core.typed_fields import MOST, is_numeric, is_secret
from services.common.models import Alarm
from services.help.models import HelpCall
from tests import factories as make
from tests.factories import make_token

pytestmark = pytest.mark.once

DIRTY = "\ufeff１2\u202e\x07é\u200b"
CLEAN, PLAIN = "１2é", "12é"


def subclasses(kind: type) -> Iterator[type]:
    for one in kind.__subclasses__():
        yield one
        yield from subclasses(one)


@pytest.fixture(scope="module")
def _everything_is_imported() -> None:
    for package in (accounts, community, services):
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            parts = module.name.split(".")
            if not {"management", "migrations", "__main__", "wsgi"} & set(parts):
                importlib.import_module(module.name)


def form_fields() -> Iterator[tuple[str, forms.Field]]:
    for kind in {*subclasses(forms.BaseForm)}:
        for name, field in getattr(kind, "base_fields", {}).items():
            yield f"{kind.__module__}.{kind.__qualname__}.{name}", field


def admin_fields(request: Any) -> Iterator[tuple[str, forms.Field]]:
    for model, office in admin.site._registry.items():
        for name, field in office.get_form(request).base_fields.items():
            yield f"admin {model._meta.label}.{name}", field
        for inline in office.get_inline_instances(request):
            for name, field in inline.get_formset(request).form.base_fields.items():
                yield f"admin {model._meta.label}: {inline.model._meta.label}.{name}", field


def given_to(field: Any, method: str, ask: str) -> list[Any]:
    """What a field works with when it is sent dirty text."""
    seen: list[Any] = []

    def spy(value: Any) -> None:
        seen.append(value)
        raise ValidationError("seen")

    with patch.object(field, method, spy), suppress(ValidationError, serializers.ValidationError):
        getattr(field, ask)(DIRTY)
    return seen


def expected(field: Any) -> str:
    if is_secret(field):
        return DIRTY
    return PLAIN if is_numeric(field) else CLEAN


@pytest.mark.django_db
@pytest.mark.usefixtures("_everything_is_imported", "every_right")
def test_forms__every_field__is_given_clean_text() -> None:
    request = RequestFactory().get("/")
    request.user = make.make_user(username="root", is_staff=True, is_superuser=True)
    # A file comes with its name, rows are chosen by keys, the parts of a field of several are fields themselves.
    skipped = (forms.FileField, forms.MultiValueField, forms.ModelMultipleChoiceField)
    found = dict([*form_fields(), *admin_fields(request)])
    asked = {name: field for name, field in found.items() if not isinstance(field, skipped)}
    wrong = [
        name for name, field in asked.items() if given_to(field, "to_python", "clean") != [expected(field)]
    ]
    assert not wrong
    assert len(asked) > 400
    assert any(
        name.startswith("admin ") and type(field).__name__ == "CharField" for name, field in asked.items()
    )


@pytest.mark.usefixtures("_everything_is_imported")
def test_serializers__every_field__is_given_clean_text() -> None:
    nested = (serializers.BaseSerializer, serializers.ListField, serializers.DictField, serializers.FileField)
    found = {
        f"{kind.__module__}.{kind.__qualname__}.{name}": field
        for kind in {*subclasses(serializers.Serializer)}
        if kind.__module__.split(".")[0] in ("accounts", "community", "services")
        for name, field in getattr(kind, "_declared_fields", {}).items()
        if not field.read_only and not isinstance(field, nested)
    }
    wrong = [
        name
        for name, field in found.items()
        if given_to(field, "to_internal_value", "run_validation") != [expected(field)]
    ]
    assert not wrong
    assert len(found) > 60


def test_list_of_texts__in_the_api__is_cleaned_one_by_one() -> None:
    field = serializers.ListField(child=serializers.CharField())
    assert field.run_validation([DIRTY]) == [CLEAN]


def test_password__typed_with_what_nobody_sees__is_taken_as_it_is() -> None:
    form = StaffSignInForm({"username": f"li{DIRTY}", "password": DIRTY})
    assert form.is_valid()
    assert form.cleaned_data == {"username": f"li{CLEAN}", "password": DIRTY}


@pytest.mark.parametrize("number", [MOST + 1, 10**19, -(10**20)])
def test_number__longer_than_a_column__is_refused_with_words(number: int) -> None:
    with pytest.raises(ValidationError):
        forms.IntegerField().clean(str(number))
    with pytest.raises(serializers.ValidationError):
        serializers.IntegerField().run_validation(number)


# -- As people meet it


@pytest.mark.parametrize(
    "name", ["\u200b", "\u3164", "\u2800", "\u202e", "\u2060", "\ufeff ", "\u00a0", "\x07"]
)
def test_name__of_one_unseen_character__is_no_name(name: str) -> None:
    with translation.override("en"):
        assert NameForm({"name": name}).errors["name"] == ["Please write your name."]


@pytest.mark.django_db
def test_call_for_help__with_a_turn_of_direction__is_kept_as_it_is_read() -> None:
    resident = make.make_resident(home=make.make_home())
    sent = {"words": "摔倒\u202e了\x07，\u200b快来"}
    address = reverse("api_help_calls")
    answer = Client().post(address, sent, content_type="application/json", headers=make_token(resident))
    assert answer.status_code == 201, answer.content
    assert HelpCall.objects.get().description == "摔倒了，快来"


@pytest.mark.django_db
def test_alarm_bar__name_stored_with_a_turn_of_direction__turns_nothing_beside_it() -> None:
    alarm = Alarm(pk=1, title="王\u202e秀英", place="3号楼\u202e501", raised_at=clock.now())
    shown = render_to_string("common/alarms.html", {"alarms": [alarm]})
    assert shown.count("\u202e") == 2
    assert "\u202e" not in re.sub(r"<bdi>.*?</bdi>", "", shown)
