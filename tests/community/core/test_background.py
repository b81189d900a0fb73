from collections.abc import Iterator

import pytest

from community.celery import app
from community.core import background
from community.core.patience import Patience
from tests.support.backing import redis_client

TASK = "community.core.tasks.make_speech"


@pytest.fixture
def through_broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    app.conf.task_always_eager = False
    monkeypatch.setattr(background, "patience", Patience())
    yield
    app.conf.task_always_eager = True


def waiting() -> int:
    return sum(redis_client().llen(key) for key in redis_client().scan_iter("*:bulk"))


def test_queue__hands_over_every_call(through_broker: None) -> None:
    before = waiting()
    assert background.queue(TASK, [("a",), ("b",)])
    assert waiting() == before + 2


def test_queue__after_the_broker_cut_every_connection__goes_on(through_broker: None) -> None:
    assert background.queue(TASK, [("a",)])
    redis_client().execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    outcomes = []
    for _try in range(3):
        background.patience = Patience()
        outcomes.append(background.queue(TASK, [("b",)]))
    assert outcomes[1:] == [True, True]
