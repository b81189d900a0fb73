"""Many senders over the same messages: each SMS goes once, each notice stands once."""

import threading
from collections import Counter

import pytest
from django.db import connections

from accounts.models import User
from community.core import clock
from community.notifications import delivery, outbox
from community.notifications.models import InboxNotice, OutboxMessage
from tests.support.gateway import Gateway


@pytest.mark.django_db(transaction=True)
def test_deliver__by_eight_senders_at_once__sends_each_once(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox.background, "queue", lambda task, calls: True)
    gateway.slow_seconds = 0.02
    people = [User.objects.create_user(name="住户", phone=f"+86138000000{n:02d}") for n in range(10)]
    for person in people:
        params = {"what": "灯", "reference": "R1"}
        outbox.queue_message(person, "repair_done", key="k", params=params, sms=True, now=clock.now())
    start = threading.Barrier(8)
    errors: list[Exception] = []

    def send_everything() -> None:
        start.wait()
        try:
            delivery.sweep(now=clock.now())
        except Exception as error:  # noqa: BLE001  (told by the assertion below)
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send_everything) for _sender in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert Counter(gateway.keys("send")).most_common(1)[0][1] == 1
    assert len(gateway.kept) == 10
    assert InboxNotice.objects.count() == 10
    assert set(OutboxMessage.objects.values_list("status", flat=True)) == {"sent"}


@pytest.mark.django_db(transaction=True)
def test_deliver__without_the_claim__would_send_twice(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The race is real: the same senders without the conditional update."""
    monkeypatch.setattr(outbox.background, "queue", lambda task, calls: True)
    monkeypatch.setattr(delivery, "_claim", lambda message, now: True)
    gateway.slow_seconds = 0.1
    person = User.objects.create_user(name="住户", phone="+8613800000000")
    params = {"what": "灯", "reference": "R1"}
    outbox.queue_message(person, "repair_done", key="k", params=params, sms=True, now=clock.now())
    pk = OutboxMessage.objects.get(channel="sms").pk
    start = threading.Barrier(4)

    def send() -> None:
        start.wait()
        try:
            delivery.deliver(pk, now=clock.now())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send) for _sender in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(gateway.kept) > 1
