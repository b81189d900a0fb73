"""Renovation of the demo: pipes in progress, windows open for booking, paths finished."""

from datetime import datetime, time, timedelta

from django.contrib.auth.hashers import make_password

from accounts.models import Residency, ResidencyChange, User
from accounts.policies import Role
from community.core import clock
from community.core.clock import SHANGHAI
from community.demo.drawings import HEIGHT, WIDTH
from community.demo.places import Place
from community.demo.renovation_plan import DAYS_BACK, Plan, Team
from community.demo.renovation_words import GIVEN, SURNAMES, WISHES
from community.demo.residents import Society
from community.estates.models import Building, Home
from services.common.models import ReferenceCounter, Satisfaction
from services.renovation.actions.home_state import state_of
from services.renovation.models import (
    Appointment,
    AppointmentChange,
    Campaign,
    Participation,
    RenovationPicture,
    WorkItem,
)
from services.scheduling.models import Place as Taken
from services.scheduling.models import PlaceChange, Slot

S = Appointment.Status
Shows = RenovationPicture.Shows
LIVES: dict[str, tuple[str, ...]] = {
    S.BOOKED: (S.BOOKED,),
    S.UNDER_WAY: (S.BOOKED, S.UNDER_WAY),
    S.DONE: (S.BOOKED, S.UNDER_WAY, S.DONE),
    S.CONFIRMED: (S.BOOKED, S.UNDER_WAY, S.DONE, S.CONFIRMED),
    S.DEFECTS: (S.BOOKED, S.UNDER_WAY, S.DONE, S.DEFECTS),
}
# Progress of the first four buildings: percentages of homes with pipes and windows done.
PIPES: tuple[dict[str, int], ...] = (
    {S.CONFIRMED: 97, S.DONE: 3},
    {S.CONFIRMED: 82, S.DONE: 8, S.DEFECTS: 2, S.BOOKED: 8},
    {S.CONFIRMED: 38, S.DONE: 8, S.DEFECTS: 2, S.UNDER_WAY: 2, S.BOOKED: 22},
    {S.BOOKED: 34},
)
WINDOWS: tuple[dict[str, int], ...] = (
    {S.CONFIRMED: 88, S.DONE: 5, S.BOOKED: 4},
    {S.CONFIRMED: 40, S.DONE: 8, S.UNDER_WAY: 2, S.BOOKED: 20},
    {S.BOOKED: 24},
    {},
)


class Site(Plan):
    """Invents one renovation and writes it."""

    def write(self) -> int:
        buildings = self._buildings()
        self._draft(buildings)
        pipes, windows = self._teams()
        homes = {b.pk: [h for h in self.place.homes if h.entrance.building_id == b.pk] for b in buildings}
        self._register_residents([home for building in buildings[:4] for home in homes[building.pk]])
        visits: list[Appointment] = []
        for number, building in enumerate(buildings[:4]):
            visits += self._visits(pipes, homes[building.pk], PIPES[number])
            visits += self._visits(windows, homes[building.pk], WINDOWS[number])
        self._write_visits(visits)
        self._answer(buildings, homes, visits)
        self._open_booking(buildings, pipes, windows)
        self._show_shared()
        RenovationPicture.objects.bulk_create(self.pictures)
        return len(visits)

    # -- The homes

    def _register_residents(self, homes: list[Home]) -> None:
        """Registers residents met at the door, without a number."""
        empty = [home for home in homes if home.pk not in self.people]
        password = make_password(None)
        users = User.objects.bulk_create(
            User(
                name=self.draw.choice(SURNAMES) + self.draw.choice(GIVEN) + self.draw.choice(GIVEN),
                password=password,
            )
            for _home in empty
        )
        at = self.now - timedelta(days=DAYS_BACK + 5)
        rows = Residency.objects.bulk_create(
            Residency(
                user=user, home=home, kind=Residency.Kind.OWNER, status=Residency.Status.ACTIVE,
                created_at=at, status_changed_at=at,
            )
            for user, home in zip(users, empty, strict=True)
        )  # fmt: skip
        ResidencyChange.objects.bulk_create(
            ResidencyChange(residency=row, to_status=row.status, actor=self.coordinator, at=at)
            for row in rows
        )
        self.people |= {home.pk: user for user, home in zip(users, empty, strict=True)}

    def _visits(self, team: Team, homes: list[Home], shares: dict[str, int]) -> list[Appointment]:
        kept = {self._home_of("elder").pk, self._home_of("owner").pk, self._home_of("tenant").pk}
        order = self.draw.sample(homes, len(homes))
        order = [home for home in order if home.pk not in kept]
        fixed = self._of_main_characters(team, [home for home in homes if home.pk in kept])
        visits = [self._visit(team, home, status) for home, status in fixed]
        for status, share in shares.items():
            for _n in range(round(len(homes) * share / 100)):
                if order:
                    visits.append(self._visit(team, order.pop(), status))
        return visits

    def _of_main_characters(self, team: Team, homes: list[Home]) -> list[tuple[Home, str]]:
        """Leaves the elder's pipes for the next day and her windows to book; the owner has windows to
        confirm.
        """
        elder, owner = self._home_of("elder").pk, self._home_of("owner").pk
        is_pipes = team.item.icon == "pipe"
        found = []
        for home in homes:
            if home.pk == elder and is_pipes:
                found.append((home, str(S.BOOKED)))
            elif home.pk == owner:
                found.append((home, str(S.CONFIRMED if is_pipes else S.DONE)))
        return found

    def _visit(self, team: Team, home: Home, status: str) -> Appointment:
        slots = team.ahead if status == S.BOOKED else team.past
        if status in (S.UNDER_WAY, S.DONE, S.DEFECTS):
            slots = slots[-6:]
        room = [slot for slot in slots if slot.taken < slot.capacity] or slots[-1:]
        # Fills the next days first; older slots are done.
        slot = (
            room[min(int(self.draw.random() ** 2 * len(room)), len(room) - 1)]
            if slots is team.ahead
            else (self.draw.choice(room))
        )
        if slot.taken >= slot.capacity:
            slot.capacity += 1
        slot.taken += 1
        booked_at = min(
            slot.starts_at - timedelta(days=self.draw.randint(2, 9)), self.now - timedelta(hours=3)
        )
        resident = self.people[home.pk]
        place = Taken(
            slot=slot, status=Taken.Status.BOOKED, key=self._uuid(), resident=resident,
            made_by=resident, created_at=booked_at, status_changed_at=booked_at,
        )  # fmt: skip
        return Appointment(
            estate=self.estate, project=self.project, item=team.item, home=home, resident=resident,
            booked_by=resident, place=place, status=status, created_at=booked_at, status_changed_at=booked_at,
        )  # fmt: skip

    def _write_visits(self, visits: list[Appointment]) -> None:
        slots = {visit.place.slot.pk: visit.place.slot for visit in visits}
        Slot.objects.bulk_update(slots.values(), ["taken", "capacity"])
        Taken.objects.bulk_create(visit.place for visit in visits)
        PlaceChange.objects.bulk_create(
            PlaceChange(
                place=visit.place, to_status=Taken.Status.BOOKED, actor=visit.resident,
                at=visit.created_at, slot=visit.place.slot,
            )
            for visit in visits
        )  # fmt: skip
        changes: list[AppointmentChange] = []
        visits.sort(key=lambda visit: visit.created_at)
        for visit in visits:
            day = clock.today(visit.created_at)
            self.numbers[day] = self.numbers.get(day, 0) + 1
            visit.reference = f"A-{day:%y%m%d}-{self.numbers[day]:04d}"
            visit.place_id = visit.place.pk
            changes += self._history(visit)
        Satisfaction.objects.bulk_create(v.satisfaction for v in visits if v.satisfaction)
        Appointment.objects.bulk_create(visits)
        AppointmentChange.objects.bulk_create(changes)
        ReferenceCounter.objects.bulk_create(
            ReferenceCounter(estate=self.estate, letter="A", day=day, last=last)
            for day, last in self.numbers.items()
        )

    def _history(self, visit: Appointment) -> list[AppointmentChange]:
        """Adds the history of an appointment, with pictures and words."""
        at, before, steps = visit.created_at, "", []
        member = self.society.of_role(self.estate, Role.CREW)[0]
        motif = "pipe" if visit.item.icon == "pipe" else "window"
        for status in LIVES[visit.status]:
            actor = visit.resident if status in (S.BOOKED, S.CONFIRMED, S.DEFECTS) else member
            if status == S.UNDER_WAY:
                at = visit.starts_at + timedelta(minutes=self.draw.randint(3, 20))
                self._picture(motif, Shows.BEFORE, at, visit=visit)
            elif status == S.DONE:
                at = visit.ends_at - timedelta(minutes=self.draw.randint(5, 60))
                self._picture(motif, Shows.AFTER, at, visit=visit)
            elif status in (S.CONFIRMED, S.DEFECTS):
                at += timedelta(minutes=self.draw.randint(10, 900))
            at = min(at, self.now - timedelta(minutes=2))
            faults = (
                ("接头有点渗水", "下水比以前慢") if motif == "pipe" else ("窗框漏风，打胶不严", "窗扇关不严")
            )
            reason = self.draw.choice(faults) if status == S.DEFECTS else ""
            steps.append(
                AppointmentChange(
                    appointment=visit, from_status=before, to_status=status, actor=actor,
                    at=at, reason=reason, starts_at=visit.starts_at,
                )
            )  # fmt: skip
            before = status
        visit.status_changed_at = at
        if visit.status == S.CONFIRMED:
            visit.warranty_until = clock.today(at) + timedelta(days=730)
            visit.satisfaction = Satisfaction(
                estate=self.estate, service="renovation", reference=visit.reference,
                face=self.draw.choice((3, 3, 3, 3, 3, 2, 1)), given_by=visit.resident, at=at,
            )  # fmt: skip
        return steps

    def _picture(
        self, motif: str, shows: str, at: datetime, *, visit: Appointment | None = None,
        item: WorkItem | None = None, caption: str = "",
    ) -> None:  # fmt: skip
        is_after = shows == Shows.AFTER
        self.pictures.append(
            RenovationPicture(
                id=self._uuid(), project=self.project, appointment=visit, item=item, shows=shows,
                key=self.keys[motif, is_after], width=WIDTH, height=HEIGHT, caption=caption,
                added_by=self.coordinator, at=at,
            )
        )  # fmt: skip

    # -- Answers and open questions

    def _answer(
        self, buildings: list[Building], homes: dict[int, list[Home]], visits: list[Appointment]
    ) -> None:
        by_home: dict[int, list[str]] = {}
        for visit in visits:
            by_home.setdefault(visit.home_id, []).append(visit.status)
        answer = Participation.Answer
        elder = self._home_of("elder").pk
        rows = []
        for building in buildings:
            for home in homes[building.pk]:
                has_visits = home.pk in by_home
                choice = answer.YES if has_visits else self.draw.choices(list(answer), (50, 44, 6))[0]
                if home.pk == elder:
                    choice = answer.YES
                if choice == answer.UNDECIDED:
                    continue
                wishes = self.draw.choice(WISHES) if self.draw.random() < 0.3 else ""
                rows.append(
                    Participation(
                        project=self.project,
                        home=home,
                        answer=choice,
                        wishes="卫生间装个扶手；中午 12 点到 2 点要睡觉" if home.pk == elder else wishes,
                        shares_pictures=has_visits and self.draw.random() < 0.05,
                        answered_by=self.people.get(home.pk, self.coordinator),
                        answered_at=self.now - timedelta(days=self.draw.randint(20, 60)),
                        state=state_of(by_home.get(home.pk, []), items=2),
                        state_changed_at=self.now - timedelta(days=2),
                    )
                )
        Participation.objects.bulk_create(rows)

    def _open_booking(self, buildings: list[Building], pipes: Team, windows: Team) -> None:
        tomorrow = datetime.combine(self.today + timedelta(days=1), time(9), tzinfo=SHANGHAI)
        long_ago = self.now - timedelta(days=DAYS_BACK + 10)
        opening = [(pipes, building, long_ago) for building in buildings[:4]]
        opening += [(windows, building, long_ago) for building in buildings[:3]]
        opening.append((windows, buildings[3], tomorrow))
        Campaign.objects.bulk_create(
            Campaign(
                project=self.project, item=team.item, building=building, crew=team.crew,
                opens_at=at, told_at=at if at < self.now else None,
            )
            for team, building, at in opening
        )  # fmt: skip

    def _show_shared(self) -> None:
        """Marks the paths as finished and the entrance doors as in progress, with public pictures."""
        entrance = self._home_of("elder").entrance
        paths = WorkItem.objects.create(
            project=self.project, name="园区道路与路灯", where=WorkItem.Where.GROUNDS, icon="walk",
            stage=WorkItem.Stage.DONE, position=3,
        )  # fmt: skip
        stairs = WorkItem.objects.create(
            project=self.project, name="楼道粉刷与扶手", where=WorkItem.Where.ENTRANCE, entrance=entrance,
            icon="stairs", stage=WorkItem.Stage.IN_WORK, position=4,
        )  # fmt: skip
        done = self.now - timedelta(days=14)
        for item, motif, caption in ((paths, "street_lamp", "中心花园的路灯"), (stairs, "stairs", "楼道")):
            self._picture(motif, Shows.BEFORE, done - timedelta(days=20), item=item, caption=caption)
            self._picture(motif, Shows.AFTER, done, item=item, caption=caption)
        drawn = self.now - timedelta(days=88)
        for motif, caption in (("window", "外窗样式"), ("pipe", "水管走向")):
            self.pictures.append(
                RenovationPicture(
                    id=self._uuid(), project=self.project, shows=Shows.DRAWING, key=self.keys[motif, True],
                    width=WIDTH, height=HEIGHT, caption=caption, added_by=self.coordinator, at=drawn,
                )
            )  # fmt: skip


def write_renovation(place: Place, society: Society, keys: dict[tuple[str, bool], str], now: datetime) -> int:
    """Writes the renovation of one estate; returns the number of appointments."""
    return Site(place, society, keys, now).write()
