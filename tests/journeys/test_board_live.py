"""The dispatcher's board in a real browser: it lives, cards are pulled, alarms are heard."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.models import StaffRole, User
from community.core import clock
from community.estates.models import Estate
from services.common.actions import raise_alarm
from services.repairs import actions
from services.repairs.models import Repair
from tests.factories import make_estate, make_repair, make_resident, make_staff
from tests.support.browser import DESK

S = Repair.Status
Role = StaffRole.Role


@pytest.fixture
def estate(transactional_db: None) -> Estate:
    return make_estate()


@pytest.fixture
def dispatcher(estate: Estate) -> User:
    return make_staff(role=Role.DISPATCHER, estate=estate, name="周敏")


@pytest.fixture
def worker(estate: Estate) -> User:
    return make_staff(role=Role.REPAIR_WORKER, estate=estate, name="王强")


@pytest.fixture
def board(new_page: Callable[..., Page], dispatcher: User) -> Callable[[], Page]:
    def show() -> Page:
        page = new_page(user=dispatcher, size=DESK)
        page.goto("/staff/repairs/")
        expect(page.locator("body")).to_have_attribute("data-live-state", "on")
        return page

    return show


def card_in(page: Page, column: str, repair: Repair) -> Locator:
    return page.locator(f'[data-column="{column}"] #card-{repair.pk}')


def test_pull__onto_a_worker__assigns(board: Callable[[], Page], estate: Estate, worker: User) -> None:
    repair = make_repair(estate=estate)
    page = board()
    page.locator(f"#card-{repair.pk} .where").drag_to(page.locator(f'[data-worker="{worker.pk}"]'))
    expect(card_in(page, "assigned", repair)).to_contain_text("王强")
    expect(page.locator("#board-said")).to_contain_text(repair.reference)
    expect(page.locator(f'[data-worker="{worker.pk}"]')).to_contain_text("1 单")
    repair.refresh_from_db()
    assert (repair.status, repair.worker) == (S.ASSIGNED, worker)


def test_pull__onto_accepted__accepts(board: Callable[[], Page], estate: Estate) -> None:
    repair = make_repair(estate=estate)
    page = board()
    page.locator(f"#card-{repair.pk} .where").drag_to(page.locator('[data-column="accepted"] h2'))
    expect(card_in(page, "accepted", repair)).to_be_visible()


def test_keyboard__assigns__and_the_focus_follows_the_card(
    board: Callable[[], Page], estate: Estate, worker: User
) -> None:
    repair = make_repair(estate=estate)
    page = board()
    page.locator(f"#open-{repair.pk}").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(card_in(page, "assigned", repair)).to_be_visible()
    expect(page.locator(f'[data-column="assigned"] #card-{repair.pk} h3 a')).to_be_focused()


def test_live__act_of_another__moves_the_card__and_an_open_fold_stays_open(
    board: Callable[[], Page], estate: Estate, dispatcher: User
) -> None:
    mine, other = make_repair(estate=estate), make_repair(estate=estate)
    page = board()
    page.locator(f"#open-{mine.pk}").click()
    actions.accept_repair(repair=other, by=dispatcher, now=clock.now())
    expect(card_in(page, "accepted", other)).to_be_visible(timeout=3000)
    expect(page.locator(f"#assign-{mine.pk}")).to_be_visible()


def test_alarm__sounds_within_a_second__until_a_colleague_takes_it(
    board: Callable[[], Page], estate: Estate
) -> None:
    repair = make_repair(estate=estate, is_emergency=True)
    first, second = board(), board()
    body = first.locator("body")
    expect(first.locator("[data-silent]")).to_be_visible()
    first.get_by_role("button", name="打开声音").click()
    expect(first.locator("[data-silent]")).to_be_hidden()
    raise_alarm(
        estate=estate,
        title="电梯困人",
        place="3号楼",
        url=f"/staff/repairs/{repair.pk}/",
        by=make_resident(),
        now=clock.now(),
    )
    expect(body).to_have_attribute("data-alarm", "sounding", timeout=3000)
    expect(first).to_have_title(re.compile(r"^\(1\) 警报"))
    expect(second.locator("[data-sounding]")).to_contain_text("电梯困人")
    expect(second.locator("body")).to_have_attribute("data-alarm", "silenced")
    second.get_by_role("button", name="我来处理").click()
    expect(body).to_have_attribute("data-alarm", "none", timeout=3000)
    expect(first.locator("[data-alarms]")).to_contain_text("周敏 已于")


def test_no_answer__the_board_says_so(board: Callable[[], Page], estate: Estate) -> None:
    page = board()
    page.evaluate("() => { document.body.dataset.liveState = 'off' }")
    expect(page.locator("[data-lost]")).to_contain_text("连接已断开")
