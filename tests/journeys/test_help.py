"""Two taps for help, and everybody it concerns: in real browsers at once."""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, WebSocketRoute, expect

from accounts.models import StaffRole
from community.core import clock
from community.notifications.models import InboxNotice
from services.help import actions
from services.help.models import HelpCall
from tests import elder_mode
from tests.factories import (
    make_delegation,
    make_help_call,
    make_home,
    make_residency,
    make_resident,
    make_staff,
    make_user,
    make_week_of_duty,
)
from tests.support.browser import DESK

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Role = StaffRole.Role
NewPage = Callable[..., Page]


class Estate:
    """An elder with a daughter far away, and the desk."""

    def __init__(self) -> None:
        self.home = make_home()
        estate = self.home.estate
        self.elder = make_resident(home=self.home, name="王秀英")
        self.daughter = make_user(name="李梅")
        make_delegation(resident=self.elder, delegate=self.daughter)
        self.desk = make_staff(role=Role.FRONT_DESK, estate=estate, name="周婷")
        make_week_of_duty(estate=estate, user=self.desk)


@pytest.fixture
def estate(db: None) -> Estate:
    return Estate()


@pytest.mark.parametrize("mode", ["standard", "large"])
def test_help__pressed__the_desk_hears_it__and_the_elder_reads_who_comes(
    mode: str, new_page: NewPage, estate: Estate
) -> None:
    desk = new_page(user=estate.desk, size=DESK)
    desk.goto("/staff/help/")
    desk.get_by_role("button", name="打开声音").click()
    expect(desk.locator("body")).to_have_attribute("data-alarm", "none")

    elder = new_page(user=estate.elder, mode=mode)
    elder.goto("/")
    taps = 0
    for words in ("求助", "叫人来"):
        elder.locator("main").locator("a, button").filter(has_text=words).first.tap()
        elder.wait_for_load_state()
        taps += 1
    assert taps == 2
    expect(elder.locator("main")).to_contain_text("已叫人")
    expect(elder.locator("main a[href='tel:120']")).to_be_visible()

    # The open page of the desk shows it and sounds by itself.
    expect(desk.locator("[data-sounding]")).to_contain_text("王秀英", timeout=3000)
    expect(desk.locator("body")).to_have_attribute("data-alarm", "sounding")
    expect(desk.locator("#open-calls")).to_contain_text(str(estate.home))
    desk.locator("[data-sounding]").get_by_role("button", name="我来处理").click()
    expect(desk.locator("body")).to_have_attribute("data-alarm", "none", timeout=3000)

    # The elder's open page says who is coming, by itself.
    expect(elder.locator("main")).to_contain_text("周婷", timeout=3000)
    expect(elder.locator("main")).to_contain_text("正在赶来")

    desk.locator("#open-calls").get_by_role("link", name="打开").click()
    desk.get_by_label("现场处理好").check(force=True)
    desk.locator("#end textarea").fill("扶起来了，没有受伤")
    desk.get_by_role("button", name="结束求助").click()
    expect(elder.locator("main")).to_contain_text("已处理", timeout=3000)
    expect(elder.locator("main")).to_contain_text("扶起来了，没有受伤")

    call = HelpCall.objects.get()
    assert (call.status, call.responder, call.outcome) == ("ended", estate.desk, "helped")
    assert InboxNotice.objects.filter(user=estate.elder, template="help_ended").exists()


@pytest.mark.parametrize("mode", ["large"])
def test_help__nobody_came__called_again__the_desk_hears_it_anew(
    mode: str, new_page: NewPage, estate: Estate
) -> None:
    long_ago = clock.now() - timedelta(hours=30)
    call = make_help_call(
        resident=estate.elder, home=estate.home, status="coming", responder=estate.desk, created_at=long_ago
    )
    desk = new_page(user=estate.desk, size=DESK)
    desk.goto("/staff/help/")
    desk.get_by_role("button", name="打开声音").click()
    expect(desk.locator("#open-calls")).to_contain_text("超时未登记结果")
    expect(desk.locator("body")).to_have_attribute("data-alarm", "none")

    elder = new_page(user=estate.elder, mode=mode)
    elder.goto("/help/")
    expect(elder.locator("main")).to_contain_text("周婷")
    assert [*elder_mode.check_page(elder, mode), *elder_mode.axe_violations(elder, mode)] == []
    elder.locator("main").get_by_role("button", name="没人来，再叫一次").tap()
    expect(elder.locator("main")).to_contain_text("已叫人")
    expect(desk.locator("[data-sounding]")).to_contain_text("王秀英", timeout=3000)
    expect(desk.locator("body")).to_have_attribute("data-alarm", "sounding")
    expect(desk.locator("#open-calls")).to_contain_text("无人应答")

    desk.locator("[data-sounding]").get_by_role("button", name="我来处理").click()
    expect(elder.locator("main")).to_contain_text("正在赶来", timeout=3000)
    expect(elder.get_by_role("button", name="没人来，再叫一次")).to_have_count(0)
    assert HelpCall.objects.get() == call


@pytest.mark.parametrize("path", ["/staff/", "/admin/"])
def test_help__pressed__any_open_page_of_the_desk_says_so_and_offers_the_sound(
    path: str, new_page: NewPage, estate: Estate
) -> None:
    desk = new_page(user=estate.desk, size=DESK)
    desk.goto(path)
    expect(desk.locator("body")).to_have_attribute("data-alarm", "none")
    actions.raise_call(resident=estate.elder, by=estate.elder, home=estate.home, key=uuid4(), now=clock.now())
    expect(desk.locator("[data-sounding]")).to_contain_text("王秀英", timeout=3000)
    # This browser lets no page sound before it was touched.
    expect(desk.locator("body")).to_have_attribute("data-alarm", "silenced")
    desk.get_by_role("button", name="打开声音").click()
    expect(desk.locator("body")).to_have_attribute("data-alarm", "sounding")
    expect(desk.get_by_role("button", name="打开声音")).to_be_hidden()
    desk.locator("[data-sounding]").get_by_role("button", name="我来处理").click()
    expect(desk.locator("[data-alarms]")).to_contain_text("周婷 已于", timeout=3000)
    expect(desk.locator("body")).to_have_attribute("data-alarm", "none")
    assert HelpCall.objects.get().responder == estate.desk


def test_help__network_does_not_answer__button_says_it_was_pressed__then_points_to_the_numbers(
    new_page: NewPage, estate: Estate
) -> None:
    elder = new_page(user=estate.elder, mode="large")
    elder.clock.install()
    elder.goto("/help/")
    # The press goes out, and nothing comes back.
    elder.evaluate("addEventListener('submit', (event) => event.preventDefault())")
    button = elder.locator(".sos")
    button.tap()
    expect(button).to_have_text("正在叫人")
    expect(elder.locator("[data-slow]")).to_be_hidden()
    elder.clock.run_for(8000)
    expect(elder.locator("[data-slow]")).to_contain_text("请打下面的电话")


def test_help__mother_presses__the_daughters_open_home_page_says_so_by_itself(
    new_page: NewPage, estate: Estate
) -> None:
    daughter = new_page(user=estate.daughter)
    daughter.goto("/")
    expect(daughter.locator("body")).to_have_attribute("data-live-state", "on")
    said = daughter.locator("main").get_by_text("王秀英：求助，等待应答")
    expect(said).to_have_count(0)
    actions.raise_call(resident=estate.elder, by=estate.elder, home=estate.home, key=uuid4(), now=clock.now())
    expect(said).to_be_visible(timeout=3000)


def test_help__elders_socket_is_lost__the_page_finds_out_by_itself(new_page: NewPage, estate: Estate) -> None:
    elder = new_page(user=estate.elder, mode="large")

    def refuse(socket: WebSocketRoute) -> None:
        socket.close()

    elder.route_web_socket("**/live/", refuse)
    elder.clock.install()
    elder.goto("/help/")
    elder.locator("main").get_by_role("button", name="叫人来").tap()
    expect(elder.locator("main")).to_contain_text("已叫人")
    actions.take_call(call=HelpCall.objects.with_people().get(), by=estate.desk, now=clock.now())
    # The page's own fifteen seconds, in a moment.
    elder.clock.run_for(15_000)
    expect(elder.locator("main")).to_contain_text("正在赶来")


@pytest.mark.parametrize("mode", ["standard", "large"])
def test_help__page_of_the_button__keeps_the_numbers_of_its_mode(
    mode: str, new_page: NewPage, estate: Estate
) -> None:
    make_residency(user=estate.elder, home=make_home(estate=estate.home.estate))
    make_delegation(resident=make_resident(name="李大爷"), delegate=estate.elder)
    page = new_page(user=estate.elder, mode=mode)
    page.goto("/help/")
    expect(page.get_by_role("button", name="叫人来")).to_have_count(2)
    assert [*elder_mode.check_page(page, mode), *elder_mode.axe_violations(page, mode)] == []
    family = new_page(user=estate.daughter, mode=mode)
    family.goto(f"/help/?for={estate.elder.pk}")
    assert [*elder_mode.check_page(family, mode), *elder_mode.axe_violations(family, mode)] == []


def test_board__server_silent__says_so_loudly__again_and_again__until_it_answers(
    new_page: NewPage, estate: Estate
) -> None:
    desk = new_page(user=estate.desk, size=DESK)
    desk.clock.install()
    desk.goto("/staff/help/")
    desk.get_by_role("button", name="打开声音").click()
    # The test tone has been played: on a busy machine it would be counted below, and the first warning lost.
    expect(desk.locator("[data-silent]")).to_be_hidden()
    expect(desk.locator("[data-lost]")).to_be_hidden()
    # Counts the tones from now on.
    desk.evaluate(
        "() => { window.tones = []; const begin = OscillatorNode.prototype.start;"
        " OscillatorNode.prototype.start = function (...a)"
        " { tones.push(this.frequency.value); return begin.apply(this, a); } }"
    )
    desk.context.set_offline(True)
    desk.clock.fast_forward(60_000)
    expect(desk.locator("[data-lost]")).to_be_visible(timeout=4000)
    expect(desk.locator("[data-lost]")).to_contain_text("连接已断开")
    expect(desk).to_have_title(re.compile("^连接断开"))
    # Another tone than the alarm's, and more than once.
    desk.clock.run_for(7000)
    tones = desk.evaluate("tones")
    assert len(tones) >= 4
    assert set(tones).isdisjoint({960, 720})
    desk.context.set_offline(False)
    expect(desk.locator("[data-lost]")).to_be_hidden(timeout=15_000)
    assert not desk.title().startswith("连接断开")
    desk.troubles.clear()  # type: ignore[attr-defined]


def test_board__signed_out_elsewhere__does_not_go_silent_without_a_word(
    new_page: NewPage, estate: Estate
) -> None:
    desk = new_page(user=estate.desk, size=DESK)

    def refuse(socket: WebSocketRoute) -> None:
        socket.close()

    desk.route_web_socket("**/live/", refuse)
    desk.clock.install()
    desk.goto("/staff/help/")
    desk.get_by_role("button", name="打开声音").click()
    Session.objects.all().delete()
    # The next question, which is refused, comes before the page would be taken for offline.
    desk.clock.fast_forward(12_000)
    expect(desk.locator("[data-lost]")).to_be_visible()
    desk.troubles.clear()  # type: ignore[attr-defined]


def test_duty_page__carer_at_night__hears_and_takes_a_call(new_page: NewPage, estate: Estate) -> None:
    carer = make_staff(role=Role.CARER, estate=estate.home.estate, name="冯桂兰")
    make_week_of_duty(estate=estate.home.estate, user=carer, rank=2)
    page = new_page(user=carer, size=DESK)
    page.goto("/staff/help/")
    page.get_by_role("button", name="打开声音").click()
    call = actions.raise_call(resident=estate.elder, by=estate.elder, home=None, key=uuid4(), now=clock.now())
    expect(page.locator("body")).to_have_attribute("data-alarm", "sounding", timeout=3000)
    visits = page.context.new_page()
    visits.goto("/care-work/")
    expect(visits.locator("[data-sounding]")).to_contain_text("王秀英", timeout=3000)
    page.bring_to_front()
    page.locator("[data-sounding]").get_by_role("button", name="我来处理").click()
    expect(page.locator("#open-calls")).to_contain_text("冯桂兰 前往", timeout=3000)
    expect(page.locator("body")).to_have_attribute("data-alarm", "none")
    call.refresh_from_db()
    assert call.responder == carer
