"""Every page, found by itself through the access matrix, looked at in both modes and languages.

With the test client: as everybody who is let in, it answers; a Chinese page has no English on it, an
English one no Chinese of ours; and it is light enough for a slow phone. In the browser: each page once
a mode, by somebody who is let in, from 320 px to a desktop.
"""

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from itertools import product
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoDbBlocker

from tests import elder_mode
from tests.support.access import EVERYONE, Row
from tests.support.access_rows import API_ROWS, ROWS, WINGS
from tests.support.typed_words import typed
from tests.support.undone import undone_at_the_end
from tests.support.world import World, make_world

SWEPT = {name: row for name, row in ROWS.items() if row.method == "get" and row.swept and row.who}
PAGES = sorted(set(SWEPT) - set(API_ROWS))
PAGED = [wing for wing in WINGS if not wing.startswith("api ")]
MODES = ("standard", "large")
LANGUAGES = ("zh-hans", "en")
COMBINATIONS = list(product(MODES, LANGUAGES))
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
        if tag in NOT_READ or ((given.get("lang") or "") in {"en", "zh-Hans"} and tag != "html"):
            self.depth += 1
        self.found += [
            given[name] or "" for name in ("alt", "aria-label", "title", "placeholder") if name in given
        ]

    def handle_endtag(self, tag: str) -> None:
        if tag in NOT_READ or (self.depth and tag == "button"):
            self.depth = max(0, self.depth - 1)

    def handle_data(self, data: str) -> None:
        if not self.depth and data.strip():
            self.found.append(data.strip())


def words_of(html: str) -> list[str]:
    reader = Words()
    reader.feed(html)
    return reader.found


def foreign_words(html: str, language: str, typed: re.Pattern[str]) -> list[str]:
    """What is not in the page's language; what people typed stays as it is."""
    found = []
    for text in words_of(html):
        ours = typed.sub("", text)
        if language == "zh-hans":
            found += [text] if WORD.search(LATIN_IN_CHINESE.sub("", ours)) else []
        elif CHINESE.search(ours.replace("中文", "")):
            found.append(text)
    return found


@pytest.fixture(scope="module")
def _made(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with undone_at_the_end(django_db_blocker):
        yield make_world()


@pytest.fixture
def world(_made: World, db: None) -> World:
    return _made


def typed_by_people(world: World) -> re.Pattern[str]:
    """Names and words that stand on the pages as somebody typed them."""
    return re.compile("|".join(map(re.escape, sorted(set(typed(world)), key=len, reverse=True))))


def address(name: str, row: Row, world: World) -> str:
    return reverse(name, kwargs=row.kwargs(world)) + row.query(world)


def client_of(world: World, standing: str, mode: str, language: str) -> Client:
    client = Client(headers={"accept-language": "zh-CN" if language == "zh-hans" else "en"})
    if standing != "anonymous":
        client.force_login(world.people[standing])
    client.cookies["mode"], client.cookies["django_language"] = mode, language
    return client


def troubles_of(client: Client, url: str, *, mode: str, language: str, typed: re.Pattern[str]) -> list[str]:
    """What is wrong with one page as one person sees it; a redirect shows nothing."""
    response = client.get(url)
    if response.status_code in {301, 302} or not response["Content-Type"].startswith("text/html"):
        return []
    if response.status_code != 200:
        return [f"answers {response.status_code}"]
    html = response.content.decode()
    return [repr(words) for words in foreign_words(html, language, typed)] + elder_mode.check_weight(
        html, mode
    )


def sweep(world: World, wing: str, combinations_of: Callable[[int], list[tuple[str, str]]]) -> list[str]:
    """Every page of a wing as everybody who is let in; in which modes and languages, by the number."""
    troubles, words = [], typed_by_people(world)
    for standing in sorted(EVERYONE):
        clients = {pair: client_of(world, standing, *pair) for pair in COMBINATIONS}
        pages = [name for name in PAGES if name in WINGS[wing] and standing in ROWS[name].who]
        for number, name in enumerate(pages):
            for mode, language in combinations_of(number + len(standing)):
                url = address(name, ROWS[name], world)
                found = troubles_of(clients[mode, language], url, mode=mode, language=language, typed=words)
                troubles += [f"{name}, {mode} {language}: {one} (as {standing})" for one in found]
    return troubles


@pytest.mark.parametrize("wing", PAGED)
def test_every_page__as_everybody__answers_in_its_language(wing: str, world: World) -> None:
    """Each person sees each page once, in turn in each mode and language."""
    troubles = sweep(world, wing, lambda number: [COMBINATIONS[number % len(COMBINATIONS)]])
    assert not troubles, "\n".join(troubles)


@pytest.mark.long
@pytest.mark.parametrize("wing", PAGED)
def test_every_page__as_everybody__in_all_modes_and_languages(wing: str, world: World) -> None:
    troubles = sweep(world, wing, lambda number: COMBINATIONS)
    assert not troubles, "\n".join(troubles)


def looker(row: Row) -> str:
    """One who is let in: the resident where possible."""
    return next(one for one in ("owner", "manager", *sorted(row.who)) if one in row.who)


def look(page: Any, url: str, mode: str) -> list[str]:
    """A page in the browser, from 320 px to a desktop in one visit."""
    page.set_viewport_size({"width": 360, "height": 740})
    response = page.goto(url)
    if response is None or response.status != 200:
        return [f"answers {response.status if response else 'nothing'}"]
    troubles = [*elder_mode.check_page(page, mode), *elder_mode.axe_violations(page, mode)]
    page.set_viewport_size({"width": 1280, "height": 800})
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        troubles.append("scrolls sideways on a desktop")
    return troubles


def look_at_wing(wing: str, mode: str, new_page: Callable[..., Any], **options: Any) -> list[str]:
    """Every page of a wing in one browser a person."""
    world, troubles, pages = make_world(), [], {}
    for name in [name for name in PAGES if name in WINGS[wing]]:
        row = ROWS[name]
        standing = looker(row)
        if standing not in pages:
            person = None if standing == "anonymous" else world.people[standing]
            pages[standing] = new_page(user=person, mode=mode, **options)
        found = look(pages[standing], address(name, row, world), mode)
        troubles += [f"{name} (as {standing}): {one}" for one in found]
    return troubles


@pytest.mark.once
@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("wing", PAGED)
def test_every_page__in_a_browser__keeps_the_numbers_of_its_mode(
    wing: str, mode: str, new_page: Callable[..., Any]
) -> None:
    troubles = look_at_wing(wing, mode, new_page)
    assert not troubles, "\n".join(troubles)


@pytest.mark.long
@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("wing", PAGED)
def test_every_page__in_a_browser__in_all_modes_languages_and_themes(
    wing: str, mode: str, language: str, theme: str, new_page: Callable[..., Any]
) -> None:
    troubles = look_at_wing(wing, mode, new_page, language=language, color_scheme=theme)
    assert not troubles, "\n".join(troubles)
