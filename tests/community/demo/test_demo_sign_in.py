"""The demo's one tap is there in the demo, and nowhere else."""

import importlib

import pytest
from django.core.checks import run_checks
from django.urls import NoReverseMatch, clear_url_caches, reverse

from accounts.forms import to_e164
from community.demo.people import PEOPLE
from tests import factories

pytestmark = pytest.mark.django_db
RESIDENT = next(one for one in PEOPLE if not one.username)
STAFF = next(one for one in PEOPLE if one.username)


def reload_urls() -> None:
    importlib.reload(importlib.import_module("community.urls"))
    clear_url_caches()


@pytest.fixture
def demo(settings):
    settings.DEMO = True
    reload_urls()
    yield
    settings.DEMO = False
    reload_urls()


def test_demo__resident__one_tap(client, demo):
    user = factories.make_user(phone=to_e164(RESIDENT.phone))
    page = client.get(reverse("sign_in")).content.decode()
    assert RESIDENT.name in page
    answer = client.post(reverse("demo_sign_in"), {"person": RESIDENT.key, "next": "/me/"})
    assert answer.url == "/me/"
    assert client.session["_auth_user_id"] == str(user.pk)


def test_demo__staff__one_tap_leads_to_the_work(client, demo, settings):
    factories.make_staff(username=STAFF.username, role="manager")
    assert client.post(reverse("demo_sign_in"), {"person": STAFF.key}).url == "/staff/"
    assert client.session.get_expiry_age() <= settings.STAFF_SESSION_AGE


def test_demo__unknown_person__not_there(client, demo):
    factories.make_user()
    assert client.post(reverse("demo_sign_in"), {"person": "nobody"}).status_code == 404


def test_outside_the_demo__no_address_no_offer_no_view(client):
    assert RESIDENT.name not in client.get(reverse("sign_in")).content.decode()
    with pytest.raises(NoReverseMatch):
        reverse("demo_sign_in")
    assert client.post("/demo/sign-in/", {"person": RESIDENT.key}).status_code == 404


def test_outside_the_demo__view_itself_refuses(client, demo, settings):
    factories.make_user(phone=to_e164(RESIDENT.phone))
    settings.DEMO = False
    assert client.post("/demo/sign-in/", {"person": RESIDENT.key}).status_code == 404
    assert "_auth_user_id" not in client.session


def test_outside_the_demo__switches_of_the_demo__refused_at_the_start(settings):
    settings.DEMO = settings.TESTING = False
    settings.SMS_CODE_ON_SCREEN = True
    assert {"linli.E001", "linli.E002"} <= {problem.id for problem in run_checks()}
