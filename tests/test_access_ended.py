"""What a token opens after what it was made for has ended, and what it never opens."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts import actions
from accounts.models import ApiToken, Residency, StaffRole, User
from community.core import clock
from services.repairs.models import Repair
from tests.factories import (
    make_bill,
    make_delegation,
    make_help_call,
    make_home,
    make_payment,
    make_repair,
    make_residency,
    make_resident,
    make_staff,
    make_token,
    make_user,
)

pytestmark = pytest.mark.django_db
Role = StaffRole.Role


def ids(headers: dict[str, str], path: str) -> list[int]:
    """What a list of the API holds for this token."""
    answer: Any = Client().get(f"/api/v1/{path}", headers=headers).json()
    return [one["id"] for one in (answer["results"] if isinstance(answer, dict) else answer)]


def code(headers: dict[str, str], path: str, **body: Any) -> int:
    client = Client()
    if not body:
        return client.get(f"/api/v1/{path}", headers=headers).status_code
    return client.post(f"/api/v1/{path}", body, content_type="application/json", headers=headers).status_code


def give(user: User, role: str, repair: Repair) -> StaffRole:
    return StaffRole.objects.create(user=user, estate=repair.estate, role=role)


@pytest.fixture
def repair() -> Repair:
    return make_repair()


# -- Roles


@pytest.mark.parametrize("role", Role.values)
def test_token__made_as_a_resident__has_nothing_of_a_role_given_later(role: str, repair: Repair) -> None:
    owner = make_resident(home=make_home(estate=repair.estate))
    headers = make_token(owner)
    bill, call = make_bill(home=repair.home), make_help_call(home=repair.home, resident=repair.resident)
    payment = make_payment(bills=[bill], paid=True)
    give(owner, role, repair)
    for path in ("repairs/", "board/", "jobs/?whose=free", "help-calls/", "feedback/", "care-bookings/"):
        assert ids(headers, path) == [], path
    things = (
        f"repairs/{repair.pk}/",
        f"bills/{bill.pk}/",
        f"payments/{payment.pk}/",
        f"help-calls/{call.pk}/",
    )
    for path in things:
        assert code(headers, path) == 404, path
    assert Client().get("/api/v1/me/", headers=headers).json()["roles"] == []


def test_token__made_by_the_action__carries_the_roles_of_then(repair: Repair) -> None:
    dispatcher = make_staff(role=Role.DISPATCHER, estate=repair.estate)
    token, secret = actions.make_token(
        user=dispatcher, name="x", scopes=["dispatch", "repairs:read"], days=30, now=clock.now()
    )
    headers = {"Authorization": f"Bearer {secret}"}
    assert ids(headers, "board/") == [repair.pk]
    there = make_repair()
    give(dispatcher, Role.DISPATCHER, there)
    give(dispatcher, Role.CASHIER, repair)
    assert ids(headers, "board/") == [repair.pk]
    assert Client().get("/api/v1/me/", headers=headers).json()["roles"] == ["dispatcher"]
    assert token.role_ids == [
        StaffRole.objects.get(user=dispatcher, role=Role.DISPATCHER, estate=repair.estate).pk
    ]


def test_token__its_role_ended__is_gone_even_if_the_same_is_given_again(repair: Repair) -> None:
    dispatcher = make_staff(role=Role.DISPATCHER, estate=repair.estate)
    headers = make_token(dispatcher)
    assert ids(headers, "board/") == [repair.pk]
    StaffRole.objects.filter(user=dispatcher).delete()
    assert ids(headers, "board/") == []
    assert code(headers, f"board/{repair.pk}/accept/", x=1) == 404
    give(dispatcher, Role.DISPATCHER, repair)
    assert ids(headers, "board/") == []
    assert ids(make_token(dispatcher), "board/") == [repair.pk]


def test_token__from_before__opens_what_a_resident_may(repair: Repair) -> None:
    """The default of a stored token: nobody knows which roles its owner had."""
    dispatcher = make_staff(role=Role.DISPATCHER, estate=repair.estate)
    assert ApiToken().role_ids == []
    assert ids(make_token(dispatcher, role_ids=[]), "repairs/") == []


def test_pages__a_session__has_every_role_of_now(repair: Repair) -> None:
    owner = make_resident()
    make_token(owner)
    give(owner, Role.DISPATCHER, repair)
    client = Client()
    client.force_login(owner)
    assert client.get(f"/staff/repairs/{repair.pk}/").status_code == 200


def test_roles__of_whoever_acts__are_asked_in_one_way() -> None:
    """A filter by user would give a token the roles that its owner has now."""
    asks = re.compile(r"StaffRole\.objects\.filter\(\s*user=(?!request\.user)|\.staff_roles\.(?!model)")
    allowed = {"accounts/models/people.py", "community/core/admin_base.py"}
    found = [
        f"{path.relative_to(settings.BASE_DIR)}: {hit.group(0)}"
        for wing in ("accounts", "services", "community")
        for path in Path(settings.BASE_DIR, wing).rglob("*.py")
        if str(path.relative_to(settings.BASE_DIR)) not in allowed
        for hit in asks.finditer(path.read_text())
    ]
    assert not found


# -- Homes and delegations


def test_token__after_moving_out__opens_nothing_of_the_home(repair: Repair) -> None:
    wife = make_resident(home=repair.home, kind=Residency.Kind.FAMILY)
    Residency.objects.filter(user=wife).update(status_changed_at=repair.created_at)
    headers, bill = make_token(wife), make_bill(home=repair.home)
    assert ids(headers, "repairs/") == [repair.pk]
    assert ids(headers, "bills/") == [bill.pk]
    make_residency(user=wife, home=make_home())
    actions.move_out(residency=wife.residencies.get(home=repair.home), by=wife, now=clock.now())
    assert (ids(headers, "repairs/"), ids(headers, "bills/")) == ([], [])
    assert code(headers, f"bills/{bill.pk}/") == 404
    assert code(headers, f"repairs/{repair.pk}/messages/", words="还在漏") == 404
    assert code(headers, "payments/", bills=[bill.pk]) == 400


def test_token__after_the_last_home_was_left__is_worth_nothing(repair: Repair) -> None:
    wife = make_resident(home=repair.home, kind=Residency.Kind.FAMILY)
    headers = make_token(wife)
    actions.move_out(residency=wife.residencies.get(), by=wife, now=clock.now())
    assert code(headers, f"repairs/{repair.pk}/messages/", words="还在漏") == 401


def test_token__after_the_delegation_has_ended__opens_nothing_of_the_parent(repair: Repair) -> None:
    son = make_user()
    for service in ("repairs", "fees"):
        make_delegation(resident=repair.resident, delegate=son, service=service)
    headers, bill = make_token(son), make_bill(home=repair.home)
    key = "6f9c2d1e-1f3b-4a57-9f1e-0d1c2b3a4f55"
    asked = {"bills": [bill.pk], "payer": repair.resident_id, "key": key}
    assert ids(headers, "repairs/") == [repair.pk]
    assert code(headers, "payments/", **asked) == 201
    actions.end_delegations(resident=repair.resident, delegate=son, by=son, now=clock.now())
    assert (ids(headers, "repairs/"), ids(headers, "bills/"), ids(headers, "payments/")) == ([], [], [])
    assert code(headers, f"repairs/{repair.pk}/cancel/", reason="") == 404
    # The key of a payment that was begun before opens nothing either.
    assert code(headers, "payments/", **asked) == 400


@pytest.mark.parametrize("how", ["revoked", "expired", "locked"])
def test_token__over__is_refused(how: str, repair: Repair) -> None:
    headers = make_token(repair.resident)
    if how == "locked":
        User.objects.filter(pk=repair.resident_id).update(is_active=False)
    else:
        field = {"revoked": "revoked_at", "expired": "expires_at"}[how]
        ApiToken.objects.update(**{field: clock.now()})
    assert code(headers, "me/") == 401
