"""A message goes by WeChat where it can, by SMS where it must, and each once, whatever breaks off."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from community.core import clock, limits
from community.core.limit_table import WECHAT_FORGED
from community.demo.wechat import pushes
from community.demo.wechat.platform import CUT, HANGS, NO_JSON, Platform
from community.notifications import actions, delivery, outbox
from community.notifications.models import InboxNotice, OutboxMessage
from community.wechat import http
from community.wechat.models import Binding, Grant, MessageTemplate, OfficialAccount
from tests.factories import make_staff
from tests.support.gateway import Gateway
from tests.support.wechat import (
    SUBSCRIPTION,
    make_account,
    make_binding,
    make_template,
    platform,  # noqa: F401
    wechat_port,  # noqa: F401
)

pytestmark = pytest.mark.django_db
Status = OutboxMessage.Status
SEND, BIZSEND = "/cgi-bin/message/template/send", "/cgi-bin/message/subscribe/bizsend"
PARAMS = {"what": "水龙头一直在滴水", "reference": "R1", "worker": "王师傅", "fen": 8000}
MESSAGE = "repair_quoted"


@pytest.fixture
def account(platform: Platform) -> OfficialAccount:  # noqa: F811
    made = make_account()
    make_template(made, MESSAGE, fields={"thing1": "what", "amount2": "price", "thing3": "title"})
    return made


@pytest.fixture
def bound(account: OfficialAccount, person: User, platform: Platform) -> Binding:  # noqa: F811
    platform.state.visitor("oPerson0001").follows = True
    return make_binding(account, person)


@pytest.fixture(autouse=True)
def unqueued(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox.background, "queue", lambda task, calls: True)


def tell(person: User, *, key: str = "k", sms: bool = True, template: str = MESSAGE) -> None:
    outbox.queue_message(
        person, template, key=key, params=PARAMS, url="/repairs/1/", sms=sms, now=clock.now()
    )


def sweep(after: float = 0) -> None:
    at = clock.now() + timedelta(seconds=after)
    with time_machine.travel(at, tick=False):
        delivery.sweep(now=at)


def states() -> dict[str, str]:
    return dict(OutboxMessage.objects.order_by("channel").values_list("channel", "status"))


def test_follower__gets_it_by_wechat_and_no_sms_costs_anything(
    bound: Binding,
    person: User,
    platform: Platform,  # noqa: F811
    gateway: Gateway,
):
    tell(person)
    tell(person)
    sweep()
    assert states() == {"inbox": "sent", "wechat": "sent"}
    assert InboxNotice.objects.filter(user=person).count() == 1
    assert gateway.kept == []
    (sent,) = platform.state.sent
    assert sent["data"]["amount2"] == {"value": "¥80.00"}
    assert sent["data"]["thing1"] == {"value": "水龙头一直在滴水"}
    assert sent["url"].endswith("/repairs/1/")
    assert sent["client_msg_id"] == f"outbox-{OutboxMessage.objects.get(channel='wechat').pk}"


def test_no_wechat__goes_by_sms_and_an_inbox_message_stays_one(
    account: OfficialAccount, person: User, gateway: Gateway
):
    tell(person)
    tell(person, key="quiet", sms=False)
    sweep()
    assert states() == {"inbox": "sent", "sms": "sent"}
    assert len(gateway.kept) == 1


@pytest.mark.parametrize("code", [43004, 43101, 43003, 40003, 40037, 47003, 48001, 50002, 40164])
def test_refused__falls_to_sms_once(
    bound: Binding,
    person: User,
    platform: Platform,  # noqa: F811
    gateway: Gateway,
    code: int,
):
    platform.state.faults[SEND] = [code]
    tell(person)
    sweep()
    sweep(1)
    sweep(2)
    assert states() == {"inbox": "sent", "sms": "sent", "wechat": "passed_on"}
    assert len(gateway.kept) == 1
    assert platform.state.sent == []


def test_not_following__is_remembered_until_they_follow(
    bound: Binding,
    person: User,
    platform: Platform,  # noqa: F811
    gateway: Gateway,
):
    platform.state.visitor("oPerson0001").follows = False
    tell(person)
    sweep()
    tell(person, key="second")
    assert OutboxMessage.objects.filter(key="second", channel="wechat").count() == 0
    bound.refresh_from_db()
    assert bound.does_follow is False


def test_template_not_approved__without_sms__is_shown_to_staff_and_sent_again(
    bound: Binding,
    person: User,
    platform: Platform,  # noqa: F811
):
    platform.state.faults[SEND] = [40037]
    tell(person, sms=False)
    sweep()
    message = OutboxMessage.objects.get(channel="wechat")
    assert (message.status, message.error) == (Status.FAILED, "errcode 40037")
    bound.account.refresh_from_db()
    assert bound.account.problem == 40037
    boss = make_staff(role="manager")
    actions.send_again(message=message, by=boss, now=clock.now())
    sweep(1)
    assert states()["wechat"] == "sent"
    assert len(platform.state.sent) == 1


def test_granted_by_a_tap__is_used_once(
    account: OfficialAccount,
    person: User,
    platform: Platform,  # noqa: F811
    gateway: Gateway,
):
    binding = make_binding(account, person, does_follow=False)
    way = MessageTemplate.Way.SUBSCRIPTION
    make_template(account, MESSAGE, way=way, template_id=SUBSCRIPTION)
    Grant.objects.create(binding=binding, template_id=SUBSCRIPTION, left=1)
    platform.state.visitor("oPerson0001").grants[SUBSCRIPTION] = 1
    tell(person)
    sweep()
    tell(person, key="second")
    sweep(1)
    sweep(2)
    assert [one["template_id"] for one in platform.state.sent] == [SUBSCRIPTION]
    assert len(gateway.kept) == 1


def test_busy__is_tried_again(bound: Binding, person: User, platform: Platform):  # noqa: F811
    platform.state.faults[SEND] = [-1, -1]
    tell(person)
    sweep()
    assert states()["wechat"] == "pending"
    sweep(11)
    sweep(80)
    assert states()["wechat"] == "sent"
    assert len(platform.state.sent) == 1


def test_minute_full__is_waited_for(
    bound: Binding,
    person: User,
    platform: Platform,  # noqa: F811
    gateway: Gateway,
):
    platform.state.faults[SEND] = [45011]
    tell(person)
    sweep()
    sweep(50)
    assert platform.state.calls.count(SEND) == 1
    sweep(61)
    assert states() == {"inbox": "sent", "wechat": "sent"}
    assert gateway.kept == []


def test_day_full__goes_by_sms_or_waits_for_the_next_day(
    bound: Binding,
    person: User,
    platform: Platform,  # noqa: F811
    gateway: Gateway,
):
    platform.state.faults[SEND] = [45009, 45009]
    tell(person)
    tell(person, key="quiet", sms=False)
    sweep()
    sweep(1)
    assert len(gateway.kept) == 1
    waiting = OutboxMessage.objects.get(channel="wechat", key="quiet")
    assert waiting.status == Status.PENDING
    assert clock.today(waiting.next_try_at) == clock.today(clock.now()) + timedelta(days=1)


@pytest.mark.parametrize("fault", [CUT, HANGS, NO_JSON])
def test_answer_lost__is_sent_again_and_arrives_once(
    bound: Binding,
    person: User,
    platform: Platform,  # noqa: F811
    gateway: Gateway,
    monkeypatch: Any,
    fault: str,
):
    monkeypatch.setattr(http, "SECONDS", 0.2)
    platform.hangs_seconds = 0.4
    platform.state.faults[SEND] = [fault]
    tell(person)
    sweep()
    assert states()["wechat"] == "uncertain"
    sweep(30)
    assert states() == {"inbox": "sent", "wechat": "sent"}
    assert len(platform.state.sent) == 1
    assert gateway.kept == []


@pytest.mark.parametrize("has_sent", [True, False])
def test_worker_killed__in_the_middle__sends_once(
    bound: Binding,
    person: User,
    platform: Platform,  # noqa: F811
    gateway: Gateway,
    monkeypatch: Any,
    has_sent: bool,
):
    """The worker dies between claiming and writing the result, before or after WeChat has taken it."""

    class Killed(BaseException):
        pass

    send = delivery.wechat.send

    def die(message: OutboxMessage, **given: Any) -> str:
        if has_sent:
            send(message, **given)
        raise Killed

    tell(person)
    monkeypatch.setattr(delivery.wechat, "send", die)
    with pytest.raises(Killed):
        sweep()
    monkeypatch.setattr(delivery.wechat, "send", send)
    assert states()["wechat"] == "sending"
    sweep(delivery.lease().total_seconds() + 1)
    assert states() == {"inbox": "sent", "wechat": "sent"}
    assert len(platform.state.sent) == 1


def test_in_doubt_for_longer_than_wechat_remembers__is_not_repeated_there(
    bound: Binding,
    person: User,
    platform: Platform,  # noqa: F811
    gateway: Gateway,
):
    platform.state.faults[SEND] = [CUT]
    tell(person)
    sweep()
    sweep(700)
    assert states()["wechat"] == "passed_on"
    assert platform.state.calls.count(SEND) == 1
    assert len(platform.state.sent) == 1


def test_alarm__goes_both_ways(bound: Binding, person: User, platform: Platform, gateway: Gateway):  # noqa: F811
    make_template(bound.account, "help_family")
    params = {"name": "王", "reference": "H1", "phone": "+8613812345678"}
    outbox.queue_message(person, "help_family", key="h", params=params, sms=True, now=clock.now())
    assert set(states()) == {"inbox", "wechat", "sms"}


# -- What WeChat pushes.


def push(account: OfficialAccount, event: str, *, age: int = 0, **more: Any) -> Any:
    at = clock.now().timestamp() - age
    known = pushes.Account(account.app_id, account.secret, account.token, account.aes_key)
    xml = pushes.event_xml(event, "oPerson0001", at, **more)
    query, body = pushes.pushed(known, xml, at)
    return post(account, query, body)


def post(account: OfficialAccount, query: dict[str, str], body: bytes) -> Any:
    address = f"/wechat/{account.app_id}/push/"
    return Client(enforce_csrf_checks=True).post(address, body, content_type="text/xml", query_params=query)


def test_push__blocked_afterwards__goes_by_sms_once(
    bound: Binding,
    person: User,
    platform: Platform,  # noqa: F811
    gateway: Gateway,
):
    tell(person)
    sweep()
    number = platform.state.sent[0]["msgid"]
    for _time in range(3):
        answer = push(bound.account, "TEMPLATESENDJOBFINISH", MsgID=number, Status="failed:user block")
        assert (answer.status_code, answer.content) == (200, b"success")
    sweep(1)
    assert states() == {"inbox": "sent", "sms": "sent", "wechat": "passed_on"}
    assert len(gateway.kept) == 1


def test_push__delivered__leaves_it_sent(bound: Binding, person: User, platform: Platform):  # noqa: F811
    tell(person)
    sweep()
    push(bound.account, "TEMPLATESENDJOBFINISH", MsgID=platform.state.sent[0]["msgid"], Status="success")
    assert states() == {"inbox": "sent", "wechat": "sent"}


def test_push__follows_and_leaves(bound: Binding):
    for event, expected in (("unsubscribe", False), ("subscribe", True)):
        push(bound.account, event)
        bound.refresh_from_db()
        assert bound.does_follow is expected


@pytest.mark.parametrize("event", ["user_authorization_revoke", "user_authorization_cancellation"])
def test_push__consent_withdrawn_or_account_closed__forgets_the_openid(bound: Binding, event: str):
    push(bound.account, event, OpenID="oPerson0001", RevokeInfo="205")
    assert not Binding.objects.exists()


def test_push__taps__are_counted_and_a_repeated_push_is_not(bound: Binding):
    lines = (
        "<List><TemplateId>S-practice-1</TemplateId>"
        "<SubscribeStatusString>accept</SubscribeStatusString></List>"
    )
    at = clock.now().timestamp()
    account = bound.account
    known = pushes.Account(account.app_id, account.secret, account.token, account.aes_key)
    xml = pushes.event_xml("subscribe_msg_popup_event", "oPerson0001", at)
    xml = xml.replace("</xml>", f"<SubscribeMsgPopupEvent>{lines}</SubscribeMsgPopupEvent></xml>")
    for _time in range(2):
        assert post(account, *pushes.pushed(known, xml, at)).status_code == 200
    assert Grant.objects.get().left == 1


def test_push__forged_old_plain_or_of_another_account__is_refused(bound: Binding):
    account = bound.account
    known = pushes.Account(account.app_id, account.secret, account.token, account.aes_key)
    at = clock.now().timestamp()
    xml = pushes.event_xml("unsubscribe", "oPerson0001", at)
    query, body = pushes.pushed(known, xml, at)
    assert push(account, "unsubscribe", age=301).status_code == 403
    assert post(account, query | {"msg_signature": "0" * 40}, body).status_code == 403
    assert post(account, query | {"nonce": "another"}, body).status_code == 403
    assert post(account, query, xml.encode()).status_code == 403
    assert (
        post(account, query, b"<!DOCTYPE x [<!ENTITY a 'b'>]><xml><Encrypt>&a;</Encrypt></xml>").status_code
        == 403
    )
    assert post(account, query, b"\x00not xml").status_code == 403
    other = pushes.Account("wx9999999999999999", account.secret, account.token, account.aes_key)
    assert post(account, *pushes.pushed(other, xml, at)).status_code == 403
    keyless = pushes.Account(account.app_id, account.secret, account.token, "B" * 43)
    assert post(account, *pushes.pushed(keyless, xml, at)).status_code == 403
    bound.refresh_from_db()
    assert bound.does_follow is None


def test_push__address__is_proved_and_guesses_are_limited(account: OfficialAccount):
    signature = pushes.sign(account.token, "1", "n")
    address = f"/wechat/{account.app_id}/push/"
    given = {"signature": signature, "timestamp": "1", "nonce": "n", "echostr": "word"}
    assert Client().get(address, given).content == b"word"
    for _one in range(WECHAT_FORGED.amount - 1):
        limits.is_first(WECHAT_FORGED, "127.0.0.1")
    assert Client().get(address, given | {"nonce": "m"}).status_code == 403
    assert Client().get(address, given | {"nonce": "m"}).status_code == 429
    assert Client().get("/wechat/wx0000000000000000/push/", given).status_code == 404
