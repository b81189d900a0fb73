"""Every page, found by itself through the access matrix, looked at in both modes and languages.

With the test client: as everybody who is let in, it answers; a Chinese page has no English on it, an
English one no Chinese of ours; and it is light enough for a slow phone. How it is drawn, the browser
looks at in test_page_sweep_browser.py.
"""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from itertools import product

import pytest
from django.test import Client

from tests import elder_mode
from tests.support.access import EVERYONE
from tests.support.access_rows import ROWS, WINGS
from tests.support.swept import LANGUAGES, MODES, PAGED, PAGES, address
from tests.support.typed_words import typed
from tests.support.world import World

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


def typed_by_people(world: World) -> re.Pattern[str]:
    """Names and words that stand on the pages as somebody typed them."""
    return re.compile("|".join(map(re.escape, sorted(set(typed(world)), key=len, reverse=True))))


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
