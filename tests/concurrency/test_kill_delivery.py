"""SIGKILL of the background work in the middle of sending: nothing lost, nothing blindly twice."""

import json
import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from accounts.models import User
from community.core import clock
from community.notifications import outbox, tasks
from community.notifications.models import InboxNotice, OutboxMessage
from tests.bench import report
from tests.support.gateway import Gateway, running_gateway

PARAMS = {"what": "水龙头", "reference": "R1"}
PEOPLE = 3


@pytest.fixture
def slow_gateway(process_env: dict[str, str]) -> Iterator[Gateway]:
    """The workers' gateway; a sender that is silent for a second is taken for dead."""
    with running_gateway() as gateway:
        told = gateway.environment({"repair_done": "SMS_1"}) | {"OUTBOX_LEASE_SECONDS": 1}
        texts = {
            name: json.dumps(value) if isinstance(value, dict) else str(value) for name, value in told.items()
        }
        process_env.update(texts)
        yield gateway


@pytest.mark.parametrize("kills", [2, pytest.param(50, marks=pytest.mark.long)])
def test_delivery__worker_killed_in_the_middle__loses_and_doubles_nothing(
    kills: int, slow_gateway: Gateway, start_worker: Callable[..., subprocess.Popen[bytes]]
) -> None:
    chance = random.Random(kills)
    people = [User.objects.create_user(name=f"住户{n}", phone=f"+861380000000{n}") for n in range(PEOPLE)]
    for round_number in range(kills):
        for person in people:
            key = f"round-{round_number}"
            outbox.queue_message(
                person, "repair_done", key=key, params=PARAMS, url="/", sms=True, now=clock.now()
            )
        tasks.sweep_outbox.apply_async()
        # Either the gateway has kept it when the sender dies, or the line was cut before.
        slow_gateway.loses = {"*"} if chance.random() < 0.4 else set()
        slow_gateway.slow_seconds = 5
        seen = len(slow_gateway.keys("send"))
        worker = start_worker(wait=False)
        _until(lambda seen=seen: len(slow_gateway.keys("send")) > seen)
        time.sleep(chance.random() * 0.2)
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
    slow_gateway.loses, slow_gateway.slow_seconds = set(), 0.05

    start_worker()
    _until(_all_is_settled, every=1.0, poke=tasks.sweep_outbox.apply_async)

    told = Counter(InboxNotice.objects.values_list("user", "key"))
    assert len(told) == kills * PEOPLE
    assert set(told.values()) == {1}
    assert set(OutboxMessage.objects.values_list("status", flat=True)) == {"sent"}
    kept = Counter(message["OutId"] for message in slow_gateway.kept)
    assert len(kept) == kills * PEOPLE
    assert set(kept.values()) == {1}
    _asked_before_sent_again(slow_gateway)
    # Every kill hit a message that was under way; otherwise this proves little.
    assert len(slow_gateway.keys("ask")) >= kills * 0.8
    if kills >= 50:
        report.write(
            "kills",
            f"""## Senders killed
The Celery worker killed by SIGKILL in the middle of sending, {kills} times, on {connection.vendor}: of
{kills * PEOPLE} notices none was lost and none stood twice in an inbox; of {kills * PEOPLE} SMS each reached
the gateway's books once, and none was sent again before the gateway had been asked about it.""",
        )


def _asked_before_sent_again(gateway: Gateway) -> None:
    numbers = {
        f"outbox-{message.pk}": message.recipient.phone_national
        for message in OutboxMessage.objects.filter(channel="sms").select_related("recipient")
    }
    may_send = dict.fromkeys(numbers, True)
    for what, name in gateway.calls:
        if what == "send":
            assert may_send[name], f"{name} was sent again without asking"
            may_send[name] = False
        else:
            may_send |= {key: True for key, number in numbers.items() if number == name}


def _all_is_settled() -> bool:
    return not OutboxMessage.objects.exclude(status__in=["sent", "failed"]).exists()


def _until(is_so: Callable[[], bool], *, every: float = 0.02, poke: Callable[[], Any] | None = None) -> None:
    until = time.monotonic() + 90
    while not is_so():
        assert time.monotonic() < until, list(
            OutboxMessage.objects.values("pk", "channel", "status", "error")
        )
        if poke:
            poke()
        time.sleep(every)


def _how_it_stands() -> str:
    states = list(
        OutboxMessage.objects.exclude(status="sent").values_list("pk", "channel", "status", "error")
    )
    logs = [path.read_text()[-3000:] for path in Path(settings.DATA_DIR).glob("worker-*.log")]
    return "\n".join([repr(states), *logs[-2:]])
