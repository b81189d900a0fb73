"""Every page, found by itself through the access matrix, looked at in both modes and languages.

With the test client: everybody whom the matrix lets in gets it; a Chinese page has no English on it, an
English one no Chinese of ours; and it is light enough for a slow phone. How it is drawn, the browser
looks at in test_page_sweep_browser.py; who is refused, the matrix asks.
"""

import re
from collections.abc import Callable
from functools import partial
from html import unescape
from itertools import product
from typing import Any
from urllib.parse import urljoin

import pytest
from django.db.models import F
from django.http import HttpResponse, HttpResponseBase
from django.test import Client

from community.core import clock
from services.scheduling.models import Slot
from tests import elder_mode
from tests.support.access import EVERYONE, is_let_in
from tests.support.access_rows import ROWS
from tests.support.asked import faults_of, watching_writes
from tests.support.leaks import leaks_of
from tests.support.lean import LeanClient
from tests.support.reading import (
    MARKED,
    calls_that_look_alike,
    chosen_times,
    foreign_words,
    words_without_recorder,
)
from tests.support.swept import LANGUAGES, MODES, PAGED, PAGES, address, pages_of
from tests.support.typed_words import typed
from tests.support.world import World

COMBINATIONS = list(product(MODES, LANGUAGES))


def typed_by_people(world: World) -> re.Pattern[str]:
    """Names and words that stand on the pages as somebody typed them."""
    return re.compile("|".join(map(re.escape, sorted(set(typed(world)), key=len, reverse=True))))


def client_of(world: World, standing: str, mode: str, language: str) -> Client:
    client = LeanClient(headers={"accept-language": "zh-CN" if language == "zh-hans" else "en"})
    if standing != "anonymous":
        client.force_login(world.people[standing])
    client.cookies["mode"], client.cookies["django_language"] = mode, language
    return client


OF_STAFF = ("/staff/", "/work/", "/care-work/", "/crew/")
# Pages of residents on which words are written and not spoken, and why.
ONLY_WRITTEN = {
    "renovation_ask": "everybody reads the question",
    "join_check": "who it is has not been found out yet",
    "feedback_by_code_act": "without a name: a voice says who one is",
    "help": "staff write down what they were told",
}


def troubles_of(
    client: Client,
    url: str,
    *,
    name: str,
    mode: str,
    language: str,
    typed: re.Pattern[str],
    leaks: Callable[[HttpResponseBase], list[str]] = lambda response: [],
) -> list[str]:
    """What is wrong with one page as one person sees it; a redirect shows nothing."""
    with watching_writes() as tables:
        response = client.get(url)
    faults = faults_of(name, ROWS[name], response, tables) + leaks(response)
    if not is_let_in(response) or response.status_code not in {200, 301, 302}:
        return [f"answers {response.status_code} {response.headers.get('Location', '')}"]
    if response.status_code != 200 or not response["Content-Type"].startswith("text/html"):
        return faults
    html = response.content.decode()
    return (
        faults
        + [repr(words) for words in foreign_words(html, language, typed)]
        + [f"two numbers behind {words!r}" for words in calls_that_look_alike(html)]
        + unmarked_full_times(html)
        + unspoken_words(html, name, url)
        + elder_mode.check_weight(html, mode, of_staff=url.startswith(OF_STAFF))
        + elder_mode.check_blanks(html)
    )


def unspoken_words(html: str, name: str, url: str) -> list[str]:
    """Fields for sentences of a resident's page that cannot be spoken instead."""
    if url.startswith(OF_STAFF) or name in ONLY_WRITTEN:
        return []
    return [f"no recorder with {field!r}" for field in words_without_recorder(html)]


def unmarked_full_times(html: str) -> list[str]:
    """Times that can be chosen, although they are full or closed, without a word of it; held ones may be the
    reader's own.
    """
    unmarked = [key for key, is_marked in chosen_times(html).items() if not is_marked]
    if not unmarked:
        return []
    bookable = Slot.objects.filter(pk__in=unmarked, is_closed=False, taken__lt=F("capacity"))
    lost = set(unmarked) - set(bookable.values_list("pk", flat=True))
    taken = Slot.objects.filter(pk__in=lost).exclude(places__status="held")
    return [f"a full time without a mark: {slot}" for slot in taken]


def sweep(world: World, wing: str, combinations_of: Callable[[int], list[tuple[str, str]]]) -> list[str]:
    """Every page of a wing as everybody who is let in; in which modes and languages, by the number."""
    troubles, words = [], typed_by_people(world)
    for standing in sorted(EVERYONE):
        clients: dict[tuple[str, str], Client] = {}
        leaks = partial(leaks_of, standing=standing, world=world)
        for number, name in enumerate(pages_of(wing, standing)):
            for mode, language in combinations_of(number + len(standing)):
                if (mode, language) not in clients:
                    clients[mode, language] = client_of(world, standing, mode, language)
                url = address(name, ROWS[name], world)
                found = troubles_of(
                    clients[mode, language],
                    url,
                    name=name,
                    mode=mode,
                    language=language,
                    typed=words,
                    leaks=leaks,
                )
                troubles += [f"{name}, {mode} {language}: {one} (as {standing})" for one in found]
    return troubles


@pytest.mark.parametrize("code", [302, 403, 404, 500])
def test_sweep__a_page_that_does_not_let_in__is_a_trouble(code: int) -> None:
    """The matrix leaves to the sweep whether a page lets somebody in."""

    class Refused(LeanClient):
        def get(self, *args: Any, **kwargs: Any) -> HttpResponse:  # type: ignore[override]
            headers = {"Cache-Control": "private, no-store"}
            headers |= {"Location": "/staff/sign-in/?next=/x/"} if code == 302 else {}
            return HttpResponse("{}", status=code, content_type="application/json", headers=headers)

    assert troubles_of(Refused(), "/x/", name="home", mode="large", language="en", typed=re.compile("x"))


def test_calls__two_numbers_behind_the_same_words__are_a_trouble() -> None:
    call = '<a class="btn" href="tel:{}"><span>{}</span></a>'
    assert calls_that_look_alike(call.format("110", "Call") + call.format("120", "Call")) == ["Call"]
    assert not calls_that_look_alike(call.format("110", "Call 110") + call.format("120", "Call 120"))
    assert not calls_that_look_alike(call.format("110", "Call") * 2)


def test_words__that_cannot_be_spoken__are_a_trouble() -> None:
    form = '<form><textarea class="input" name="words"></textarea>{}</form>'
    recorder = '<div class="field rec" data-record data-seconds="120" hidden></div>'
    unspoken = form.format("") + recorder
    assert unspoken_words(unspoken, "appointment_defects", "/renovation/1/") == ["no recorder with 'words'"]
    assert not unspoken_words(form.format(recorder), "appointment_defects", "/renovation/1/")
    assert not unspoken_words(unspoken, "renovation_ask", "/renovation/1/")
    assert set(ONLY_WRITTEN) <= set(PAGES)


@pytest.mark.parametrize("mode", MODES)
def test_times__of_a_day_with_a_full_one__mark_it_and_lead_to_free_ones(mode: str, world: World) -> None:
    """The sweep opens pages of days; here are those of the times of a day."""
    client = client_of(world, "owner", mode, "zh-hans")
    for page, full, day in (
        ("care_service", "care_full", "&on="),
        ("renovation_times", "renovation_full", "?day="),
    ):
        slot = world.more[full]
        url = address(page, ROWS[page], world) + f"{day}{clock.today(slot.starts_at)}"
        html = client.get(url).content.decode()
        assert not unmarked_full_times(html)
        way = re.search(
            rf'<a class="choice full-up" href="([^"]*\b{slot.pk}\b[^"]*)">(.*?)</a>', html, re.DOTALL
        )
        assert way, html
        assert MARKED.search(way[2])
        free = client.get(urljoin(url, unescape(way[1]))).content.decode()
        assert "还有空" in free or chosen_times(free)
        assert not unmarked_full_times(free)
        Slot.objects.exclude(pk=slot.pk).update(is_closed=True)
        assert unmarked_full_times(free), "those are closed by now"
        Slot.objects.exclude(pk=slot.pk).update(is_closed=False)


# The matrix asks every page of each database; words and weights have nothing to do with it.
@pytest.mark.once
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
