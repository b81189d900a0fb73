"""Pictures and spoken messages in a real browser: made small, sent ahead, looked at, listened to."""

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.storage import default_storage
from PIL import Image
from pillow_heif import register_heif_opener
from playwright.sync_api import Page, expect

from community.core import clock
from services.common.models import EarlyFile, RequestRef, SatisfactionRecording
from services.common.satisfaction import ask_satisfaction
from services.repairs import actions
from services.repairs.models import RepairDraft
from tests import elder_mode
from tests import factories as make
from tests.support import photos
from tests.support.world import a_picture

register_heif_opener()
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NewPage = Callable[..., Page]


def a_file(name: str, content: bytes) -> dict[str, Any]:
    return {"name": name, "mimeType": "image/jpeg", "buffer": content}


def lying_photo() -> bytes:
    """Returns a photograph of a phone held upright: stored lying, with the note to turn it."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return photos.packed(photos.halves(3000, 2000), "JPEG", exif=exif, quality=100).read()


def a_draft() -> RepairDraft:
    home = make.make_home()
    resident = make.make_resident(home=home)
    return RepairDraft.objects.create(
        estate=home.estate,
        resident=resident,
        begun_by=resident,
        home=home,
        category=make.make_category(estate=home.estate),
        created_at=clock.now(),
    )


def test_photographs__chosen_while_the_words_are_written__are_up_small_and_upright_before_the_button(
    new_page: NewPage,
) -> None:
    draft = a_draft()
    page = new_page(user=draft.resident)
    page.goto(f"/repairs/new/{draft.pk}/words/")
    heic = photos.packed(photos.halves(900, 600), "HEIF").read()
    page.set_input_files(
        "input[name=pictures]",
        files=[
            a_file("tap.jpg", lying_photo()),
            a_file("IMG_1.HEIC", heic),
            a_file("broken.jpg", b"no picture"),
        ],
    )
    page.fill("textarea", "水龙头漏水")
    expect(page.locator("[data-progress]")).to_have_text("照片已传好2张", timeout=15_000)
    expect(page.locator("[data-upload] [role=alert]")).to_contain_text("JPEG")
    assert page.locator("input[name=pictures]").evaluate("input => input.files.length") == 0
    page.get_by_role("button", name="下一步").click()
    expect(page.locator("h1")).not_to_have_text("说说情况")

    page.troubles.clear()  # type: ignore[attr-defined]  # the refusal of the broken one
    [lying, tall] = draft.pictures.order_by("width")
    assert (lying.width, lying.height) == (900, 600)
    assert (tall.width, tall.height) == (1067, 1600)
    with default_storage.open(tall.file_name("large")) as file:
        red, green, _blue = Image.open(io.BytesIO(file.read())).convert("RGB").getpixel((500, 100))
    assert red > 200 > 50 > green, "the left of the lying picture is its top"


def test_photograph__no_network_for_it__goes_with_the_form(new_page: NewPage) -> None:
    draft = a_draft()
    page = new_page(user=draft.resident, mode="large")
    page.goto(f"/repairs/new/{draft.pk}/words/")
    page.route("**/early-pictures/", lambda route: route.abort())
    page.set_input_files("input[name=pictures]", files=[a_file("tap.jpg", lying_photo())])
    page.get_by_role("button", name="下一步").click()
    expect(page.locator("h1")).not_to_have_text("说说情况")
    assert draft.pictures.get().height == 1600
    page.troubles.clear()  # type: ignore[attr-defined]  # the request that was cut off


def test_voice__spoken_while_the_words_are_written__is_up_played_after_a_refusal_and_sent(
    new_page: NewPage,
) -> None:
    home = make.make_home()
    resident = make.make_resident(home=home)
    asked = [
        ask_satisfaction(
            RequestRef(home.estate.pk, "fees", f"P-261123-000{number}"),
            what="缴费",
            resident=resident,
            now=clock.now(),
        )
        for number in (1, 2)
    ]
    page = new_page(user=resident, mode="large", permissions=["microphone"])
    page.goto(f"/how-was-it/{asked[0].pk}/")
    page.locator("[data-record-button]").click()
    expect(page.locator("[data-clock]")).to_have_text(re.compile("^0:01"))
    page.locator("[data-record-button]").click()
    expect(page.locator("[data-voice]")).to_have_text("语音已传好")
    assert page.locator("input[name=recording]").evaluate("input => input.files.length") == 0
    page.evaluate("document.querySelector('form#typed').noValidate = true")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("alert").filter(visible=True)).to_be_visible()
    player = page.locator("[data-record] [data-player]")
    player.get_by_role("button", name="播放语音留言").click()
    expect(player.get_by_role("button", name="暂停")).to_be_visible()
    assert elder_mode.check_page(page, "large") == []
    page.locator("input[name=face][value='3']").check(force=True)
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_text("您的评价", exact=True)).to_be_visible()

    # Without network for it, and sent while still speaking: it goes with the form.
    page.goto(f"/how-was-it/{asked[1].pk}/")
    page.route("**/early-recordings/", lambda route: route.abort())
    page.locator("[data-record-button]").click()
    expect(page.locator("[data-clock]")).to_have_text(re.compile("^0:01"))
    page.locator("input[name=face][value='3']").check(force=True)
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_text("您的评价", exact=True)).to_be_visible()
    page.troubles.clear()  # type: ignore[attr-defined]  # the refusal, and the request that was cut off
    assert SatisfactionRecording.objects.count() == 2
    assert not EarlyFile.objects.exists()


@pytest.mark.parametrize("mode", ["standard", "large"])
def test_viewer__pictures_of_a_repair__are_swiped_enlarged_and_left_by_back(
    mode: str, new_page: NewPage
) -> None:
    repair = make.make_repair()
    for _number in range(2):
        actions.add_words(repair=repair, by=repair.resident, words="", uploads=[a_picture()], now=clock.now())
    page = new_page(user=repair.resident, mode=mode)
    page.goto(f"/repairs/{repair.pk}/")
    page.locator("a.picture").first.click()
    viewer = page.locator("dialog.viewer")
    expect(viewer.locator("[data-count]")).to_have_text("1 / 2")
    found = [*elder_mode.check_page(page, mode), *elder_mode.axe_violations(page, mode)]
    # The tabs lie behind the dialog.
    assert [one for one in found if "behind the tabs" not in one] == []
    viewer.get_by_role("button", name="下一张").click()
    expect(viewer.locator("[data-caption]")).to_have_text("报修时 2")
    small = viewer.locator("figure img").nth(1).bounding_box()
    viewer.get_by_role("button", name="放大").click()
    large = viewer.locator("figure img").nth(1).bounding_box()
    assert small
    assert large
    assert large["width"] > 2 * small["width"]
    page.go_back()
    expect(viewer).to_be_hidden()
    expect(page).to_have_url(re.compile(f"/repairs/{repair.pk}/$"))
    page.locator("a.picture").first.press("Enter")
    expect(viewer.locator("[data-count]")).to_have_text("1 / 2")
    expect(viewer).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(viewer.locator("[data-count]")).to_have_text("2 / 2")
    page.keyboard.press("Escape")
    expect(viewer).to_be_hidden()
