import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from community.core import limits
from community.core.errors import TooMany
from tests.support.backing import redis_client


def test_hit__up_to_the_limit__then_refuses_and_says_how_long() -> None:
    for _use in range(3):
        limits.hit("code", "13812345678", limit=3, seconds=60)
    with pytest.raises(TooMany) as refused:
        limits.hit("code", "13812345678", limit=3, seconds=60)
    assert 0 < refused.value.retry_after <= 60
    assert refused.value.status == 429


def test_hit__another_key_or_name__has_its_own_count() -> None:
    limits.hit("code", "a", limit=1, seconds=60)
    limits.hit("code", "b", limit=1, seconds=60)
    limits.hit("upload", "a", limit=1, seconds=60)
    with pytest.raises(TooMany):
        limits.hit("code", "a", limit=1, seconds=60)


def test_hit__after_its_time__counts_afresh() -> None:
    limits.hit("code", "a", limit=1, seconds=1)
    time.sleep(1.2)
    limits.hit("code", "a", limit=1, seconds=1)


def test_forgive__counts_afresh() -> None:
    limits.hit("guess", "a", limit=1, seconds=60)
    limits.forgive("guess", "a", seconds=60)
    limits.hit("guess", "a", limit=1, seconds=60)


def test_check__refuses_without_counting() -> None:
    for _look in range(3):
        limits.check("guess", "a", limit=1, seconds=60)
    limits.hit("guess", "a", limit=1, seconds=60)
    with pytest.raises(TooMany):
        limits.check("guess", "a", limit=1, seconds=60)


def test_counter__does_not_store_the_number() -> None:
    limits.hit("code", "13812345678", limit=1, seconds=60)
    assert not [key for key in redis_client().scan_iter("*") if b"13812345678" in key]


@pytest.fixture(params=["closed", "hangs"])
def no_redis(request: pytest.FixtureRequest, tmp_path: Path, settings: Any) -> Iterator[None]:
    path = tmp_path / "redis.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        if request.param == "hangs":
            listener.bind(str(path))
            listener.listen(8)
        settings.REDIS_URL = f"unix://{path}?db=0"
        yield


def test_hit__without_redis__is_refused_and_soon(no_redis: None) -> None:
    began = time.monotonic()
    with pytest.raises(limits.LimitsUnavailable) as refused:
        limits.hit("code", "a", limit=100, seconds=60)
    assert time.monotonic() - began < 3
    assert refused.value.status == 503
    with pytest.raises(limits.LimitsUnavailable):
        limits.check("code", "a", limit=100, seconds=60)


def test_hit__without_redis_where_nothing_is_at_stake__goes_on(no_redis: None) -> None:
    limits.hit("search", "a", limit=1, seconds=60, needs_redis=False)
