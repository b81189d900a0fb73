"""A repair from the broken tap to the third face, by everybody it concerns, in real browsers at once."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import StaffRole
from services.repairs.models import Repair, RepairCategory
from tests.factories import make_category, make_home, make_resident, make_staff
from tests.support.browser import DESK
from tests.support.taps import Taps
from tests.support.world import a_picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Role = StaffRole.Role
NewPage = Callable[..., Page]


class Estate:
    """A home with a resident, and the staff whom its repair meets."""

    def __init__(self) -> None:
        self.home = make_home()
        estate = self.home.estate
        self.resident = make_resident(home=self.home, name="王秀英")
        self.dispatcher = make_staff(role=Role.DISPATCHER, estate=estate, name="孙丽华")
        self.worker = make_staff(role=Role.REPAIR_WORKER, estate=estate, name="张卫东")
        water = make_category(estate=estate, name="水", icon="droplet")
        make_category(parent=water, name="漏水", icon="droplet")
        make_category(
            parent=water,
            name="水管爆裂",
            is_emergency=True,
            danger="water",
            where=RepairCategory.Where.ANYWHERE,
        )


@pytest.fixture
def estate(db: None) -> Estate:
    return Estate()


def picture_file() -> dict[str, Any]:
    return {"name": "tap.jpg", "mimeType": "image/jpeg", "buffer": a_picture().read()}


@pytest.mark.parametrize("mode", ["standard", "large"])
def test_repair__reported_assigned_mended_and_rated__each_sees_the_others_act(
    mode: str, new_page: NewPage, estate: Estate
) -> None:
    board = new_page(user=estate.dispatcher, size=DESK)
    board.goto("/staff/repairs/")
    expect(board.locator(".job")).to_have_count(0)

    resident = new_page(user=estate.resident, mode=mode)
    resident.goto("/")
    finger = Taps(resident)
    finger.tap("报修")
    finger.tap("水")
    finger.tap("漏水")
    resident.set_input_files("input[name=pictures]", files=[picture_file()])
    finger.tap("下一步")
    finger.tap("提交")
    assert finger.count <= 5
    expect(resident.locator("main")).to_contain_text("已报修")
    repair = Repair.objects.get()
    assert repair.pictures.count() == 1

    card = board.locator(f"#card-{repair.pk}")
    expect(card).to_contain_text("漏水", timeout=3000)
    card.locator("summary").click()
    card.locator("select").select_option(str(estate.worker.pk))
    card.get_by_role("button", name="派单", exact=True).click()
    expect(resident.locator("main")).to_contain_text("张卫东", timeout=3000)

    worker = new_page(user=estate.worker, mode=mode)
    worker.goto(f"/work/{repair.pk}/")
    worker.locator("form[data-work=start] button").tap()
    expect(resident.locator("main")).to_contain_text("维修中", timeout=3000)
    worker.locator("#finish summary").tap()
    worker.locator("#finish textarea").fill("换了垫圈")
    worker.locator("#finish button[type=submit]").tap()
    expect(resident.locator("main")).to_contain_text("已修好", timeout=3000)
    expect(resident.locator("main")).to_contain_text("换了垫圈")

    resident.locator("main").get_by_role("link", name="修好了").tap()
    resident.locator("#face_3").tap()
    resident.locator("main").get_by_role("button", name="提交").tap()
    expect(resident.locator("main")).to_contain_text("已确认")
    repair.refresh_from_db()
    assert repair.status == Repair.Status.CONFIRMED
    assert repair.satisfaction is not None
    assert repair.satisfaction.face == 3
    expect(board.locator(f"#card-{repair.pk}")).to_have_count(0, timeout=3000)


def test_emergency__alarms_the_board_within_a_second_and_shows_the_number(
    new_page: NewPage, estate: Estate
) -> None:
    board = new_page(user=estate.dispatcher, size=DESK)
    board.goto("/staff/repairs/")
    board.get_by_role("button", name="打开声音").click()
    page = new_page(user=estate.resident, mode="large")
    page.goto("/")
    finger = Taps(page)
    for choice in ("报修", "水", "水管爆裂"):
        finger.tap(choice)
    expect(page.locator(f"a[href='tel:{estate.home.estate.emergency_phone}']")).to_be_visible()
    expect(board.locator("body")).to_contain_text(str(estate.home), timeout=3000)
    expect(page.locator("#emergency-state")).to_contain_text("已通知物业")
    expect(page.locator("main")).to_contain_text("先关总阀")
    board.get_by_role("button", name="我来处理").first.click()
    # The open page says by itself who sees to it.
    expect(page.locator("#emergency-state")).to_contain_text(f"{estate.dispatcher.name}已接手", timeout=3000)
    expect(board.get_by_role("button", name="我来处理")).to_have_count(0, timeout=3000)
