"""A visit from the tap to the bill, by everybody it concerns, in real browsers at once."""

from collections.abc import Callable
from datetime import time, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.models import StaffRole
from community.core import clock
from services.care.models import CareBooking, CareService
from services.fees.models import Bill
from services.scheduling import actions as scheduling
from services.scheduling.models import Place
from tests.factories import (
    make_care_booking,
    make_care_service,
    make_carer,
    make_delegation,
    make_home,
    make_provider,
    make_resident,
    make_slot,
    make_staff,
    make_user,
)
from tests.support.browser import DESK
from tests.support.taps import Taps

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NewPage = Callable[..., Page]
SOON = 5000


class Estate:
    """An elder with her son, the coordinator, a carer, bathing in half an hour and lunch tomorrow."""

    def __init__(self) -> None:
        self.home = make_home()
        estate = self.home.estate
        self.elder = make_resident(home=self.home, name="王秀英")
        self.son = make_delegation(
            resident=self.elder, delegate=make_user(name="李强"), service="care"
        ).delegate
        self.coordinator = make_staff(role=StaffRole.Role.CARE_COORDINATOR, estate=estate, name="郑慧")
        provider = make_provider(estate=estate, name="康乐护理站")
        self.carer = make_carer(provider=provider, name="冯桂兰").user
        self.bathing = make_care_service(
            provider=provider, name="助浴", question="有什么要注意？", needs_answer=True
        )
        self.slot = make_slot(
            resource=self.bathing.resource, starts_at=clock.now() + timedelta(minutes=30), capacity=2
        )
        self.lunch = make_care_service(
            provider=provider,
            name="午餐",
            kind=CareService.Kind.MEALS,
            needs_carer=False,
            price_fen=1200,
            question="有忌口吗？",
        )
        today = clock.today(clock.now())
        for day in (1, 2, 3):
            make_slot(
                resource=self.lunch.resource, day=today + timedelta(days=day), at=time(11, 30), capacity=12
            )

    @property
    def week_url(self) -> str:
        """The week of the visit: half an hour from now may be Monday already."""
        return f"/staff/care/?week={clock.today(self.slot.starts_at):%Y-%m-%d}"


@pytest.fixture
def estate(db: None) -> Estate:
    return Estate()


class Finger(Taps):
    """May tap the way to 更多 at the foot of the page, too."""

    def tap(self, name: str) -> None:
        if name == "更多":
            self.page.locator("footer").get_by_role("link", name=name, exact=True).tap()
            self.page.wait_for_load_state()
            self.count += 1
        else:
            super().tap(name)


def pull(card: Locator, cell: Locator) -> None:
    """Once more if the week was drawn anew just when the card was taken in hand."""
    for _try in range(3):
        card.drag_to(cell)
        try:
            expect(cell.locator(".visit")).to_have_count(1, timeout=2000)
            return
        except AssertionError:
            continue
    expect(cell.locator(".visit")).to_have_count(1)


def book_bathing(page: Page, way: tuple[str, ...]) -> CareBooking:
    page.goto("/")
    finger = Finger(page)
    for name in way:
        finger.tap(name)
    page.locator("textarea").fill("膝盖不好")
    page.locator("#id_agrees").check()
    finger.tap("下一步")
    expect(page.locator("main")).to_contain_text("膝盖不好")
    finger.tap("确认预约")
    expect(page.locator("main")).to_contain_text("已预约")
    return CareBooking.objects.get()


@pytest.mark.parametrize("mode", ["standard", "large"])
def test_visit__booked_assigned_begun_finished_rated_and_billed__each_sees_the_others_act(
    mode: str, new_page: NewPage, estate: Estate
) -> None:
    week = new_page(user=estate.coordinator, size=DESK)
    week.goto(estate.week_url)
    expect(week.locator(".visit")).to_have_count(0)

    elder = new_page(user=estate.elder, mode=mode)
    to_care = ("更多", "养老") if mode == "large" else ("养老",)
    day = "明天" if clock.today(estate.slot.starts_at) > clock.today(clock.now()) else "今天"
    booking = book_bathing(elder, (*to_care, "助浴", day))
    expect(elder.locator(".digits")).to_have_count(0)

    card = week.locator(f"#card-{booking.pk}")
    expect(card).to_contain_text("王秀英", timeout=SOON)
    day_of_visit = f"{clock.today(estate.slot.starts_at):%Y-%m-%d}"
    pull(card, week.locator(f'[data-carer="{estate.carer.pk}"][data-day="{day_of_visit}"]'))
    expect(elder.locator("main")).to_contain_text("冯桂兰", timeout=SOON)
    expect(elder.locator(".digits").last).to_have_text(booking.start_code)

    carer = new_page(user=estate.carer, mode=mode)
    carer.goto("/care-work/")
    carer.get_by_role("link").filter(has_text="王秀英").tap()
    expect(carer.locator("main")).to_contain_text("膝盖不好")
    expect(carer.locator("main")).not_to_contain_text(booking.start_code)
    expect(carer.locator(".digits")).to_have_text(elder.locator(".digits").first.inner_text())
    carer.locator("#start input[name=code]").fill(booking.start_code)
    carer.locator("#start button").tap()
    expect(elder.locator("main")).to_contain_text("服务中", timeout=SOON)
    expect(card).to_contain_text("服务中", timeout=SOON)
    carer.locator("#finish summary").tap()
    carer.locator("#finish textarea").fill("水温正好")
    carer.locator("#finish button[type=submit]").tap()
    expect(elder.locator("main")).to_contain_text("水温正好", timeout=SOON)
    expect(card).to_contain_text("已完成", timeout=SOON)

    elder.locator("button[name=thumb][value=up]").tap()
    expect(elder.locator("main")).to_contain_text("满意")
    booking.refresh_from_db()
    assert booking.satisfaction is not None
    assert booking.satisfaction.face == 3
    bill = Bill.objects.get()
    assert (bill.amount_fen, bill.charged_to, booking.bill) == (6000, estate.elder, bill)
    elder.goto("/fees/")
    expect(elder.locator("main")).to_contain_text("¥60.00")


def test_hold__that_ran_out__says_so_on_the_open_page__and_is_taken_again(
    new_page: NewPage, estate: Estate
) -> None:
    page = new_page(user=estate.elder, mode="large")
    page.goto("/care/")
    finger = Finger(page)
    finger.tap("明天午餐")
    expect(page.locator("main")).to_contain_text("保留到")
    Place.objects.update(held_until=clock.now())
    scheduling.lapse_due(clock.now())
    expect(page.locator("main")).to_contain_text("不再保留", timeout=SOON)
    finger.tap("确认预约")
    expect(page.locator("main")).to_contain_text("午餐")
    assert CareBooking.objects.count() == 0
    page.troubles.clear()  # type: ignore[attr-defined]  # the browser notes the answer 409
    page.locator("main form button[type=submit]").first.tap()
    expect(page.locator("main")).to_contain_text("保留到")
    finger.tap("确认预约")
    expect(page.locator("main")).to_contain_text("已预约")
    assert CareBooking.objects.count() == 1


def test_week__assigned_and_moved_by_keyboard(new_page: NewPage, estate: Estate) -> None:
    day = clock.today(clock.now()) + timedelta(days=1)
    monday = day - timedelta(days=day.weekday())
    other = monday + timedelta(days=6) if day.weekday() < 6 else None
    slot = make_slot(resource=estate.bathing.resource, day=day, at=time(9))
    booking = make_care_booking(service=estate.bathing, slot=slot, home=estate.home, resident=estate.elder)
    page = new_page(user=estate.coordinator, size=DESK)
    page.goto(f"/staff/care/?week={day:%Y-%m-%d}")
    expect(page.locator("body")).to_have_attribute("data-live-state", "on")
    page.locator(f"#open-{booking.pk}").focus()
    for key in ("Enter", "Tab", "ArrowDown", "Tab", "Tab", "Enter"):
        page.keyboard.press(key)
    mine = page.locator(f'[data-carer="{estate.carer.pk}"] #card-{booking.pk}')
    expect(mine).to_be_visible()
    expect(mine.locator("h3 a")).to_be_focused()
    if other and other > day:
        make_slot(resource=estate.bathing.resource, day=other, at=time(9))
        page.locator(f"#open-{booking.pk}").click()
        page.locator(f"#on-{booking.pk}").select_option(f"{other:%Y-%m-%d}")
        page.locator(f"#arrange-{booking.pk}").click()
        cell = f'[data-carer="{estate.carer.pk}"][data-day="{other:%Y-%m-%d}"] #card-{booking.pk}'
        expect(page.locator(cell)).to_be_visible()
    fresh = CareBooking.objects.with_people().get()
    assert fresh.carer == estate.carer
