"""A year of figures, counted from the demo's rows by the code that counts them nightly.

Creates missing data first: years of birth, presence by day (deleted again except for the last weeks, as every
night) and the times of first answers to repairs.
"""

from datetime import date, datetime, timedelta
from random import Random

from accounts.models import RosterEntry
from community.core import clock
from community.core.modes import LARGE, STANDARD
from community.demo.places import Place
from community.demo.residents import Society
from community.desk import figures
from community.desk.models import DayFigure, Presence
from community.estates.models import Estate
from community.estates.working_time import HORIZON, WorkingTime
from services.common.models import ResponseClock
from services.common.models.response import DEFAULT_MINUTES
from services.repairs.models import Repair, RepairChange

SEED = 60
YEAR = 365
KNOWN_SHARE = 0.85
BORN_OLDER, BORN_YOUNGER = (1936, 1962), (1950, 1999)
# Share of residents using it on a day, a year ago and now; more pay on the first days of a month.
AT_FIRST, BY_NOW, ON_PAYDAYS, PAYDAYS = 0.02, 0.13, 1.6, 5


def make_figures(places: tuple[Place, ...], society: Society, now: datetime) -> int:
    """Creates the daily figures; returns their number."""
    draw = Random(SEED)
    yesterday = clock.today(now) - timedelta(days=1)
    first = yesterday - timedelta(days=YEAR - 1)
    for place in places:
        _say_who_is_old(place, society, draw)
        _open_the_product(place, society, draw, first, yesterday)
        _answer_repairs(place.estate, now)
    for place in places:
        figures.fill(estate=place.estate, first=first, last=yesterday)
    figures.fill_due(now)
    return DayFigure.objects.count()


def _say_who_is_old(place: Place, society: Society, draw: Random) -> None:
    likes_large = {
        one.user.phone_index for one in society.households[place.estate.pk] if one.user.prefers_large
    }
    entries = list(RosterEntry.objects.filter(home__entrance__building__estate=place.estate).order_by("pk"))
    for entry in entries:
        if draw.random() < KNOWN_SHARE:
            entry.birth_year = draw.randint(
                *(BORN_OLDER if entry.phone_index in likes_large else BORN_YOUNGER)
            )
    RosterEntry.objects.bulk_update(entries, ["birth_year"], batch_size=500)


def _open_the_product(place: Place, society: Society, draw: Random, first: date, last: date) -> None:
    people = {one.user.pk: one.user.prefers_large for one in society.households[place.estate.pk]}
    rows = []
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        share = AT_FIRST + (BY_NOW - AT_FIRST) * number / YEAR
        share *= ON_PAYDAYS if day.day <= PAYDAYS else 1
        count = round(len(people) * share * draw.uniform(0.8, 1.2))
        rows += [
            Presence(user_id=person, day=day, mode=LARGE if people[person] else STANDARD)
            for person in draw.sample(sorted(people), count)
        ]
    # Residents with homes in both estates may have a row for the other one already.
    Presence.objects.bulk_create(rows, batch_size=2000, ignore_conflicts=True)


def _answer_repairs(estate: Estate, now: datetime) -> None:
    """Creates the response clock of each repair, ended by the first step of another person."""
    begun = Repair.objects.filter(estate=estate).values_list("pk", "reference", "created_at", "status")
    repairs = list(begun.exclude(status=Repair.Status.CANCELLED).order_by("created_at"))
    steps = RepairChange.objects.filter(repair__estate=estate, from_status=Repair.Status.NEW)
    answered = dict(steps.values_list("repair", "at"))
    hours = WorkingTime(estate, first=repairs[0][2], last=now + HORIZON)
    ResponseClock.objects.bulk_create(
        ResponseClock(
            estate=estate,
            service="repairs",
            reference=reference,
            url=f"/staff/repairs/{pk}/",
            minutes=DEFAULT_MINUTES,
            started_at=created_at,
            due_at=hours.add(created_at, DEFAULT_MINUTES),
            answered_at=answered.get(pk),
        )
        for pk, reference, created_at, _status in repairs
    )
