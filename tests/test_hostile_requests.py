"""What nobody at a page would send: it is answered with a "no" in the right form, never with an error of ours."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import Resolver404, resolve, reverse

from accounts.models import User
from community.core import clock
from community.core.problems import PROBLEM
from services.fees.providers import sandbox
from tests.factories import make_feedback, make_home, make_resident, make_token
from tests.support.access import all_routes

HUGE = "9" * 20
DEEP = "[" * 200_000 + "]" * 200_000


@pytest.fixture
def resident(db: None) -> User:
    return make_resident(home=make_home())


def program(**headers: str) -> Client:
    return Client(raise_request_exception=False, headers={"accept-language": "zh-CN", **headers})


def problem_of(answer: Any) -> dict[str, Any]:
    assert answer["Content-Type"] == PROBLEM, answer.content[:300]
    said: dict[str, Any] = json.loads(answer.content)
    assert {"type", "title", "status", "code"} <= set(said)
    assert said["status"] == answer.status_code
    return said


# -- Errors below /api/ that no view of the API answers


def test_api__without_the_token_of_a_form__is_refused_as_a_problem(db: None) -> None:
    answer = Client(enforce_csrf_checks=True).post("/api/", {})
    assert (answer.status_code, problem_of(answer)["code"]) == (403, "permission_denied")


@pytest.mark.parametrize(
    "address", ["/api/v1/nowhere/", "/api/v2/", "/api/nowhere", f"/api/v1/repairs/{HUGE}/"]
)
def test_api__address_that_is_none__is_a_problem(db: None, address: str) -> None:
    answer = program().get(address)
    assert (answer.status_code, problem_of(answer)["code"]) == (404, "not_found")
    assert problem_of(answer)["title"] == "没有这个地址。"


def test_api__for_another_host__is_a_problem(db: None) -> None:
    answer = program(host="evil.example").get("/api/v1/me/")
    assert (answer.status_code, problem_of(answer)["code"]) == (400, "bad_request")


def test_api__view_that_breaks__is_a_problem_and_says_nothing_of_it(
    resident: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("accounts.api.Me.get_object", broken)
    answer = program(**make_token(resident)).get("/api/v1/me/")
    assert (answer.status_code, problem_of(answer)["code"]) == (500, "error")
    assert b"secret" not in answer.content


@pytest.mark.parametrize("verb", ["put", "delete", "patch", "trace"])
def test_api__verb_that_an_address_has_not__is_a_problem(resident: User, verb: str) -> None:
    answer = getattr(program(**make_token(resident)), verb)("/api/v1/me/")
    assert answer.status_code == 405
    assert problem_of(answer)["code"] == "method_not_allowed"
    assert "GET" in answer["Allow"]


def test_page__that_is_none__is_still_a_page(db: None) -> None:
    answer = Client().get("/nowhere/")
    assert answer["Content-Type"].startswith("text/html")


# -- Bodies


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (DEEP, "application/json", 400),
        ('{"a":' * 100_000 + "1" + "}" * 100_000, "application/json", 400),
        (b"\xff\xfe\x00", "application/json", 400),
        ('{"category": NaN}', "application/json", 400),
        ('{"category": 1' + "0" * 5000 + "}", "application/json", 400),
        ('{"category": 1' + "0" * 19 + "}", "application/json", 400),
        ("{}", "application/json; charset=hex", 400),
        ("[]", "application/json", 400),
        ("x", "multipart/form-data", 400),
        ("x", "text/xml", 415),
        ('{"words": "' + "水" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE + '"}', "application/json", 413),
    ],
    ids=[
        *("deep", "deep-objects", "no-text", "nan", "many-digits", "twenty-digits", "charset", "list"),
        *("no-boundary", "xml", "large"),
    ],
)
def test_body__that_cannot_be_read__is_refused_as_a_problem(
    resident: User, body: str | bytes, content_type: str, status: int
) -> None:
    answer = program(**make_token(resident)).generic("POST", "/api/v1/repairs/", body, content_type)
    assert answer.status_code == status, answer.content
    problem_of(answer)


def test_text__half_a_character__is_not_stored(resident: User) -> None:
    sent = json.dumps({"words": "摔倒了\ud83d"})
    answer = program(**make_token(resident)).post(
        "/api/v1/help-calls/", sent, content_type="application/json"
    )
    assert answer.status_code in (201, 404), answer.content


@pytest.mark.parametrize("cursor", ["cD14", "cD0yMDI2LTk5LTk5", "bz05OTk5OTk5OTk5OTk5OTk5", "²", "r=1"])
def test_cursor__that_nobody_gave_out__is_a_problem(resident: User, cursor: str) -> None:
    answer = program(**make_token(resident)).get("/api/v1/repairs/", {"cursor": cursor})
    assert answer.status_code in (200, 404)
    if answer.status_code == 404:
        problem_of(answer)


# -- Keys in addresses


def test_key__of_twenty_digits__is_that_of_no_address(db: None) -> None:
    keyed = [route for route, _name in all_routes() if "<int:" in route]
    assert len(keyed) > 200
    with CaptureQueriesContext(connection) as asked:
        for route in keyed:
            address = "/" + "".join(_filled(part) for part in _parts(route))
            try:
                found = resolve(address)
            except Resolver404:
                continue
            # An address that takes any path may take it.
            assert "<path:" in found.route, address
    assert len(asked) == 0


def _parts(route: str) -> list[str]:
    return route.replace("<", "\n<").replace(">", ">\n").split("\n")


def _filled(part: str) -> str:
    return HUGE if part.startswith("<int:") else "x" if part.startswith("<") else part


# -- Calls of a payment provider


@pytest.mark.parametrize(
    "said",
    [
        "[]",
        "null",
        "{",
        "{}",
        DEEP[:2000] + DEEP[-2000:],
        '{"order_number": 1, "status": "paid", "number": "x", "amount_fen": 1}',
        '{"order_number": {}, "status": [], "number": "x", "amount_fen": 1}',
        '{"order_number": "1-P-1", "status": "paid", "number": "x", "amount_fen": "1"}',
        '{"order_number": "1-P-1", "status": "paid", "number": "x", "amount_fen": 1e400}',
        '{"order_number": "1-P-1", "status": "paid", "number": "x", "amount_fen": 99999999999999999999}',
        '{"order_number": "' + "1" * 200 + '", "status": "paid", "number": "x", "amount_fen": 1}',
    ],
)
def test_callback__signed_and_malformed__is_refused(db: None, said: str) -> None:
    stamp = str(int(clock.now().timestamp()))
    headers = {"Sandbox-Timestamp": stamp, "Sandbox-Signature": sandbox.signature(stamp, said.encode())}
    address = reverse("fees_callback", args=["sandbox"])
    answer = program(**headers).post(address, said, content_type="application/json")
    assert answer.status_code == 400


@pytest.mark.parametrize("stamp", ["²", "9" * 5000, "", "-1", "é"])
def test_callback__with_a_time_that_is_none__is_refused(db: None, stamp: str) -> None:
    headers = {"Sandbox-Timestamp": stamp, "Sandbox-Signature": sandbox.signature(stamp, b"{}")}
    address = reverse("fees_callback", args=["sandbox"])
    assert program(**headers).post(address, "{}", content_type="application/json").status_code == 403


# -- Single-use keys of somebody else


def test_feedback__with_anothers_key__is_refused_with_words(resident: User) -> None:
    [residency] = resident.residencies.all()
    sent = {
        "estate": residency.home.estate.pk,
        "kind": "question",
        "words": "几点开门？",
        "key": str(uuid4()),
    }
    other = make_resident(home=residency.home)
    answers = [
        program(**make_token(one)).post("/api/v1/feedback/", sent, content_type="application/json")
        for one in (resident, other)
    ]
    assert [one.status_code for one in answers] == [201, 409]
    assert problem_of(answers[1])["code"] == "key_used"


def test_feedback__same_words_by_one_key_in_two_threads__are_said_in_both(resident: User) -> None:
    threads = [make_feedback(resident=resident) for _number in range(2)]
    said, headers = {"words": "还有一件事", "key": str(uuid4())}, make_token(resident)
    for thread in threads * 2:
        address = f"/api/v1/feedback/{thread.pk}/messages/"
        answer = program(**headers).post(address, said, content_type="application/json")
        assert answer.status_code in (200, 201), answer.content
    assert [thread.messages.count() for thread in threads] == [1, 1]
