"""Every address × every standing: who gets in, and what the others are told.

Nothing of it may be kept, and asking for an address changes nothing but what tests/support/asked.py lists.
A new address that ``tests/support/access*.py`` does not list fails the build here. That a page lets in
whoever it should, the page sweep holds, which opens it as each of them.
"""

from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from itertools import groupby

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from community import urls
from tests.support.access import EVERYONE, Row, all_routes, is_let_in
from tests.support.access_rows import API_ROWS, ROWS, WINGS, api_headers
from tests.support.asked import faults_of, watching_writes
from tests.support.leaks import leaks_of
from tests.support.lean import LeanClient
from tests.support.swept import PAGED, address, asked, swept
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


def test_every_address_is_asked_for_as_everybody() -> None:
    """By the sweep or here, and once."""
    pairs = Counter(pair for wing in PAGED for pair in swept(wing))
    pairs.update(pair for wing in WINGS for pair in asked(wing))
    everything = {(name, standing) for route, name in all_routes() if listed(route) for standing in EVERYONE}
    assert set(pairs) == everything
    assert set(pairs.values()) == {1}


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
        self.person = None if standing == "anonymous" else world.people[standing]
        self.faults: list[str] = []

    @cached_property
    def browser(self) -> LeanClient:
        client = LeanClient(headers={"accept-language": "zh-CN"})
        if self.person:
            client.force_login(self.person)
        return client

    @cached_property
    def program(self) -> LeanClient:
        return LeanClient(headers=api_headers(self.person) if self.person else {})

    def ask(self, name: str, row: Row) -> HttpResponseBase:
        """The answer; whatever it changed is undone. What is wrong with any answer is noted in ``faults``."""
        client = self.program if name in API_ROWS else self.browser
        cookies = dict(client.cookies)
        url = address(name, row, self.world)
        with transaction.atomic(), watching_writes() as tables:
            if row.method == "post":
                response = client.post(url, row.data(self.world))
            else:
                response = client.get(url)
            transaction.set_rollback(True)
        client.cookies.clear()
        client.cookies.update(cookies)
        faults = faults_of(name, row, response, tables) + leaks_of(response, self.standing, self.world)
        self.faults += [f"{name} as {self.standing}: {fault}" for fault in faults]
        return response


def is_as_listed(row: Row, standing: str, response: HttpResponseBase) -> bool:
    if standing in row.who:
        return is_let_in(response)
    if standing == "anonymous":
        return not is_let_in(response) and response.status_code < 500
    return response.status_code == row.but.get(standing, row.refused)


def decided_by_rows(name: str, standing: str) -> bool:
    """Whether rows decide the answer: not a wrong role, which is refused before any row is read."""
    row = ROWS[name]
    refused_by_role = standing == "anonymous" or row.but.get(standing, row.refused) == 403
    return standing in row.who or not refused_by_role


def asked_here(wing: str) -> Iterator[tuple[str, str]]:
    """Yields what is asked on this database: all of it on SQLite, elsewhere what its rows decide."""
    for name, standing in asked(wing):
        if connection.vendor == "sqlite" or decided_by_rows(name, standing):
            yield name, standing


@pytest.mark.parametrize("wing", WINGS)
def test_access(wing: str, world: World) -> None:
    wrong = []
    for standing, pairs in groupby(asked_here(wing), key=lambda pair: pair[1]):
        visitor = Visitor(world, standing)
        for name, _standing in pairs:
            response = visitor.ask(name, ROWS[name])
            if not is_as_listed(ROWS[name], standing, response):
                wrong.append(
                    f"{name} as {standing}: {response.status_code} {response.headers.get('Location', '')}"
                )
        wrong += visitor.faults
    assert not wrong, "\n".join(wrong)
