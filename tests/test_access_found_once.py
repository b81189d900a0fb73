"""What a person may see is found out once a page, and never outlives what ended."""

import re
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from accounts import actions
from accounts.middleware import FoundOnceMiddleware
from accounts.models import Delegation, Residency, StaffRole, User, access_of, found_once
from accounts.models.access import HOMES_BY_KEY
from accounts.policies import has_role, may_act_for
from community.core import clock
from services.repairs.models import Repair
from tests.factories import (
    make_bill,
    make_delegation,
    make_home,
    make_repair,
    make_residency,
    make_resident,
    make_staff,
    make_user,
)

pytestmark = pytest.mark.django_db
Role = StaffRole.Role


class Street:
    """A repair and a bill of a home, and people of each standing who may see them."""

    def __init__(self) -> None:
        self.home = make_home()
        self.owner = make_resident(home=self.home)
        self.wife = make_resident(home=self.home, kind=Residency.Kind.FAMILY)
        self.son = make_user()
        for service in ("repairs", "fees"):
            make_delegation(resident=self.owner, delegate=self.son, service=service)
        self.dispatcher = make_staff(role=Role.DISPATCHER, estate=self.home.estate)
        self.cashier = make_staff(role=Role.CASHIER, estate=self.home.estate)
        self.repair = make_repair(home=self.home, resident=self.owner)
        self.bill = make_bill(home=self.home)


@pytest.fixture
def street() -> Street:
    return Street()


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def of(street: Street, who: str, what: str) -> tuple[Client, str]:
    paths = {"repair": f"/repairs/{street.repair.pk}/", "bill": f"/fees/{street.bill.pk}/"}
    paths |= {"board": f"/staff/repairs/{street.repair.pk}/", "books": f"/staff/fees/bills/{street.bill.pk}/"}
    return signed_in(getattr(street, who)), paths[what]


def end_delegation(street: Street) -> None:
    actions.end_delegations(resident=street.owner, delegate=street.son, by=street.owner, now=clock.now())


def move_out(street: Street) -> None:
    actions.move_out(residency=street.wife.residencies.get(), by=street.wife, now=clock.now())


ENDINGS: dict[str, Callable[[Street], Any]] = {
    "role deleted": lambda street: StaffRole.objects.all().delete(),
    "role of another estate": lambda street: StaffRole.objects.update(estate=make_home().estate),
    "residency": move_out,
    "delegation": end_delegation,
}


@pytest.mark.parametrize(
    ("who", "what", "ending"),
    [
        ("dispatcher", "board", "role deleted"),
        ("dispatcher", "board", "role of another estate"),
        ("cashier", "books", "role deleted"),
        ("wife", "repair", "residency"),
        ("wife", "bill", "residency"),
        ("son", "repair", "delegation"),
        ("son", "bill", "delegation"),
    ],
)
def test_page__right_ended__is_gone_at_the_next_request(
    street: Street, who: str, what: str, ending: str
) -> None:
    client, path = of(street, who, what)
    assert client.get(path).status_code == 200
    ENDINGS[ending](street)
    assert client.get(path).status_code in (302, 403, 404)


ASKED = re.compile(r'SELECT "accounts_(staffrole|residency|delegation)"')


@pytest.mark.parametrize("who", ["owner", "son", "dispatcher"])
def test_page__of_many_parts__finds_each_of_the_three_once(street: Street, who: str) -> None:
    make_residency(user=street.son, home=make_home())
    client = signed_in(getattr(street, who))
    with CaptureQueriesContext(connection) as found:
        assert client.get("/staff/" if who == "dispatcher" else "/").status_code == 200
    said = [one["sql"] for one in found if '"accounts_staffrole"."estate_id" IN' not in one["sql"]]
    asked = Counter(hit[1] for sql in said if (hit := ASKED.match(sql)))
    # That staff live nowhere and act for nobody is told with their roles.
    assert asked["residency"] == (who != "dispatcher")
    assert set(asked.values()) <= {0, 1}, asked


@pytest.mark.parametrize("is_helped", [True, False])
def test_found__staff_who_live_in_an_estate_or_act_for_somebody__keep_what_they_may_see(
    is_helped: bool,
) -> None:
    """Roles are asked first, and tell what need not be asked."""
    street = Street()
    worker = make_staff(role=Role.REPAIR_WORKER, estate=make_home().estate)
    if is_helped:
        make_delegation(resident=street.owner, delegate=worker, service="repairs")
    else:
        make_residency(user=worker, home=street.home, created_at=clock.now() - timedelta(days=9))
    with found_once():
        access = access_of(worker)
        assert access.roles
        assert access.homes("repairs") == [street.home.pk]
        assert access.acts_for("repairs") == ([street.owner.pk] if is_helped else [])


WRITES: dict[str, Callable[[StaffRole], Any]] = {
    "save": lambda role: StaffRole(pk=role.pk, user=role.user, estate=role.estate, role=Role.CARER).save(),
    "delete": lambda role: role.delete(),
    "update": lambda role: StaffRole.objects.update(role=Role.CARER),
    "many deleted": lambda role: StaffRole.objects.all().delete(),
    "person deleted": lambda role: User.objects.filter(pk=role.user_id).delete(),
}


@pytest.mark.parametrize("way", WRITES)
def test_found__role_ended_in_the_same_request__is_found_anew(way: str) -> None:
    dispatcher = make_staff(role=Role.DISPATCHER)
    role = dispatcher.staff_roles.get()
    with found_once():
        assert has_role(dispatcher, role.estate_id, Role.DISPATCHER)
        WRITES[way](role)
        assert not has_role(User(pk=dispatcher.pk), role.estate_id, Role.DISPATCHER)


def test_found__right_given_in_the_same_request__is_found_anew(street: Street) -> None:
    daughter = make_user()
    with found_once():
        assert not may_act_for(daughter, street.owner, "repairs", estate_id=street.home.estate.pk)
        make_delegation(resident=street.owner, delegate=daughter, service="repairs")
        assert may_act_for(daughter, street.owner, "repairs", estate_id=street.home.estate.pk)
        assert not Repair.objects.visible_to(street.cashier).exists()
        StaffRole.objects.bulk_create(
            [StaffRole(user=street.cashier, estate=street.home.estate, role=Role.DISPATCHER)]
        )
        assert Repair.objects.visible_to(street.cashier).get() == street.repair


ENDED = {
    "accounts_staffrole": "role = 'carer'",
    "accounts_residency": "status = 'ended'",
    "accounts_delegation": "ended_at = created_at",
}


@pytest.mark.parametrize("table", ENDED)
def test_action__right_ended_by_another_process__sees_it_in_its_transaction(
    table: str, street: Street
) -> None:
    who = {"accounts_staffrole": street.dispatcher, "accounts_residency": street.wife}.get(table, street.son)
    with found_once():
        assert Repair.objects.visible_to(who).exists()
        # Below Django's cursor, as if by another process.
        connection.connection.cursor().execute(f"UPDATE {table} SET {ENDED[table]}")
        with transaction.atomic():
            assert not Repair.objects.visible_to(who).exists()


def test_found__by_a_token__is_not_what_its_owner_finds(street: Street) -> None:
    carrying_none = User.objects.get(pk=street.dispatcher.pk)
    carrying_none.carried_role_ids = []
    with found_once():
        assert Repair.objects.visible_to(street.dispatcher).exists()
        assert not Repair.objects.visible_to(carrying_none).exists()
        assert Repair.objects.visible_to(street.dispatcher).exists()


@pytest.mark.parametrize("method", ["get", "post"])
def test_request__that_writes__and_what_comes_after_any__finds_anew(method: str) -> None:
    dispatcher = make_staff(role=Role.DISPATCHER)
    same: list[bool] = []

    def view(request: HttpRequest) -> HttpResponse:
        same.append(access_of(dispatcher) is access_of(dispatcher))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        FoundOnceMiddleware(view)(getattr(RequestFactory(), method)("/"))
    assert same == [method == "get"]
    assert access_of(dispatcher) is not access_of(dispatcher)


@pytest.mark.parametrize("homes", [HOMES_BY_KEY, HOMES_BY_KEY + 1])
def test_repairs__of_somebody_with_many_homes__begin_when_they_moved_in(homes: int) -> None:
    first = make_home()
    owner = make_resident(home=first)
    before = make_repair(home=first)
    Repair.objects.filter(pk=before.pk).update(created_at=clock.now() - timedelta(days=400))
    for _n in range(homes - 1):
        make_residency(user=owner, home=make_home(entrance=first.entrance))
    Residency.objects.filter(user=owner).update(status_changed_at=clock.now() - timedelta(days=30))
    since, _elsewhere = make_repair(home=first), make_repair()
    assert list(Repair.objects.visible_to(owner)) == [since]


def test_nobody__without_home_role_or_delegation__sees_nothing(street: Street) -> None:
    stranger = make_user()
    Delegation.objects.create(
        resident=street.owner, delegate=stranger, service="repairs", created_at=clock.now()
    )
    make_residency(user=stranger, home=street.home, status=Residency.Status.REQUESTED)
    for path in (f"/repairs/{street.repair.pk}/", f"/fees/{street.bill.pk}/"):
        assert signed_in(stranger).get(path).status_code == 404
    assert not Repair.objects.visible_to(stranger).exists()
