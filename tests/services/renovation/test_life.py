"""The life of an appointment: booked, moved, begun, done, confirmed, and what stands in its way."""

from dataclasses import replace
from datetime import time, timedelta
from typing import Any
from uuid import uuid4

import pytest

from community.core import clock
from community.core.errors import ActionError, Forbidden
from community.core.transitions import AlreadyMoved
from community.notifications.models import OutboxMessage
from services.renovation import actions
from services.renovation.models import (
    Appointment,
    AppointmentWaiting,
    HomeState,
    Participation,
    RenovationPicture,
    RenovationProject,
)
from services.scheduling.models import Place, Slot
from tests.factories import make_delegation, make_resident, make_staff
from tests.factories.renovation import Site, make_appointment, make_picture

pytestmark = pytest.mark.django_db
S = Appointment.Status


def book(site: Site, **overrides: object) -> Appointment:
    given = {"home": site.home, "item": site.item, "by": site.resident, "key": uuid4(), "now": clock.now()}
    return actions.book_appointment(**(given | {"slot": overrides.get("slot") or site.slot()} | overrides))  # type: ignore[arg-type]


def refusal(code: str) -> Any:
    return pytest.raises(ActionError, match=code)


def state(site: Site) -> str:
    return Participation.objects.get(project=site.project, home=site.home).state


@pytest.mark.parametrize("model", [Appointment, RenovationProject])
def test_states__every_one_is_reachable(model: Any) -> None:
    reached, waiting = {model.Status.values[0]}, [model.Status.values[0]]
    while waiting:
        for after in model.TRANSITIONS[waiting.pop()] - reached:
            reached.add(after)
            waiting.append(after)
    assert reached == set(model.Status.values)


def test_book_appointment__takes_a_place_and_says_that_the_home_takes_part(site: Site) -> None:
    slot = site.slot(capacity=2)
    booked = book(site, slot=slot)
    slot.refresh_from_db()
    assert (slot.taken, booked.resident, booked.status) == (1, site.resident, S.BOOKED)
    assert state(site) == HomeState.BOOKED
    assert Participation.objects.get(home=site.home).answer == "yes"


def test_book_appointment__twice_with_one_key__is_one(site: Site) -> None:
    slot, key = site.slot(capacity=3), uuid4()
    assert book(site, slot=slot, key=key) == book(site, slot=slot, key=key)
    slot.refresh_from_db()
    assert slot.taken == 1


def test_book_appointment__a_second_time_for_the_same_work__is_refused(site: Site) -> None:
    slot = site.slot(capacity=3)
    book(site, slot=slot)
    spouse = make_resident(home=site.home, name="王大明")
    with refusal("already_booked"):
        book(site, slot=site.slot(at=time(14)), by=spouse)
    assert Appointment.objects.count() == 1


def test_book_appointment__full__is_told_and_offered_the_list(site: Site) -> None:
    slot = site.slot(capacity=1)
    home, neighbour = site.neighbour()
    book(site, slot=slot, home=home, by=neighbour)
    with refusal("slot_full"):
        book(site, slot=slot)
    wish = actions.wait_for_slot(home=site.home, item=site.item, slot=slot, by=site.resident, now=clock.now())
    actions.cancel_appointment(
        appointment=Appointment.objects.get(), by=neighbour, reason="", now=clock.now()
    )
    wish.waiting.refresh_from_db()
    assert wish.waiting.status == "offered"
    told = OutboxMessage.objects.get(recipient=site.resident, template="appointment_offered", channel="inbox")
    assert told.url == f"/renovation/offers/{wish.pk}/"
    taken = actions.take_offered(entry=wish, by=site.resident, key=uuid4(), now=clock.now())
    assert (taken.home, taken.place.status) == (site.home, Place.Status.BOOKED)
    assert actions.take_offered(entry=wish, by=site.resident, key=uuid4(), now=clock.now()) == taken


def test_offer__not_taken__goes_to_the_next_and_both_are_told(site: Site) -> None:
    from services.scheduling.actions import lapse_due

    slot = site.slot(capacity=1)
    home, neighbour = site.neighbour()
    third_home, third = site.neighbour("503")
    first = book(site, slot=slot, home=home, by=neighbour)
    for one, who in ((site.home, site.resident), (third_home, third)):
        actions.wait_for_slot(home=one, item=site.item, slot=slot, by=who, now=clock.now())
    actions.cancel_appointment(appointment=first, by=neighbour, reason="", now=clock.now())
    lapse_due(slot.starts_at - timedelta(minutes=1))
    assert OutboxMessage.objects.filter(recipient=site.resident, template="appointment_offer_over").exists()
    assert OutboxMessage.objects.filter(recipient=third, template="appointment_offered").exists()


def test_book_appointment__ends_the_homes_other_waiting(site: Site) -> None:
    full, free = site.slot(capacity=1), site.slot(at=time(14))
    home, neighbour = site.neighbour()
    book(site, slot=full, home=home, by=neighbour)
    wish = actions.wait_for_slot(home=site.home, item=site.item, slot=full, by=site.resident, now=clock.now())
    book(site, slot=free)
    wish.waiting.refresh_from_db()
    assert wish.waiting.status == "left"


def test_book_appointment__before_the_campaign_opens__is_refused() -> None:
    opens = clock.now() + timedelta(hours=1)
    site = Site(opens_at=opens)
    slot = site.slot()
    with refusal("not_open"):
        book(site, slot=slot)
    assert book(site, slot=slot, now=opens).status == S.BOOKED


def test_book_appointment__another_crews_time__is_refused(site: Site) -> None:
    other = Site()
    with refusal("not_open"):
        book(site, slot=other.slot())


def test_book_appointment__said_no__must_be_changed_first(site: Site) -> None:
    actions.take_part(
        answer=actions.HouseholdAnswer(answer="no"),
        project=site.project,
        home=site.home,
        by=site.resident,
        now=clock.now(),
    )
    with refusal("not_taking_part"):
        book(site)


def test_book_appointment__by_a_neighbour__is_forbidden(site: Site) -> None:
    _home, neighbour = site.neighbour()
    with pytest.raises(Forbidden):
        book(site, by=neighbour)


def test_book_appointment__by_the_desk__is_for_the_household(site: Site) -> None:
    desk = make_staff(role="front_desk", estate=site.estate)
    booked = book(site, by=desk)
    assert (booked.resident, booked.booked_by) == (site.resident, desk)
    assert booked.history.get().on_behalf_of == site.resident
    assert OutboxMessage.objects.filter(recipient=site.resident, template="appointment_booked").exists()


def test_book_at_door__nobody_is_registered__registers_who_opened(site: Site) -> None:
    coordinator = make_staff(role="renovation_coordinator", estate=site.estate)
    site.resident.residencies.all().delete()
    door = actions.DoorBooking(site.home, site.item, site.slot(capacity=2), key=uuid4())
    with refusal("name_missing"):
        actions.book_at_door(door, by=coordinator, now=clock.now())
    door = replace(door, name="何奶奶", key=uuid4())
    booked = actions.book_at_door(door, by=coordinator, now=clock.now())
    assert (booked.resident.name, booked.resident.phone) == ("何奶奶", "")
    assert booked.resident.residencies.get().home == site.home


def test_book_at_door__refused__leaves_nobody_behind(site: Site) -> None:
    coordinator = make_staff(role="renovation_coordinator", estate=site.estate)
    site.resident.residencies.all().delete()
    full = site.slot(capacity=1)
    Slot.objects.filter(pk=full.pk).update(taken=1)
    with refusal("slot_full"):
        actions.book_at_door(
            actions.DoorBooking(home=site.home, item=site.item, slot=full, name="何奶奶", key=uuid4()),
            by=coordinator,
            now=clock.now(),
        )
    assert not site.home.residencies.exists()


def test_move_appointment__takes_the_new_place_and_frees_the_old(site: Site) -> None:
    before, after = site.slot(), site.slot(at=time(14))
    booked = book(site, slot=before)
    actions.move_appointment(appointment=booked, to=after, by=site.resident, now=clock.now())
    before.refresh_from_db()
    after.refresh_from_db()
    assert (before.taken, after.taken, booked.starts_at) == (0, 1, after.starts_at)
    assert booked.history.last().starts_at == after.starts_at  # type: ignore[union-attr]
    member = OutboxMessage.objects.get(recipient=site.member, template="crew_appointment_moved")
    assert member.url == f"/crew/{booked.pk}/"


def test_move_appointment__to_a_full_time__changes_nothing(site: Site) -> None:
    before, full = site.slot(), site.slot(at=time(14))
    booked = book(site, slot=before)
    Slot.objects.filter(pk=full.pk).update(taken=1)
    with refusal("slot_full"):
        actions.move_appointment(appointment=booked, to=full, by=site.resident, now=clock.now())
    booked.refresh_from_db()
    before.refresh_from_db()
    assert (before.taken, booked.place.slot_id) == (1, before.pk)


def test_cancel_appointment__frees_the_place_and_the_home(site: Site) -> None:
    slot = site.slot()
    booked = book(site, slot=slot)
    actions.cancel_appointment(appointment=booked, by=site.resident, reason="出差", now=clock.now())
    actions.cancel_appointment(appointment=booked, by=site.resident, reason="出差", now=clock.now())
    slot.refresh_from_db()
    assert (slot.taken, booked.status, state(site)) == (0, S.CANCELLED, HomeState.WAITING)
    assert book(site, slot=slot).status == S.BOOKED


def test_book_appointment__sent_again_after_it_was_cancelled__does_not_say_that_somebody_comes(
    site: Site,
) -> None:
    """Cancelled, and then the browser's way back to the question that was answered."""
    slot, key = site.slot(), uuid4()
    first = book(site, slot=slot, key=key)
    actions.cancel_appointment(appointment=first, by=site.resident, reason="", now=clock.now())
    with pytest.raises(ActionError) as refused:
        book(site, slot=slot, key=key)
    assert refused.value.code == "not_standing"
    assert book(site, slot=slot, key=uuid4()).status == S.BOOKED


def test_take_offered__sent_again_after_it_was_cancelled__does_not_say_that_somebody_comes(
    site: Site,
) -> None:
    slot = site.slot(capacity=1)
    home, neighbour = site.neighbour()
    first = make_appointment(site=site, home=home, resident=neighbour, slot=slot)
    wish = actions.wait_for_slot(home=site.home, item=site.item, slot=slot, by=site.resident, now=clock.now())
    actions.cancel_appointment(appointment=first, by=neighbour, reason="", now=clock.now())
    wish.waiting.refresh_from_db()
    key = uuid4()
    taken = actions.take_offered(entry=wish, by=site.resident, key=key, now=clock.now())
    actions.cancel_appointment(appointment=taken, by=site.resident, reason="", now=clock.now())
    with pytest.raises(ActionError) as refused:
        actions.take_offered(entry=wish, by=site.resident, key=key, now=clock.now())
    assert refused.value.code == "not_standing"


def test_take_part__no_with_a_time_booked__is_refused(site: Site) -> None:
    book(site)
    with refusal("has_appointment"):
        actions.take_part(
            answer=actions.HouseholdAnswer(answer="no"),
            project=site.project,
            home=site.home,
            by=site.resident,
            now=clock.now(),
        )


def test_take_part__wishes_are_encrypted(site: Site) -> None:
    from django.db import connection

    actions.take_part(
        answer=actions.HouseholdAnswer(answer="yes", wishes="中午要睡觉"),
        project=site.project,
        home=site.home,
        by=site.resident,
        now=clock.now(),
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT wishes FROM renovation_participation")
        assert "睡觉" not in cursor.fetchone()[0]
    assert Participation.objects.get().wishes == "中午要睡觉"


def test_moving_out__forgets_the_households_wishes(site: Site) -> None:
    from accounts.actions import move_out

    actions.take_part(
        answer=actions.HouseholdAnswer(answer="yes", wishes="中午要睡觉", shares_pictures=True),
        project=site.project,
        home=site.home,
        by=site.resident,
        now=clock.now(),
    )
    move_out(residency=site.resident.residencies.get(), by=site.resident, now=clock.now())
    said = Participation.objects.get()
    assert (said.wishes, said.shares_pictures, said.answer) == ("", False, "yes")


def test_remind_due__a_day_before__once(site: Site) -> None:
    booked = book(site)
    now = booked.starts_at - timedelta(hours=25)
    assert actions.remind_due(now) == 0
    now += timedelta(hours=2)
    assert (actions.remind_due(now), actions.remind_due(now)) == (1, 0)
    told = OutboxMessage.objects.filter(template="appointment_reminder", channel="inbox")
    assert told.get().recipient == site.resident
    actions.move_appointment(
        appointment=Appointment.objects.with_people().get(),
        to=site.slot(day=clock.today(now) + timedelta(days=9)),
        by=site.resident,
        now=clock.now(),
    )
    assert actions.remind_due(clock.now()) == 0


def test_tell_of_campaigns__at_its_minute__those_without_a_time() -> None:
    opens = clock.now() + timedelta(hours=1)
    site = Site(opens_at=opens)
    _home, neighbour = site.neighbour()
    son = make_delegation(resident=neighbour, service="renovation", relation="儿子").delegate
    make_appointment(site=site)
    assert actions.tell_of_campaigns(clock.now()) == 0
    assert (actions.tell_of_campaigns(opens), actions.tell_of_campaigns(opens)) == (1, 0)
    told = OutboxMessage.objects.filter(template="renovation_booking_open", channel="inbox")
    assert {one.recipient for one in told} == {neighbour, son}


def test_question__asked_and_answered_in_the_open__once(site: Site) -> None:
    key = uuid4()
    given = {
        "project": site.project,
        "words": "什么颜色？",
        "by": site.resident,
        "key": key,
        "now": clock.now(),
    }
    question = actions.ask_question(**given)  # type: ignore[arg-type]
    assert actions.ask_question(**given) == question  # type: ignore[arg-type]
    with pytest.raises(Forbidden):
        actions.answer_question(question=question, answer="灰色", by=site.resident, now=clock.now())
    coordinator = make_staff(role="renovation_coordinator", estate=site.estate)
    actions.answer_question(question=question, answer="灰色", by=coordinator, now=clock.now())
    assert OutboxMessage.objects.filter(recipient=site.resident, template="renovation_answered").exists()


def test_project__moves_by_the_coordinator_alone(site: Site) -> None:
    with pytest.raises(Forbidden):
        actions.move_project(project=site.project, to="finished", by=site.resident, now=clock.now())
    coordinator = make_staff(role="renovation_coordinator", estate=site.estate)
    with pytest.raises(AlreadyMoved):
        actions.move_project(project=site.project, to="draft", by=coordinator, now=clock.now())
    actions.move_project(project=site.project, to="finished", by=coordinator, now=clock.now())
    assert site.project.status == "finished"
    with refusal("not_open"):
        book(site)


def test_picture_of_a_home__only_its_household_unless_it_agrees(site: Site) -> None:
    visit = make_appointment(site=site, status="done")
    picture = make_picture(visit, shows="after")
    _home, neighbour = site.neighbour()
    seen = RenovationPicture.objects.visible_to
    assert list(seen(site.resident)) == list(seen(site.member)) == [picture]
    assert not seen(neighbour).exists()
    actions.take_part(
        answer=actions.HouseholdAnswer(answer="yes", shares_pictures=True),
        project=site.project,
        home=site.home,
        by=site.resident,
        now=clock.now(),
    )
    assert list(seen(neighbour)) == [picture]


def test_waiting__another_homes_place__is_forbidden(site: Site) -> None:
    slot = site.slot(capacity=1)
    home, neighbour = site.neighbour()
    book(site, slot=slot)
    actions.wait_for_slot(home=home, item=site.item, slot=slot, by=neighbour, now=clock.now())
    wish = AppointmentWaiting.objects.get()
    with pytest.raises(Forbidden):
        actions.take_offered(entry=wish, by=site.resident, key=uuid4(), now=clock.now())
