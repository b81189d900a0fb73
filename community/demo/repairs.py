"""The demo's 400 repairs of the past year, with histories, messages and alarms."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from random import Random

from accounts.models import User
from accounts.policies import Role
from community.core import clock
from community.demo import words
from community.demo.catalogue import motif_of
from community.demo.lives import Moment, make_life
from community.demo.places import Place
from community.demo.residents import Household, Society
from community.estates.models import Estate, PublicPlace
from services.common.models import Alarm, ReferenceCounter, Satisfaction
from services.repairs.models import Repair, RepairCategory, RepairChange, RepairMessage

Status = Repair.Status

# Numbers by status in the first and the second estate; 400 together.
COUNTS: dict[str, tuple[int, int]] = {
    Status.NEW: (7, 3),
    Status.ACCEPTED: (6, 3),
    Status.ASSIGNED: (9, 4),
    Status.IN_WORK: (7, 3),
    Status.WAITING_FOR_PARTS: (5, 2),
    Status.WAITING_FOR_RESIDENT: (3, 1),
    Status.QUOTED: (4, 2),
    Status.DONE: (12, 4),
    Status.REOPENED: (3, 1),
    Status.CONFIRMED: (168, 60),
    Status.CLOSED: (36, 14),
    Status.CANCELLED: (18, 8),
    Status.DECLINED: (12, 5),
}
# Reports of the people who can be tried: reporter, subject, status, worker.
OF_MAIN_CHARACTERS = [
    ("elder", "漏水", Status.IN_WORK, "elder"),
    ("elder", "灯不亮", Status.DONE, "son"),
    ("elder", "堵了", Status.QUOTED, "elder"),
    ("elder", "门锁", Status.CONFIRMED, "son"),
    ("elder", "没水", Status.CLOSED, "frontdesk"),
    ("owner", "跳闸", Status.ASSIGNED, "owner"),
    ("owner", "窗户", Status.DONE, "owner"),
    ("owner", "漏水", Status.CONFIRMED, "owner"),
    ("owner", "插座", Status.CANCELLED, "owner"),
    ("tenant", "楼道", Status.NEW, "tenant"),
    ("tenant", "水压小", Status.WAITING_FOR_RESIDENT, "tenant"),
    ("tenant", "说不清", Status.DECLINED, "tenant"),
]
RESIDENT_STEPS = {Status.CONFIRMED, Status.REOPENED, Status.CANCELLED}
FACES = (3, 3, 3, 3, 3, 3, 3, 2, 2, 1)
EMERGENCY_SHARE = 0.03


@dataclass
class Story:
    """A repair with its history, before it is written."""

    repair: Repair
    life: list[Moment]
    workers: list[User | None] = field(default_factory=list)  # after each moment
    changes: list[RepairChange] = field(default_factory=list)


class Chronicle:
    """Invents the repairs of one estate and writes them."""

    def __init__(
        self, place: Place, categories: list[RepairCategory], society: Society, draw: Random, now: datetime
    ) -> None:
        self.place, self.society, self.draw, self.now = place, society, draw, now
        self.estate: Estate = place.estate
        self.households: list[Household] = society.households[self.estate.pk]
        self.ordinary = [category for category in categories if not category.is_emergency]
        self.emergencies = [category for category in categories if category.is_emergency]
        self.by_name = {category.name: category for category in categories}

    def write(self, number: int) -> list[Story]:
        stories = self._invent(number)
        self._number(stories)
        self._write_satisfaction(stories)
        self._write_alarms(stories)
        Repair.objects.bulk_create(story.repair for story in stories)
        RepairChange.objects.bulk_create(change for story in stories for change in self._tell(story))
        RepairMessage.objects.bulk_create(message for story in stories for message in self._talk(story))
        return stories

    # -- Inventing

    def _invent(self, number: int) -> list[Story]:
        wanted = [status for status, counts in COUNTS.items() for _n in range(counts[number])]
        stories = []
        if number == 0:
            for key, name, status, by in OF_MAIN_CHARACTERS:
                wanted.remove(status)
                household = next(h for h in self.households if h.user == self.society.by_key[key])
                stories.append(self._story(status, self.by_name[name], household, self.society.by_key[by]))
        stories += [self._anybody(status) for status in wanted]
        return sorted(stories, key=lambda story: story.repair.created_at)

    def _anybody(self, status: str) -> Story:
        is_emergency = (
            status in (Status.CONFIRMED, Status.CLOSED) and self.draw.random() < EMERGENCY_SHARE * 2
        )
        category = self.draw.choice(self.emergencies if is_emergency else self.ordinary)
        household = self.draw.choice(self.households)
        desk = self.society.of_role(self.estate, Role.FRONT_DESK)[0]
        return self._story(status, category, household, desk if self.draw.random() < 0.15 else household.user)

    def _story(self, status: str, category: RepairCategory, household: Household, by: User) -> Story:
        where = RepairCategory.Where
        is_public = category.where == where.PUBLIC or (
            category.where == where.ANYWHERE and self.draw.random() < 0.1
        )
        if is_public and status == Status.QUOTED:
            # Nobody is asked for the price of what is shared.
            is_public, category = False, self.by_name["漏水"]
        life = make_life(status, is_emergency=category.is_emergency, draw=self.draw, now=self.now)
        repair = Repair(
            estate=self.estate,
            resident=household.user,
            reported_by=by,
            description=self.draw.choice(words.REPORTED[category.name]),
            created_at=life[0].at,
            status_changed_at=life[-1].at,
            status=life[-1].status,
            category=category,
            home=None if is_public else household.home,
            place=self._public_place(category) if is_public else None,
            suits=self.draw.choice(Repair.Suits.values),
            is_emergency=category.is_emergency,
        )
        story = Story(repair, life)
        self._employ(story)
        return story

    def _public_place(self, category: RepairCategory) -> PublicPlace:
        fitting = self.place.public_places
        for word in ("电梯", "楼道"):
            if motif_of(category) == {"电梯": "lift", "楼道": "stairs"}[word]:
                fitting = [place for place in fitting if place.name.endswith(word)]
        return self.draw.choice(fitting)

    def _employ(self, story: Story) -> None:
        """Sets the worker after each step, and the price once it is quoted."""
        workers = self.society.of_role(self.estate, Role.REPAIR_WORKER)
        worker: User | None = None
        for moment in story.life:
            if moment.status == Status.ASSIGNED:
                worker = self.draw.choice([one for one in workers if one != worker])
            elif moment.status in (Status.ACCEPTED, Status.REOPENED):
                worker = None
            elif moment.status == Status.QUOTED:
                quotes = words.QUOTES.get(motif_of(story.repair.category), words.QUOTES[""])
                # Drawn from a fixed number: the rest of the demo stays the same when a price is added.
                chosen = quotes[self.draw.randrange(6) % len(quotes)]
                story.repair.quote_fen, story.repair.quote_words = chosen
            story.workers.append(worker)
        story.repair.worker = worker

    # -- Writing

    def _number(self, stories: list[Story]) -> None:
        used: dict[date, int] = {}
        for story in stories:
            day = clock.today(story.repair.created_at)
            used[day] = used.get(day, 0) + 1
            story.repair.reference = f"R-{day:%y%m%d}-{used[day]:04d}"
        ReferenceCounter.objects.bulk_create(
            ReferenceCounter(estate=self.estate, letter="R", day=day, last=last) for day, last in used.items()
        )

    def _write_satisfaction(self, stories: list[Story]) -> None:
        for story in stories:
            if story.repair.status != Status.CONFIRMED:
                continue
            face = self.draw.choice(FACES)
            story.repair.satisfaction = Satisfaction(
                estate=self.estate,
                service="repairs",
                reference=story.repair.reference,
                face=face,
                words=self.draw.choice(words.THANKS[face]),
                given_by=story.repair.resident,
                at=story.life[-1].at,
            )
        Satisfaction.objects.bulk_create(s.repair.satisfaction for s in stories if s.repair.satisfaction)

    def _write_alarms(self, stories: list[Story]) -> None:
        """Writes the alarms, all acknowledged: a fresh demo is quiet."""
        dispatcher = self.society.of_role(self.estate, Role.DISPATCHER)[0]
        for story in stories:
            if not story.repair.is_emergency:
                continue
            story.repair.alarm = Alarm(
                estate=self.estate,
                title=story.repair.category.name,
                place=str(story.repair.where),
                raised_by=story.repair.reported_by,
                raised_at=story.repair.created_at,
                acknowledged_by=dispatcher,
                acknowledged_at=story.repair.created_at + timedelta(seconds=self.draw.randint(8, 90)),
            )
        Alarm.objects.bulk_create(s.repair.alarm for s in stories if s.repair.alarm)

    def _tell(self, story: Story) -> list[RepairChange]:
        """Writes the history as the actions would have."""
        repair = story.repair
        steps = [
            RepairChange(repair=repair, to_status=Status.NEW, actor=repair.reported_by, at=story.life[0].at)
        ]
        for (before, moment), worker in zip(pairwise(story.life), story.workers[1:], strict=True):
            steps.append(
                RepairChange(
                    repair=repair,
                    from_status=before.status,
                    to_status=moment.status,
                    actor=self._actor(story, before, moment, worker),
                    reason=self._reason(story, before, moment),
                    at=moment.at,
                    worker_name=worker.name if worker else "",
                )
            )
        if repair.reported_by != repair.resident:
            steps[0].on_behalf_of = repair.resident
        story.changes = steps
        return steps

    def _actor(self, story: Story, before: Moment, moment: Moment, worker: User | None) -> User | None:
        to = moment.status
        if to == Status.CLOSED:
            return None
        if to in RESIDENT_STEPS or before.status == Status.QUOTED:
            return story.repair.resident
        if (before.status, to) == (Status.ASSIGNED, Status.ACCEPTED):
            return story.workers[story.life.index(moment) - 1]
        takes = before.status in Repair.TAKEABLE and to == Status.ASSIGNED and self.draw.random() < 0.35
        if takes or to not in (Status.ACCEPTED, Status.ASSIGNED, Status.DECLINED):
            return worker
        return self.society.of_role(self.estate, Role.DISPATCHER)[0]

    def _reason(self, story: Story, before: Moment, moment: Moment) -> str:
        if (before.status, moment.status) == (Status.ASSIGNED, Status.ACCEPTED):
            return self.draw.choice(words.RETURNED)
        said = {
            Status.WAITING_FOR_PARTS: words.PARTS,
            Status.WAITING_FOR_RESIDENT: words.AWAY,
            Status.DONE: words.MENDED[motif_of(story.repair.category)],
            Status.CANCELLED: words.CANCELLED,
            Status.DECLINED: words.DECLINED,
            Status.REOPENED: words.STILL_BROKEN,
        }.get(Status(moment.status), ("",))
        return self.draw.choice(said)

    def _talk(self, story: Story) -> list[RepairMessage]:
        repair, said = story.repair, []
        until = repair.status_changed_at
        desk = self.society.of_role(self.estate, Role.FRONT_DESK)[0]
        if self.draw.random() < 0.35 and until > repair.created_at:
            asked = repair.created_at + (until - repair.created_at) * self.draw.uniform(0.1, 0.5)
            answered = asked + (until - asked) * 0.3
            answer = self.draw.choice(words.STAFF_SAYS)
            question = self.draw.choice(words.RESIDENT_SAYS)
            said.append(RepairMessage(repair=repair, author=repair.resident, words=question, at=asked))
            said.append(RepairMessage(repair=repair, author=desk, words=answer, at=answered))
        if self.draw.random() < 0.08:
            note = self.draw.choice(words.NOTES)
            said.append(
                RepairMessage(
                    repair=repair,
                    author=desk,
                    words=note,
                    is_internal=True,
                    at=repair.created_at + timedelta(minutes=3),
                )
            )
        return said
