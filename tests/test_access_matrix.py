"""Every address × every standing: who gets in, and what the others are told.

Nothing of it may be kept, and asking for an address changes nothing but what tests/support/asked.py lists.
A new address that ``tests/support/access*.py`` does not list fails the build here.
"""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.test import Client
from django.urls import reverse

from community import urls
from tests.support.access import EVERYONE, Row, all_routes
from tests.support.access_rows import API_ROWS, ROWS, WINGS, api_headers
from tests.support.asked import faults_of, watching_writes
from tests.support.world import World

# The admin's own pages are asked in tests/community/test_admin.py, which walks the registered models.
# Below the API's own addresses, one that matches anything answers 404 in the API's form.
ELSEWHERE = ("admin/", "api/v1/<path:path>")


def listed(route: str) -> bool:
    return not route.startswith(ELSEWHERE)


def test_every_address_is_in_the_matrix() -> None:
    routes = {route: name for route, name in all_routes() if listed(route)}
    missing = {route: name for route, name in routes.items() if name not in ROWS}
    assert not missing, f"not in the access matrix: {missing}"
    gone = set(ROWS) - set(routes.values())
    assert not gone, f"in the access matrix, but nowhere else: {gone}"


@pytest.fixture(autouse=True)
def _refused_in_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    """Most answers here are "no"; what the page of a refusal shows is looked at in tests/community/home."""

    def refuse(request: HttpRequest, exception: Exception) -> HttpResponse:
        return HttpResponse(status=403 if isinstance(exception, PermissionDenied) else 404)

    monkeypatch.setattr(urls, "handler403", refuse, raising=False)
    monkeypatch.setattr(urls, "handler404", refuse, raising=False)


class Visitor:
    """Somebody with a standing, at their browser or their API client."""

    def __init__(self, world: World, standing: str) -> None:
        self.world, self.standing = world, standing
        self.client = Client(headers={"accept-language": "zh-CN"}, raise_request_exception=False)
        if standing != "anonymous":
            self.client.force_login(world.people[standing])
        self.api = {} if standing == "anonymous" else api_headers(world.people[standing])
        self.cookies = dict(self.client.cookies)
        self.faults: list[str] = []

    def ask(self, name: str, row: Row) -> HttpResponseBase:
        """The answer; whatever it changed is undone. What is wrong with any answer is noted in ``faults``."""
        client, headers = self.client, {}
        if name in API_ROWS:
            client, headers = Client(raise_request_exception=False), self.api
        address = reverse(name, kwargs=row.kwargs(self.world)) + row.query(self.world)
        with transaction.atomic(), watching_writes() as tables:
            if row.method == "post":
                response = client.post(address, row.data(self.world), headers=headers)
            else:
                response = client.get(address, headers=headers)
            transaction.set_rollback(True)
        client.cookies.clear()
        client.cookies.update(self.cookies if client is self.client else {})
        faults = faults_of(name, row, response, tables)
        self.faults += [f"{name} as {self.standing}: {fault}" for fault in faults]
        return response


def is_let_in(response: HttpResponseBase) -> bool:
    """Anything but "no": the page, a redirect within, or a complaint about what was (not) filled in."""
    if response.status_code in {301, 302}:
        return "sign-in" not in response["Location"]
    return response.status_code < 500 and response.status_code not in {401, 403, 404, 405}


def is_as_listed(row: Row, standing: str, response: HttpResponseBase) -> bool:
    if standing in row.who:
        return is_let_in(response)
    if standing == "anonymous":
        return not is_let_in(response) and response.status_code < 500
    return response.status_code == row.but.get(standing, row.refused)


@pytest.mark.parametrize("wing", WINGS)
def test_access(wing: str, world: World) -> None:
    wrong = []
    for standing in sorted(EVERYONE):
        visitor = Visitor(world, standing)
        for name, row in WINGS[wing].items():
            response = visitor.ask(name, row)
            if not is_as_listed(row, standing, response):
                wrong.append(
                    f"{name} as {standing}: {response.status_code} {response.headers.get('Location', '')}"
                )
        wrong += visitor.faults
    assert not wrong, "\n".join(wrong)
