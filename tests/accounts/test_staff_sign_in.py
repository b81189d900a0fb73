"""Staff sign in with name and password, on their own page, for a working day."""

from urllib.parse import unquote

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import StaffRole
from community.core.models import AuditRecord
from tests import factories
from tests.support.second_factor import give_password as enter
from tests.support.second_factor import sign_in

pytestmark = pytest.mark.django_db
Role = StaffRole.Role


@pytest.mark.parametrize(
    ("role", "start"),
    [
        (Role.REPAIR_WORKER, "/work/"),
        (Role.CREW, "/crew/"),
        (Role.CARER, "/care-work/"),
        (Role.DISPATCHER, "/staff/repairs/"),
        (Role.FRONT_DESK, "/staff/"),
        (Role.MANAGER, "/staff/"),
        (Role.CASHIER, "/staff/fees/"),
        (Role.CARE_COORDINATOR, "/staff/care/"),
    ],
)
def test_staff_sign_in__by_role__leads_to_where_the_work_is(client, role, start):
    user = factories.make_staff(role=role)
    assert sign_in(client, user).url == start
    assert client.get(reverse("staff_sign_in")).url == start


def test_staff_sign_in__next__is_followed_if_it_is_ours(client):
    user = factories.make_staff()
    assert (
        client.get("/staff/residents/", follow=True).redirect_chain[-1][0].startswith("/staff/sign-in/?next=")
    )
    assert sign_in(client, user, next="/staff/residents/").url == "/staff/residents/"
    other = factories.make_staff()
    assert sign_in(Client(), other, next="https://evil.example/").url == "/staff/"


def test_admin_login__is_the_staff_page(client):
    assert unquote(client.get("/admin/login/?next=/admin/").url) == "/staff/sign-in/?next=/admin/"


def test_staff_sign_in__wrong_name_or_password__same_answer(client):
    user = factories.make_staff()
    answers = [enter(client, user.username, "wrong"), enter(client, "nobody", "wrong")]
    assert [answer.status_code for answer in answers] == [409, 409]
    assert len({str(answer.context["form"].non_field_errors()) for answer in answers}) == 1


def test_staff_sign_in__five_failures__name_is_locked_here_even_for_the_right_password(client):
    user = factories.make_staff()
    for _n in range(5):
        assert enter(client, user.username, "wrong").status_code == 409
    assert enter(client, user.username).status_code == 429
    assert enter(client, user.username.upper()).status_code == 429
    outcomes = list(AuditRecord.objects.filter(action="sign_in").values_list("outcome", flat=True))
    assert sorted(outcomes) == ["locked", "locked", *["wrong"] * 5]


def test_staff_sign_in__stranger_fails_elsewhere__owner_comes_in(client):
    user = factories.make_staff()
    for _n in range(9):
        enter(Client(REMOTE_ADDR="203.0.113.9"), user.username, "wrong")
    assert enter(client, user.username).status_code == 302


def test_staff_sign_in__fifty_failures_of_a_name_from_anywhere__locked_everywhere(client):
    user = factories.make_staff()
    for n in range(50):
        strange = Client(REMOTE_ADDR=f"203.0.113.{n}")
        assert enter(strange, user.username.upper(), "wrong").status_code == 409
    assert enter(client, user.username).status_code == 429


def test_session__opened_by_code__is_over_once_its_person_has_a_role(client):
    resident = factories.make_resident()
    client.force_login(resident, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get(reverse("me")).status_code == 200
    StaffRole.objects.create(user=resident, estate=factories.make_estate(), role=Role.MANAGER)
    assert client.get(reverse("desk")).url == reverse("staff_sign_in")
    assert "_auth_user_id" not in client.session


def test_staff_sign_in__success__starts_counting_again(client):
    user = factories.make_staff()
    for _n in range(3):
        for _wrong in range(4):
            enter(client, user.username, "wrong")
        assert enter(Client(), user.username).status_code == 302


def test_staff_sign_in__thirty_failures_from_an_address__locked_there_only(client):
    user = factories.make_staff()
    for n in range(30):
        assert enter(client, f"guess{n}", "wrong").status_code == 409
    assert enter(client, user.username).status_code == 429
    assert enter(Client(REMOTE_ADDR="203.0.113.9"), user.username).status_code == 302


def test_staff_sign_in__resident_without_password__cannot(client):
    user = factories.make_resident(username="resident")
    assert enter(client, user.username, "").status_code == 200
    assert enter(client, user.username, "!").status_code == 409


def test_staff_session__ends_after_a_working_day__a_residents_does_not(client, settings):
    sign_in(client, factories.make_staff())
    assert settings.STAFF_SESSION_AGE - 5 < client.session.get_expiry_age() <= settings.STAFF_SESSION_AGE
    resident = Client()
    resident.force_login(factories.make_resident())
    assert resident.session.get_expiry_age() == settings.SESSION_COOKIE_AGE


def test_staff_sign_out__back_to_the_staff_page(client):
    client.force_login(factories.make_staff())
    assert client.post(reverse("sign_out")).url == reverse("staff_sign_in")
