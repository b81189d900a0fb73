"""Staff give a second factor after the password: set up once, never skipped, each code used once."""

import re

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse

from accounts import actions
from accounts.second_factor import factors
from community.core import clock
from community.core.models import AuditRecord
from tests import factories
from tests.accounts.signing_in import NUMBER, ask, enter_code
from tests.support.second_factor import (
    SECONDS,
    app_code,
    code_of,
    give_code,
    give_password,
    person_of,
    set_up_app,
    sign_in,
)

pytestmark = pytest.mark.django_db
NOON = "2026-06-01T12:00:00+08:00"


@pytest.fixture
def staff():
    return factories.make_staff()


@pytest.fixture
def with_app(staff):
    set_up_app(staff)
    return staff


def test_first_sign_in__sets_up_an_app_and_gets_codes_on_paper(client, staff):
    assert give_password(client, staff.username).url == reverse("staff_factor_setup")
    page = client.get(reverse("staff_factor_setup"))
    secret = page.context["secret"].replace(" ", "")
    assert "<svg" in page.content.decode()
    assert client.post(reverse("staff_factor_setup"), {"code": "000000"}).status_code == 409
    assert not factors.has_factor(staff)
    answer = client.post(reverse("staff_factor_setup"), {"code": code_of(secret)}, follow=True)
    assert len(answer.context["codes"]) == 10
    assert person_of(client) is None
    assert client.post(reverse("staff_factor_setup"), {"noted": "1"}).url == "/staff/"
    assert person_of(client) == staff
    # From now on the app is asked for.
    again = Client()
    assert give_password(again, staff.username).url == reverse("staff_factor")


@pytest.mark.parametrize(
    "address", ["/staff/", "/staff/residents/", "/admin/", "/me/", "/staff/factors/", "/staff/password/"]
)
def test_password_alone__opens_no_other_address(client, with_app, address):
    give_password(client, with_app.username)
    answer = client.get(address)
    assert person_of(client) is None
    assert answer.status_code == 302


def test_set_up__by_a_person_who_has_a_factor__is_not_reached(client, with_app):
    """Whoever stole a password cannot add a factor of their own."""
    give_password(client, with_app.username)
    assert client.get(reverse("staff_factor_setup")).url == reverse("staff_sign_in")
    assert client.post(reverse("staff_factor_setup"), {"code": "000000"}).url == reverse("staff_sign_in")
    assert client.post(reverse("staff_factor_setup"), {"noted": "1"}).url == reverse("staff_sign_in")
    assert person_of(client) is None


def test_factor_page__without_a_password__leads_to_it(client, with_app):
    assert give_code(client, app_code(with_app)).url == reverse("staff_sign_in")
    assert client.get(reverse("staff_factor_setup")).url == reverse("staff_sign_in")


def test_code__used_once__is_refused_the_second_time(with_app):
    with time_machine.travel(NOON, tick=False):
        code = app_code(with_app)
        assert sign_in(Client(), with_app).url == "/staff/"
        second = Client()
        give_password(second, with_app.username)
        assert give_code(second, code).status_code == 409
    with time_machine.travel(NOON, tick=False) as clock:
        clock.shift(SECONDS)
        assert give_code(second, code).status_code == 409
        assert give_code(second, app_code(with_app)).url == "/staff/"


@pytest.mark.parametrize(("steps", "is_right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_code__of_a_phone_whose_clock_is_off__holds_within_half_a_minute(client, with_app, steps, is_right):
    with time_machine.travel(NOON, tick=False):
        give_password(client, with_app.username)
        assert (give_code(client, app_code(with_app, steps=steps)).status_code == 302) is is_right


def test_code_on_paper__opens_once(with_app):
    code = factors.recovery_codes(with_app)[3]
    for opens in (True, False):
        client = Client()
        give_password(client, with_app.username)
        assert (give_code(client, f"{code[:4]} {code[4:]}").status_code == 302) is opens
    assert len(factors.recovery_codes(with_app)) == 9


def test_code__of_somebody_else__is_wrong(client, with_app):
    other = factories.make_staff()
    set_up_app(other)
    give_password(client, with_app.username)
    for code in (app_code(other), factors.recovery_codes(other)[0]):
        assert give_code(client, code).status_code == 409


@pytest.mark.parametrize("code", ["", "12345", "abcdef", "１２３４５６７", "1" * 500, "12 34\u00005"])
def test_code__that_is_none__is_said_and_costs_no_try(client, with_app, code):
    give_password(client, with_app.username)
    answer = give_code(client, code)
    assert answer.status_code == 422
    assert answer.context["form"].errors


def test_ten_wrong_codes_from_many_networks__close_the_person(with_app):
    """Guessing from a new address each time, and with a new session."""
    for n in range(10):
        strange = Client(REMOTE_ADDR=f"203.0.113.{n}")
        give_password(strange, with_app.username)
        assert give_code(strange, "000000").status_code == 409
    client = Client()
    give_password(client, with_app.username)
    assert give_code(client, app_code(with_app)).status_code == 429


def test_wrong_codes_from_one_64__close_that_network_only():
    for n in range(6):
        staff = factories.make_staff()
        set_up_app(staff)
        strange = Client(REMOTE_ADDR=f"2001:db8::{n + 1}")
        give_password(strange, staff.username)
        answers = [give_code(strange, "000000").status_code for _n in range(5)]
        assert answers == [409] * 5
    other = factories.make_staff()
    set_up_app(other)
    here, elsewhere = Client(REMOTE_ADDR="2001:db8::ffff"), Client(REMOTE_ADDR="2001:db8:1::1")
    for client, status in ((here, 429), (elsewhere, 302)):
        give_password(client, other.username)
        assert give_code(client, app_code(other)).status_code == status


def test_session__fixed_before_the_factor__is_another_after_it(client, with_app):
    client.get("/sign-in/")
    give_password(client, with_app.username)
    before = client.session.session_key
    assert give_code(client, app_code(with_app)).status_code == 302
    assert client.session.session_key != before
    stolen = Client()
    stolen.cookies["sessionid"] = before
    assert stolen.get("/staff/").status_code == 302


def test_pending_sign_in__of_somebody_locked_meanwhile__ends(client, with_app):
    give_password(client, with_app.username)
    with_app.is_active = False
    with_app.save()
    assert give_code(client, app_code(with_app)).url == reverse("staff_sign_in")
    assert person_of(client) is None


def test_secrets__in_the_database__are_not_in_clear(client, staff):
    give_password(client, staff.username)
    secret = client.get(reverse("staff_factor_setup")).context["secret"].replace(" ", "")
    client.post(reverse("staff_factor_setup"), {"code": code_of(secret)})
    for one in Authenticator.objects.filter(user=staff):
        assert secret not in str(one.data)
        assert re.match(r"\w+:", one.data.get("secret") or one.data["seed"])


def test_own_factors__the_last_one_stays_and_codes_are_renewed(client, with_app):
    client.force_login(with_app)
    page = client.get(reverse("staff_factors"))
    assert [one.type for one in page.context["factors"]] == ["totp"]
    answer = client.post(reverse("staff_factors"), {"remove": page.context["factors"][0].pk})
    assert answer.status_code == 409
    old = factors.recovery_codes(with_app)
    new = client.post(reverse("staff_factor_codes")).context["codes"]
    assert len(new) == 10
    assert not set(old) & set(new)


def test_app__set_up_anew__replaces_the_old_one(client, with_app):
    client.force_login(with_app)
    old = app_code(with_app)
    secret = client.get(reverse("staff_factors")).context["secret"].replace(" ", "")
    assert client.post(reverse("staff_factors"), {"code": code_of(secret)}).status_code == 302
    assert len(factors.factors_of(with_app)) == 1
    assert app_code(with_app) == code_of(secret) != old


def test_record__names_who_and_how(client, with_app):
    sign_in(client, with_app)
    strange = Client()
    give_password(strange, with_app.username)
    give_code(strange, "000000")
    found = AuditRecord.objects.filter(target=f"accounts.user:{with_app.pk}").order_by("pk")
    assert list(found.values_list("action", "outcome")) == [
        ("password_given", "ok"),
        ("sign_in", "ok"),
        ("password_given", "ok"),
        ("second_factor", "wrong"),
    ]


def test_resident__who_signs_in_by_a_code__is_asked_for_nothing_more(client, codes):
    ask(client, NUMBER)
    assert enter_code(client, codes[-1]["code"]).url == "/"


EMPTY = '{"id": "A", "rawId": "A", "type": "public-key", "response": {}}'
BAD = ["", "{", "[" * 9000, "null", "3", '"x"', "[]", "{}", '{"id": 1}', EMPTY]


@pytest.mark.parametrize("credential", BAD)
def test_passkey__that_no_browser_makes__is_refused(client, staff, credential):
    give_password(client, staff.username)
    client.get(reverse("staff_factor_setup"))
    answer = client.post(reverse("staff_factor_setup"), {"credential": credential, "name": "x"})
    assert answer.status_code == 409
    assert answer.context["refused"]
    assert not factors.has_factor(staff)
    set_up_app(staff)
    other = Client(HTTP_HOST="localhost")
    give_password(other, staff.username)
    assert other.post(reverse("staff_factor"), {"credential": credential}).status_code == 409
    assert person_of(other) is None


def test_set_up__begun_before_the_owner_had_a_factor__adds_none_after_it(client, staff):
    """A thief of the password who waits on the page of the first set-up."""
    thief = Client()
    give_password(thief, staff.username)
    secret = thief.get(reverse("staff_factor_setup")).context["secret"].replace(" ", "")
    set_up_app(staff)
    assert thief.post(reverse("staff_factor_setup"), {"code": code_of(secret)}).status_code == 409
    assert len(factors.factors_of(staff)) == 1
    sign_in(client, staff)
    assert person_of(client) == staff
    assert person_of(thief) is None


def test_pending_sign_in__after_the_password_was_voided__ends(with_app):
    manager = factories.make_staff(role="manager", estate=with_app.staff_roles.get().estate)
    thief = Client()
    give_password(thief, with_app.username)
    actions.renew_access(person=with_app, by=manager, now=clock.now())
    assert give_code(thief, app_code(with_app)).url == reverse("staff_sign_in")
    assert person_of(thief) is None


def test_sign_in__where_a_resident_is_signed_in__stays(client, with_app):
    client.force_login(
        factories.make_resident(), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    sign_in(client, with_app)
    assert client.get("/staff/").status_code == 200
    assert person_of(client) == with_app


@pytest.mark.parametrize("pk", ["9" * 30, "x", "²", "-1", "0"])
def test_remove__a_factor_that_is_none__changes_nothing(client, with_app, pk):
    client.force_login(with_app)
    assert client.post(reverse("staff_factors"), {"remove": pk}).status_code in (302, 409)
    assert len(factors.factors_of(with_app)) == 1
