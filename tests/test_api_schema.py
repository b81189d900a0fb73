"""The API keeps its own description: schemathesis asks every operation, as several people and as nobody."""

import copy
import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import requests
import schemathesis
from django.db import transaction
from django.utils import translation
from hypothesis import given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.transport import Response
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from community.core import limits
from community.core.problems import PROBLEM
from community.home.api_docs import Description
from tests.factories import make_token
from tests.support.access import Row, all_routes
from tests.support.access_rows import API_ROWS
from tests.support.draws import ASKED_PROFILES
from tests.support.leaks import leaks_in
from tests.support.lean import LeanClient
from tests.support.world import World

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
# What schemathesis and hypothesis raise where an answer is wrong: single failures, and groups of them.
FAILED = (AssertionError, BaseExceptionGroup)
# Who asks, each in a test of its own.
STANDING = (
    "owner",
    "delegate",
    "repair_worker",
    "carer",
    "crew",
    "front_desk",
    "cashier",
    "manager",
    "auditor",
    "foreigner",
    "newcomer",
    "nobody",
)
# Of how many operations each person asks one in each mode; all together ask each of them.
SPREAD = {"asked": len(STANDING), "asked-each": 1, "asked-long": 1}


@cache
def operations() -> list[Any]:
    with translation.override("en"):
        described = copy.deepcopy(Description().get_schema())
    return [found.ok() for found in schemathesis.openapi.from_dict(described).get_all_operations()]


def answer_to(case: Any, headers: dict[str, str]) -> Response:
    """What the product answers; whatever it changed is undone."""
    sent = requests.Request(
        **case.as_transport_kwargs(base_url="http://testserver", headers=headers)
    ).prepare()
    given = {name: value for name, value in sent.headers.items() if name.lower() != "content-length"}
    with transaction.atomic():
        answer = LeanClient().generic(
            sent.method, sent.path_url, sent.body or b"", given.pop("Content-Type", ""), headers=given
        )
        content = b"".join(answer) if answer.streaming else answer.content
        transaction.set_rollback(True)
    headers_of = {name.lower(): [value] for name, value in answer.items()}
    return Response(answer.status_code, headers_of, content, sent, elapsed=0.1, verify=False)


@pytest.fixture(autouse=True)
def _nothing_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """So many requests of one person would be too many."""
    monkeypatch.setattr(limits, "hit", lambda *args, **kwargs: None)
    monkeypatch.setattr(limits, "hit_all", lambda *args, **kwargs: None)


def rows_by_path() -> dict[tuple[str, str], Row]:
    """The row of the access matrix of each operation: who may ask for it, with which keys and body."""
    found = {}
    for route, name in all_routes():
        if name in API_ROWS:
            path = "/" + re.sub(
                r"<\w+:(\w+)>", lambda part: "{id}" if part[1] == "pk" else f"{{{part[1]}}}", route
            )
            found[API_ROWS[name].method, path] = API_ROWS[name]
    return found


def keys_of(row: Row | None, world: World) -> dict[str, Any]:
    """The keys in the address, as the description names them."""
    kwargs = row.kwargs(world) if row else {}
    return {"id" if name == "pk" else name: str(value) for name, value in kwargs.items()}


def check(case: Any, headers: dict[str, str], *, standing: str) -> int:
    """The status of the answer, which is as described and says nothing of strangers."""
    response = answer_to(case, headers)
    case.validate_response(response, checks=CHECKS)
    if response.status_code >= 400:
        assert response.headers["content-type"] == [PROBLEM]
        assert json.loads(response.content)["status"] == response.status_code
    if standing == "nobody" and "without-name" not in case.path:
        assert response.status_code >= 400
    assert not leaks_in(response.content, "anonymous" if standing == "nobody" else standing)
    return response.status_code


def said_by(error: BaseException) -> str:
    return str(getattr(error, "exceptions", [error])[0])[:400]


def asked_by(standing: str, profile: str) -> Iterator[tuple[Any, GenerationMode, int]]:
    """The operations for one person, with the mode and the seed of what is sent."""
    place = STANDING.index(standing)
    for number, operation in enumerate(operations()):
        for half, mode in enumerate(GenerationMode):
            if (number + place + 5 * half) % SPREAD[profile] == 0:
                yield operation, mode, number * len(STANDING) + place


def cases_of(operation: Any, mode: GenerationMode, keys: dict[str, Any]) -> Any:
    """Whatever can be sent; in the positive mode the keys of the world's rows too, and first."""
    anything = operation.as_strategy(generation_mode=mode)
    if mode.is_positive and keys:
        return operation.as_strategy(generation_mode=mode, path_parameters=keys) | anything
    return anything


@ASKED_PROFILES
@pytest.mark.parametrize("standing", STANDING)
def test_api__whatever_is_sent__is_answered_as_described(world: World, standing: str, profile: str) -> None:
    person = world.people.get(standing)
    headers, rows, wrong = make_token(person) if person else {}, rows_by_path(), []
    for operation, mode, number in asked_by(standing, profile):
        keys = keys_of(rows.get((operation.method, operation.path)), world)

        @settings(settings.get_profile(profile))
        @given(case=cases_of(operation, mode, keys))
        def ask(case: Any) -> None:
            check(case, headers, standing=standing)

        try:
            (ask if profile == "asked-long" else seed(number)(ask))()
        except FAILED as error:
            wrong.append(f"{operation.label}: {said_by(error)}")
    assert not wrong, f"{len(wrong)}\n" + "\n".join(wrong)


@pytest.mark.parametrize("profile", SPREAD)
def test_api__all_together__ask_every_operation_in_each_mode(profile: str) -> None:
    asked = {
        (operation.label, mode)
        for standing in STANDING
        for operation, mode, _seed in asked_by(standing, profile)
    }
    assert asked == {(operation.label, mode) for operation in operations() for mode in GenerationMode}


def test_api__asked_by_its_own_people__answers_as_described(world: World) -> None:
    rows, wrong, answered = rows_by_path(), [], 0
    for operation in operations():
        row = rows.get((operation.method, operation.path))
        if row is None:  # the other method of an address: asked with whatever is generated
            continue
        body = {"body": row.data(world), "media_type": "application/json"} if row.method == "post" else {}
        for standing in sorted(row.who)[:1]:
            case = operation.Case(path_parameters=keys_of(row, world), **body)
            headers = {} if standing == "anonymous" else make_token(world.people[standing])
            try:
                answered += check(case, headers, standing=standing) < 300
            except FAILED as error:
                wrong.append(f"{operation.label} as {standing}: {said_by(error)}")
    assert not wrong, f"{len(wrong)}\n" + "\n".join(wrong)
    assert answered > 60
