"""A resident's home page: what is owed and under way first, in few queries whatever the data."""

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.models.residents import delegable
from tests.factories import (
    make_bill,
    make_care_booking,
    make_delegation,
    make_home,
    make_item,
    make_repair,
    make_residency,
    make_resident,
    make_user,
)
from tests.support.backing import forget_kept

pytestmark = pytest.mark.django_db
MAX_QUERIES = 12


def busy_resident() -> User:
    """Three homes with bills, repairs under way, parents and a child who gave delegations."""
    home = make_home()
    user = make_resident(home=home, name="陈建国")
    item = make_item(estate=home.estate)
    homes = [home, make_home(estate=home.estate), make_home()]
    for other in homes[1:]:
        make_residency(user=user, home=other)
    for one in homes:
        fee = item if one.estate == home.estate else make_item(estate=one.estate)
        for month in range(1, 6):
            make_bill(home=one, item=fee, period=date(2026, month, 1))
        make_repair(home=one, resident=user)
        make_repair(home=one, resident=user)
        make_care_booking(home=one, resident=user)
    for _number in range(4):
        mother = make_resident()
        for service in dict(delegable()):
            make_delegation(resident=mother, delegate=user, service=service)
        make_bill(home=mother.residencies.get().home)
        make_care_booking(resident=mother)
    make_delegation(resident=user, delegate=make_user())
    return user


def signed_in(user: User, mode: str = "standard") -> Client:
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(user)
    client.cookies["mode"] = mode
    return client


@pytest.mark.parametrize("mode", ["standard", "large"])
def test_home__with_much_of_everything__few_queries(mode: str) -> None:
    client = signed_in(busy_resident(), mode)
    client.get("/")
    forget_kept()
    with CaptureQueriesContext(connection) as found:
        assert client.get("/").status_code == 200
    said = "\n".join(one["sql"][:160] for one in found)
    assert len(found) <= MAX_QUERIES, said


def test_home__begins_with_what_is_owed() -> None:
    page = signed_in(busy_resident()).get("/").content.decode()
    assert "待缴 15 笔" in page
    assert page.index("¥3472.20") < page.index("报修")
    assert page.count("待缴 ¥231.48") == 4


def test_home__says_what_is_booked_next__for_oneself_and_the_family() -> None:
    mother, daughter = make_resident(), make_resident()
    make_delegation(resident=mother, delegate=daughter, service="care")
    booking = make_care_booking(resident=mother)
    page = signed_in(daughter).get("/").content.decode()
    assert f"/care/bookings/{booking.pk}/" in page
    assert f"/care/?for={mother.pk}" in page
    assert f"/care/bookings/{booking.pk}/" not in signed_in(make_resident()).get("/").content.decode()
    assert 'href="/care/"' in signed_in(mother, "large").get("/more/").content.decode()


def test_home__large__the_door_says_the_sum() -> None:
    user = make_resident(home=(home := make_home()))
    client = signed_in(user, "large")
    assert "没有欠费" in client.get("/").content.decode()
    make_bill(home=home)
    assert "¥231.48" in client.get("/").content.decode()
    make_bill(home=home, amount_fen=1_234_567)
    assert "¥12,577" in client.get("/").content.decode()


def test_more__large__leads_to_all_matters() -> None:
    """The large mode has no tab bar."""
    page = signed_in(make_resident(), "large").get("/more/").content.decode().partition("<main")[2]
    assert 'href="/mine/"' in page


def test_foot__signed_out_in_the_standard_mode__leads_home() -> None:
    """Without the tab bar nothing else does."""
    assert 'href="/"' in Client().get("/sign-in/").content.decode().partition("<footer")[2]
    assert 'href="/"' not in Client().get("/").content.decode().partition("<footer")[2]
