"""The open API's own promises: scopes, problems, paging, limits, and a schema without a warning."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.models import ApiToken, StaffRole, User
from community.core import clock
from community.core.limit_table import API_TOKEN
from community.estates.models import Estate, Home
from services.repairs.models import Repair
from tests import factories as make
from tests.services.repairs.api import Api, problem

Role = StaffRole.Role


# -- Tokens and scopes


def test_api__without_a_token_or_with_a_wrong_one__is_401(resident: User) -> None:
    problem(Api(None).get("me/"), 401, "not_authenticated")
    stranger = Api(None)
    stranger.headers = {"Authorization": "Bearer linli_wrong"}
    answer = stranger.get("me/")
    problem(answer, 401, "authentication_failed")
    assert answer["WWW-Authenticate"] == "Bearer"


def test_api__revoked_or_expired_token_or_person_gone__is_401(resident: User) -> None:
    for spoil in (
        lambda: ApiToken.objects.update(revoked_at=clock.now()),
        lambda: ApiToken.objects.update(expires_at=clock.now() - timedelta(seconds=1)),
        lambda: User.objects.update(is_active=False),
    ):
        api = Api(resident)
        spoil()
        problem(api.get("me/"), 401, "authentication_failed")


def test_api__guessing_tokens__is_stopped(resident: User) -> None:
    stranger = Api(None)
    stranger.headers = {"Authorization": "Bearer linli_wrong"}
    codes = [stranger.get("me/").status_code for _n in range(35)]
    assert codes[0] == 401
    assert codes[-1] == 429


@pytest.mark.parametrize(
    ("path", "needed"),
    [
        ("repairs/", "repairs:read"),
        ("catalogue/", "repairs:read"),
        ("homes/", "repairs:read"),
        ("jobs/", "work"),
        ("board/", "dispatch"),
        ("board/workers/", "dispatch"),
    ],
)
def test_api__a_scope_opens_its_addresses_only(estate: Estate, path: str, needed: str) -> None:
    user = make.make_staff(role=Role.MANAGER, estate=estate)
    assert Api(user, needed).get(path).status_code == 200
    other = "work" if needed == "dispatch" else "dispatch"
    if path != "catalogue/":
        problem(Api(user, other).get(path), 403, "permission_denied")


def test_me__says_who_one_is(resident: User) -> None:
    body = Api(resident, "repairs:read").get("me/").json()
    assert (body["name"], body["scopes"]) == (resident.name, ["repairs:read"])


def test_homes__own_and_of_whom_one_acts_for(resident: User, home: Home) -> None:
    son = make.make_user()
    make.make_delegation(resident=resident, delegate=son)
    make.make_resident()
    body = Api(son).get("homes/").json()
    assert [(row["home"], row["resident"]) for row in body["results"]] == [(home.pk, resident.pk)]


def test_catalogue__has_two_levels_of_ones_estates(resident: User, estate: Estate) -> None:
    upper = make.make_category(estate=estate, name="水")
    make.make_category(parent=upper, name="漏水")
    make.make_category(parent=upper, name="旧的", is_offered=False)
    make.make_category()
    body = Api(resident).get("catalogue/").json()
    assert [(row["name"], [kind["name"] for kind in row["kinds"]]) for row in body] == [("水", ["漏水"])]


# -- Form


def test_api__lists__page_by_cursor(resident: User, home: Home) -> None:
    for _n in range(25):
        make.make_repair(home=home, resident=resident)
    first = Api(resident).get("repairs/").json()
    assert len(first["results"]) == 20
    second = Api(resident).get(first["next"].split("/api/v1/")[1]).json()
    ids = [row["id"] for row in first["results"] + second["results"]]
    assert len(set(ids)) == 25
    assert "count" not in first


def test_api__other_method_unknown_address_bad_json__are_problems(resident: User) -> None:
    api = Api(resident)
    answer = api.client.delete("/api/v1/repairs/", headers=api.headers)
    problem(answer, 405, "method_not_allowed")
    problem(api.get("nothing/here/"), 404, "not_found")
    broken = api.client.post("/api/v1/repairs/", "{", content_type="application/json", headers=api.headers)
    problem(broken, 400, "parse_error")
    xml = api.client.post("/api/v1/repairs/", "<a/>", content_type="text/xml", headers=api.headers)
    problem(xml, 415, "unsupported_media_type")


def test_api__too_many_requests__is_429_with_when_to_come_back(resident: User, monkeypatch) -> None:
    monkeypatch.setattr("community.core.throttles.API_TOKEN", replace(API_TOKEN, amount=3))
    api = Api(resident)
    answers = [api.get("me/") for _n in range(4)]
    body = problem(answers[-1], 429, "too_many")
    assert int(answers[-1]["Retry-After"]) > 0
    assert body


def test_api__titles__are_in_the_language_asked_for(resident: User) -> None:
    api = Api(resident)
    api.headers["Accept-Language"] = "en"
    assert api.get("nothing/").json()["title"] == "There is no such address."
    api.headers["Accept-Language"] = "zh-hans"
    assert api.get("nothing/").json()["title"] == "没有这个地址。"


@pytest.mark.parametrize("path", ["repairs/", "board/", "jobs/?whose=free"])
def test_api__queries_of_a_list__are_the_same_with_10_and_with_1000_rows(
    home: Home, dispatcher: User, worker: User, path: str, django_assert_max_num_queries
) -> None:
    api = Api(worker if path.startswith("jobs") else dispatcher)
    counts = []
    for rows in (10, 990):
        make_many_repairs(rows, home)
        with django_assert_max_num_queries(12) as asked:
            assert api.get(path).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


def make_many_repairs(count: int, home: Home) -> None:
    """Each with a resident of its own, so that a query a row would show."""
    pattern = make.make_repair(home=home, status="accepted")
    people = User.objects.bulk_create(User(name="住户", phone=make.next_phone()) for _n in range(count - 1))
    Repair.objects.bulk_create(
        Repair(
            estate=pattern.estate,
            home=home,
            category=pattern.category,
            resident=person,
            reported_by=person,
            reference=f"R-{person.pk}",
            status="accepted",
            created_at=pattern.created_at,
            status_changed_at=pattern.created_at,
        )
        for person in people
    )


def test_schema__is_valid_and_without_a_warning(db: None, tmp_path) -> None:
    call_command("spectacular", "--fail-on-warn", "--validate", "--file", str(tmp_path / "schema.yml"))
    text = (tmp_path / "schema.yml").read_text()
    assert "/api/v1/repairs/{id}/answer-quote/" in text
    assert "application/problem+json" in text


def test_schema_and_docs__are_open_to_everybody(db: None) -> None:
    assert Client().get("/api/v1/schema/").status_code == 200
    page = Client().get("/api/")
    assert "/api/v1/repairs/" in page.content.decode()
