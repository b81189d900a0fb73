"""Every page of the back office opens for the administrator, and speaks Chinese: also where a form has mistakes."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.http import HttpResponseBase
from django.urls import NoReverseMatch, reverse

from community.core import code_words
from tests.support.lean import LeanClient
from tests.support.reading import foreign_words
from tests.support.world import World
from tests.test_page_sweep import typed_by_people

pytestmark = [pytest.mark.once, pytest.mark.usefixtures("every_right")]

HIDDEN = re.compile(r'name="([^"]+-(?:TOTAL|INITIAL|MIN_NUM|MAX_NUM)_FORMS)" value="(\d+)"')
APPS = sorted({model._meta.app_label for model in admin.site._registry})


class Office:
    """The administrator at their browser; what is wrong with the pages is noted in ``troubles``."""

    def __init__(self, world: World) -> None:
        self.client = LeanClient(headers={"accept-language": "zh-CN"})
        self.client.force_login(world.people["superuser"])
        self.typed = typed_by_people(world)
        self.troubles: list[str] = []

    def look(self, name: str, url: str, data: dict[str, Any] | None = None) -> HttpResponseBase:
        answer = self.client.get(url) if data is None else self.client.post(url, data)
        if answer.status_code >= 500 or answer.status_code == 404:
            self.troubles.append(f"{name}: {answer.status_code}")
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            words = foreign_words(answer.content.decode(), "zh-hans", self.typed)
            self.troubles += [f"{name}: {one!r}" for one in words]
        return answer

    def fill_in_nothing(self, name: str, url: str) -> None:
        """The form, and the same form with a mistake in every field that must be filled in."""
        page = self.look(name, url)
        if page.status_code == 200:
            self.look(f"{name} with mistakes", url, dict(HIDDEN.findall(page.content.decode())))

    def walk(self, model: Any, *, is_whole: bool) -> None:
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        self.look(f"{name} list", reverse(f"admin:{name}_changelist"))
        self.fill_in_nothing(f"{name} add", reverse(f"admin:{name}_add"))
        row = model._default_manager.first()
        if row is not None:
            self.fill_in_nothing(f"{name} change", reverse(f"admin:{name}_change", args=[row.pk]))
        if not is_whole:
            return
        self.look(f"{name} search", reverse(f"admin:{name}_changelist") + "?q=zzz")
        if row is not None:
            for verb in ("delete", "history"):
                self.look(f"{name} {verb}", reverse(f"admin:{name}_{verb}", args=[row.pk]))
        for verb, url in of_files(name):
            self.look(f"{name} {verb}", url)
            self.look(f"{name} {verb} with mistakes", url, {})


def of_files(name: str) -> Iterator[tuple[str, str]]:
    for verb in ("import", "export"):
        try:
            yield verb, reverse(f"admin:{name}_{verb}")
        except NoReverseMatch:
            continue


def walked(world: World, app: str, *, is_whole: bool) -> list[str]:
    office = Office(world)
    for model in admin.site._registry:
        if model._meta.app_label == app:
            office.walk(model, is_whole=is_whole)
    return office.troubles


@pytest.mark.parametrize("app", APPS)
def test_office__lists_and_forms_with_mistakes__speak_chinese(app: str, world: World) -> None:
    assert not walked(world, app, is_whole=False)


@pytest.mark.long
@pytest.mark.parametrize("app", APPS)
def test_office__every_page__speaks_chinese(app: str, world: World) -> None:
    assert not walked(world, app, is_whole=True)


def test_office__password_of_an_account__is_asked_in_chinese(world: World) -> None:
    office = Office(world)
    url = reverse("admin:auth_user_password_change", args=[world.people["manager"].pk])
    office.look("password", url)
    office.look("password", url, {"password1": "short", "password2": "other"})
    office.look("index", reverse("admin:index"))
    assert not office.troubles


def test_office__english_on_a_page__is_a_trouble(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(code_words, "pgettext", lambda context, text: text)
    assert "accounts_delegation list: 'Delegate'" in walked(world, "accounts", is_whole=False)


def test_import_template__is_called_in_chinese(world: World) -> None:
    answer = Office(world).look("template", reverse("admin:estates_home_template"))
    said = "filename*=UTF-8''%E6%88%BF%E5%B1%8B%E5%AF%BC%E5%85%A5%E6%A8%A1%E6%9D%BF.xlsx"
    assert said in answer["Content-Disposition"]
