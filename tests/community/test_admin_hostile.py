"""Addresses of the back office that nobody was given: no list, row or export answers them with an error of ours."""

from collections.abc import Iterator
from typing import Any

import pytest
from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from community import urls
from community.core.admin_base import EstateScopedAdmin
from community.core.exports import ExportAdmin
from community.estates.models import Building
from tests import factories as make
from tests.support.lean import LeanClient

HUGE = "9" * 20
NO_KEYS = ("abc", HUGE, "²", "-1", "1 OR 1=1", "a/b")
NO_DAYS = (
    *(
        {"year": "9999"},
        {"year": "1", "month": "1", "day": "1"},
        {"year": "9999", "month": "12", "day": "31"},
    ),
    *({"year": "2026", "month": "13"}, {"year": "2026", "month": "2", "day": "30"}, {"year": "abc"}),
    {"year": HUGE},
)


@pytest.fixture(autouse=True)
def _refused_in_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    """Most answers here are "no", and nobody reads the page that says so."""

    def refuse(request: HttpRequest, exception: Exception) -> HttpResponse:
        return HttpResponse(status=404)

    monkeypatch.setattr(urls, "handler404", refuse, raising=False)


@pytest.fixture
def client(db: None, every_right: None) -> LeanClient:
    client = LeanClient()
    root = make.make_user(username="root", is_staff=True, is_superuser=True)
    client.force_login(root, backend="django.contrib.auth.backends.ModelBackend")
    return client


def named(office: "admin.ModelAdmin[Any]", page: str, *args: str) -> str:
    return reverse(f"admin:{office.opts.app_label}_{office.opts.model_name}_{page}", args=args)


def verbs_of(office: "admin.ModelAdmin[Any]") -> Iterator[str]:
    """The pages of one row, its buttons too."""
    for address in office.get_urls():
        if address.name and "object_id" in str(address.pattern):
            yield address.name


def test_row__by_a_key_that_is_none__is_not_found(client: LeanClient) -> None:
    wrong, asked = [], 0
    for office in admin.site._registry.values():
        for name in verbs_of(office):
            # Every page with some of them, and all of them over the pages.
            for key in (NO_KEYS[asked % len(NO_KEYS)], NO_KEYS[(asked + 1) % len(NO_KEYS)]):
                answer = client.get(reverse(f"admin:{name}", kwargs={"object_id": key}))
                asked += 1
                if answer.status_code != 404:
                    wrong.append(f"{name} {key}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert asked > 150


def filters_of(office: "admin.ModelAdmin[Any]") -> Iterator[str]:
    for one in office.list_filter:
        name = one if isinstance(one, str) else one[0] if isinstance(one, tuple) else ""
        if isinstance(name, str) and name:
            yield name


def test_list__narrowed_by_a_number_that_is_no_key__is_not_found(client: LeanClient) -> None:
    wrong = []
    for office in admin.site._registry.values():
        pages = ["changelist", "export"] if isinstance(office, ExportAdmin) else ["changelist"]
        for name in ("id__in", *(f"{one}__exact" for one in filters_of(office))):
            for page in pages[: 1 + (name == "id__in")]:
                code = client.get(named(office, page), {name: HUGE}).status_code
                if code != 404:
                    wrong.append(f"{office.opts.label} {page} {name}: {code}")
    assert not wrong, "\n".join(wrong)


def test_list__narrowed_by_a_day_that_is_none__is_shown_or_refused(client: LeanClient) -> None:
    wrong, asked = [], 0
    for office in admin.site._registry.values():
        if name := office.date_hierarchy:
            for day in NO_DAYS:
                query = {f"{name}__{part}": value for part, value in day.items()}
                code = client.get(named(office, "changelist"), query).status_code
                asked += 1
                if code not in (200, 302, 404):
                    wrong.append(f"{office.opts.label} {query}: {code}")
    assert not wrong, "\n".join(wrong)
    assert asked > 25


def test_export__narrowed_by_what_is_no_column__is_not_found(client: LeanClient) -> None:
    for office in admin.site._registry.values():
        if isinstance(office, ExportAdmin):
            assert client.get(named(office, "export"), {"made_up": "1"}).status_code == 404, office


@pytest.mark.parametrize("key", ["abc", HUGE])
def test_form__filled_in_by_an_address_with_no_key__is_empty(client: LeanClient, key: str) -> None:
    wrong = []
    for office in admin.site._registry.values():
        if not isinstance(office, EstateScopedAdmin):
            continue
        related = [one.name for one in office.opts.fields if one.is_relation]
        for name in related:
            code = client.get(named(office, "add"), {name: key}).status_code
            if code not in (200, 403, 404):
                wrong.append(f"{office.opts.label} {name}: {code}")
    assert not wrong, "\n".join(wrong)


def test_choice_of_many__with_a_key_of_twenty_digits__is_refused_with_words(db: None) -> None:
    field = forms.ModelMultipleChoiceField(Building.objects.all())
    with pytest.raises(ValidationError):
        field.clean([HUGE])
