"""The living page of the design in a real browser: the numbers of both modes hold on every component."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.elder_mode import axe_violations, check_page, page_weight
from tests.factories import make_user

pytestmark = pytest.mark.once
NewPage = Callable[..., Page]
# It has every component at once; the pages of residents are weighed by the page sweep, at most 20 KB in large type.
WEIGHT = 24 * 1024


@pytest.mark.parametrize("mode", ["standard", "large"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_design__each_mode_and_theme__keeps_its_numbers(new_page: NewPage, mode: str, theme: str) -> None:
    page = new_page(mode=mode, color_scheme=theme)
    page.goto("/design/")

    assert check_page(page, mode) == []
    assert axe_violations(page, mode) == []
    assert page_weight(page.request.get("/design/").text()) <= WEIGHT


@pytest.mark.parametrize("mode", ["standard", "large"])
def test_design__in_english__reflows_too(new_page: NewPage, mode: str) -> None:
    page = new_page(mode=mode, language="en")
    page.goto("/design/")

    assert check_page(page, mode) == []


def test_design__on_a_desktop__shows_four_frames_side_by_side(new_page: NewPage) -> None:
    page = new_page(size=(1500, 900))
    page.goto("/design/")

    tops = {round(frame.bounding_box()["y"]) for frame in page.locator(".frame").all()}
    assert len(tops) == 1
    assert page.locator(".frame").count() == 4


def test_upload__pictures_in_two_goes__are_kept_shown_and_taken_out(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/design/")
    box = page.locator("[data-upload]").first
    chosen = box.locator("input[type=file]")

    chosen.set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": b"one"})
    chosen.set_input_files({"name": "b.png", "mimeType": "image/png", "buffer": b"two"})
    expect(box.locator("[data-previews] .picture")).to_have_count(2)
    assert chosen.evaluate("input => [...input.files].map(file => file.name)") == ["a.png", "b.png"]

    box.get_by_role("button").first.click()
    assert chosen.evaluate("input => [...input.files].map(file => file.name)") == ["b.png"]


def test_upload__one_too_many__says_so_in_words(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/design/")
    box = page.locator("[data-upload]").first
    many = [{"name": f"{n}.png", "mimeType": "image/png", "buffer": bytes([n])} for n in range(7)]

    box.locator("input[type=file]").set_input_files(many)

    expect(box.get_by_role("alert")).to_have_text("最多6张照片")
    assert box.locator("input[type=file]").evaluate("input => input.files.length") == 6


def test_recorder__spoken_message__goes_into_the_form(new_page: NewPage) -> None:
    page = new_page(permissions=["microphone"])
    page.goto("/design/")
    box = page.locator("[data-record]").first
    button = box.locator("[data-record-button]")

    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(box.locator("[data-clock]")).to_have_text(re.compile(r"^0:01 / 2:00$"))
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")

    player = box.locator("[data-player]")
    expect(player.locator("[data-time]")).to_have_text(re.compile(r"^0:0[1-3]$"))
    player.get_by_role("button", name="播放语音留言").click()
    expect(player.get_by_role("button", name="暂停")).to_be_visible()
    sent = box.locator("input[type=file]").evaluate(
        "input => [...input.files].map(file => [file.type, file.size > 0])"
    )
    assert len(sent) == 1
    assert sent[0][0].startswith("audio/")
    assert sent[0][1]


def test_speak__tap_and_tap_again__begins_and_ends(new_page: NewPage) -> None:
    page = new_page(mode="large")
    page.add_init_script("speechSynthesis.speak = (said) => { window.said = said.text }")
    page.route("**/speech/**", lambda route: route.fulfill(status=404))
    page.goto("/design/")
    button = page.locator("[data-speak]")

    expect(button).to_be_visible()
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    # Not wait_for_function: it evaluates text in the page, which the page's own policy forbids.
    for _try in range(50):
        if page.evaluate("'said' in window"):
            break
        page.wait_for_timeout(100)
    assert page.evaluate("said").startswith("设计")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    page.troubles.clear()  # type: ignore[attr-defined]  # the recording that is not there


def test_speak__browser_without_a_voice__loses_the_button(new_page: NewPage) -> None:
    page = new_page(mode="large")
    page.add_init_script("speechSynthesis.speak = (said) => said.onerror({error: 'voice-unavailable'})")
    page.route("**/speech/**", lambda route: route.fulfill(status=404))
    page.goto("/design/")

    page.locator("[data-speak]").click()

    expect(page.locator("[data-speak]")).to_be_hidden()
    page.troubles.clear()  # type: ignore[attr-defined]  # the recording that is not there


def test_pages__without_javascript__hide_what_needs_it_and_offer_the_rest(new_page: NewPage) -> None:
    page = new_page(mode="large", java_script_enabled=False)
    page.goto("/design/")

    expect(page.locator("[data-speak]")).to_be_hidden()
    expect(page.locator("[data-record]").first).to_be_hidden()
    expect(page.locator("[data-upload] input").first).to_have_css("opacity", "1")


def test_mode__entry_on_the_page__goes_there_and_back(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/design/")

    page.get_by_role("button", name="长辈版（大字）").click()
    expect(page.locator("html")).to_have_attribute("data-mode", "large")
    assert page.url.endswith("/design/")
    page.get_by_role("button", name="回普通版").click()
    expect(page.locator("html")).to_have_attribute("data-mode", "standard")


def test_home__large_mode_on_a_small_phone__shows_its_three_doors_without_scrolling(
    new_page: NewPage,
) -> None:
    page = new_page(user=make_user(), mode="large", size=(360, 600))
    page.goto("/")

    doors = page.locator(".door")
    assert doors.count() == 3
    assert max(door.bounding_box()["y"] + door.bounding_box()["height"] for door in doors.all()) <= 600
