"""The daily figures are what a patient person would count, day by day on the estate's own calendar."""

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client

from accounts import actions as people
from accounts.models import Residency, User
from community.core import clock
from community.desk import figures
from community.desk.counting import Span
from community.desk.measures import BY_KEY, MEASURES, share_words
from community.desk.models import DayFigure, Presence
from community.desk.tasks import fill_figures
from community.estates.models import Estate
from services.common.models import ResponseClock, Satisfaction
from services.feedback.models import FeedbackChange
from services.fees.models import Bill
from services.repairs.models import RepairChange
from tests import factories as make

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
LAST = date(2026, 11, 22)
FIRST = LAST - timedelta(days=9)


@pytest.fixture
def estate() -> Estate:
    return make.make_estate()


def edge(day: date, draw: Random) -> datetime:
    """Any moment of a day, most of them close to its ends."""
    begin = datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)
    last = timedelta(days=1) - timedelta(microseconds=1)
    return begin + draw.choice(
        [timedelta(0), timedelta(microseconds=1), timedelta(hours=7, minutes=59), timedelta(hours=8), last]
    )


def some_day(draw: Random) -> date:
    """In the span, or just outside of it."""
    return FIRST + timedelta(days=draw.randrange(-2, 12))


def told(estate: Estate, key: str) -> dict[tuple[date, str], tuple[int, int]]:
    rows = DayFigure.objects.filter(estate=estate, measure=key)
    return {(row.day, row.dimension): (row.numerator, row.denominator) for row in rows}


def without_nothing(
    counted: dict[tuple[date, str], tuple[int, int]],
) -> dict[tuple[date, str], tuple[int, int]]:
    return {key: figure for key, figure in counted.items() if figure[1]}


class LittleWorld:
    """A few of everything at random moments, in one estate and its neighbour."""

    def __init__(self, estate: Estate, draw: Random) -> None:
        self.estate, self.draw = estate, draw
        self.other = make.make_estate()

    def clocks(self) -> None:
        for number in range(60):
            due, state = (
                edge(some_day(self.draw), self.draw),
                self.draw.choice(["early", "on", "late", "no", "still"]),
            )
            answered = {"early": due - timedelta(days=3), "on": due, "late": due + timedelta(microseconds=1)}
            ResponseClock.objects.create(
                estate=self.draw.choice([self.estate, self.estate, self.other]),
                service=self.draw.choice(["repairs", "feedback"]),
                reference=f"R-{number}",
                minutes=60,
                started_at=due - timedelta(days=4),
                due_at=due,
                answered_at=answered.get(state),
                paused_at=due - timedelta(hours=1) if state == "still" else None,
            )

    def outcomes(self) -> None:
        for estate in (self.estate, self.other):
            home = make.make_home(estate=estate)
            repair = make.make_repair(home=home, status="done")
            feedback = make.make_feedback(estate=estate)
            for _n in range(30):
                at = edge(some_day(self.draw), self.draw)
                to = self.draw.choice(["confirmed", "closed", "reopened", "accepted"])
                RepairChange.objects.create(repair=repair, from_status="done", to_status=to, at=at)
                to = self.draw.choice(["closed", "reopened", "in_hand"])
                FeedbackChange.objects.create(
                    feedback=feedback, from_status="solved_asked", to_status=to, at=at
                )

    def answers(self) -> None:
        for number in range(50):
            Satisfaction.objects.create(
                estate=self.draw.choice([self.estate, self.other]),
                service=self.draw.choice(["repairs", "care", "fees", "feedback", "renovation"]),
                reference=f"R-{number}",
                face=self.draw.choice([1, 2, 3, 3]),
                at=edge(some_day(self.draw), self.draw),
            )

    def bills(self) -> None:
        home, elsewhere = make.make_home(estate=self.estate), make.make_home(estate=self.other)
        for where in (home, elsewhere):
            item = make.make_item(estate=where.estate)
            for number, month in enumerate([date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1)]):
                for subject in range(4):
                    paid = self.draw.choice([0, 1, 12345])
                    status = "settled" if paid == 12345 else "open"
                    if self.draw.random() < 0.2:
                        status, paid = "voided", 0
                    make.make_bill(
                        home=where, item=item, period=month, subject=str(subject), amount_fen=12345 + number
                    )
                    bill = Bill.objects.latest("pk")
                    paid = bill.amount_fen if status == "settled" else paid
                    Bill.objects.filter(pk=bill.pk).update(status=status, paid_fen=paid)

    def people(self) -> list[User]:
        everybody = []
        for estate in (self.estate, self.estate, self.estate, self.other):
            for _n in range(6):
                home = make.make_home(estate=estate)
                user = make.make_user()
                begun = edge(some_day(self.draw), self.draw)
                residency = make.make_residency(
                    user=user, home=home, created_at=begun, status_changed_at=begun
                )
                residency.history.update(to_status="active", at=begun)
                if self.draw.random() < 0.3:
                    over = max(begun, edge(some_day(self.draw), self.draw))
                    Residency.objects.filter(pk=residency.pk).update(status="ended", status_changed_at=over)
                if self.draw.random() < 0.7:
                    born = self.draw.choice([1940, 1966, 1967, 1990])
                    make.make_roster_entry(home=home, phone=user.phone, birth_year=born)
                everybody.append(user)
        for user in everybody:
            for number in range(12):
                for mode in ("standard", "large"):
                    if self.draw.random() < 0.3:
                        day = FIRST + timedelta(days=number - 1)
                        Presence.objects.create(user=user, day=day, mode=mode)
        return everybody


def day_of(moment: datetime) -> date:
    return moment.astimezone(SHANGHAI).date()


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


# -- Filling


def test_fill__twice__same_rows(estate: Estate) -> None:
    world = LittleWorld(estate, Random(5))
    world.clocks(), world.outcomes(), world.answers(), world.bills(), world.people()  # type: ignore[func-returns-value]
    assert figures.fill(estate=estate, first=FIRST, last=LAST) > 0
    rows = list(DayFigure.objects.order_by("pk").values())
    assert figures.fill(estate=estate, first=FIRST, last=LAST) == 0
    assert list(DayFigure.objects.order_by("pk").values()) == rows


@time_machine.travel(datetime(2026, 11, 23, 0, 20, tzinfo=SHANGHAI), tick=False)
def test_nightly__late_changes__are_counted_within_two_weeks(estate: Estate) -> None:
    fill_figures()
    at = clock.now() - timedelta(days=figures.RECOUNTED_DAYS, seconds=-1)
    for number, late in enumerate((at, at - timedelta(days=2))):
        Satisfaction.objects.create(estate=estate, service="repairs", reference=str(number), face=3, at=late)
    assert fill_figures() == 1
    assert without_nothing(told(estate, "satisfaction")) == {(day_of(at), "repairs"): (1, 1)}


def test_nightly__nights_missed__are_made_up(estate: Estate) -> None:
    with time_machine.travel(datetime(2026, 9, 1, 0, 20, tzinfo=SHANGHAI), tick=False):
        fill_figures()
        for number in range(0, 80, 4):
            Satisfaction.objects.create(
                estate=estate,
                service="repairs",
                reference=str(number),
                face=3,
                at=clock.now() + timedelta(days=number),
            )
    with time_machine.travel(datetime(2026, 11, 23, 0, 20, tzinfo=SHANGHAI), tick=False):
        fill_figures()
    days = {day for day, _part in told(estate, "satisfaction")}
    assert {date(2026, 9, 1) + timedelta(days=n) for n in range(83)} <= days
    assert sum(of for _n, of in told(estate, "satisfaction").values()) == 20


def test_nightly__a_gap_between_days_that_are_there__is_made_up(estate: Estate) -> None:
    gap = [date(2026, 5, 1), date(2026, 5, 2), date(2026, 7, 8)]
    with time_machine.travel(datetime(2026, 11, 22, 0, 20, tzinfo=SHANGHAI), tick=False):
        fill_figures()
        DayFigure.objects.filter(day__in=gap).delete()
        for number, day in enumerate(gap):
            at = datetime(day.year, day.month, day.day, 9, tzinfo=SHANGHAI)
            Satisfaction.objects.create(
                estate=estate, service="repairs", reference=str(number), face=3, at=at
            )
    with time_machine.travel(datetime(2026, 11, 23, 0, 20, tzinfo=SHANGHAI), tick=False):
        fill_figures()
        assert fill_figures() == 0
    found = told(estate, "satisfaction")
    assert [found[day, "repairs"] for day in gap] == [(1, 1)] * 3


def test_nightly__only_one_day_was_counted_by_hand__the_year_before_is_made_up(estate: Estate) -> None:
    at = datetime(2026, 3, 3, 9, tzinfo=SHANGHAI)
    Satisfaction.objects.create(estate=estate, service="repairs", reference="1", face=3, at=at)
    figures.fill(estate=estate, first=LAST, last=LAST)
    with time_machine.travel(datetime(2026, 11, 23, 0, 20, tzinfo=SHANGHAI), tick=False):
        fill_figures()
    assert told(estate, "satisfaction")[date(2026, 3, 3), "repairs"] == (1, 1)


def test_presence__older_than_some_weeks__is_forgotten_and_its_counts_stay(estate: Estate) -> None:
    with time_machine.travel(datetime(2026, 10, 2, 12, tzinfo=SHANGHAI), tick=False):
        user = make.make_resident(home=make.make_home(estate=estate))
        Presence.objects.create(user=user, day=date(2026, 10, 2), mode="large")
    with time_machine.travel(datetime(2026, 10, 3, 0, 20, tzinfo=SHANGHAI), tick=False):
        fill_figures()
    with time_machine.travel(datetime(2026, 11, 23, 0, 20, tzinfo=SHANGHAI), tick=False):
        Presence.objects.create(user=user, day=date(2026, 11, 22), mode="standard")
        fill_figures()
        assert [one.day for one in Presence.objects.all()] == [date(2026, 11, 22)]
        call_command("rebuild_figures", "2026-10-01")
    assert told(estate, "use")[date(2026, 10, 2), "large"] == (1, 1)
    assert told(estate, "use")[date(2026, 11, 22), "standard"] == (1, 1)


def test_rebuild__a_range__of_one_estate_or_all(estate: Estate) -> None:
    other = make.make_estate()
    call_command("rebuild_figures", "2026-11-01", "2026-11-03", "--estate", estate.code)
    assert {day for day, _part in told(estate, "satisfaction")} == {date(2026, 11, n) for n in (1, 2, 3)}
    assert told(other, "satisfaction") == {}
    with pytest.raises(CommandError):
        call_command("rebuild_figures", "2026-11-03", "2026-11-01")
    with pytest.raises(CommandError):
        call_command("rebuild_figures", "2026-11-01", "--estate", "nowhere")


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
    people.end_residency(residency=asked, by=user, now=clock.now())
    today = clock.today(clock.now())
    Presence.objects.create(user=user, day=today, mode="standard")
    counted = BY_KEY["use"].count(estate.pk, Span(today, today))
    assert counted.figures[today, "any"] == (0, 0)


@pytest.mark.parametrize(
    ("numerator", "denominator", "words"),
    [(0, 0, "—"), (0, 7, "0.0%"), (7, 7, "100.0%"), (2, 3, "66.7%"), (1, 2000, "0.1%"), (1, 2001, "0.0%")],
)
def test_share__is_rounded_half_up(numerator: int, denominator: int, words: str) -> None:
    assert share_words(numerator, denominator) == words


def test_measures__keys_and_parts__fit_their_columns() -> None:
    assert len({measure.key for measure in MEASURES}) == len(MEASURES)
    assert all(len(measure.key) <= 20 for measure in MEASURES)
    assert all(len(part) <= 20 for measure in MEASURES for part in measure.parts)
