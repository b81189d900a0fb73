"""Two at the same moment: the last place, the same carer, the same finish."""

from collections.abc import Callable
from datetime import time, timedelta
from threading import Barrier, Thread
from uuid import UUID, uuid4

import pytest
from django.db import connections

from accounts.models import StaffRole
from community.core import clock
from community.core.errors import ActionError
from services.care import actions
from services.care.models import CareBooking, CareDraft
from services.fees.models import Bill
from services.scheduling.models import Slot
from tests.factories import (
    make_care_booking,
    make_care_draft,
    make_care_service,
    make_carer,
    make_home,
    make_resident,
    make_slot,
    make_staff,
)
from tests.support.draws import few_or

S = CareBooking.Status
pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], object]) -> list[str]:
    """What each of them is told: "done", or the code of the refusal."""
    start, answers = Barrier(len(acts)), []

    def tap(act: Callable[[], object]) -> None:
        try:
            start.wait()
            act()
            answers.append("done")
        except ActionError as refused:
            answers.append(refused.code)
        finally:
            connections.close_all()

    threads = [Thread(target=tap, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(answers)


@few_or(10)
def test_finish__twice_at_once__is_one_bill(rounds: int) -> None:
    service = make_care_service()
    carer = make_carer(provider=service.provider).user
    home = make_home(estate=service.estate)
    elder = make_resident(home=home)
    for number in range(rounds):
        day = clock.today(clock.now()) + timedelta(days=2 + number)
        slot = make_slot(resource=service.resource, day=day)
        visit = make_care_booking(
            service=service, slot=slot, home=home, resident=elder, carer=carer, status=S.UNDER_WAY
        )

        def finish(pk: int = visit.pk) -> None:
            mine = CareBooking.objects.with_people().get(pk=pk)
            actions.finish_visit(booking=mine, by=carer, now=clock.now())

        assert at_once(finish, finish) == ["done", "done"]
        visit.refresh_from_db()
        assert visit.status == S.DONE
        assert visit.history.filter(to_status=S.DONE).count() == 1
        assert Bill.objects.filter(subject=f"care:{visit.pk}").count() == 1
    assert Bill.objects.count() == rounds


def test_begin__for_the_last_place__one_gets_it_and_the_others_are_told() -> None:
    service = make_care_service()
    homes = [make_home(estate=service.estate) for _n in range(4)]
    elders = [make_resident(home=home) for home in homes]
    slot = make_slot(resource=service.resource)

    def begin(number: int) -> Callable[[], object]:
        return lambda: actions.begin_booking(
            actions.CareChoice(service=service, resident=elders[number], home=homes[number], key=uuid4()),
            slot=slot,
            by=elders[number],
            now=clock.now(),
        )

    assert at_once(*(begin(number) for number in range(4))) == ["done", *["slot_full"] * 3]
    slot.refresh_from_db()
    assert slot.taken == 1


def test_book__two_taps_at_once__is_one_booking() -> None:
    draft = make_care_draft()
    by = draft.resident

    def book() -> None:
        mine = type(draft).objects.select_related("place__slot", "service").get(pk=draft.pk)
        actions.book(draft=mine, by=by, now=clock.now())

    assert at_once(book, book, book) == ["done"] * 3
    assert CareBooking.objects.count() == 1


def test_arrange__one_carer_for_two_at_the_same_time__goes_to_one() -> None:
    service = make_care_service()
    coordinator = make_staff(role=StaffRole.Role.CARE_COORDINATOR, estate=service.estate)
    carer = make_carer(provider=service.provider).user
    slot = make_slot(resource=service.resource, capacity=2)
    visits = [make_care_booking(service=service, slot=slot) for _n in range(2)]

    def send(pk: int) -> Callable[[], object]:
        def act() -> None:
            mine = CareBooking.objects.with_people().get(pk=pk)
            actions.arrange_visit(booking=mine, carer=carer, by=coordinator, now=clock.now())

        return act

    assert at_once(*(send(visit.pk) for visit in visits)) == ["carer_busy", "done"]
    assert CareBooking.objects.filter(carer=carer).count() == 1


def _moving(visit: CareBooking, to: Slot) -> Callable[[], object]:
    mine = CareBooking.objects.with_people().get(pk=visit.pk)
    return lambda: actions.move_booking(booking=mine, to=to, by=mine.resident, now=clock.now())


@few_or(15)
def test_move__two_visits_of_one_carer_to_the_same_time__keeps_the_carer_for_one(rounds: int) -> None:
    service = make_care_service()
    carer = make_carer(provider=service.provider).user
    for number in range(rounds):
        day = clock.today(clock.now()) + timedelta(days=2 + number)
        visits = [
            make_care_booking(
                service=service,
                slot=make_slot(resource=service.resource, day=day, at=time(hour)),
                carer=carer,
            )
            for hour in (9, 10)
        ]
        to = make_slot(resource=service.resource, day=day, at=time(14), capacity=2)
        assert at_once(*(_moving(visit, to) for visit in visits)) == ["done", "done"]
        assert CareBooking.objects.filter(carer=carer, place__slot=to).count() == 1
        assert CareBooking.objects.filter(carer=None, place__slot=to).count() == 1


@few_or(10)
def test_book__two_services_for_one_elder_at_one_time__is_one_booking(rounds: int) -> None:
    """The elder and her son hold a place each, of two services; both say yes at the same moment."""
    home = make_home()
    elder = make_resident(home=home)
    services = [make_care_service(estate=home.estate) for _n in range(2)]
    for number in range(rounds):
        day = clock.today(clock.now()) + timedelta(days=2 + number)
        drafts = [
            make_care_draft(
                service=service,
                home=home,
                resident=elder,
                slot=make_slot(resource=service.resource, day=day),
            )
            for service in services
        ]

        def book(pk: UUID) -> Callable[[], object]:
            def act() -> None:
                mine = CareDraft.objects.select_related("place__slot", "service", "resident").get(pk=pk)
                actions.book(draft=mine, by=elder, now=clock.now())

            return act

        assert at_once(*(book(draft.pk) for draft in drafts)) == ["done", "same_time"]
        assert CareBooking.objects.open().of_days(day).count() == 1
