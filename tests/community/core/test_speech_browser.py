"""The button that reads a page aloud, in a browser without a voice of its own (as on Android)."""

import shutil
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect


def eventually(page: Page, condition: str) -> None:
    """Ask until it holds; the page's own policy forbids Playwright's waiting, which evaluates text in it."""
    for _try in range(100):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(100)
    raise AssertionError(condition)


needs_espeak = pytest.mark.skipif(not shutil.which("espeak-ng"), reason="espeak-ng is not installed")


@needs_espeak
def test_speak__a_tap__plays_the_recording_and_another_stops_it(new_page: Callable[..., Page]) -> None:
    page = new_page(mode="large")
    page.add_init_script("delete window.speechSynthesis; delete window.SpeechSynthesisUtterance")
    page.add_init_script(
        "const play = Audio.prototype.play;"
        "HTMLMediaElement.prototype.play = function () { window.heard = this; return play.call(this); }"
    )
    page.goto("/sign-in/")
    button = page.locator("[data-speak]")
    expect(button).to_be_visible()
    with page.expect_response("**/speech/*.mp3*") as answer:
        button.click()
    assert answer.value.status == 200
    eventually(page, "window.heard && !window.heard.paused && window.heard.duration > 0.5")
    assert page.get_attribute("[data-speak]", "aria-pressed") == "true"
    button.click()
    eventually(page, "window.heard.paused")
    assert page.get_attribute("[data-speak]", "aria-pressed") == "false"


@needs_espeak
def test_speak__while_it_is_being_made__waits_for_it(new_page: Callable[..., Page]) -> None:
    page = new_page(mode="large")
    page.add_init_script("delete window.speechSynthesis; delete window.SpeechSynthesisUtterance")
    asked: list[str] = []

    def not_yet(route: object) -> None:
        asked.append("")
        if len(asked) < 3:
            route.fulfill(status=202, headers={"Retry-After": "1"})  # type: ignore[attr-defined]
        else:
            route.continue_()  # type: ignore[attr-defined]

    page.route("**/speech/*.mp3*", not_yet)
    page.goto("/sign-in/")
    with page.expect_response(lambda answer: "/speech/" in answer.url and answer.status == 200, timeout=8000):
        page.locator("[data-speak]").click()
    assert len(asked) == 3


def test_speak__without_any_voice__has_no_button(
    new_page: Callable[..., Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    from community.core import speech

    monkeypatch.setattr(speech, "voice", lambda language: None)
    page = new_page(mode="large")
    page.add_init_script("delete window.speechSynthesis; delete window.SpeechSynthesisUtterance")
    page.goto("/sign-in/")
    expect(page.locator("h1")).to_be_visible()
    page.wait_for_timeout(300)
    expect(page.locator("[data-speak]")).to_be_hidden()
