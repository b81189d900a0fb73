"""The home page and the side nav show every change at the next request, with the cache warm.

After each change of ``tests/support/changed.py`` the page must be another than before, and the very page that an
empty cache makes.
"""

import os
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.apps import apps
from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import StaffRole, User
from community.core import changes, clock
from community.desk.start import waiting
from community.notices.models.notices import estate_topic
from community.notices.tasks import publish_due_notices
from community.notifications import kept, live
from services.repairs.models import Repair
from tests.factories import make_notice, make_repair
from tests.support import (
    backing,
    changed_money,  # noqa: F401  (its changes are in the lists by its import)
)
from tests.support.changed import BROAD, HOME, NAV, Change
from tests.support.world import World

# Read with the pages, and shown nowhere on what is kept of them.
NOT_SHOWN = {
    "django_session": "the key of the session",
    "wechat_boundsession": "goes with its session",
    "notifications_livetopic": "the numbers themselves",
    "common_satisfaction": "joined, not shown",
    "fees_feeitem": "joined for the estate, which never changes",
    "fees_fund": "joined for the estate, which never changes",
    # Whether feedback was spoken is shown in lists; the home page has its question alone.
    "common_satisfactionrecording": "not shown",
    "feedback_feedbackrecording": "not shown",
}
VARIES = re.compile(r'csrfmiddlewaretoken" value="[^"]*|data-live(?:-number)?="[^"]*')


def page(who: User, address: str, mode: str = "standard") -> str:
    """Returns the page without its tokens, which differ each time."""
    client = Client()
    client.force_login(who)
    client.cookies["mode"] = mode
    answer = client.get(address)
    assert answer.status_code == 200
    return VARIES.sub("", answer.content.decode())


def side_nav(who: User) -> str:
    return re.search(r"<nav.*?</nav>", page(who, "/staff/"), re.DOTALL)[0]  # type: ignore[index]


def everything() -> int:
    return live.numbers_of([changes.EVERYTHING])[changes.EVERYTHING]


def must_be_seen(change: Change, world: World, look: Callable[[], str]) -> None:
    for row in (world.repair, world.emergency, world.asked, world.residency, *world.more.values()):
        if isinstance(row, Model):
            row.refresh_from_db()
    before = look()
    assert look() == before, "the page is kept, and was not changed"
    number = everything()
    with transaction.atomic():
        change(world)
    after = look()
    is_broad = everything() != number
    backing.forget_kept()
    assert after == look(), "the kept page is another than a new one"
    assert after != before, "the change shows nowhere"
    assert is_broad <= (change.__name__ in BROAD), "an everyday change makes every page of every estate anew"


def names(changed: list[tuple[str, Change]]) -> list[str]:
    return [f"{change.__name__}-{reader}" for reader, change in changed]


@pytest.mark.parametrize(("reader", "change"), HOME, ids=names(HOME))
def test_home__something_changed__shows_it_with_the_cache_warm(
    world: World, reader: str, change: Change
) -> None:
    who = world.people[reader]
    must_be_seen(change, world, lambda: page(who, "/"))


@pytest.mark.parametrize(("reader", "change"), NAV, ids=names(NAV))
def test_nav__something_changed__shows_it_with_the_cache_warm(
    world: World, reader: str, change: Change
) -> None:
    who = world.people[reader]
    must_be_seen(change, world, lambda: side_nav(who))


def tables_of(asked: CaptureQueriesContext) -> set[str]:
    return {
        table for one in asked.captured_queries for table in re.findall(r'(?:FROM|JOIN) "(\w+)"', one["sql"])
    }


def test_tables__that_home_and_nav_read__are_watched(world: World) -> None:
    """A new part of the page, or a new entry, cannot forget to name its rows."""
    with CaptureQueriesContext(connection) as asked:
        for who in ("owner", "delegate", "newcomer"):
            page(world.people[who], "/")
        for role in (
            "manager",
            "dispatcher",
            "care_coordinator",
            "carer",
            "cashier",
            "renovation_coordinator",
        ):
            waiting(world.people[role])
    assert tables_of(asked) - changes.watched() == set(NOT_SHOWN)


@pytest.mark.parametrize(
    "label", ["repairs.Repair", "fees.Bill", "accounts.Delegation", "notices.NoticePart"]
)
def test_write__that_says_nothing_of_whom_it_concerns__grows_everything(world: World, label: str) -> None:
    rows = apps.get_model(label).objects.order_by("pk")
    name = rows.model._meta.pk.name
    number = everything()
    with transaction.atomic():
        rows.filter(pk=rows.first().pk).update(**{name: rows.first().pk})
    assert everything() == number + 1


def test_write__rolled_back__grows_nothing(world: World) -> None:
    topic = f"home:{world.home.pk}"
    number = live.numbers_of([topic])
    with transaction.atomic():
        make_repair(home=world.home, resident=world.people["owner"], category=world.repair.category)
        transaction.set_rollback(True)
    assert live.numbers_of([topic]) == number


def test_home__notice_over__is_gone_at_that_moment(world: World) -> None:
    owner, ends_at = world.people["owner"], clock.now() + timedelta(minutes=3)
    make_notice(title="三分钟后结束", estate=world.estate, by=world.people["front_desk"], ends_at=ends_at)
    assert "三分钟后结束" in page(owner, "/")
    with time_machine.travel(ends_at - timedelta(seconds=1), tick=False):
        assert "三分钟后结束" in page(owner, "/")
    topic = estate_topic(world.estate.pk)
    with time_machine.travel(ends_at, tick=False):
        assert "三分钟后结束" not in page(owner, "/")
        number = live.numbers_of([topic])[topic]
        publish_due_notices()
        assert live.numbers_of([topic])[topic] == number + 1, "open pages do not learn of it"


def test_nav__duty_over__closes_the_entry_at_that_moment(world: World) -> None:
    worker, shift = world.people["repair_worker"], world.more["shift"]
    # On duty on Thursdays from nine to ten.
    assert (shift.weekday, shift.starts, shift.ends) == (3, 9, 10)
    thursday = clock.midnight(clock.today(clock.now()))
    thursday += timedelta(days=(3 - clock.local(thursday).weekday()) % 7 + 7, hours=9)
    for moment, is_open in ((59, True), (60, False)):
        with time_machine.travel(thursday + timedelta(minutes=moment), tick=False):
            assert ('href="/staff/help/"' in side_nav(worker)) is is_open


def test_kept__in_redis__names_nobody_and_is_encrypted(world: World) -> None:
    owner = world.people["owner"]
    page(owner, "/")
    raw = cache._cache.get_client()  # type: ignore[attr-defined]
    stored = {key: raw.get(key) for key in raw.keys(f"{os.environ['REDIS_PREFIX']}:*kept:home*")}
    assert len(stored) == 1
    for key, value in stored.items():
        assert "秀英".encode() not in value
        assert b"<html" not in value
        assert 0 < raw.ttl(key) <= kept.LONGEST.total_seconds()


def test_kept__without_redis__is_made_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    owner, made = world.people["owner"], page(world.people["owner"], "/")

    class Gone:
        def __getattr__(self, name: str) -> object:
            raise ConnectionError

    monkeypatch.setattr(kept, "cache", Gone())
    assert page(owner, "/") == made
    Repair.objects.filter(pk=world.repair.pk).delete()
    assert page(owner, "/") != made


def test_live__asked_with_its_number__answers_nothing_until_something_changes(world: World) -> None:
    client = Client()
    client.force_login(world.people["owner"])
    number = re.search(r'data-live-number="(\d+)"', client.get("/").content.decode())[1]  # type: ignore[index]
    assert client.get("/home/live/", headers={"X-Live-Number": number}).status_code == 204
    make_repair(home=world.home, resident=world.people["owner"], category=world.repair.category)
    assert client.get("/home/live/", headers={"X-Live-Number": number}).status_code == 200


@pytest.mark.parametrize("role", ["dispatcher", "manager"])
def test_nav__role_ended__has_no_entry_at_the_next_request(world: World, role: str) -> None:
    who = world.people[role]
    assert "/staff/repairs/" in side_nav(who)
    StaffRole.objects.filter(user=who).delete()
    assert [entry.url for entry in waiting(who)] == ["/admin/"], "for the account, not for a role"
