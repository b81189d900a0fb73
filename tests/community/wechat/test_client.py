"""Calls in the name of an official account: the access token, refusals, and answers that are none."""

import logging
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection

from community.core import clock
from community.core.errors import ActionError
from community.demo.wechat.platform import CUT, HANGS, NO_JSON, Platform
from community.wechat import client, http
from community.wechat.actions import try_account
from community.wechat.errors import Then, WeChatRefused
from community.wechat.models import OfficialAccount
from tests.support.wechat import SECRET, make_account

pytestmark = pytest.mark.django_db
INFO, TOKEN = "/cgi-bin/user/info", "/cgi-bin/stable_token"


@pytest.fixture
def account(db: None, platform: Platform) -> OfficialAccount:
    return make_account()


def test_token__asked_once__is_shared_and_kept_encrypted(account: OfficialAccount, platform: Platform):
    platform.state.visitor("oA").follows = True
    assert client.does_follow(account, "oA")
    assert not client.does_follow(account, "oB")
    assert platform.state.calls.count(TOKEN) == 1
    token, _seconds = platform.state.token_of(account.app_id)
    assert token not in str(cache.get(f"wechat:{account.app_id}:token"))


def test_token__near_its_end__is_renewed(account: OfficialAccount, platform: Platform):
    client.does_follow(account, "oA")
    with time_machine.travel(clock.now() + timedelta(seconds=7200)):
        client.does_follow(account, "oA")
    assert platform.state.calls.count(TOKEN) == 2


def test_token__expires_in_the_middle_of_a_batch__is_renewed_once(
    account: OfficialAccount, platform: Platform
):
    for number in range(6):
        if number == 3:
            platform.state.end_tokens()
        client.does_follow(account, "oA")
    assert platform.state.calls.count(TOKEN) == 2
    assert platform.state.calls.count(INFO) == 7


@pytest.mark.parametrize("code", [40001, 40014, 42001])
def test_token__refused_though_it_is_the_newest__is_forced_once_and_not_tried_for_ever(
    account: OfficialAccount, platform: Platform, code: int
):
    platform.state.faults[INFO] = [code]
    client.does_follow(account, "oA")
    assert platform.state.calls == [TOKEN, INFO, TOKEN, TOKEN, INFO]
    platform.state.faults[INFO] = [code, code]
    with pytest.raises(WeChatRefused):
        client.does_follow(account, "oA")
    assert platform.state.calls.count(INFO) == 4


def test_token__without_the_cache__is_asked_for_each_call(
    account: OfficialAccount, platform: Platform, settings: Any
):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1",
        }
    }
    client.does_follow(account, "oA")
    client.does_follow(account, "oA")
    assert platform.state.calls.count(TOKEN) == 2


@pytest.mark.parametrize(
    ("code", "then"),
    [
        (-1, Then.AGAIN),
        (45009, Then.WAIT),
        (45011, Then.WAIT),
        (43004, Then.UNREACHABLE),
        (43101, Then.UNREACHABLE),
        (43003, Then.UNREACHABLE),
        (40003, Then.UNREACHABLE),
        (48001, Then.MEND),
        (50002, Then.MEND),
        (40164, Then.MEND),
        (99999, Then.MEND),
    ],
)
def test_refusal__each_code__asks_for_its_next_step(
    account: OfficialAccount, platform: Platform, code: int, then: Then
):
    platform.state.faults[INFO] = [code]
    with pytest.raises(WeChatRefused) as refusal:
        client.does_follow(account, "oA")
    assert refusal.value.then == then
    assert platform.state.calls.count(INFO) == 1


@pytest.mark.parametrize(
    ("fault", "reason"), [(NO_JSON, "no JSON"), (CUT, "HTTP 502"), (HANGS, "ReadTimeout")]
)
def test_answer__is_none__says_so_and_names_no_secret(
    account: OfficialAccount, platform: Platform, monkeypatch: Any, caplog: Any, fault: str, reason: str
):
    monkeypatch.setattr(http, "SECONDS", 0.2)
    platform.hangs_seconds = 0.5
    client.does_follow(account, "oA")
    platform.state.faults[INFO] = [fault]
    with caplog.at_level(logging.DEBUG), pytest.raises(http.NoAnswer) as problem:
        client.does_follow(account, "oA")
    assert problem.value.reason == reason
    assert problem.value.is_sent
    token, _seconds = platform.state.token_of(account.app_id)
    assert token not in f"{problem.value!r}{caplog.text}"


def test_answer__nobody_listens__was_certainly_not_sent(account: OfficialAccount, settings: Any):
    settings.WECHAT_API_URL = "http://127.0.0.1:1"
    with pytest.raises(http.NoAnswer) as problem:
        client.does_follow(account, "oA")
    assert not problem.value.is_sent


@pytest.mark.parametrize(("code", "words"), [(40164, "IP白名单"), (40125, "AppSecret"), (61004, "61004")])
def test_try__account_that_must_be_mended__says_what_and_notes_it(
    account: OfficialAccount, platform: Platform, code: int, words: str
):
    platform.state.faults[TOKEN] = [code]
    with pytest.raises(ActionError) as refused:
        try_account(account=account, now=clock.now())
    assert words in str(refused.value.message)
    account.refresh_from_db()
    assert account.problem == code
    try_account(account=account, now=clock.now())
    account.refresh_from_db()
    assert account.problem == 0


def test_account__in_the_database__is_unreadable_without_a_key(account: OfficialAccount):
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret, token, aes_key FROM wechat_officialaccount")
        stored = cursor.fetchone()
    assert SECRET not in str(stored)
    assert account.token not in str(stored)
