"""Several workers fetch and match the statement of a day at once: it is stored once, a difference is there once."""

from collections.abc import Callable

import pytest

from community.core import clock
from services.fees import providers
from services.fees.matching import actions
from services.fees.models import MatchingDay, MatchingDifference, MatchingLine
from tests.factories import make_payment
from tests.services.fees.matching.statements import Written, new_day, paid_line
from tests.support.at_once import at_once
from tests.support.books import assert_in_balance

pytestmark = pytest.mark.django_db(transaction=True)
WORKERS = 6


def worker(day: MatchingDay, *, fetches: bool) -> Callable[[], object]:
    """A worker that has read the day before the others changed it."""
    mine = MatchingDay.objects.get(pk=day.pk)
    act = actions.fetch_day if fetches else actions.match_day
    return lambda: act(day=mine, now=clock.now())


def test_day__fetched_and_matched_by_six_at_once__is_there_once(monkeypatch: pytest.MonkeyPatch) -> None:
    written = Written()
    monkeypatch.setitem(providers.KNOWN, "sandbox", written)
    paid, untold = make_payment(paid=True), make_payment()
    written.lines = [paid_line(paid, fee=13), paid_line(untold)]
    day = new_day()
    assert at_once(*[worker(day, fetches=True) for _n in range(WORKERS)]) == ["ok"] * WORKERS
    assert (len(written.asked), MatchingLine.objects.filter(day=day).count()) == (1, 2)
    at_once(*[worker(day, fetches=False) for _n in range(WORKERS)])
    day.refresh_from_db()
    assert day.status == MatchingDay.Status.MATCHED
    assert MatchingDifference.objects.get(day=day).payment == untold
    assert day.history.filter(to_status=MatchingDay.Status.MATCHED).count() == 1
    assert_in_balance()
