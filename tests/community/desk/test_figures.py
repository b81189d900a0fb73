"""The daily figures are what a patient person would count, day by day on the estate's own calendar."""

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from random import Random

import pytest
import time_machine
from django.test import Client

from accounts import actions as people
from accounts.models import Residency, User
from community.core import clock
from community.core.services.figures import Span
from community.desk import figures
from community.desk.measures import find_measure, measures, share_words
from community.desk.models import Presence
from community.estates.models import Estate
from services.common.models import ResponseClock, Satisfaction
from services.feedback.models import FeedbackChange
from services.fees.models import Bill
from services.repairs.models import RepairChange
from tests import factories as make
from tests.community.desk.little_world import (
    FIRST,
    LAST,
    SHANGHAI,
    LittleWorld,
    day_of,
    told,
    without_nothing,
)

pytestmark = pytest.mark.django_db


def in_span(day: date) -> bool:
    return FIRST <= day <= LAST


@pytest.mark.parametrize("seed", range(4))
def test_first_answer__a_random_world__is_what_one_counts_by_hand(estate: Estate, seed: int) -> None:
    LittleWorld(estate, Random(seed)).clocks()
    figures.fill(estate=estate, first=FIRST, last=LAST)
    counted: dict[tuple[date, str], list[int]] = defaultdict(lambda: [0, 0])
    for one in ResponseClock.objects.filter(estate=estate):
        day = day_of(one.due_at)
        if in_span(day) and (one.answered_at or not one.paused_at or one.paused_at >= one.due_at):
            counted[day, one.service][0] += bool(one.answered_at and one.answered_at <= one.due_at)
            counted[day, one.service][1] += 1
    expected = {key: (good, of) for key, (good, of) in counted.items()}
    assert without_nothing(told(estate, "first_answer")) == expected
    assert len(told(estate, "first_answer")) == 10 * 2


@pytest.mark.parametrize("seed", range(3))
def test_solution__a_random_world__is_what_one_counts_by_hand(estate: Estate, seed: int) -> None:
    LittleWorld(estate, Random(seed)).outcomes()
    figures.fill(estate=estate, first=FIRST, last=LAST)
    good: Counter[tuple[date, str]] = Counter()
    of: Counter[tuple[date, str]] = Counter()
    steps = [("repairs", s) for s in RepairChange.objects.filter(repair__estate=estate)]
    steps += [("feedback", s) for s in FeedbackChange.objects.filter(feedback__estate=estate)]
    for service, step in steps:
        day = day_of(step.at)
        if in_span(day) and step.to_status in ("confirmed", "closed", "reopened"):
            good[day, service] += step.to_status != "reopened"
            of[day, service] += 1
    assert without_nothing(told(estate, "solution")) == {key: (good[key], of[key]) for key in of}


@pytest.mark.parametrize("seed", range(3))
def test_satisfaction__a_random_world__is_what_one_counts_by_hand(estate: Estate, seed: int) -> None:
    LittleWorld(estate, Random(seed)).answers()
    figures.fill(estate=estate, first=FIRST, last=LAST)
    good: Counter[tuple[date, str]] = Counter()
    of: Counter[tuple[date, str]] = Counter()
    for one in Satisfaction.objects.filter(estate=estate):
        if in_span(day_of(one.at)):
            good[day_of(one.at), one.service] += one.face == 3
            of[day_of(one.at), one.service] += 1
    assert without_nothing(told(estate, "satisfaction")) == {key: (good[key], of[key]) for key in of}


def test_collection__a_random_world__is_what_one_adds_up_by_hand(estate: Estate) -> None:
    LittleWorld(estate, Random(1)).bills()
    figures.fill(estate=estate, first=date(2026, 9, 17), last=LAST)
    paid: Counter[tuple[date, str]] = Counter()
    billed: Counter[tuple[date, str]] = Counter()
    for bill in Bill.objects.filter(estate=estate).exclude(status="voided"):
        paid[bill.period, "property"] += bill.paid_fen
        billed[bill.period, "property"] += bill.amount_fen
    assert told(estate, "collection") == {key: (paid[key], billed[key]) for key in billed}
    assert {day for day, _kind in billed} == {date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1)}


@pytest.mark.parametrize("seed", range(3))
def test_use__a_random_world__is_what_one_counts_by_hand(estate: Estate, seed: int) -> None:
    everybody = LittleWorld(estate, Random(seed)).people()
    figures.fill(estate=estate, first=FIRST, last=LAST)
    use, older = told(estate, "use"), told(estate, "use_older")
    homes = Residency.objects.filter(home__entrance__building__estate=estate)
    for day in Span(FIRST, LAST).days:
        end = datetime(day.year, day.month, day.day, tzinfo=SHANGHAI) + timedelta(days=1)
        living = {
            one.user_id
            for one in homes
            if one.history.get().at < end and not (one.status == "ended" and one.status_changed_at < end)
        }
        born = {user.pk: birth_year_of(user) for user in everybody if user.pk in living}
        aged = {pk for pk, year in born.items() if year and day.year - year >= 60}
        unknown = {pk for pk, year in born.items() if not year}
        for part, modes in (("any", ["standard", "large"]), ("standard", ["standard"]), ("large", ["large"])):
            here = Presence.objects.filter(day=day, mode__in=modes)
            seen = set(here.values_list("user", flat=True))
            assert use[day, part] == (len(seen & living), len(living))
            assert older[day, part] == (len(seen & aged), len(aged))
            if part == "any":
                assert older[day, "unknown"] == (len(seen & unknown), len(unknown))


def birth_year_of(user: User) -> int | None:
    from accounts.models import RosterEntry

    entry = RosterEntry.objects.with_phone(user.phone).first()
    return entry.birth_year if entry else None


# -- Who used it


@pytest.fixture
def resident(estate: Estate) -> User:
    return make.make_resident(home=make.make_home(estate=estate))


@pytest.mark.usefixtures("people_are_counted")
def test_presence__many_pages__one_row_a_day_and_mode(client: Client, resident: User) -> None:
    client.force_login(resident)
    with time_machine.travel(datetime(2026, 11, 22, 23, 59, tzinfo=SHANGHAI), tick=False):
        for _n in range(3):
            client.get("/")
        client.get("/?mode=large")
        client.get("/me/")
    with time_machine.travel(datetime(2026, 11, 23, 0, 1, tzinfo=SHANGHAI), tick=False):
        client.get("/me/")
    seen = Presence.objects.filter(user=resident).order_by("day", "mode").values_list("day", "mode")
    assert list(seen) == [
        (date(2026, 11, 22), "large"),
        (date(2026, 11, 22), "standard"),
        (date(2026, 11, 23), "large"),
    ]


@pytest.mark.usefixtures("people_are_counted")
@pytest.mark.parametrize(
    "path",
    [
        *("/feedback/new/", "/feedback/code/", "/feedback/code/thread/", "/live/numbers/"),
        # What an open page asks for by itself.
        *("/inbox/list/", "/inbox/count/", "/notices/urgent/", "/notices/live/"),
    ],
)
def test_presence__on_the_way_to_what_has_no_name__nobody(client: Client, resident: User, path: str) -> None:
    client.force_login(resident)
    client.get(path)
    client.post("/feedback/without-name/", {"kind": "complaint", "words": "保安态度不好"})
    assert not Presence.objects.exists()


@pytest.mark.usefixtures("people_are_counted")
def test_presence__of_who_is_not_signed_in__nobody(client: Client, db: None) -> None:
    client.get("/")
    assert not Presence.objects.exists()


def test_residency__asked_for_and_never_confirmed__is_no_home(estate: Estate) -> None:
    user, home = make.make_user(), make.make_home(estate=estate)
    asked = people.request_residency(user=user, home=home, kind="owner", now=clock.now())
    people.move_out(residency=asked, by=user, now=clock.now())
    today = clock.today(clock.now())
    Presence.objects.create(user=user, day=today, mode="standard")
    counted = find_measure("use").count(estate.pk, Span(today, today))
    assert counted.figures[today, "any"] == (0, 0)


@pytest.mark.parametrize(
    ("numerator", "denominator", "words"),
    [(0, 0, "—"), (0, 7, "0.0%"), (7, 7, "100.0%"), (2, 3, "66.7%"), (1, 2000, "0.1%"), (1, 2001, "0.0%")],
)
def test_share__is_rounded_half_up(numerator: int, denominator: int, words: str) -> None:
    assert share_words(numerator, denominator) == words


def test_measures__keys_and_parts__fit_their_columns() -> None:
    assert len({measure.key for measure in measures()}) == len(measures())
    assert all(len(measure.key) <= 20 for measure in measures())
    assert all(len(part) <= 20 for measure in measures() for part in measure.parts)
