"""Plan of the demo's renovation: project, buildings, questions, crews and their times."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from uuid import UUID

from accounts.models import User
from accounts.policies import Role
from community.core import clock
from community.core.clock import SHANGHAI
from community.demo.places import Place
from community.demo.renovation_words import ANSWERS, PLAN
from community.demo.residents import Society
from community.estates.calendar import WorkCalendar
from community.estates.models import Building, Estate, Home
from services.renovation.models import (
    Crew,
    NoiseHours,
    ProjectBuilding,
    ProjectChange,
    ProjectQuestion,
    RenovationPicture,
    RenovationProject,
    TimetableRow,
    WorkItem,
)
from services.scheduling.actions import make_slots
from services.scheduling.models import Resource, Slot, WeeklyHours

SEED = 20260202
SPANS = ((time(8), time(12)), (time(14), time(18)))
DAYS_BACK, DAYS_AHEAD = 45, 28


@dataclass
class Team:
    """A crew and its past and coming times."""

    crew: Crew
    item: WorkItem
    past: list[Slot] = field(default_factory=list)
    ahead: list[Slot] = field(default_factory=list)


class Plan:
    """Decisions made before work in any home begins."""

    def __init__(
        self, place: Place, society: Society, keys: dict[tuple[str, bool], str], now: datetime
    ) -> None:
        self.estate: Estate = place.estate
        self.place, self.society, self.keys, self.now = place, society, keys, now
        self.draw = Random(SEED)
        self.today = clock.today(now)
        self.coordinator = society.of_role(self.estate, Role.RENOVATION_COORDINATOR)[0]
        self.people = {h.home.pk: h.user for h in reversed(society.households[self.estate.pk])}
        self.numbers: dict[date, int] = {}
        self.pictures: list[RenovationPicture] = []

    def _home_of(self, key: str) -> Home:
        return next(
            h.home for h in self.society.households[self.estate.pk] if h.user == self.society.by_key[key]
        )

    def _buildings(self) -> list[Building]:
        """Creates ten: the owner's nearly finished, the elder's in progress, the tenant's next."""
        low = list(self.estate.buildings.filter(has_lift=False).order_by("position"))
        known = {b.pk: b for b in self.estate.buildings.all()}
        wanted = [known[self._home_of(key).entrance.building_id] for key in ("owner", "elder", "tenant")]
        owner, elder, tenant = wanted
        first = next(b for b in low if b not in wanted)
        order = list(dict.fromkeys([first, owner, elder, tenant, *low]))
        return order[:10]

    def _draft(self, buildings: list[Building]) -> None:
        begun = self.now - timedelta(days=90)
        self.project = RenovationProject.objects.create(
            estate=self.estate,
            name="外窗更换与上下水管改造",
            plan=PLAN,
            cost_fen=1_286_000_000,
            paid_by="市级财政 70%，区级财政 20%，维修资金 10%；住户不另付费",
            contact_name=self.coordinator.name,
            contact_phone="0570-5550160",
            status=RenovationProject.Status.IN_WORK,
            created_at=begun,
            status_changed_at=self.now - timedelta(days=DAYS_BACK + 1),
        )
        states = [s.value for s in RenovationProject.Status][:4]
        ProjectChange.objects.bulk_create(
            ProjectChange(
                project=self.project,
                from_status=before,
                to_status=after,
                actor=self.coordinator,
                at=begun + timedelta(days=14 * number),
            )
            for number, (before, after) in enumerate(zip(["", *states], states, strict=False))
        )
        ordered = sorted(buildings, key=lambda b: b.position)
        ProjectBuilding.objects.bulk_create(
            ProjectBuilding(project=self.project, building=building) for building in ordered
        )
        for opens, closes in SPANS:
            NoiseHours.objects.create(estate=self.estate, opens=opens, closes=closes)
        rows = (
            (-90, -62, "方案公示与征求意见"),
            (-44, 20, "上下水管改造，逐栋入户"),
            (-30, 45, "外窗更换，预约入户"),
            (-40, -12, "园区道路与单元门"),
            (46, 60, "验收与保修登记"),
        )
        TimetableRow.objects.bulk_create(
            TimetableRow(
                project=self.project,
                begins_on=self.today + timedelta(days=first),
                ends_on=self.today + timedelta(days=last),
                what=what,
            )
            for first, last, what in rows
        )
        self._ask(begun)

    def _ask(self, begun: datetime) -> None:
        people = list(self.people.values())
        for number, (question, answer) in enumerate(ANSWERS):
            asked = begun + timedelta(days=6 * number, hours=number)
            if not answer:
                asked = self.now - timedelta(hours=5 + number)
            ProjectQuestion.objects.create(
                project=self.project,
                key=self._uuid(),
                words=question,
                asked_by=self.draw.choice(people),
                created_at=asked,
                answer=answer,
                answered_by=self.coordinator if answer else None,
                answered_at=asked + timedelta(hours=7) if answer else None,
            )

    def _uuid(self) -> UUID:
        return UUID(int=self.draw.getrandbits(128), version=4)

    def _teams(self) -> tuple[Team, Team]:
        item = {"project": self.project, "is_noisy": True}
        pipes = WorkItem.objects.create(
            name="上下水管", about="更换厨房和卫生间的给水管、排水立管，当天恢复用水。",
            minutes=240, icon="pipe", position=1, **item,
        )  # fmt: skip
        windows = WorkItem.objects.create(
            name="外窗更换", about="拆旧窗、装断桥铝合金窗，请提前移开窗边的家具。",
            minutes=180, icon="window", position=2, **item,
        )  # fmt: skip
        member = self.society.of_role(self.estate, Role.CREW)[0]
        return (
            self._team("水管一队", pipes, member, 6),
            self._team("外窗一队", windows, member, 4),
        )

    def _team(self, name: str, item: WorkItem, member: User, capacity: int) -> Team:
        resource = Resource.objects.create(estate=self.estate, name=name, service="renovation")
        foreman = member.name if item.icon == "window" else "罗建平"
        crew = Crew.objects.create(resource=resource, foreman=foreman, phone="13900020010")
        crew.members.add(member)
        WeeklyHours.objects.bulk_create(
            WeeklyHours(
                resource=resource, weekday=weekday, opens=opens, closes=closes,
                slot_minutes=240, capacity=capacity, works=WeeklyHours.Works.WORKING_DAYS,
            )
            for weekday in range(5)
            for opens, closes in SPANS
        )  # fmt: skip
        calendar = WorkCalendar(
            estate=self.estate, first=self.today - timedelta(days=DAYS_BACK), last=self.today
        )
        days = [self.today - timedelta(days=back) for back in range(DAYS_BACK, -1, -1)]
        past = [
            Slot(
                resource=resource,
                starts_at=datetime.combine(day, opens, tzinfo=SHANGHAI),
                ends_at=datetime.combine(day, closes, tzinfo=SHANGHAI),
                capacity=capacity,
            )
            for day in days
            if calendar.is_working_day(day)
            for opens, closes in SPANS
            if datetime.combine(day, opens, tzinfo=SHANGHAI) <= self.now
        ]
        Slot.objects.bulk_create(past)
        make_slots(resource=resource, until=self.today + timedelta(days=DAYS_AHEAD), now=self.now)
        ahead = list(Slot.objects.filter(resource=resource, starts_at__gt=self.now).order_by("starts_at"))
        return Team(crew, item, past, ahead)
