"""Redis came back empty: of many requests for the same part of a page one makes it, and nobody waits long."""

import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from community.core.services.nav import NavEntry, StaffMember
from community.desk import start
from community.home import keeping
from community.notifications import kept
from tests.factories import make_estate, make_home, make_repair, make_resident, make_staff
from tests.support import backing
from tests.support.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)
ASKING = 5


@pytest.fixture
def dispatcher() -> User:
    estate = make_estate()
    make_repair(home=make_home(estate=estate))
    return make_staff(role="dispatcher", estate=estate)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often the number of each entry was counted, which takes a while."""
    counts: Counter[str] = Counter()
    count = start._counted

    def slowly(entry: NavEntry, member: StaffMember, numbers: Mapping[str, int]) -> dict[str, Any]:
        counts[str(entry.url)] += 1
        time.sleep(0.03)
        return count(entry, member, numbers)

    monkeypatch.setattr(start, "_counted", slowly)
    return counts


def ask_together(who: User) -> list[list[start.Entry]]:
    seen: list[list[start.Entry]] = []
    assert at_once(*[lambda: seen.append(start.waiting(who))] * ASKING) == ["ok"] * ASKING
    return seen


def test_nav__redis_came_back_empty__one_request_counts_and_all_show_it(
    dispatcher: User, counted: Counter[str]
) -> None:
    before = start.waiting(dispatcher)
    assert any(entry.count for entry in before)
    counted.clear()
    backing.forget_kept()
    seen = ask_together(dispatcher)
    assert seen == [before] * ASKING
    assert set(counted.values()) == {1}


def test_nav__the_one_who_counts_is_slow__others_count_after_a_moment(
    dispatcher: User, counted: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "WAITING_SECONDS", 0.01)
    backing.forget_kept()
    first, *others = ask_together(dispatcher)
    assert others == [first] * (ASKING - 1)
    assert max(counted.values()) > 1, "somebody waited longer than they should"


def test_home__of_which_nothing_is_kept__lets_nobody_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MOST_TOPICS", 1)
    client = Client()
    client.force_login(make_resident())
    assert client.get("/").status_code == 200
    monkeypatch.setattr(kept, "WAITING_SECONDS", 30)
    began = time.monotonic()
    assert client.get("/").status_code == 200
    assert time.monotonic() - began < 10
