"""What a session holds, and how long."""

from datetime import datetime, timedelta

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from accounts import actions, tasks
from accounts.actions import sessions
from accounts.models import User
from community.celery import timetable
from community.core import clock
from community.core.sessions import SessionStore
from community.notifications import live, sms
from tests import factories

pytestmark = pytest.mark.django_db
NUMBER = "13812345678"


def held() -> str:
    """Everything that the sessions in the database hold, unsealed."""
    return " ".join(str(SessionStore().decode(row.session_data)) for row in Session.objects.all())


@pytest.fixture
def codes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    sent: list[str] = []
    monkeypatch.setattr(sms, "send_code", lambda *, phone, code: sent.append(code))
    return sent


@pytest.fixture
def now() -> datetime:
    return clock.now()


def make_session(*, ends: datetime, user: User | None = None) -> str:
    session = SessionStore()
    if user is not None:
        session[SESSION_KEY] = str(user.pk)
    session.save()
    Session.objects.filter(pk=session.session_key).update(expire_date=ends)
    return str(session.session_key)


def test_sign_in__begun__session_with_the_number_ends_within_the_hour(
    client: Client, codes: list[str]
) -> None:
    client.post(reverse("sign_in"), {"phone": NUMBER})
    assert NUMBER in held()
    assert Session.objects.get().expire_date <= clock.now() + timedelta(hours=1)


def test_sign_in__done__session_holds_no_number_and_no_code(client: Client, codes: list[str]) -> None:
    client.post(reverse("sign_in"), {"phone": NUMBER})
    client.post(reverse("sign_in_code"), {"code": codes[0]})
    assert client.get(reverse("me")).status_code == 200
    assert NUMBER not in held()
    assert codes[0] not in held()
    assert Session.objects.get().expire_date > clock.now() + timedelta(days=80)


def test_sweep__expired_sessions__are_deleted_in_batches_and_others_stay(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "BATCH", 2)
    for _number in range(5):
        make_session(ends=now - timedelta(seconds=1))
    stays = make_session(ends=now + timedelta(days=1))
    assert actions.forget_expired_sessions(now=now) == 5
    assert [row.pk for row in Session.objects.all()] == [stays]


def test_sweep__is_on_the_beat(now: datetime) -> None:
    make_session(ends=now - timedelta(seconds=1))
    tasks.forget_expired_sessions()
    assert not Session.objects.exists()
    assert "accounts.tasks.forget_expired_sessions" in {one["task"] for one in timetable().values()}


def number(user: User) -> int:
    topic = live.session_topic(user.pk)
    return live.numbers_of([topic])[topic]


def test_number__of_the_person__grows_with_each_session_that_ends(client: Client, now: datetime) -> None:
    user = factories.make_resident()
    client.force_login(user)
    before = number(user)
    client.post(reverse("sign_out"))
    assert number(user) == before + 1
    make_session(ends=now - timedelta(seconds=1), user=user)
    actions.forget_expired_sessions(now=now)
    assert number(user) == before + 2


def test_number__renamed__does_not_grow() -> None:
    user = factories.make_resident()
    before = number(user)
    actions.rename(user=user, name="王秀兰", by=user)
    assert number(user) == before


def test_sign_out__says_that_one_is_out() -> None:
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(factories.make_resident())
    assert "已退出登录" in client.post("/sign-out/", follow=True).content.decode()
