"""A notice in several hands at once: out once, told once, read once, whoever is first."""

from datetime import timedelta

import pytest

from community.core import clock
from community.notices import actions
from community.notices.models import Notice, NoticeReading
from community.notifications.models import OutboxMessage
from tests.factories import make_home, make_notice, make_resident
from tests.support.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)
S = Notice.Status


def test_publish__by_three_clocks_at_once__is_out_once() -> None:
    now = clock.now()
    home = make_home()
    notice = make_notice(
        estate=home.estate, status=S.SCHEDULED, publish_at=now - timedelta(minutes=1), told_at=None
    )
    assert at_once(*[lambda: actions.publish_due(now)] * 3) == ["ok"] * 3
    notice.refresh_from_db()
    assert notice.status == S.PUBLISHED
    assert notice.history.filter(to_status=S.PUBLISHED).count() == 1


def test_tell__by_three_workers_at_once__everybody_is_told_once() -> None:
    home = make_home()
    people = sorted(make_resident(home=home).pk for _n in range(20))
    notice = make_notice(estate=home.estate, is_urgent=True, told_at=None, told_upto=0)

    def tell() -> None:
        while actions.notify_next_batch(notice.pk, now=clock.now(), size=3):
            pass

    assert at_once(*[tell] * 3) == ["ok"] * 3
    for channel in ("inbox", "sms"):
        rows = OutboxMessage.objects.filter(channel=channel).values_list("recipient", flat=True)
        assert sorted(rows) == people
    notice.refresh_from_db()
    assert notice.told_at is not None


def test_read__on_two_phones_at_once__counts_once() -> None:
    home = make_home()
    person = make_resident(home=home)
    notice = make_notice(estate=home.estate)
    read = [lambda: actions.read_notice(notice=notice, by=person, now=clock.now())] * 4
    assert at_once(*read) == ["ok"] * 4
    assert NoticeReading.objects.count() == 1
