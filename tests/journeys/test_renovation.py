"""A renovation from the first yes to the last: household, coordinator, crew and neighbour at once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from community.core import clock
from services.renovation import actions
from services.renovation.models import Appointment, Campaign, Participation
from tests.factories import make_home, make_staff
from tests.factories.renovation import Site
from tests.support.browser import DESK
from tests.support.world import a_picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NewPage = Callable[..., Page]
SOON = 6000


def picture_file() -> Any:
    return {"name": "window.jpg", "mimeType": "image/jpeg", "buffer": a_picture().read()}


def tap(page: Page, words: str) -> None:
    page.locator("main").locator("a, button").filter(has_text=words).first.tap()
    page.wait_for_load_state()


@pytest.mark.parametrize("mode", ["standard", "large"])
def test_renovation__wished_booked_done_and_confirmed__each_sees_the_others_act(
    mode: str, new_page: NewPage, db: None
) -> None:
    site = Site(opens_at=clock.now() + timedelta(days=1))
    slot = site.slot()
    _home, neighbour = site.neighbour()
    coordinator = make_staff(role="renovation_coordinator", estate=site.estate, name="蒋涛")

    resident = new_page(user=site.resident, mode=mode)
    resident.goto(f"/renovation/{site.project.pk}/")
    tap(resident, "看我家")
    expect(resident.locator("main")).to_contain_text("开放预约")
    tap(resident, "去答复")
    resident.locator("input[name=answer][value=yes]").tap()
    resident.locator("textarea").fill("中午要睡觉")
    tap(resident, "保存")
    expect(resident.locator("main")).to_contain_text("中午要睡觉")
    said = Participation.objects.get()
    assert (said.answer, said.wishes) == ("yes", "中午要睡觉")

    # Booking opens: the button comes by itself.
    Campaign.objects.update(opens_at=clock.now())
    actions.tell_of_campaigns(clock.now())
    expect(resident.get_by_role("link", name="约时间")).to_be_visible(timeout=SOON)

    desk = new_page(user=coordinator, size=DESK)
    desk.goto(f"/staff/renovation/{site.project.pk}/week/?from={clock.today(slot.starts_at).isoformat()}")
    expect(desk.locator(".visit")).to_have_count(0)
    elevation = new_page(user=neighbour, mode="standard")
    elevation.goto(f"/renovation/{site.project.pk}/building/{site.building.pk}/")
    cell = elevation.locator(f"#cell-{site.home.pk}")
    expect(cell.locator("rect")).to_have_class("s-waiting")

    tap(resident, "约时间")
    resident.locator(".choice").first.tap()
    resident.locator(".choice").first.tap()
    tap(resident, "确认预约")
    expect(resident.locator("main")).to_contain_text("已预约")
    expect(desk.locator(".visit")).to_contain_text("501", timeout=SOON)
    expect(cell.locator("rect")).to_have_class("s-booked", timeout=SOON)
    visit = Appointment.objects.get()

    crew = new_page(user=site.member, mode=mode)
    crew.goto(f"/crew/{visit.pk}/")
    expect(crew.locator("main")).to_contain_text("中午要睡觉")
    if mode == "large":
        crew.locator("#start summary").tap()
    crew.locator("#start button[type=submit]").tap()
    expect(crew.locator("#start")).to_contain_text("请先拍施工前照片")
    crew.set_input_files("#start input[type=file]", files=[picture_file()])
    crew.locator("#start button[type=submit]").tap()
    expect(resident.locator("main")).to_contain_text("施工中", timeout=SOON)
    if mode == "large":
        crew.locator("#finish summary").tap()
    crew.set_input_files("#finish input[type=file]", files=[picture_file()])
    crew.locator("#finish button[type=submit]").tap()

    expect(cell.locator("rect")).to_have_class("s-done", timeout=SOON)
    expect(cell).to_have_attribute("aria-label", f"{site.home.entrance.name} 501：已完成")
    expect(desk.locator(".visit")).to_contain_text("请验收", timeout=SOON)
    # The refusal was provoked: the browser notes the 422.
    crew.troubles = [one for one in crew.troubles if "422" not in one]  # type: ignore[attr-defined]

    link = resident.get_by_role("link", name="验收合格")
    expect(link).to_be_visible(timeout=SOON)
    expect(resident.locator(".compare img")).to_have_count(2)
    if mode == "standard":
        slide = resident.locator("input[type=range]")
        slide.focus()
        resident.keyboard.press("ArrowRight")
        assert resident.locator("img-comparison-slider").evaluate("slider => Number(slider.value)") == 51
    link.tap()
    resident.locator("#face_3").tap()
    tap(resident, "验收合格")
    expect(resident.locator("main")).to_contain_text("保修")
    visit.refresh_from_db()
    assert (visit.status, visit.satisfaction.face) == ("confirmed", 3)  # type: ignore[union-attr]


def test_elevation__one_stop_of_the_tab_key__arrows_go_from_home_to_home(new_page: NewPage, db: None) -> None:
    """Two homes a floor, on two floors."""
    site = Site()
    entrance = site.home.entrance
    beside = make_home(entrance=entrance, number="502", floor=site.home.floor)
    below = make_home(entrance=entrance, number="401", floor=site.home.floor - 1)
    coordinator = make_staff(role="renovation_coordinator", estate=site.estate)
    pages = (
        (site.resident, f"/renovation/{site.project.pk}/building/{site.building.pk}/"),
        (coordinator, f"/staff/renovation/{site.project.pk}/building/{site.building.pk}/"),
    )
    for person, address in pages:
        page = new_page(user=person, size=DESK)
        page.goto(address)
        stops = page.locator(".cell[tabindex='0']")
        expect(stops).to_have_count(1)
        expect(stops).to_have_attribute("id", f"cell-{site.home.pk}")
        stops.focus()
        for key, home in (
            ("ArrowRight", beside),
            ("ArrowRight", beside),
            ("ArrowDown", below),
            ("ArrowUp", site.home),
        ):
            page.keyboard.press(key)
            expect(page.locator(f"#cell-{home.pk}")).to_be_focused()
            expect(stops).to_have_count(1)
        page.keyboard.press("Tab")
        expect(page.locator(".cell:focus")).to_have_count(0)
        page.keyboard.press("Shift+Tab")
        expect(page.locator(f"#cell-{site.home.pk}")).to_be_focused()
