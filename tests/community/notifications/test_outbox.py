import socket
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import translation

from accounts.models import User
from community.celery import app
from community.core import clock
from community.core.backoff import Backoff
from community.core.errors import Forbidden
from community.core.services import registry
from community.notifications import actions, delivery, messages, outbox, sms
from community.notifications.models import InboxNotice, OutboxMessage
from tests.factories import make_staff
from tests.support.gateway import Gateway

PARAMS = {"what": "水龙头", "reference": "R1", "worker": "王师傅", "fen": 8000, "secret": "not kept"}
Status = OutboxMessage.Status


@pytest.fixture
def unqueued(monkeypatch: pytest.MonkeyPatch) -> None:
    """Written, and not delivered yet: as if the queue were slow."""
    monkeypatch.setattr(outbox.background, "queue", lambda task, calls: True)


@pytest.fixture(params=["closed", "hangs"])
def no_broker(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """A broker that is not there, and one that takes the connection and never says a word."""
    path = tmp_path / "broker.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        if request.param == "hangs":
            listener.bind(str(path))
            listener.listen(8)
        before = (app.conf.task_always_eager, app.conf.broker_write_url)
        app.conf.task_always_eager, app.conf.broker_write_url = False, f"redis+socket://{path}"
        monkeypatch.setattr(outbox.background, "backoff", Backoff())
        yield
        app.conf.task_always_eager, app.conf.broker_write_url = before


def tell(person: User, template: str = "repair_done", *, key: str = "k", **options: Any) -> None:
    outbox.queue_message(person, template, key=key, params=PARAMS, now=clock.now(), **options)


def claim_long_ago(message: OutboxMessage) -> None:
    """As a sender that took it and died a minute ago."""
    OutboxMessage.objects.filter(pk=message.pk).update(
        status=Status.SENDING, tries=1, claimed_until=clock.now() - timedelta(seconds=1)
    )


def the_sms() -> OutboxMessage:
    return OutboxMessage.objects.get(channel="sms")


# -- Telling.


@pytest.mark.django_db(transaction=True)
def test_tell__after_the_commit__stands_in_the_inbox_and_is_sent(person: User, gateway: Gateway) -> None:
    tell(person, "repair_quoted", sms=True, url="/repairs/1/")

    notice = InboxNotice.objects.get(user=person)
    assert notice.params == {"what": "水龙头", "reference": "R1", "fen": 8000}
    assert notice.url == "/repairs/1/"
    assert the_sms().status == Status.SENT
    assert '"price": "¥80.00"' in gateway.kept[0]["TemplateParam"]


@pytest.mark.django_db(transaction=True)
def test_tell__transaction_rolled_back__nobody_is_told(person: User, gateway: Gateway) -> None:
    def change_ones_mind() -> None:
        with transaction.atomic():
            tell(person, sms=True)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        change_ones_mind()
    assert not OutboxMessage.objects.exists()
    assert gateway.calls == []


@pytest.mark.django_db(transaction=True)
def test_tell__the_same_key_twice__is_one_notice_and_one_sms(person: User, gateway: Gateway) -> None:
    tell(person, sms=True)
    tell(person, sms=True)
    assert InboxNotice.objects.filter(user=person).count() == 1
    assert len(gateway.kept) == 1


@pytest.mark.django_db
def test_tell__without_a_number__only_the_inbox(unqueued: None) -> None:
    tell(User.objects.create_user(name="无号"), sms=True)
    assert [m.channel for m in OutboxMessage.objects.all()] == ["inbox"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("template", "params"), [("nonsense", {}), ("repair_quoted", {"what": "x", "reference": "R"})]
)
def test_tell__unknown_or_incomplete__is_refused_while_writing(
    person: User, template: str, params: dict
) -> None:
    with pytest.raises(ValueError):
        outbox.queue_message(person, template, key="k", params=params, now=clock.now())


# An example of every parameter that any message has; a message with another one fails below.
WHAT_MESSAGES_SAY = {
    "name": "王秀英",
    "act": "role",
    "home": "3号楼 1单元 502",
    "at": "6/1 09:00",
    "digits": "5678",
    "month": "2026-11",
    "carer": "冯桂兰",
    "resident": "王秀英",
    "when": "11-24 12:00",
    "until": "11-24 08:30",
    "place": "3号楼 1单元 502",
    "who": "周婷",
    "hours": 3,
    "bills": 3,
    "why": "墙面划伤",
    "phone": "13800000001",
    "is_drill": False,
    "about": "2号楼电梯",
    "building": "3号楼",
    "estate": "幸福里",
    "minutes": 60,
    "project": "外窗更换",
    "short": "今晚停水",
    "step": "确认报价",
    "title": "今晚停水",
    "day": "2024-03-05",
    "rate": "5",
    "count": 2,
}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_message__can_be_put_into_words(language: str) -> None:
    full = PARAMS | WHAT_MESSAGES_SAY
    for name, template in registry.messages().items():
        with translation.override(language):
            title, body = messages.in_words(name, messages.kept(name, full))
        assert title
        assert "%" not in body
        assert set(messages.sms_params(name, full)) == set(template.sms or ())


@pytest.mark.django_db(transaction=True)
def test_tell__broker_gone__costs_little_and_the_sweep_delivers(person: User, no_broker: None) -> None:
    began = time.monotonic()
    for number in range(5):
        tell(person, key=f"k{number}")
    assert time.monotonic() - began < 1.5
    assert not InboxNotice.objects.exists()

    delivery.sweep(now=clock.now())
    assert InboxNotice.objects.filter(user=person).count() == 5


# -- Retries.


@pytest.mark.django_db
def test_sms__refused_for_now__is_tried_ever_more_rarely_and_then_failed(
    unqueued: None, person: User, gateway: Gateway
) -> None:
    gateway.replies["13812345678"] = (200, "isv.BUSINESS_LIMIT_CONTROL")
    tell(person, sms=True)
    waits = []
    for _try in range(5):
        delivery.deliver(the_sms().pk, now=clock.now() + timedelta(days=1))
        message = the_sms()
        assert message.status == Status.PENDING
        waits.append(round((message.next_try_at - clock.now()).total_seconds()))
    assert waits == [10, 60, 300, 1800, 7200]
    delivery.deliver(the_sms().pk, now=clock.now() + timedelta(days=1))
    assert the_sms().status == Status.FAILED
    assert "isv.BUSINESS_LIMIT_CONTROL" in the_sms().error
    assert len(gateway.keys("send")) == 6


@pytest.mark.django_db
def test_sms__before_its_time__is_not_tried(unqueued: None, person: User, gateway: Gateway) -> None:
    gateway.replies["13812345678"] = (200, "isv.BUSINESS_LIMIT_CONTROL")
    tell(person, sms=True)
    delivery.sweep(now=clock.now())
    delivery.sweep(now=clock.now() + timedelta(seconds=5))
    assert len(gateway.keys("send")) == 1


@pytest.mark.django_db
def test_sms__wrong_number__fails_at_once(unqueued: None, person: User, gateway: Gateway) -> None:
    gateway.replies["13812345678"] = (200, "isv.MOBILE_NUMBER_ILLEGAL")
    tell(person, sms=True)
    delivery.sweep(now=clock.now())
    assert the_sms().status == Status.FAILED
    assert InboxNotice.objects.filter(user=person).count() == 1


# -- Uncertain.


@pytest.mark.django_db
def test_sms__cut_in_the_middle_but_sent__is_asked_about_and_not_sent_again(
    unqueued: None, person: User, gateway: Gateway
) -> None:
    tell(person, sms=True)
    message = the_sms()
    assert delivery._claim(message, now=clock.now())
    gateway.answer(
        "SendSms", {"PhoneNumbers": "13812345678", "OutId": f"outbox-{message.pk}", "TemplateCode": "1"}
    )

    delivery.sweep(now=clock.now())
    assert the_sms().status == Status.SENDING
    delivery.sweep(now=clock.now() + timedelta(seconds=61))
    assert the_sms().status == Status.SENT
    assert [call for call, _key in gateway.calls] == ["send", "ask"]


@pytest.mark.django_db
def test_sms__cut_before_it_arrived__is_asked_about_and_then_sent(
    unqueued: None, person: User, gateway: Gateway
) -> None:
    tell(person, sms=True)
    claim_long_ago(the_sms())
    delivery.sweep(now=clock.now())
    assert the_sms().status == Status.SENT
    assert [call for call, _key in gateway.calls] == ["ask", "send"]


@pytest.mark.django_db
def test_sms__no_answer_in_time__waits_and_asks(
    unqueued: None, person: User, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sms, "WORKER_SECONDS", 0.2)
    monkeypatch.setattr(delivery.sms, "sender", lambda: sms.import_string(sms.SENDERS["aliyun"])(seconds=0.2))
    gateway.slow_seconds = 0.5
    tell(person, sms=True)
    delivery.sweep(now=clock.now())
    assert the_sms().status == Status.UNCERTAIN
    delivery.sweep(now=clock.now() + timedelta(seconds=30))
    assert gateway.keys("ask") == []
    delivery.sweep(now=clock.now() + timedelta(seconds=62))
    assert the_sms().status == Status.SENT
    assert len(gateway.keys("send")) == 1


@pytest.mark.django_db
def test_sms__gateway_cannot_say_for_a_day__is_shown_to_staff(
    unqueued: None, person: User, gateway: Gateway
) -> None:
    gateway.replies["ask:13812345678"] = (500, "InternalError")
    tell(person, sms=True)
    claim_long_ago(the_sms())
    delivery.sweep(now=clock.now())
    assert the_sms().status == Status.UNCERTAIN
    delivery.sweep(now=clock.now() + timedelta(minutes=6))
    assert the_sms().status == Status.UNCERTAIN
    delivery.sweep(now=clock.now() + timedelta(days=2))
    assert the_sms().status == Status.FAILED
    assert gateway.keys("send") == []


@pytest.mark.django_db
def test_settle__an_old_claim__does_not_touch_a_new_one(
    unqueued: None, person: User, gateway: Gateway
) -> None:
    tell(person, sms=True)
    claim_long_ago(the_sms())
    old = the_sms()
    OutboxMessage.objects.filter(pk=old.pk).update(status=Status.PENDING, next_try_at=clock.now())
    new = the_sms()
    assert delivery._claim(new, now=clock.now())
    delivery._write_result(old, status=Status.FAILED, error="late")
    assert the_sms().status == Status.SENDING


# -- Send again.


@pytest.mark.django_db(transaction=True)
def test_send_again__by_staff__sends_and_is_on_record(unqueued: None, person: User, gateway: Gateway) -> None:
    from community.core.models import AuditRecord

    boss = make_staff(role="manager")
    gateway.replies["13812345678"] = (200, "isv.MOBILE_NUMBER_ILLEGAL")
    tell(person, sms=True)
    delivery.sweep(now=clock.now())
    gateway.replies.clear()

    actions.send_again(message=the_sms(), by=boss, now=clock.now())
    delivery.sweep(now=clock.now())
    assert the_sms().status == Status.SENT
    assert AuditRecord.objects.get(action="outbox.send_again").actor == boss
    actions.send_again(message=the_sms(), by=boss, now=clock.now())
    assert the_sms().status == Status.SENT


@pytest.mark.django_db
def test_send_again__by_a_resident__is_forbidden(unqueued: None, person: User) -> None:
    tell(person)
    with pytest.raises(Forbidden):
        actions.send_again(message=OutboxMessage.objects.get(), by=person, now=clock.now())


def test_sweep__one_whose_number_cannot_be_read__holds_up_no_other(person: User, unqueued: None) -> None:
    unreadable = User.objects.create_user(name="李四", phone="+8613800000077")
    tell(unreadable)
    tell(person)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_user SET phone = %s WHERE id = %s", ["v1:spoilt", unreadable.pk])
    delivery.sweep(now=clock.now())
    assert list(InboxNotice.objects.values_list("user", flat=True)) == [person.pk]
    waiting = OutboxMessage.objects.only("status", "next_try_at").get(recipient=unreadable)
    assert waiting.status == Status.PENDING
    assert waiting.next_try_at > clock.now()
    delivery.sweep(now=clock.now() + timedelta(days=2))
    assert OutboxMessage.objects.filter(recipient=unreadable, status=Status.FAILED).exists()
