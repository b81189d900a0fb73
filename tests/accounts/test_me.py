"""/me/: name, mode, language and keys to the API."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts import actions
from accounts.models import ApiToken, Approval, StaffRole, User
from community.core import clock
from community.core.errors import ActionError, Forbidden
from tests import factories
from tests.support import second_factor
from tests.support.by_two import agree_to_all
from tests.support.walker import Walker

pytestmark = pytest.mark.django_db


@pytest.fixture
def resident(client) -> User:
    user = factories.make_resident()
    client.force_login(user)
    return user


def test_name__changed__shown(client, resident):
    client.post(reverse("name"), {"name": " 王秀兰 "})
    assert "王秀兰" in client.get(reverse("me")).content.decode()
    assert client.post(reverse("name"), {"name": " "}).context["form"].errors


def test_rename__somebody_else__forbidden(resident):
    with pytest.raises(Forbidden):
        actions.rename(user=factories.make_resident(), name="别人", by=resident)


def test_mode__chosen__kept_on_device_and_person(client, resident):
    answer = client.post(reverse("mode"), {"mode": "large", "next": "/help/"})
    assert answer.url == "/help/"
    assert answer.cookies["mode"].value == "large"
    resident.refresh_from_db()
    assert resident.prefers_large
    client.post(reverse("mode"), {"mode": "standard"})
    resident.refresh_from_db()
    assert not resident.prefers_large


@pytest.mark.parametrize("address", ["/mode/", "/"])
def test_mode__by_a_link__kept_on_the_device_and_not_on_the_account(client, resident, address):
    answer = client.get(address, {"mode": "large"})
    assert answer.cookies["mode"].value == "large"
    resident.refresh_from_db()
    assert not resident.prefers_large
    assert 'data-mode="large"' in client.get(reverse("me")).content.decode()


def test_mode__posted_by_another_site__refused(resident):
    client = Client(enforce_csrf_checks=True)
    client.force_login(resident)
    assert client.post(reverse("mode"), {"mode": "large"}).status_code == 403
    resident.refresh_from_db()
    assert not resident.prefers_large


def test_mode__switch_of_the_frame__posts(resident):
    walker = Walker(resident).open("/me/")
    html = walker.text
    assert 'action="/mode/"' in html
    assert "?mode=large" not in html


@pytest.mark.parametrize("where", ["https://evil.example/", "//evil.example/", "/\\evil.example"])
def test_mode_and_language__foreign_next__leads_home(client, resident, where):
    assert client.get(reverse("mode"), {"mode": "large", "next": where}).url == reverse("home")
    assert client.post(reverse("mode"), {"mode": "large", "next": where}).url == reverse("home")
    answer = client.post(reverse("set_language"), {"language": "en", "next": where})
    assert "evil" not in answer.url


def test_language__chosen__kept_on_device_and_person(client, resident):
    answer = client.post(reverse("set_language"), {"language": "en", "next": reverse("me")})
    assert answer.cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"
    resident.refresh_from_db()
    assert resident.language == "en"
    client.post(reverse("set_language"), {"language": "nonsense"})
    resident.refresh_from_db()
    assert resident.language == "en"


def test_token__made__secret_shown_once_and_kept_as_a_hash_only(client, resident):
    form = {"name": "我的脚本", "scopes": ["repairs:read"], "days": "30"}
    page = client.post(reverse("new_token"), form, follow=True).content.decode()
    secret = page[page.index("linli_") :].partition("<")[0]
    token = ApiToken.objects.get()
    assert len(secret) > 40
    assert secret not in str(vars(token))
    assert token.scopes == ["repairs:read"]
    assert timedelta(days=29) < token.expires_at - clock.now() <= timedelta(days=30)
    assert secret not in client.get(reverse("tokens")).content.decode()


def test_tokens__ordinary_resident__out_of_sight_until_one_stands(client, resident):
    row = f'href="{reverse("tokens")}"'
    assert row not in client.get(reverse("me")).content.decode()
    assert row in client.get(reverse("api_docs")).content.decode()
    token, _secret = actions.make_token(
        user=resident, name="x", scopes=["repairs:read"], days=30, now=clock.now()
    )
    assert row in client.get(reverse("me")).content.decode()
    actions.revoke_token(token=token, by=resident, now=clock.now())
    assert row not in client.get(reverse("me")).content.decode()


def test_tokens__staff__at_hand(client):
    client.force_login(factories.make_staff(role=StaffRole.Role.DISPATCHER))
    assert f'href="{reverse("tokens")}"' in client.get(reverse("me")).content.decode()


def test_token__scope_beyond_the_person__not_given(client, resident):
    form = {"name": "x", "scopes": ["dispatch"], "days": "30"}
    assert client.post(reverse("new_token"), form).context["form"].errors
    with pytest.raises(ActionError, match="scope_missing"):
        actions.make_token(user=resident, name="x", scopes=["work", "dispatch"], days=30, now=clock.now())


def test_token__dispatcher__may_have_the_scope_of_the_work():
    user = factories.make_staff(role=StaffRole.Role.DISPATCHER)
    token, _secret = actions.make_token(user=user, name="x", scopes=["dispatch"], days=30, now=clock.now())
    assert token.scopes == ["dispatch"]


def test_token__of_staff__lasts_a_shift_unless_an_administrator_agrees(client):
    user = factories.make_staff(role=StaffRole.Role.DISPATCHER)
    client.force_login(user)
    client.post(reverse("new_token"), {"name": "看板", "scopes": ["dispatch"], "days": "30"})
    token = ApiToken.objects.get()
    assert token.expires_at - clock.now() <= timedelta(hours=12)
    asked = Approval.objects.get(kind="token_days")
    colleague = factories.make_staff(role=StaffRole.Role.FRONT_DESK, estate=asked.estate)
    for nobody in (user, colleague):
        with pytest.raises(Forbidden):
            agree_to_all(nobody)
    assert not Approval.objects.visible_to(colleague).exists()
    assert agree_to_all() == 1
    token.refresh_from_db()
    assert timedelta(days=29) < token.expires_at - clock.now() <= timedelta(days=30)


def test_token__revoked_before_the_second_yes__stays_revoked():
    user = factories.make_staff(role=StaffRole.Role.DISPATCHER)
    token, _secret = actions.make_token(user=user, name="x", scopes=["dispatch"], days=30, now=clock.now())
    actions.revoke_token(token=token, by=user, now=clock.now())
    with pytest.raises(ActionError, match="token_revoked"):
        agree_to_all()
    assert Approval.objects.waiting().exists()


def test_token__revoked__after_asking_and_only_ones_own(client, resident):
    token, _secret = actions.make_token(
        user=resident, name="x", scopes=["repairs:read"], days=30, now=clock.now()
    )
    url = reverse("revoke_token", args=[token.pk])
    other = type(client)()
    other.force_login(factories.make_resident())
    assert other.post(url).status_code == 404
    assert client.get(url).status_code == 200
    client.post(url)
    token.refresh_from_db()
    assert not token.is_valid(clock.now())


@pytest.mark.parametrize(
    "name", ["me", "name", "family", "add_family", "tokens", "new_token", "join", "handover"]
)
def test_own_pages__stranger__asked_to_sign_in(client, name):
    assert client.get(reverse(name)).url.startswith("/sign-in/?next=/")


@pytest.mark.parametrize("mode", ["standard", "large"])
def test_privacy__from_the_welcome_the_sign_in_and_ones_own_page__one_tap_away(client, mode):
    client.cookies["mode"] = mode
    pages = [client.get("/"), client.get(reverse("sign_in"))]
    client.force_login(factories.make_resident())
    pages.append(client.get(reverse("me")))
    for page in pages:
        assert f'href="{reverse("privacy")}"' in page.content.decode()
    assert client.get(reverse("privacy")).status_code == 200


def test_session__resident_comes_back_each_week__never_signed_out(client, resident, monkeypatch):
    start = clock.now()
    for week in range(4, 60, 4):
        monkeypatch.setattr(clock, "now", lambda week=week: start + timedelta(weeks=week))
        answer = client.get(reverse("me"))
        assert answer.status_code == 200
        assert settings.SESSION_COOKIE_NAME in answer.cookies, "the cookie's end is put off too"
        assert settings.SESSION_COOKIE_NAME not in client.get(reverse("me")).cookies, "once a week is enough"


def test_session__staff__end_is_not_put_off(client):
    user = factories.make_staff()
    second_factor.sign_in(client, user)
    ends = client.session["_session_expiry"]
    client.get(reverse("me"))
    assert client.session["_session_expiry"] == ends
