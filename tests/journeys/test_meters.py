"""A round of meters on a phone, with the signal off in its middle, and a value that a resident sends."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from accounts.models import StaffRole
from community.core import clock
from community.estates.models import Home
from services.fees.models import Meter, MeterReading
from tests.factories import make_cashier, make_home, make_meter, make_resident, make_staff, read_meter
from tests.support.browser import DESK

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NewPage = Callable[..., Page]
KEPT = "#kept"


class Stair:
    """Three homes one above the other, each with a water meter that stood at 20 a month ago."""

    def __init__(self) -> None:
        first = make_home(number="101", floor=1)
        self.homes: list[Home] = [first]
        self.homes += [make_home(entrance=first.entrance, number=f"{n}01", floor=n) for n in (2, 3)]
        self.cashier = make_cashier(estate=first.estate, name="吴燕")
        self.reader = make_staff(role=StaffRole.Role.REPAIR_WORKER, estate=first.estate, name="王强")
        today = clock.today(clock.now())
        # Not yesterday on the first of a month: what is read now would be far above the usual for one day.
        before = (today - timedelta(days=10)).replace(day=1) - timedelta(days=1)
        given = {"by": self.cashier, "installed_on": before - timedelta(days=61)}
        self.meters: list[Meter] = [make_meter(home=first, **given)]
        item = self.meters[0].item
        self.meters += [make_meter(home=home, item=item, **given) for home in self.homes[1:]]
        for one in self.meters:
            read_meter(one, before - timedelta(days=30), 10, by=self.cashier)
            read_meter(one, before, 20, by=self.cashier)

    def values(self) -> list[int]:
        """Returns the newest value of each meter in whole units."""
        return [one.readings.order_by("pk").last().value_milli // 1000 for one in self.meters]


@pytest.fixture
def stair(db: None) -> Stair:
    return Stair()


def photo() -> dict[str, Any]:
    buffer = io.BytesIO()
    Image.new("RGB", (320, 240), "teal").save(buffer, "JPEG")
    return {"name": "meter.jpg", "mimeType": "image/jpeg", "buffer": buffer.getvalue()}


def shown(page: Page) -> Any:
    return page.locator("[data-meter]:visible")


def type_value(page: Page, value: str) -> None:
    shown(page).locator("[name=value]").fill(value)
    shown(page).locator("[type=submit]").click()


def test_round__signal_lost_in_the_middle__meter_after_meter_and_each_value_once(
    new_page: NewPage, stair: Stair
) -> None:
    page = new_page(user=stair.reader)
    page.goto("/work/meters/")
    expect(page.locator("body")).to_have_attribute("data-kept", "yes")
    page.locator("a.jobrow").click()
    expect(page.locator("[data-count]")).to_have_text("0 / 3")
    expect(shown(page)).to_contain_text("101")
    type_value(page, "31.5")
    expect(page.locator("[data-count]")).to_have_text("1 / 3")
    expect(shown(page)).to_contain_text("201")

    page.context.set_offline(True)
    # Far above the usual: the phone asks by itself.
    type_value(page, "90")
    expect(shown(page)).to_contain_text("比平时多很多")
    shown(page).get_by_label("核对过，读数没错").check()
    shown(page).locator("[type=submit]").click()
    expect(shown(page)).to_contain_text("301")
    expect(page.locator("[data-count]")).to_have_text("2 / 3")
    expect(page.locator(KEPT)).to_contain_text("1 条记录已存在本机")
    type_value(page, "29")
    expect(page.locator("[data-finished]")).to_be_visible()
    expect(page.locator(KEPT)).to_contain_text("2 条记录已存在本机")
    assert stair.values() == [31, 20, 20]

    page.context.set_offline(False)
    expect(page.locator(KEPT)).to_be_hidden()
    page.reload()
    expect(page.locator("[data-count]")).to_have_text("3 / 3")
    assert stair.values() == [31, 90, 29]
    taken = MeterReading.objects.filter(source=MeterReading.Source.PHONE)
    assert [(one.flag, one.status) for one in taken.order_by("pk")] == [
        ("", "accepted"),
        ("high", "accepted"),
        ("", "accepted"),
    ]
    page.troubles[:] = [one for one in page.troubles if "ERR_INTERNET_DISCONNECTED" not in one]  # type: ignore[attr-defined]


def test_own_reading__in_large_type_with_a_picture__counts_once_the_office_says_so(
    new_page: NewPage, stair: Stair
) -> None:
    resident = make_resident(home=stair.homes[0], name="王秀英")
    page = new_page(user=resident, mode="large")
    page.goto("/fees/")
    page.get_by_role("link", name="自助抄表").click()
    page.get_by_role("link", name="报读数").click()
    page.locator("input[type=file]").set_input_files([photo()])
    page.locator("[name=value]").fill("32")
    page.get_by_role("button", name="提交").click()
    expect(page.locator("main")).to_contain_text("您报了 32")

    office = new_page(user=stair.cashier, size=DESK)
    office.goto("/staff/fees/readings/")
    expect(office.locator(".pictures img")).to_have_count(1)
    office.get_by_role("button", name="计入").click()
    expect(office.locator("main")).to_contain_text("没有待核对的读数")
    page.reload()
    expect(page.locator("main")).to_contain_text("32 m³")
    reading = stair.meters[0].readings.get(source=MeterReading.Source.RESIDENT)
    assert (reading.status, reading.decided_by) == (MeterReading.Status.ACCEPTED, stair.cashier)
