"""A visit that nobody finished, in real browsers: seen by the coordinator, finished, and seen by the elder."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from accounts.models import StaffRole
from community.core import clock
from services.care.models import CareBooking
from tests.elder_mode import check_page
from tests.factories import make_care_booking, make_home, make_resident, make_slot, make_staff
from tests.support.browser import DESK

S = CareBooking.Status
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NewPage = Callable[..., Page]


@pytest.fixture
def begun(db: None) -> CareBooking:
    """Begun three hours ago; it lasts an hour."""
    ago = clock.now() - timedelta(hours=3)
    home = make_home()
    elder = make_resident(home=home, name="王秀英")
    visit = make_care_booking(home=home, resident=elder, status=S.UNDER_WAY)
    slot = make_slot(resource=visit.service.resource, starts_at=ago)
    type(visit.place).objects.filter(pk=visit.place_id).update(slot=slot)
    CareBooking.objects.update(status_changed_at=ago)
    return visit


@pytest.mark.parametrize("mode", ["standard", "large"])
def test_overdue__finished_by_the_coordinator__the_elder_sees_it(
    mode: str, new_page: NewPage, begun: CareBooking
) -> None:
    coordinator = make_staff(role=StaffRole.Role.CARE_COORDINATOR, estate=begun.estate)
    elder = new_page(user=begun.resident)
    elder.goto(f"/care/bookings/{begun.pk}/")
    desk = new_page(user=coordinator, mode=mode, size=DESK)
    for url in ("/staff/care/list/", "/staff/care/"):
        desk.goto(url)
        expect(desk.locator("main")).to_contain_text("没有结束")
        assert check_page(desk, mode) == []
    desk.get_by_role("link").filter(has_text="没有结束").first.click()
    expect(desk.locator("#close")).to_be_visible()
    assert check_page(desk, mode) == []
    desk.locator("#close summary").click()
    desk.locator("#close textarea").fill("护理员忘了点结束")
    desk.locator("#close button[type=submit]").click()
    expect(elder.locator("main")).to_contain_text("护理员忘了点结束")
    desk.goto("/staff/care/")
    expect(desk.locator("main")).not_to_contain_text("没有结束")


@pytest.mark.parametrize("mode", ["standard", "large"])
def test_over__a_carers_page_of_what_was_cancelled__names_nobody(
    mode: str, new_page: NewPage, begun: CareBooking
) -> None:
    CareBooking.objects.update(status=S.CANCELLED)
    page = new_page(user=begun.carer, mode=mode)
    page.goto(f"/care-work/{begun.pk}/")
    expect(page.locator("main")).to_contain_text("已取消")
    expect(page.locator("main")).not_to_contain_text("王秀英")
    assert check_page(page, mode) == []
