"""What somebody sees who may not go where they went: plain words, the way home, and whom to call."""

import errno
from itertools import product
from typing import Any

import pytest
from django.db import DatabaseError, OperationalError
from django.test import Client

from community.core import checks
from community.desk import errors
from tests.support.access import EVERYONE, RESIDENTS, STAFF
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
        assert "您没有权限这样做" in page, standing
        home = "/staff/" if standing in STAFF else "/"
        assert f'href="{home}"' in page, standing


REFUSALS = [
    ("/staff/nowhere/", 404),
    ("/admin/nowhere/", 404),
    ("/staff/care/", 403),
    ("/staff/residencies/1/approve/", 405),
]


@pytest.mark.parametrize(("address", "status"), REFUSALS)
def test_refusal__in_the_staff_area__keeps_the_menu_of_staff(address: str, status: int, world: World) -> None:
    person = "cashier" if status == 403 else "front_desk"
    answer = client_of(world, person).get(address)
    page = answer.content.decode()
    assert answer.status_code == status
    assert '<body class="staff">' in page
    assert 'href="/staff/" ' in page.replace(">", " ")
    assert 'class="menu"' in page
    assert "退出" in page


@pytest.mark.parametrize(("address", "status"), REFUSALS)
def test_refusal__in_the_staff_area__shows_a_resident_no_menu_of_staff(
    address: str, status: int, world: World
) -> None:
    page = client_of(world, "owner").get(address).content.decode()
    assert '<body class="staff">' not in page
    assert "/staff/residents/" not in page


def test_refusal__in_a_workers_area__keeps_their_tabs(world: World) -> None:
    for standing, area in (("repair_worker", "/work/"), ("carer", "/care-work/"), ("crew", "/crew/")):
        page = client_of(world, standing).get(f"{area}nowhere/").content.decode()
        assert f'href="{area}" aria-current="page"' in page, standing


def test_broken_page__in_the_staff_area__keeps_the_menu_of_staff(
    world: World, rf, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = rf.get("/staff/residents/")
    request.user = world.people["front_desk"]
    answer = errors.server_error(request)
    assert answer.status_code == 500
    assert 'class="menu"' in answer.content.decode()

    def broken(*args: object) -> None:
        raise DatabaseError

    monkeypatch.setattr(errors, "nav", broken)
    answer = errors.server_error(request)
    assert answer.status_code == 500
    assert 'class="menu"' not in answer.content.decode()


@pytest.mark.parametrize("error", [OperationalError("no server"), OSError(errno.ENOSPC, "disk full")])
def test_page__without_database_or_room__says_what_to_do_and_whom_to_call(
    error: Exception, client: Client, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.HOTLINE = "02788880000"
    client.raise_request_exception = False

    def broken(*args: object) -> None:
        raise error

    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", broken)
    client.cookies["sessionid"] = "a" * 32
    client.cookies["mode"] = "large"
    page = client.get("/")
    assert 'data-mode="large"' in page.content.decode()
    assert (page.status_code, page["Retry-After"]) == (503, "10")
    assert "不会算两次" in page.content.decode()
    assert 'href="tel:02788880000"' in page.content.decode()
    problem = client.get("/api/v1/repairs/")
    assert (problem.status_code, problem.json()["code"]) == (503, "unavailable")


def test_check__of_the_deployment__names_a_missing_hotline(settings: Any) -> None:
    for given, found in (("", ["linli.W005"]), ("02788880000", [])):
        settings.HOTLINE = given
        assert [one.id for one in checks.broken_pages_say_whom_to_call(None)] == found


def test_address_that_only_takes_forms__opened__says_so(world: World) -> None:
    answer = client_of(world, "owner").get("/inbox/read/")
    assert answer.status_code == 405
    assert answer["Allow"] == "POST"
    assert "这个网址不能直接打开" in answer.content.decode()
