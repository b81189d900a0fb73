"""What a delegation opens, in each service: nothing before the yes, all of it until the last day, then nothing.

Every address of pages and of the API that the access matrix lets a delegate into, and a neighbour not.
"""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from accounts.models import Delegation
from community.core import clock
from tests.support.access import Row, is_let_in
from tests.support.access_rows import API_ROWS, ROWS, api_headers
from tests.support.lean import LeanClient
from tests.support.swept import address
from tests.support.world import World


def opened() -> Iterator[tuple[str, Row]]:
    """Yields what is read because of a delegation."""
    for name, row in ROWS.items():
        if row.method == "get" and "delegate" in row.who and "neighbour" not in row.who:
            yield name, row


def read_by_delegate(world: World) -> dict[str, bool]:
    """Returns for each address whether the delegate is let in now, without a redirect elsewhere."""
    person = world.people["delegate"]
    browser, program = LeanClient(), LeanClient(headers=api_headers(person))
    browser.force_login(person)
    found = {}
    for name, row in opened():
        client = program if name in API_ROWS else browser
        found[name] = is_let_in(client.get(address(name, row, world)))
    return found


@pytest.mark.django_db
def test_every_service__before_during_and_after__opens_while_it_lasts(world: World) -> None:
    owner, delegate = world.people["owner"], world.people["delegate"]
    given = Delegation.objects.filter(resident=owner, delegate=delegate)
    today = clock.today(clock.now())
    given.update(ends_on=today)
    during = read_by_delegate(world)
    assert len(during) > 30
    assert [name for name, is_in in during.items() if not is_in] == []
    given.update(accepted_at=None)
    before = read_by_delegate(world)
    given.update(accepted_at=clock.now(), ends_on=today - timedelta(days=1))
    after = read_by_delegate(world)
    # Their own answer to the offer, which shows nothing of the resident.
    assert [name for name, is_in in before.items() if is_in] == ["end_family"]
    assert [name for name, is_in in after.items() if is_in] == []
