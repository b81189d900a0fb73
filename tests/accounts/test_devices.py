"""A device that a person has used before is let through where strangers have used up their limits."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts import devices
from accounts.models import User
from accounts.sign_in_limits import guesses_of_code, tries_of_password
from community.core import clock, limits
from tests import factories
from tests.accounts.signing_in import ELSEWHERE, HERE, NUMBER, PHONE, ask, enter, enter_code
from tests.support import backing
from tests.support.second_factor import sign_in

pytestmark = pytest.mark.django_db


def a_known_phone(codes: list[Any]) -> Client:
    """The browser of somebody who has signed in and out again."""
    client = Client(REMOTE_ADDR=ELSEWHERE)
    ask(client)
    assert enter_code(client, codes[-1]["code"]).url == reverse("home")
    client.post(reverse("sign_out"))
    backing.forget_redis()
    return client


def test_device__strangers_used_up_the_number__its_owner_gets_a_code(codes: list[Any]) -> None:
    owner = a_known_phone(codes)
    with time_machine.travel(clock.now(), tick=False) as hands:
        for n in range(8):
            assert ask(Client(REMOTE_ADDR=f"203.0.113.{n}")).status_code == 302
            hands.shift(timedelta(seconds=61))
        assert ask(Client(REMOTE_ADDR=ELSEWHERE)).status_code == 429
        assert ask(owner).status_code == 302
        assert enter_code(owner, codes[-1]["code"]).url == reverse("home")


def test_device__strangers_used_up_the_guesses__its_owner_may_type_the_code(codes: list[Any]) -> None:
    owner = a_known_phone(codes)
    for n in range(24):
        limits.hit_all(guesses_of_code(PHONE, f"203.0.113.{n}", ""))
    ask(owner)
    assert enter_code(owner, codes[-1]["code"]).url == reverse("home")


def test_device__its_allowance__is_small(codes: list[Any]) -> None:
    owner = a_known_phone(codes)
    with time_machine.travel(clock.now(), tick=False) as hands:
        sent = 0
        for _n in range(20):
            sent += ask(owner).status_code == 302
            hands.shift(timedelta(seconds=121))
    assert sent == 5


def test_device__of_another_person__helps_nobody(codes: list[Any]) -> None:
    other = a_known_phone(codes)
    assert ask(other, "13912345678").status_code == 302
    assert ask(Client(), "13912345678").status_code == 429, "counted as anybody's"


def test_device__cookie__is_sent_to_the_sign_in_alone_and_read_by_no_script(
    codes: list[Any], settings: Any
) -> None:
    settings.SESSION_COOKIE_SECURE = True
    client = Client()
    ask(client)
    cookie = enter_code(client, codes[-1]["code"]).cookies[devices.COOKIE]
    assert (cookie["path"], cookie["samesite"]) == ("/sign-in/", "Lax")
    assert cookie["httponly"]
    assert cookie["secure"]
    assert cookie["max-age"] == 365 * 24 * 3600
    assert NUMBER not in cookie.value


def test_device__staff_name_locked_from_everywhere__its_owner_comes_in() -> None:
    user = factories.make_staff()
    office = Client(REMOTE_ADDR=ELSEWHERE)
    assert sign_in(office, user).status_code == 302
    office.post(reverse("sign_out"))
    for n in range(50):
        limits.hit_all(tries_of_password(user.username, f"203.0.113.{n}", ""))
    assert enter(Client(REMOTE_ADDR=HERE), user.username).status_code == 429
    for _n in range(5):
        limits.hit_all(tries_of_password("nobody", ELSEWHERE, ""))
    assert enter(office, user.username).status_code == 302


def test_device__ten_wrong_passwords__are_enough() -> None:
    user = factories.make_staff()
    office = Client()
    sign_in(office, user)
    office.post(reverse("sign_out"))
    assert [enter(office, user.username, "wrong").status_code for _n in range(11)] == [409] * 10 + [429]
    assert enter(office, user.username).status_code == 429


def _request_with(client: Client) -> Any:
    request = RequestFactory().get("/")
    request.COOKIES = {name: morsel.value for name, morsel in client.cookies.items()}
    return request


def test_device__password_changed_or_number_or_cookie_tampered_with__knows_nobody() -> None:
    user = factories.make_staff()
    office = Client()
    sign_in(office, user)
    assert devices.known_device(_request_with(office), user)
    assert not devices.known_device(_request_with(office), factories.make_staff())
    forged = _request_with(office)
    forged.COOKIES["staff_device"] = forged.COOKIES["staff_device"][:-1] + "x"
    assert not devices.known_device(forged, user)
    moved = User.objects.get(pk=user.pk)
    moved.phone_index = "another"
    assert not devices.known_device(_request_with(office), moved)
    user.set_password("Another-good-one-1")
    user.save()
    assert not devices.known_device(_request_with(office), user)


def test_device__a_year_later__knows_nobody() -> None:
    user = factories.make_staff()
    office = Client()
    enter(office, user.username)
    with time_machine.travel(clock.now() + timedelta(days=366), tick=False):
        assert not devices.known_device(_request_with(office), user)
