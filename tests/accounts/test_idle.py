"""A session of staff locks when nobody was there for half an hour; its alarm sounds on, nothing else answers."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import StaffRole
from tests import factories
from tests.support.second_factor import app_code, give_password, set_up_app, sign_in

pytestmark = pytest.mark.django_db
NINE = "2026-06-01T09:00:00+08:00"
AGAIN = reverse("staff_factor_again")


@pytest.fixture
def clock():
    with time_machine.travel(NINE, tick=False) as moving:
        yield moving


@pytest.fixture
def clerk(clock):
    return factories.make_staff(role=StaffRole.Role.FRONT_DESK)


@pytest.fixture
def browser(clerk) -> Client:
    client = Client()
    sign_in(client, clerk)
    client.get("/staff/residents/")
    return client


def test_idle__half_an_hour__locks_every_page_and_the_factor_opens_it(clock, clerk, browser):
    clock.shift(timedelta(minutes=29))
    assert browser.get("/staff/residents/").status_code == 200
    clock.shift(timedelta(minutes=31))
    assert browser.get("/staff/residents/?q=1").url == f"{AGAIN}?next=%2Fstaff%2Fresidents%2F%3Fq%3D1"
    for other in ("/staff/", "/me/", "/admin/", "/staff/fees/", "/staff/factors/"):
        assert browser.get(other).url.startswith(AGAIN)
    page = browser.get(AGAIN, {"next": "/staff/residents/"})
    assert page.context["is_locked"]
    assert "menu-fold" not in page.content.decode()
    assert browser.post(AGAIN, {"code": "000000", "next": "/staff/residents/"}).status_code == 409
    assert browser.get("/staff/").url.startswith(AGAIN)
    assert (
        browser.post(AGAIN, {"code": app_code(clerk), "next": "/staff/residents/"}).url == "/staff/residents/"
    )
    assert browser.get("/staff/residents/").status_code == 200


def test_idle__open_pages_asking_by_themselves__are_no_sign_of_anybody(clock, browser):
    for _n in range(4):
        clock.shift(timedelta(minutes=10))
        assert browser.get(reverse("alarms")).status_code == 200
        assert browser.get(reverse("live_numbers")).status_code == 200
        browser.get("/staff/", headers={"X-Live-Number": "1"})
    assert browser.get("/staff/").url.startswith(AGAIN)
    assert browser.get(reverse("alarms")).status_code == 200, "the alarm sounds on"
    assert browser.get("/staff/", headers={"X-Live-Number": "1"}).status_code == 423


def test_idle__somebody_typing__is_told_by_the_page(clock, browser):
    for _n in range(4):
        clock.shift(timedelta(minutes=20))
        assert browser.post(reverse("staff_presence"), {"here": "1"}).status_code == 204
    assert browser.get("/staff/").status_code == 200
    # The page locks for all; nobody opens it again by being there.
    browser.post(reverse("staff_presence"), {"away": "1"})
    browser.post(reverse("staff_presence"), {"here": "1"})
    assert browser.get("/staff/").url.startswith(AGAIN)


def test_locked__form_sent__is_kept_until_the_factor_is_given(clock, clerk, browser):
    clerk.staff_roles.update(role=StaffRole.Role.MANAGER)
    page = reverse("desk_staff_new")
    clock.shift(timedelta(minutes=40))
    sent = {"name": "周伟", "username": "zhou.wei"}
    asked = browser.post(page, sent, headers={"referer": f"http://testserver{page}"})
    assert asked.url.startswith(AGAIN)
    assert browser.post(asked.url, {"code": app_code(clerk)}).url == page
    assert "周伟" in browser.get(page).content.decode()


def test_locked__signing_out__works(clock, browser):
    clock.shift(timedelta(minutes=40))
    assert browser.post(reverse("sign_out")).url == reverse("staff_sign_in")


def test_worker__on_a_known_phone__is_not_locked_for_a_shift(clock):
    worker = factories.make_staff(role=StaffRole.Role.REPAIR_WORKER)
    phone = Client()
    set_up_app(worker)
    for minutes, is_locked in ((0, True), (2, False)):
        clock.shift(timedelta(minutes=minutes))
        give_password(phone, worker.username)
        assert phone.post(reverse("staff_factor"), {"code": app_code(worker)}).url == "/work/"
        phone.get("/work/")
        clock.shift(timedelta(hours=2))
        assert (phone.get("/work/").status_code == 302) is is_locked
        phone.post(reverse("sign_out"))
    give_password(phone, worker.username)
    phone.post(reverse("staff_factor"), {"code": app_code(worker)})
    clock.shift(timedelta(hours=12, minutes=1))
    assert phone.get("/work/").url == "/sign-in/?next=/work/", "twelve hours at most"


def test_session__whatever_is_done__ends_after_twelve_hours(clock, browser):
    for _n in range(25):
        clock.shift(timedelta(minutes=29))
        browser.get("/staff/")
    assert browser.get("/staff/").url == "/sign-in/?next=/staff/"
