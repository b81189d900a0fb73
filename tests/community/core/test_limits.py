import re
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings as django_settings

from community.core import clock, limits
from community.core.errors import TooMany
from community.core.limit_table import TABLE, Limit
from community.core.limits import network_of
from tests.support.backing import redis_client

DOCS = Path(django_settings.BASE_DIR) / "docs" / "operations.md"


def a_limit(amount: int = 3, seconds: int = 60, name: str = "code", **more: bool) -> Limit:
    return Limit(name, amount, seconds, "number", "the SMS bill", **({"needs_redis": True} | more))


def hits(limit: Limit, key: str = "a", times: int = 1) -> int:
    """How many of these uses were let through."""
    passed = 0
    for _use in range(times):
        try:
            limits.hit(limit, key)
            passed += 1
        except TooMany:
            continue
    return passed


@pytest.mark.parametrize("keeps_times", [True, False])
def test_hit__up_to_the_limit__then_refuses_and_says_how_long(keeps_times: bool) -> None:
    limit = a_limit(keeps_times=keeps_times)
    assert hits(limit, times=3) == 3
    with pytest.raises(TooMany) as refused:
        limits.hit(limit, "a")
    assert 0 < refused.value.retry_after <= 120
    assert refused.value.status == 429
    assert str(refused.value.retry_after) in str(refused.value.message)


def test_hit__another_key_or_name__has_its_own_count() -> None:
    limits.hit(a_limit(1), "a")
    limits.hit(a_limit(1), "b")
    limits.hit(a_limit(1, name="upload"), "a")
    with pytest.raises(TooMany):
        limits.hit(a_limit(1), "a")


def test_hit__window__slides() -> None:
    limit = a_limit(3, 3600)
    with time_machine.travel(clock.now(), tick=False) as clock_hands:
        assert hits(limit) == 1
        clock_hands.shift(timedelta(minutes=50))
        assert hits(limit, times=3) == 2
        # A fixed window would begin afresh now, and let three more through within eleven minutes.
        clock_hands.shift(timedelta(minutes=11))
        assert hits(limit, times=3) == 1
        with pytest.raises(TooMany) as refused:
            limits.hit(limit, "a")
        assert refused.value.retry_after == 49 * 60
        clock_hands.shift(timedelta(minutes=49, seconds=1))
        assert hits(limit, times=3) == 2


def test_hit__refused__is_not_counted() -> None:
    limit = a_limit(1, 3600)
    with time_machine.travel(clock.now(), tick=False) as clock_hands:
        assert hits(limit, times=20) == 1
        clock_hands.shift(timedelta(seconds=3601))
        assert hits(limit) == 1


@pytest.mark.parametrize("keeps_times", [True, False])
def test_hit__twenty_at_once__never_exceed_the_limit(keeps_times: bool) -> None:
    limit = a_limit(7, keeps_times=keeps_times)
    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(lambda _n: hits(limit), range(20))) == 7


def test_hit_all__one_refuses__none_is_counted() -> None:
    wide, narrow = a_limit(2, name="wide"), a_limit(1, name="narrow")
    limits.hit_all([(wide, "a"), (narrow, "a")])
    with pytest.raises(TooMany):
        limits.hit_all([(wide, "a"), (narrow, "a")])
    assert hits(wide, times=2) == 1


def test_hit_all__twenty_at_once__never_exceed_the_narrowest() -> None:
    counted = [(a_limit(50, name="wide"), "a"), (a_limit(5, name="narrow"), "a")]

    def passes(_n: int) -> bool:
        try:
            limits.hit_all(counted)
        except TooMany:
            return False
        return True

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(passes, range(20))) == 5
    assert hits(counted[0][0], times=50) == 45


def test_give_back__one_use__is_free_again() -> None:
    limit = a_limit(2)
    assert hits(limit, times=2) == 2
    limits.give_back(limit, "a")
    assert hits(limit, times=2) == 1


def test_forgive__counts_afresh() -> None:
    assert hits(a_limit(2), times=2) == 2
    limits.forgive(a_limit(2), "a")
    assert hits(a_limit(2), times=3) == 2


def test_check__refuses_without_counting() -> None:
    for _look in range(3):
        limits.check(a_limit(1), "a")
    limits.hit(a_limit(1), "a")
    with pytest.raises(TooMany):
        limits.check(a_limit(1), "a")


def test_counter__does_not_store_the_number_nor_where_told_so_the_times() -> None:
    limits.hit(a_limit(1), "13812345678")
    limits.hit(a_limit(1, name="nameless", keeps_times=False), "thread")
    client = redis_client()
    keys = list(client.scan_iter("*limit:*"))
    assert keys
    assert not [key for key in keys if b"13812345678" in key]
    assert [client.type(key) for key in keys if b"nameless" in key] == [b"string"]
    assert [client.get(key) for key in keys if b"nameless" in key] == [b"1"]


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
        limits.hit(a_limit(100), "a")
    assert time.monotonic() - began < 3
    assert refused.value.status == 503
    with pytest.raises(limits.LimitsUnavailable):
        limits.check(a_limit(100), "a")


def test_hit__without_redis_where_nothing_is_at_stake__goes_on(no_redis: None) -> None:
    limits.hit(a_limit(1, name="search", needs_redis=False), "a")


def test_hit__without_redis__each_limit_of_the_table_as_it_says(tmp_path: Path, settings: Any) -> None:
    settings.REDIS_URL = f"unix://{tmp_path / 'none.sock'}?db=0"
    for limit in TABLE:
        if limit.needs_redis:
            with pytest.raises(limits.LimitsUnavailable):
                limits.hit(limit, "a")
        else:
            limits.hit(limit, "a")


def test_table__secrets_and_sms__need_redis() -> None:
    guarded = re.compile(r"SMS|code|password|token")
    assert [one.name for one in TABLE if guarded.search(one.protects) and not one.needs_redis] == [
        "care_wait",  # an SMS that comes when a place is free, once for each turn in the line
        "drill",  # by the manager alone
    ]


def test_table__names__are_unique() -> None:
    assert len({one.name for one in TABLE}) == len(TABLE) > 40


def test_table__in_the_docs__is_the_same() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \| (.+?) \| (.+?) \| (.+?) \| (\w+) \|$", DOCS.read_text(), re.M)
    assert rows == [row_of(one) for one in TABLE]


def row_of(limit: Limit) -> tuple[str, ...]:
    units = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))
    size, unit = next(one for one in units if limit.seconds % one[0] == 0)
    without = "refused" if limit.needs_redis else "allowed"
    span = f"{limit.seconds // size} {unit}"
    return (limit.name, str(limit.amount), span, limit.counted_by, limit.protects, without)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2::7", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::7", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
    ],
)
def test_network__of_an_address__is_what_one_connection_has(address: str, network: str) -> None:
    assert network_of(address) == network
