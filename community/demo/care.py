"""Elderly care of the demo: twelve elders with family, a week of past bookings and a week of coming ones."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from itertools import groupby
from random import Random
from uuid import UUID

from accounts.models import Consent, User
from accounts.models.privacy import VERSIONS
from community.core import clock
from community.demo.care_catalogue import (
    ANSWERS,
    DAYS_BEHIND,
    MISSED_BECAUSE,
    CareHouse,
    make_care_house,
)
from community.demo.care_done import charge_done, rate
from community.demo.care_menus import make_menus
from community.demo.care_people import find_elders, make_families
from community.demo.places import Place as DemoPlace
from community.demo.residents import Household, Society
from community.estates.models import Estate
from services.care.models import CareBooking, CareBookingChange, CareService
from services.common.references import next_references
from services.scheduling.models import Place, PlaceChange, Slot

AHEAD = 7
Status, Kind = CareBooking.Status, CareService.Kind


@dataclass
class Plan:
    """A booking before it is written."""

    service: CareService
    slot: Slot
    elder: Household
    by: User
    carer: User | None
    status: str
    created_at: datetime
    steps: list[tuple[str, User | None, datetime]] = field(default_factory=list)


def make_care(places: tuple[DemoPlace, DemoPlace], society: Society, draw: Random, now: datetime) -> int:
    """Creates the care of the first estate; returns the number of bookings."""
    estate = places[0].estate
    elders = find_elders(society, estate)
    families = make_families(elders, society, estate, draw, now)
    house = make_care_house(estate, society, now)
    make_menus(house.services, User.objects.get(username="care"), now)
    planner = _Planner(house, elders, families, draw, now)
    plans = planner.plan()
    bookings = _write(estate, plans, draw, now)
    charge_done(
        estate, [booking for booking in bookings if booking.status == Status.DONE and booking.price_fen]
    )
    return len(bookings)


class _Planner:
    """Plans bookings and carers so that no one is at two places at once."""

    def __init__(
        self,
        house: CareHouse,
        elders: list[Household],
        families: dict[int, User],
        draw: Random,
        now: datetime,
    ) -> None:
        self.house, self.elders, self.families, self.draw, self.now = house, elders, families, draw, now
        self.busy: dict[int, list[Slot]] = {}
        self.full: Counter[int] = Counter()
        self.plans: list[Plan] = []
        self.today = clock.today(now)
        # The last visit of 冯桂兰 today is not begun, whenever the demo is loaded.
        self.waits: int | None = None

    def plan(self) -> list[Plan]:
        self._plan_main_characters()
        for offset in range(-DAYS_BEHIND, AHEAD + 1):
            for service in self.house.services:
                self._a_day(service, offset)
        return sorted(self.plans, key=lambda plan: (plan.created_at, plan.slot.pk))

    def _of_day(self, service: CareService, offset: int) -> list[Slot]:
        day = self.today + timedelta(days=offset)
        return [slot for slot in self.house.slots[service.pk] if clock.today(slot.starts_at) == day]

    def _plan_main_characters(self) -> None:
        """Plans bookings of people who can be tried: 王秀英 had company and is bathed in three days; 冯桂兰
        has three visits today.
        """
        carer, elder = self.house.carers[0].user, self.elders[0]
        bathing, company = self.house.of_kind(Kind.BATHING), self.house.of_kind(Kind.COMPANY)
        volunteer = self.house.carers[-1].user
        self._add(company, self._of_day(company, -5)[0], elder, volunteer)
        self._add(company, self._of_day(company, -2)[1], elder, volunteer)
        self._add(bathing, self._of_day(bathing, 3)[0], elder, carer)
        today = self._of_day(bathing, 0)
        self.waits = today[-1].pk
        for slot, other in zip((today[0], today[3], today[-1]), self.elders[1:4], strict=True):
            self._add(bathing, slot, other, carer)
        # Independent of chance: a missed visit and a cancelled one.
        self._add(bathing, self._of_day(bathing, -1)[0], self.elders[4], carer, status=Status.MISSED)
        self._add(bathing, self._of_day(bathing, -3)[0], self.elders[5], carer, status=Status.CANCELLED)

    def _a_day(self, service: CareService, offset: int) -> None:
        slots = self._of_day(service, offset)
        if not slots:
            return
        for _n in range(
            self.draw.choice((2, 3, 4)) if not service.needs_carer else self.draw.choice((0, 1, 2))
        ):
            slot, elder = self.draw.choice(slots), self.draw.choice(self.elders[1:])
            if self.full[slot.pk] >= slot.capacity or self._is_busy(elder.user, slot):
                continue
            carer = self._carer(service, slot)
            if service.needs_carer and carer is None and offset <= 1:
                continue
            self._add(service, slot, elder, carer)

    def _is_busy(self, person: User, slot: Slot) -> bool:
        return any(
            other.starts_at < slot.ends_at and slot.starts_at < other.ends_at
            for other in self.busy.get(person.pk, [])
        )

    def _carer(self, service: CareService, slot: Slot) -> User | None:
        """Returns a free carer of the provider; some bookings days ahead have none yet."""
        if not service.needs_carer:
            return None
        if (clock.today(slot.starts_at) - self.today).days > 1 and self.draw.random() < 0.35:
            return None
        posts = [post for post in self.house.carers if post.provider_id == service.provider_id]
        free = [post.user for post in posts if not self._is_busy(post.user, slot)]
        return self.draw.choice(free) if free else None

    def _add(
        self, service: CareService, slot: Slot, elder: Household, carer: User | None, *, status: str = ""
    ) -> None:
        created_at = self._some_time_before(slot)
        child = self.families[elder.user.pk]
        plan = Plan(
            service=service,
            slot=slot,
            elder=elder,
            by=child if self.draw.random() < 0.4 else elder.user,
            carer=carer,
            status=status or self._status(service, slot),
            created_at=created_at,
        )
        plan.steps = list(self._steps(plan))
        if plan.status == Status.CANCELLED:
            plan.carer = None
        else:
            self.full[slot.pk] += 1
            for person in (elder.user, carer):
                if person:
                    self.busy.setdefault(person.pk, []).append(slot)
        self.plans.append(plan)

    def _some_time_before(self, slot: Slot) -> datetime:
        """Returns a time in daylight, one to four days before the slot and not after now."""
        day = clock.today(slot.starts_at) - timedelta(days=self.draw.randrange(1, 5))
        minutes = self.draw.randrange(8 * 60, 18 * 60)
        at = datetime.combine(day, time(minutes // 60, minutes % 60), tzinfo=clock.SHANGHAI)
        return at if at < self.now else self.now - timedelta(minutes=self.draw.randrange(60, 600))

    def _status(self, service: CareService, slot: Slot) -> str:
        if slot.pk == self.waits:
            return Status.BOOKED
        if slot.starts_at > self.now:
            return Status.CANCELLED if self._may_differ(slot) and self.draw.random() < 0.06 else Status.BOOKED
        if slot.ends_at > self.now:
            return Status.UNDER_WAY if service.needs_carer else Status.BOOKED
        chance = self.draw.random() if self._may_differ(slot) else 1
        if chance < 0.07 and service.needs_carer:
            return Status.MISSED
        return Status.CANCELLED if chance < 0.16 else Status.DONE

    def _may_differ(self, slot: Slot) -> bool:
        """Returns whether the booking may vary; those of the people who can be tried may not."""
        return clock.today(slot.starts_at) != self.today and bool(self.plans[5:])

    def _steps(self, plan: Plan) -> Iterator[tuple[str, User | None, datetime]]:
        """Returns the history: status, actor, time."""
        slot, sent_at = plan.slot, min(plan.created_at + timedelta(minutes=50), self.now)
        yield Status.BOOKED, plan.by, plan.created_at
        if plan.carer:
            yield Status.BOOKED, None, sent_at
        if plan.status == Status.CANCELLED:
            early = min(slot.starts_at - timedelta(hours=20), self.now)
            yield Status.CANCELLED, plan.by, max(early, sent_at)
        if plan.status == Status.MISSED:
            yield Status.MISSED, plan.carer, slot.starts_at + timedelta(minutes=12)
        if plan.carer and plan.status in (Status.UNDER_WAY, Status.DONE):
            began_at = slot.starts_at + timedelta(seconds=self.draw.randrange(400))
            yield Status.UNDER_WAY, plan.carer, min(began_at, self.now)
        if plan.status == Status.DONE:
            yield Status.DONE, plan.carer, slot.ends_at


# -- Into the database


def _write(estate: Estate, plans: list[Plan], draw: Random, now: datetime) -> list[CareBooking]:
    coordinator = User.objects.get(username="care")
    taken = _write_places(plans, draw)
    references = _references(estate, plans)
    bookings = [
        CareBooking(
            estate=estate,
            reference=reference,
            resident=plan.elder.user,
            reported_by=plan.by,
            description=draw.choice(ANSWERS.get(Kind(plan.service.kind), ("",))),
            created_at=plan.created_at,
            status_changed_at=plan.steps[-1][2],
            service=plan.service,
            place=place,
            home=plan.elder.home,
            status=plan.status,
            price_fen=plan.service.price_fen,
            carer=plan.carer,
            start_code=f"{draw.randrange(10_000):04d}",
        )
        for plan, place, reference in zip(plans, taken, references, strict=True)
    ]
    rate(estate, bookings, draw)
    CareBooking.objects.bulk_create(bookings)
    _agree(bookings)
    CareBookingChange.objects.bulk_create(
        change
        for plan, booking in zip(plans, bookings, strict=True)
        for change in _changes(plan, booking, coordinator)
    )
    return bookings


def _agree(bookings: list[CareBooking]) -> None:
    """Writes the consents of the people whose answers are noted, given with their first booking."""
    first: dict[int, CareBooking] = {}
    for booking in sorted(bookings, key=lambda one: one.created_at):
        if booking.description:
            first.setdefault(booking.resident_id, booking)
    Consent.objects.bulk_create(
        Consent(
            person=booking.resident,
            purpose=Consent.Purpose.HEALTH,
            version=VERSIONS[Consent.Purpose.HEALTH],
            way=Consent.Way.SELF if booking.reported_by == booking.resident else Consent.Way.FAMILY,
            given_by=booking.reported_by,
            given_at=booking.created_at,
        )
        for booking in first.values()
    )


def _write_places(plans: list[Plan], draw: Random) -> list[Place]:
    places = Place.objects.bulk_create(
        Place(
            slot=plan.slot,
            status=Place.Status.RELEASED if plan.status == Status.CANCELLED else Place.Status.BOOKED,
            key=UUID(int=draw.getrandbits(128), version=4),
            resident=plan.elder.user,
            made_by=plan.by,
            created_at=plan.created_at,
            status_changed_at=plan.steps[-1][2] if plan.status == Status.CANCELLED else plan.created_at,
        )
        for plan in plans
    )
    changes = []
    for plan, place in zip(plans, places, strict=True):
        behalf = plan.elder.user if plan.by.pk != plan.elder.user.pk else None
        steps = [("", Place.Status.BOOKED, plan.created_at)]
        if place.status == Place.Status.RELEASED:
            steps.append((Place.Status.BOOKED, Place.Status.RELEASED, place.status_changed_at))
        changes += [
            PlaceChange(
                place=place,
                from_status=a,
                to_status=b,
                actor=plan.by,
                on_behalf_of=behalf,
                at=at,
                slot=plan.slot,
            )
            for a, b, at in steps
        ]
    PlaceChange.objects.bulk_create(changes)
    counted = Counter(place.slot_id for place in places if place.status == Place.Status.BOOKED)
    filled = {plan.slot.pk: plan.slot for plan in plans if plan.slot.pk in counted}
    for pk, slot in filled.items():
        slot.taken = counted[pk]
    Slot.objects.bulk_update(filled.values(), ["taken"])
    return places


def _references(estate: Estate, plans: list[Plan]) -> list[str]:
    """Numbers the plans in the order of booking."""
    found: list[str] = []
    for day, of_day in groupby(plans, key=lambda plan: clock.today(plan.created_at)):
        found += next_references(letter="C", estate=estate, on=day, count=len(list(of_day)))
    return found


def _changes(plan: Plan, booking: CareBooking, coordinator: User) -> list[CareBookingChange]:
    resident, before, name = plan.elder.user, "", ""
    changes = []
    for number, (status, actor, at) in enumerate(plan.steps):
        is_sending = number > 0 and status == Status.BOOKED
        if is_sending:
            actor, name = coordinator, booking.carer.name if booking.carer else ""
        is_theirs = status == Status.CANCELLED or number == 0
        changes.append(
            CareBookingChange(
                booking=booking,
                from_status=before,
                to_status=status,
                actor=actor,
                on_behalf_of=resident if is_theirs and actor and actor.pk != resident.pk else None,
                reason=MISSED_BECAUSE if status == Status.MISSED else "",
                at=at,
                carer_name=name,
                starts_at=plan.slot.starts_at,
            )
        )
        before = status
    return changes
