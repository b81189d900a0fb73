"""Every address × every standing: who gets in, and what the others are told.

A new address that ``tests/support/access*.py`` does not list fails the build here.
"""

import pytest
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse

from tests.support.access import EVERYONE, Row, all_routes
from tests.support.access_rows import API, ROWS
from tests.support.world import World, make_world

# The admin's own pages are asked in tests/community/test_admin.py, which walks the registered models.
ELSEWHERE = ("admin/",)


def listed(route: str) -> bool:
    return not route.startswith(ELSEWHERE)


def test_every_address_is_in_the_matrix() -> None:
    routes = {route: name for route, name in all_routes() if listed(route)}
    missing = {route: name for route, name in routes.items() if name not in ROWS}
    assert not missing, f"not in the access matrix: {missing}"
    gone = set(ROWS) - set(routes.values())
    assert not gone, f"in the access matrix, but nowhere else: {gone}"


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def ask(world: World, name: str, row: Row, standing: str) -> HttpResponseBase:
    client = Client(headers={"accept-language": "zh-CN"}, raise_request_exception=False)
    headers = dict(row.headers)
    if standing != "anonymous":
        if name in API:
            headers |= API[name](world.people[standing])
        else:
            client.force_login(world.people[standing])
    address = reverse(name, kwargs=row.kwargs(world)) + row.query(world)
    if row.method == "post":
        return client.post(address, row.data(world), headers=headers)
    return client.get(address, headers=headers)


def is_let_in(response: HttpResponseBase) -> bool:
    """Anything but "no": the page, a redirect within, or a complaint about what was (not) filled in."""
    if response.status_code in {301, 302}:
        return "sign-in" not in response["Location"]
    return response.status_code < 500 and response.status_code not in {401, 403, 404, 405}


@pytest.mark.parametrize("name", sorted(ROWS))
def test_access(name: str, world: World) -> None:
    row, wrong = ROWS[name], []
    for standing in sorted(EVERYONE):
        with transaction.atomic():
            response = ask(world, name, row, standing)
            transaction.set_rollback(True)
        if standing in row.who:
            fits = is_let_in(response)
        elif standing == "anonymous":
            fits = not is_let_in(response) and response.status_code < 500
        else:
            fits = response.status_code == row.refused
        if not fits:
            wrong.append(f"{standing}: {response.status_code} {response.headers.get('Location', '')}")
    assert not wrong, wrong
