"""A campaign opens, and everybody taps in the same second: nobody gets a place that is not there."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.renovation.models import AppointmentWaiting
from tests.support.campaign import race
from tests.support.processes import running_web

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def web(process_env: dict[str, str], tmp_path: Path) -> Iterator[str]:
    environment = {**process_env, "STATIC_ROOT": str(tmp_path / "static")}
    with running_web(environment, tmp_path) as address:
        yield address


def test_campaign__60_homes_for_10_places_at_once__nobody_twice_nobody_in_error(web: str) -> None:
    assert race(60, 10, web).told == {302: 10, 409: 50}
    assert AppointmentWaiting.objects.count() == 50
