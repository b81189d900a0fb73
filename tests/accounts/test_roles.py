"""Who gives a role, and who never does."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Administration, Approval, RosterEntry, StaffRole, User
from accounts.policies import may_end_role, may_give_role
from community.core.models import AuditRecord
from community.estates.models import Estate
from tests import factories as make
from tests.support.by_two import agree_to_all

pytestmark = pytest.mark.django_db
Role = StaffRole.Role
ADD = "admin:accounts_staffrole_add"


@pytest.fixture
def estate() -> Estate:
    return make.make_estate()


@pytest.fixture
def manager(estate: Estate) -> User:
    return make.make_staff(role=Role.MANAGER, estate=estate)


@pytest.fixture
def administrator() -> User:
    return make.make_administrator(Administration.SECURITY, username="root")


def signed_in(user: User) -> Client:
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(user)
    return client


def give(by: User, to: User, estate: Estate, role: str) -> bool:
    """Try it on the page, with a second administrator who agrees to everything; whether it was given."""
    signed_in(by).post(reverse(ADD), {"user": to.pk, "estate": estate.pk, "role": role})
    # Whoever agrees to roles of staff.
    if Approval.objects.waiting().exists():
        agree_to_all(make.make_administrator(Administration.SECURITY, username=f"root{to.pk}"))
    return StaffRole.objects.filter(user=to, estate=estate, role=role).exists()


@pytest.mark.parametrize("role", [role for role in Role.values if role != Role.MANAGER])
def test_give_role__to_oneself__nobody(role: str, estate: Estate, manager: User, administrator: User) -> None:
    for person in (manager, administrator):
        assert not may_give_role(person, person, estate.pk, role)
        assert not give(person, person, estate, role)


def test_give_role__auditor__not_by_the_manager(estate: Estate, manager: User, administrator: User) -> None:
    colleague = make.make_staff(role=Role.CASHIER)
    assert not give(manager, colleague, estate, Role.AUDITOR)
    assert give(administrator, colleague, estate, Role.AUDITOR)
    record = AuditRecord.objects.get(action="staff_role_given", target=f"accounts.user:{colleague.pk}")
    assert (record.estate_id_number, record.detail["role"]) == (estate.pk, "auditor")


def test_give_role__auditor__not_by_an_administrator_who_manages_there(
    estate: Estate, administrator: User
) -> None:
    StaffRole.objects.create(user=administrator, estate=estate, role=Role.MANAGER)
    colleague = make.make_staff(role=Role.CASHIER)
    assert not give(administrator, colleague, estate, Role.AUDITOR)
    assert give(administrator, colleague, make.make_estate(), Role.AUDITOR)


def test_give_role__auditor_with_another_role_there__in_no_order(
    estate: Estate, manager: User, administrator: User
) -> None:
    auditor = make.make_staff(role=Role.AUDITOR, estate=estate)
    assert not give(manager, auditor, estate, Role.CASHIER)
    assert not give(administrator, manager, estate, Role.AUDITOR)


def test_end_role__the_auditors__not_by_the_manager(
    estate: Estate, manager: User, administrator: User
) -> None:
    held = make.make_staff(role=Role.AUDITOR, estate=estate).staff_roles.get()
    assert not may_end_role(manager, held)
    delete = reverse("admin:accounts_staffrole_delete", args=[held.pk])
    signed_in(manager).post(delete, {"post": "yes"})
    assert StaffRole.objects.filter(pk=held.pk).exists()
    signed_in(administrator).post(delete, {"post": "yes"})
    assert not StaffRole.objects.filter(pk=held.pk).exists()


def test_change_role__by_anybody__there_is_no_such_thing(
    estate: Estate, manager: User, administrator: User
) -> None:
    held = make.make_staff(role=Role.CASHIER, estate=estate).staff_roles.get()
    page = reverse("admin:accounts_staffrole_change", args=[held.pk])
    for person in (manager, administrator):
        posted = {"user": held.user_id, "estate": estate.pk, "role": Role.MANAGER}
        assert signed_in(person).post(page, posted).status_code == 403
    held.refresh_from_db()
    assert held.role == Role.CASHIER


def test_page_of_a_person__of_the_back_office__adds_no_role(estate: Estate, administrator: User) -> None:
    colleague = make.make_staff(role=Role.CASHIER)
    prefix = "staff_roles"
    posted = {
        "name": colleague.name,
        "phone": colleague.phone_national,
        "username": colleague.username,
        "language": "",
        "is_active": "on",
        "is_staff": "on",
        f"{prefix}-TOTAL_FORMS": "1",
        f"{prefix}-INITIAL_FORMS": "0",
        f"{prefix}-MIN_NUM_FORMS": "0",
        f"{prefix}-MAX_NUM_FORMS": "1000",
        f"{prefix}-0-user": colleague.pk,
        f"{prefix}-0-estate": estate.pk,
        f"{prefix}-0-role": Role.MANAGER,
    }
    signed_in(administrator).post(reverse("admin:accounts_user_change", args=[colleague.pk]), posted)
    assert not StaffRole.objects.filter(estate=estate).exists()


def test_roster__ones_own_number__is_not_taken(estate: Estate) -> None:
    desk = make.make_staff(role=Role.FRONT_DESK, estate=estate)
    posted = {
        "home": make.make_home(estate=estate).pk,
        "name": "李",
        "phone": desk.phone_national,
        "kind": "owner",
    }
    answer = signed_in(desk).post(reverse("admin:accounts_rosterentry_add"), posted)
    assert answer.status_code == 200
    assert not RosterEntry.objects.exists()
    signed_in(desk).post(reverse("admin:accounts_rosterentry_add"), posted | {"phone": "13912345678"})
    assert RosterEntry.objects.count() == 1
