"""What somebody sees who may not go where they went: plain words, the way home, and whom to call."""

from itertools import product

import pytest
from django.test import Client

from tests.support.access import EVERYONE, RESIDENTS
from tests.support.world import World


def client_of(world: World, standing: str, mode: str = "standard") -> Client:
    client = Client(headers={"accept-language": "zh-CN"})
    if standing != "anonymous":
        client.force_login(world.people[standing])
    client.cookies["mode"] = mode
    return client


def test_not_found__as_everybody__says_so_and_leads_home(world: World) -> None:
    for standing, mode in product(sorted(EVERYONE), ("standard", "large")):
        response = client_of(world, standing, mode).get("/nowhere/")
        page = response.content.decode()
        assert response.status_code == 404, standing
        assert "没有这一页" in page, standing
        assert 'href="/"' in page, standing


@pytest.mark.parametrize(
    "standing", sorted(RESIDENTS - {"delegate", "newcomer", "former_delegate", "former_tenant"})
)
def test_not_found__as_somebody_with_a_home__names_the_desk(standing: str, world: World) -> None:
    page = client_of(world, standing).get("/nowhere/").content.decode()
    assert f"tel:{world.estate.desk_phone}" in page


def test_not_allowed__as_everybody_without_the_role__says_so_and_leads_home(world: World) -> None:
    for standing in sorted(RESIDENTS | {"crew", "carer", "cashier", "foreign_crew"}):
        response = client_of(world, standing).get("/staff/care/")
        page = response.content.decode()
        assert response.status_code == 403, standing
        assert "您无权这样操作" in page, standing
        assert 'href="/"' in page, standing
