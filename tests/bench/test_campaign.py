"""A campaign opens for 300 and for 2,000 households: when the last one is answered.

On PostgreSQL, with as many processes as ``deploy/linli-web.service`` starts: ``.venv/bin/python
tools/on_services.py -n 0 -s tests/bench/test_campaign.py -m 'long or not long'``.
"""

import os
from pathlib import Path

import pytest

from services.renovation.models import AppointmentWaiting
from tests.bench import report
from tests.support.campaign import race
from tests.support.processes import running_web

WORKERS = 2
HOUSEHOLDS_A_SECOND = 60


@pytest.mark.long
@pytest.mark.services
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("homes", "places"), [(300, 60), (2000, 300)])
def test_campaign__everybody_at_once__is_answered(
    homes: int, places: int, process_env: dict[str, str], tmp_path: Path
) -> None:
    load, refused = os.getloadavg()[0], homes - places
    environment = {**process_env, "STATIC_ROOT": str(tmp_path / "static")}
    with running_web(environment, tmp_path, workers=WORKERS) as web:
        measured = race(homes, places, web)
    assert measured.told == {302: places, 409: refused}
    assert AppointmentWaiting.objects.count() == refused
    answered = measured.answered
    report.write(
        f"campaign-{homes}",
        f"""## A campaign opens for {homes:,} households
{homes:,} signed-in households tap the same second for {places} places of five times, through HTTP against uvicorn
({WORKERS} processes) on PostgreSQL, with {homes:,} connections from the same {os.cpu_count()} cores, which other
work shares (a load of {load:.1f} when it began): {places} booked, {refused:,} told that it is full and offered the
waiting list, none twice, none in error.

| from the minute in which booking opens, in seconds | |
| --- | --- |
| the first answer | {answered[0]:.1f} |
| the last place is gone | {measured.places_gone:.1f} |
| half are answered | {answered[homes // 2]:.1f} |
| everybody is answered | {answered[-1]:.1f} |
| the aim, {HOUSEHOLDS_A_SECOND} households a second | {homes / HOUSEHOLDS_A_SECOND:.1f} |
| then {refused:,} join the waiting list, 20 at a time | {measured.waiting:.1f} |
""",
    )
