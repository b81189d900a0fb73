"""The API keeps its own description: schemathesis asks every operation, as several people and as nobody."""

import copy
import json
import re
from functools import cache
from typing import Any

import pytest
import requests
import schemathesis
from django.db import transaction
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st
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
from tests.support.lean import LeanClient
from tests.support.world import World

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
# What schemathesis and hypothesis raise where an answer is wrong: single failures, and groups of them.
FAILED = (AssertionError, BaseExceptionGroup)
STANDING = (
    "nobody",
    "owner",
    "manager",
    "newcomer",
    "repair_worker",
    "crew",
    "carer",
    "cashier",
    "front_desk",
)


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


def check(case: Any, headers: dict[str, str], *, is_nobody: bool = False) -> int:
    response = answer_to(case, headers)
    case.validate_response(response, checks=CHECKS)
    if response.status_code >= 400:
        assert response.headers["content-type"] == [PROBLEM]
        assert json.loads(response.content)["status"] == response.status_code
    if is_nobody and "without-name" not in case.path:
        assert response.status_code >= 400
    return response.status_code


def said_by(error: BaseException) -> str:
    return str(getattr(error, "exceptions", [error])[0])[:400]


@ASKED_PROFILES
@pytest.mark.parametrize("mode", list(GenerationMode))
def test_api__whatever_is_sent__is_answered_as_described(
    world: World, mode: GenerationMode, profile: str
) -> None:
    headers = {name: make_token(world.people[name]) for name in STANDING[1:]} | {"nobody": {}}
    rows, wrong = rows_by_path(), []
    for operation in operations():
        row = rows.get((operation.method, operation.path))
        standings = [*STANDING, *sorted(row.who & set(STANDING) if row else set()) * 2]
        anything = operation.as_strategy(generation_mode=mode)
        if mode.is_positive and (keys := keys_of(row, world)):
            anything |= operation.as_strategy(generation_mode=mode, path_parameters=keys)

        @settings(settings.get_profile(profile))
        @given(case=anything, standing=st.sampled_from(standings))
        def ask(case: Any, standing: str) -> None:
            check(case, headers[standing], is_nobody=standing == "nobody")

        try:
            ask()
        except FAILED as error:
            wrong.append(f"{operation.label}: {said_by(error)}")
    assert not wrong, f"{len(wrong)}\n" + "\n".join(wrong)


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
                answered += check(case, headers) < 300
            except FAILED as error:
                wrong.append(f"{operation.label} as {standing}: {said_by(error)}")
    assert not wrong, f"{len(wrong)}\n" + "\n".join(wrong)
    assert answered > 60
