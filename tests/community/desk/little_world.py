"""Ten days of an estate in which anything may have happened, and what the table of figures says of them."""

from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from accounts.models import Residency, User
from community.desk.models import DayFigure, Presence
from community.estates.models import Estate
from services.common.models import ResponseClock, Satisfaction
from services.feedback.models import FeedbackChange
from services.fees.models import Bill
from services.repairs.models import RepairChange
from tests import factories as make

SHANGHAI = ZoneInfo("Asia/Shanghai")
LAST = date(2026, 11, 22)
FIRST = LAST - timedelta(days=9)


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
