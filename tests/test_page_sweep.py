"""Every page, found by itself through the access matrix, looked at in both modes and languages.

With the test client: as everybody who is let in, it answers; a Chinese page has no English on it, an
English one no Chinese of ours; and it is light enough for a slow phone. In the browser: each page once
a mode, by somebody who is let in, from 320 px to a desktop.
"""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests import elder_mode
from tests.support.access import EVERYONE, Row
from tests.support.access_rows import API, ROWS
from tests.support.world import World, make_world

PAGES = sorted(name for name, row in ROWS.items() if row.method == "get" and row.swept and name not in API)
MODES = ("standard", "large")
LANGUAGES = ("zh-hans", "en")
# What stands in Latin letters on a Chinese page on purpose.
LATIN_IN_CHINESE = re.compile(
    r"English|R-\d{6}-\d{4}|JPEG|PNG|WebP|HEIC|API|Excel|PDF|SMS|QR|MB|GB|http\S+|linli_\S+|[A-Z0-9]{7}|Linli"
)
WORD = re.compile(r"[A-Za-z]{3,}")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
NOT_READ = {"script", "style", "template"}


class Words(HTMLParser):
    """The words that a person reads or hears: text, and the attributes that are read out."""

    def __init__(self) -> None:
        super().__init__()
        self.depth, self.found = 0, []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in NOT_READ or (given.get("lang") or "") in {"en", "zh-Hans"} and tag != "html":
            self.depth += 1
        self.found += [given[name] or "" for name in ("alt", "aria-label", "title", "placeholder") if name in given]

    def handle_endtag(self, tag: str) -> None:
        if tag in NOT_READ or self.depth and tag == "button":
            self.depth = max(0, self.depth - 1)

    def handle_data(self, data: str) -> None:
        if not self.depth and data.strip():
            self.found.append(data.strip())


def words_of(html: str) -> list[str]:
    reader = Words()
    reader.feed(html)
    return reader.found


def foreign_words(html: str, language: str, typed: set[str]) -> list[str]:
    """What is not in the page's language; what people typed stays as it is."""
    found = []
    for text in words_of(html):
        for one in typed:
            text = text.replace(one, "")
        if language == "zh-hans":
            found += [text for word in [LATIN_IN_CHINESE.sub("", text)] if WORD.search(word)]
        elif CHINESE.search(text.replace("中文", "")):
            found.append(text)
    return found


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def typed_by_people(world: World) -> set[str]:
    """Names and words that stand on the pages as somebody typed them, longest first."""
    from tests.support.access_rows import typed

    return set(sorted(typed(world), key=len, reverse=True))


def address(name: str, row: Row, world: World) -> str:
    return reverse(name, kwargs=row.kwargs(world)) + row.query(world)


def client_of(world: World, standing: str, mode: str, language: str) -> Client:
    client = Client(headers={"accept-language": "zh-CN" if language == "zh-hans" else "en"})
    if standing != "anonymous":
        client.force_login(world.people[standing])
    client.cookies["mode"], client.cookies["django_language"] = mode, language
    return client


@pytest.mark.parametrize("name", PAGES)
def test_every_page__in_both_modes_and_languages__answers_in_its_language(name: str, world: World) -> None:
    row, troubles = ROWS[name], []
    for standing in sorted(row.who & (EVERYONE)):
        for mode in MODES:
            for language in LANGUAGES:
                client = client_of(world, standing, mode, language)
                response = client.get(address(name, row, world))
                if response.status_code in {301, 302} or not response["Content-Type"].startswith("text/html"):
                    continue
                where = f"{standing} {mode} {language}"
                if response.status_code != 200:
                    troubles.append(f"{where}: {response.status_code}")
                    continue
                html = response.content.decode()
                troubles += [f"{where}: {words!r}" for words in foreign_words(html, language, typed_by_people(world))]
                troubles += [f"{where}: {heavy}" for heavy in elder_mode.check_weight(html, mode)]
    assert not troubles, "\n".join(dict.fromkeys(troubles))


def looker(row: Row) -> str:
    """One who is let in: the resident where possible."""
    return next(one for one in ("owner", "manager", *sorted(row.who)) if one in row.who)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("mode", MODES)
def test_every_page__in_a_browser__keeps_the_numbers_of_its_mode(
    mode: str, new_page: Callable[..., Any]
) -> None:
    world, troubles, pages = make_world(), [], {}
    for name in PAGES:
        row = ROWS[name]
        standing = looker(row)
        if standing not in pages:
            person = None if standing == "anonymous" else world.people[standing]
            pages[standing] = new_page(user=person, mode=mode)
        page = pages[standing]
        page.set_viewport_size({"width": 360, "height": 740})
        response = page.goto(address(name, row, world))
        if response is None or response.status != 200:
            troubles.append(f"{name}: {response.status if response else 'nothing'}")
            continue
        troubles += [f"{name}: {found}" for found in elder_mode.check_page(page, mode)]
        troubles += [f"{name}: {found}" for found in elder_mode.axe_violations(page, mode)]
        page.set_viewport_size({"width": 1280, "height": 800})
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            troubles.append(f"{name}: scrolls sideways on a desktop")
    assert not troubles, "\n".join(troubles)
