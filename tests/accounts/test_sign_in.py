"""Residents sign in by number and code; nobody learns which numbers we know, nobody guesses a code."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts import actions
from accounts.forms import to_e164
from accounts.middleware import BY_PASSWORD
from accounts.models import Residency, User
from community.core import clock
from community.core.models import AuditRecord
from community.notifications import sms
from tests import factories
from tests.support import backing

pytestmark = pytest.mark.django_db
NUMBER = "13812345678"


def ask(client: Client, number: str = NUMBER, **more: str):
    return client.post(reverse("sign_in"), {"phone": number, **more})


def enter(client: Client, code: str):
    return client.post(reverse("sign_in_code"), {"code": code})


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


@pytest.mark.parametrize(
    "typed",
    [
        "13812345678",
        "138 1234 5678",
        "138-1234-5678",
        "+86 138 1234 5678",
        "008613812345678",
        "１３８１２３４５６７８",
        "＋８６　１３８－１２３４－５６７８",
        "\u202d138 1234 5678\u202c",
        "138\u200b1234\u200b5678",
        "\ufeff138\u00a01234\u00a05678",
        "138–1234–5678",
        "٠٠٨٦١٣٨١٢٣٤٥٦٧٨",
    ],
)
def test_number__as_people_write_it__is_understood(typed):
    assert to_e164(typed) == "+8613812345678"


@pytest.mark.parametrize("typed", ["", "1381234567", "12812345678", "138123456789", "02788886666", "abc"])
def test_number__that_is_no_mobile__is_refused(client, codes, typed):
    answer = ask(client, typed)
    assert answer.status_code == 200
    assert answer.context["form"].errors["phone"]
    assert codes == []


def test_sign_in__right_code__opens_the_home_page(client, codes):
    user = factories.make_resident(phone="+8613812345678")
    assert ask(client).url == reverse("sign_in_code")
    assert re.fullmatch(r"\d{6}", codes[0]["code"])
    code = codes[0]["code"]
    answer = enter(client, f"{code[:3]} {code[3:]}")
    assert answer.url == reverse("home")
    assert client.session["_auth_user_id"] == str(user.pk)
    # The mark by which such a session is told from one opened by password.
    assert client.session["_auth_user_backend"] != BY_PASSWORD
    assert list(AuditRecord.objects.values_list("action", "outcome").order_by("pk")) == [
        ("code_sent", "ok"),
        ("sign_in", "ok"),
    ]


def test_sign_in__known_and_unknown_number__same_answers(codes):
    factories.make_resident(phone="+8613812345678")
    pages = []
    for number in (NUMBER, "13912345678"):
        client = Client()
        first = ask(client, number)
        page = client.get(first.url)
        text = (
            page.content.decode().replace(number, "").replace(f"{number[:3]} {number[3:7]} {number[7:]}", "")
        )
        again = enter(client, wrong(codes[-1]["code"]))
        pages.append((first.status_code, first.url, re.sub(r'value="\w{64}"', "", text), again.status_code))
    assert pages[0] == pages[1]
    assert len(codes) == 2


def test_sign_in__unknown_number__is_a_person_only_once_the_code_was_typed(client, codes):
    ask(client)
    stranger = User.objects.with_phone("+8613812345678").get()
    assert stranger.phone_verified_at is None
    enter(client, codes[0]["code"])
    stranger.refresh_from_db()
    assert stranger.phone_verified_at is not None


def test_forget_unverified__number_never_confirmed__gone_after_a_day(client, codes):
    ask(client)
    kept = [
        factories.make_user(),
        factories.make_delegation().delegate,
        factories.make_resident(phone_verified_at=None, name=""),
    ]
    actions.forget_unverified_people(now=clock.now() + timedelta(hours=23))
    assert User.objects.with_phone("+8613812345678").exists()
    actions.forget_unverified_people(now=clock.now() + timedelta(hours=25))
    assert not User.objects.with_phone("+8613812345678").exists()
    assert User.objects.filter(pk__in=[one.pk for one in kept]).count() == 3


def test_sign_in__number_on_two_rosters__has_both_homes_and_the_name_at_once(client, codes):
    entries = [factories.make_roster_entry(phone="+8613812345678", name="陈志强") for _n in range(2)]
    ask(client)
    assert not Residency.objects.exists()
    enter(client, codes[0]["code"])
    user = User.objects.with_phone("+8613812345678").get()
    assert user.name == "陈志强"
    assert {one.home_id for one in Residency.objects.active().filter(user=user)} == {
        e.home_id for e in entries
    }
    assert all(one.history.count() == 1 for one in user.residencies.all())


def test_sign_in__code_older_than_ten_minutes__is_worth_nothing(client, codes):
    ask(client)
    age_session(client, 601)
    assert enter(client, codes[0]["code"]).url == reverse("sign_in")
    assert "_auth_user_id" not in client.session


def test_sign_in__code_almost_ten_minutes_old__still_works(client, codes):
    ask(client)
    age_session(client, 590)
    assert enter(client, codes[0]["code"]).url == reverse("home")


def age_session(client: Client, seconds: int) -> None:
    session = client.session
    state = session["account_login"]["state"]["stages"]["login_by_code"]["data"]
    state["at"] -= seconds
    state["sent_at"] -= seconds
    session.save()


def test_sign_in__five_wrong_codes__the_right_one_no_longer_works(client, codes):
    ask(client)
    code = codes[0]["code"]
    for _n in range(5):
        answer = enter(client, wrong(code))
    assert answer.status_code == 409
    assert AuditRecord.objects.filter(action="sign_in", outcome="locked").exists()
    assert enter(client, code).url == reverse("sign_in")
    assert "_auth_user_id" not in client.session


def guess_until_refused(codes, address: str) -> int:
    """Wrong codes that were looked at, each round with a new code, until none is looked at any more."""
    guesses = 0
    for _round in range(5):
        client = Client(REMOTE_ADDR=address)
        backing.redis_client().delete(*support_keys("code_"))
        ask(client)
        for _n in range(5):
            answer = enter(client, wrong(codes[-1]["code"]))
            guesses += answer.status_code == 409
            if answer.status_code == 429:
                assert enter(client, codes[-1]["code"]).status_code == 429
                return guesses
    return guesses


def test_sign_in__guesses_from_one_place__are_closed_there_and_not_for_the_owner(codes):
    assert guess_until_refused(codes, "203.0.113.7") == 12
    owner = Client(REMOTE_ADDR="198.51.100.7")
    backing.redis_client().delete(*support_keys("code_"))
    ask(owner)
    assert enter(owner, codes[-1]["code"]).url == reverse("home")


def test_sign_in__guesses_from_many_places__close_the_number(codes):
    assert [guess_until_refused(codes, f"203.0.113.{n}") for n in range(3)] == [12, 12, 0]


def support_keys(name: str) -> list[bytes]:
    """The counters of codes sent, not those of guesses."""
    return list(backing.redis_client().scan_iter(match=f"*limit:{name}*")) or [b"none"]


def test_sign_in__second_code_within_a_minute__refused_by_number(client, codes):
    ask(client)
    other = ask(Client())
    assert other.status_code == 429
    assert len(codes) == 1
    assert client.post(reverse("sign_in_again")).status_code == 429
    assert ask(client).url == reverse("sign_in_code"), "the same person just goes on"
    assert len(codes) == 1


def test_sign_in__again_after_a_minute__new_code_replaces_the_old(client, codes):
    ask(client)
    age_session(client, 61)
    backing.forget_redis()
    assert client.post(reverse("sign_in_again")).url == reverse("sign_in_code")
    assert len(codes) == 2
    if codes[0]["code"] != codes[1]["code"]:
        assert enter(client, codes[0]["code"]).status_code == 409
    assert enter(client, codes[1]["code"]).url == reverse("home")


def test_sign_in__code_page__says_when_another_can_be_sent(client, codes):
    ask(client)
    age_session(client, 20)
    page = client.get(reverse("sign_in_code"))
    assert 38 <= page.context["wait"] <= 40
    assert f"{page.context['wait']}秒" in page.content.decode()


def codes_sent_to(address: str) -> int:
    """How many codes one place gets for the number within an hour, waiting a minute each time."""
    for sent in range(20):
        backing.redis_client().delete(*support_keys("code_number_minute"))
        if ask(Client(REMOTE_ADDR=address)).status_code == 429:
            return sent
    return 20


def test_sign_in__codes_from_one_place__leave_some_for_the_owner(codes):
    assert codes_sent_to("203.0.113.7") == 4
    assert ask(Client(REMOTE_ADDR="203.0.113.7")).status_code == 429
    owner = Client(REMOTE_ADDR="198.51.100.7")
    assert ask(owner).status_code == 302, "refused, a stranger does not even hold up the minute"
    assert enter(owner, codes[-1]["code"]).url == reverse("home")


def test_sign_in__eight_codes_an_hour_for_a_number__then_refused_everywhere(codes):
    places = ["203.0.113.7", "2001:db8:1:2::7", "2001:db8:1:2:ffff::9", "198.51.100.7"]
    assert [codes_sent_to(place) for place in places] == [4, 4, 0, 0]
    assert len(codes) == 8


def test_sign_in__without_redis__refused_in_words(client, codes, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = ask(client)
    assert answer.status_code == 503
    assert codes == []


def test_sign_in__code_could_not_be_sent__may_try_again_at_once(client, codes, monkeypatch):
    def fails(**message):
        raise sms.CodeNotSent

    with monkeypatch.context() as broken:
        broken.setattr(sms, "send_code", fails)
        assert ask(client).status_code == 503
    assert ask(client).status_code == 302


@pytest.mark.parametrize(
    "where", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"]
)
def test_sign_in__foreign_next__leads_home(client, codes, where):
    ask(client, next=where)
    assert enter(client, codes[0]["code"]).url == reverse("home")


def test_sign_in__next__leads_where_one_wanted_to_go(client, codes):
    assert client.get("/me/family/").url == "/sign-in/?next=/me/family/"
    ask(client, next="/me/family/")
    assert enter(client, codes[0]["code"]).url == "/me/family/"


def test_sign_in__signed_in_already__redirected(client):
    client.force_login(factories.make_user())
    assert client.get(reverse("sign_in")).url == reverse("home")
    assert client.get(reverse("sign_in_code")).url == reverse("home")


def test_sign_in__staff_by_code__sent_to_their_own_page(client, codes):
    staff = factories.make_staff(phone="+8613812345678")
    ask(client)
    assert enter(client, codes[0]["code"]).url == reverse("staff_sign_in")
    assert "_auth_user_id" not in client.session
    assert AuditRecord.objects.filter(
        action="sign_in", outcome="refused", target=f"accounts.user:{staff.pk}"
    ).exists()


def test_sign_in__inactive_person__refused(client, codes):
    factories.make_user(phone="+8613812345678", is_active=False)
    ask(client)
    assert enter(client, codes[0]["code"]).url == reverse("sign_in")
    assert "_auth_user_id" not in client.session


def test_sign_in__language_chosen_before__is_there_again(client, codes, settings):
    factories.make_user(phone="+8613812345678", language="en")
    ask(client)
    assert enter(client, codes[0]["code"]).cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"


def test_code__outside_the_demo__never_on_the_page(client, codes, settings):
    settings.SMS_CODE_ON_SCREEN = True
    ask(client)
    assert codes[0]["code"] not in client.get(reverse("sign_in_code")).content.decode()
    settings.DEMO = True
    assert codes[0]["code"] in client.get(reverse("sign_in_code")).content.decode()


def test_at_rest__number_code_and_session__nowhere_in_the_clear(client, codes):
    ask(client)
    code = codes[0]["code"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_data FROM django_session")
        sessions = "".join(row[0] for row in cursor.fetchall())
    enter(client, code)
    factories.make_roster_entry(phone="+8613812345678")
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone, phone_index FROM accounts_user")
        people = cursor.fetchall()
        cursor.execute("SELECT phone, phone_index FROM accounts_rosterentry")
        people += cursor.fetchall()
        cursor.execute("SELECT session_data FROM django_session")
        sessions += "".join(row[0] for row in cursor.fetchall())
    assert all("12345678" not in value for row in people for value in row)
    assert all(row[0].startswith("demo:") for row in people)
    # The session engine seals; what it wrote is not Django's own readable form.
    assert sessions.startswith("demo:")
    assert "account_login" not in sessions


def test_sign_out__by_post_only(client):
    client.force_login(factories.make_user())
    assert client.get(reverse("sign_out")).status_code == 405
    assert client.post(reverse("sign_out")).url == reverse("sign_in")
    assert "_auth_user_id" not in client.session


def test_send_again__pressed_too_early__the_code_that_came_still_signs_in(client, codes):
    ask(client)
    refused = client.post(reverse("sign_in_again"))
    assert refused.status_code == 429
    # The page that refuses stands at another address; what is typed there goes to where codes are checked.
    assert f'action="{reverse("sign_in_code")}"' in refused.content.decode()
    assert client.get(reverse("sign_in_again")).url == reverse("sign_in_code")
    assert enter(client, codes[0]["code"]).url == reverse("home")
    assert len(codes) == 1


def test_sign_in__back_from_the_code_page__leads_to_it_again(client, codes):
    link = f'href="{reverse("sign_in_code")}"'
    assert link not in client.get(reverse("sign_in")).content.decode()
    ask(client)
    assert link in client.get(reverse("sign_in")).content.decode()
