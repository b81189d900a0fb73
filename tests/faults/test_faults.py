"""Parts of a town are killed while people use it: nothing that was answered as saved is lost, nothing is there twice.

Short here, on PostgreSQL and Redis; each fault by itself, and in full numbers, in the long run and on both databases.
The table of all faults is in docs/reliability.md.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django.db import connection

from tests.faults.crowd import crowded
from tests.faults.system import Town, running_town

ALL = ("web", "worker", "beat", "redis", "database")
KINDS = {"repair", "time", "cash", "call"}
AWAY_SECONDS = 1.0


@pytest.fixture(scope="module")
def town(django_db_setup: None) -> Iterator[Town]:
    # Not among pytest's folders: whenever one of its processes begins, it closes them to PostgreSQL's own user.
    with (
        TemporaryDirectory(prefix="linli-town-") as folder,
        running_town(Path(folder), connection.vendor) as running,
    ):
        yield running


def kill_database(town: Town) -> None:
    town.kill("database")
    time.sleep(AWAY_SECONDS)
    town.start("database")


def lose_redis(town: Town) -> None:
    town.kill("redis")
    time.sleep(AWAY_SECONDS)
    town.start("redis")


def kill_worker(town: Town) -> None:
    town.kill("worker", "beat")
    town.start("worker", "beat")


def kill_everything(town: Town) -> None:
    town.kill(*ALL)
    town.start(*reversed(ALL))


def run_two_beats(town: Town) -> None:
    if "beat2" not in town.processes:
        town.start("beat2")


def deploy(town: Town) -> None:
    town.restart_web()


FAULTS = {fault.__name__: fault for fault in (kill_database, lose_redis, kill_worker, run_two_beats, deploy)}


def live_through(
    town: Town, *faults: Callable[[Town], None], number: int, seconds: float = 1.0
) -> Counter[str]:
    """People use estate ``number`` of the town for some seconds around each fault; then everything must be right.

    Returns how many acts of each kind were answered as saved, and as ``again`` how many forms had to be sent again.
    """
    with crowded(town, number=number) as crowd:
        for fault in faults:
            time.sleep(seconds)
            fault(town)
        time.sleep(seconds)
    town.wait_until_sent()
    assert town.ask("check", crowd.saved) == []
    assert crowd.troubles == []
    return Counter(str(act["kind"]) for act in crowd.saved) + Counter(again=crowd.sent_again)


@pytest.mark.services
def test_town__its_parts_killed_in_turn__loses_and_doubles_nothing(town: Town) -> None:
    told = live_through(town, kill_database, lose_redis, kill_everything, number=1)
    assert set(told) == {*KINDS, "again"}


@pytest.mark.long
@pytest.mark.parametrize("fault", FAULTS)
def test_fault__again_and_again__loses_and_doubles_nothing(fault: str, town: Town) -> None:
    first, told = 100 * (1 + list(FAULTS).index(fault)), Counter[str]()
    for number in range(10):
        told += live_through(town, FAULTS[fault], number=first + number)
    assert set(told) - {"again"} == KINDS


@pytest.mark.long
def test_everything__killed_50_times__loses_and_doubles_nothing(town: Town) -> None:
    told = Counter[str]()
    for number in range(50):
        told += live_through(town, kill_everything, number=1000 + number)
    assert set(told) == {*KINDS, "again"}
    assert told["again"] >= 50
