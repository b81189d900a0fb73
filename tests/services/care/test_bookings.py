"""Holding, booking, cancelling, moving and waiting: the rules, by the actions alone."""

from datetime import datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import User
from community.core import clock
from community.core.errors import ActionError, Forbidden
from community.estates.models import Home
from community.notifications.models import OutboxMessage
from services.care import actions, handlers, policies
from services.care.models import CareBooking, CareDraft, CareService
from services.scheduling import actions as scheduling
from services.scheduling.models import Place, Slot, Waiting
from tests.factories import (
    make_care_booking,
    make_care_draft,
    make_care_service,
    make_carer,
    make_consent,
    make_delegation,
    make_home,
    make_resident,
    make_slot,
    make_user,
)
from tests.support.arguments import grouped

S = CareBooking.Status
QUARTER = timedelta(minutes=15)


def begin(service: CareService, slot: Slot, elder: User, home: Home, **overrides: Any) -> CareDraft:
    given: dict[str, Any] = {"by": elder, "key": uuid4(), "now": clock.now()}
    given |= {"service": service, "slot": slot, "resident": elder, "home": home}
    choice, rest = grouped(actions.CareChoice, given | overrides)
    return actions.begin_booking(choice, **rest)


def refusal(verb: Any, **given: Any) -> str:
    with pytest.raises(ActionError) as refused:
        verb(**given)
    return refused.value.code


def taken(slot: Slot) -> int:
    slot.refresh_from_db()
    return slot.taken


# -- Holding


def test_begin__the_same_key_again__finds_the_open_one(
    service: CareService, slot: Slot, elder: User, home: Home
) -> None:
    key = uuid4()
    first = begin(service, slot, elder, home, key=key)
    assert begin(service, slot, elder, home, key=key) == first
    assert (taken(slot), CareDraft.objects.count()) == (1, 1)


def test_begin__another_time__lets_the_first_go(
    service: CareService, slot: Slot, elder: User, home: Home
) -> None:
    begin(service, slot, elder, home)
    later = make_slot(resource=service.resource, at=time(14))
    begin(service, later, elder, home)
    assert (taken(slot), taken(later)) == (0, 1)


def test_begin__another_time_that_is_full__keeps_the_first(
    service: CareService, slot: Slot, elder: User, home: Home
) -> None:
    draft = begin(service, slot, elder, home)
    later = make_slot(resource=service.resource, at=time(14))
    make_care_booking(service=service, slot=later)
    assert refusal(begin, service=service, slot=later, elder=elder, home=home) == "slot_full"
    assert (taken(slot), taken(later)) == (1, 1)
    assert actions.book(draft=draft, by=elder, now=clock.now()).place.slot == slot


def test_begin__another_time_while_the_first_is_booked__has_both(
    service: CareService, slot: Slot, elder: User, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = begin(service, slot, elder, home)
    later = make_slot(resource=service.resource, at=time(14))
    release = scheduling.release_place

    def booked_meanwhile(*, place: Place, **given: Any) -> None:
        actions.book(draft=CareDraft.objects.get(pk=first.pk), by=elder, now=clock.now())
        release(place=place, **given)

    monkeypatch.setattr("services.care.actions.bookings.release_place", booked_meanwhile)
    begin(service, later, elder, home)
    assert (taken(slot), taken(later)) == (1, 1)


def test_begin__what_was_said_the_last_time__is_known(elder: User, home: Home) -> None:
    service = make_care_service(estate=home.estate, question="有忌口吗？")
    make_care_booking(service=service, resident=elder, home=home, description="不吃辣")
    make_consent(person=elder)
    draft = begin(service, make_slot(resource=service.resource, at=time(15)), elder, home)
    assert draft.answer == "不吃辣"


@pytest.mark.parametrize(
    ("code", "service_fields", "slot_fields"),
    [
        ("not_offered", {"is_offered": False}, {}),
        ("not_offered", {"booked_by": CareService.BookedBy.DESK}, {}),
        ("slot_past", {}, {"day": clock.today(clock.now()) - timedelta(days=1)}),
        ("too_soon", {"notice_minutes": 5000}, {}),
        ("slot_closed", {}, {"is_closed": True}),
        ("slot_full", {}, {"taken": 1}),
    ],
)
def test_begin__what_cannot_be_booked__is_refused_and_keeps_nothing(
    code: str, service_fields: dict[str, Any], slot_fields: dict[str, Any], elder: User, home: Home
) -> None:
    service = make_care_service(estate=home.estate, **service_fields)
    slot = make_slot(resource=service.resource, **slot_fields)
    assert refusal(begin, service=service, slot=slot, elder=elder, home=home) == code
    assert CareDraft.objects.count() == Place.objects.count() == 0


def test_begin__a_time_of_another_service__is_refused(service: CareService, elder: User, home: Home) -> None:
    foreign = make_slot()
    assert refusal(begin, service=service, slot=foreign, elder=elder, home=home) == "no_slot"


def test_begin__a_home_of_somebody_else__is_refused(service: CareService, slot: Slot, elder: User) -> None:
    foreign = make_home(estate=service.estate)
    assert refusal(begin, service=service, slot=slot, elder=elder, home=foreign) == "not_your_home"
    assert taken(slot) == 0


def test_begin__for_a_stranger__is_forbidden(
    service: CareService, slot: Slot, elder: User, home: Home
) -> None:
    with pytest.raises(Forbidden):
        begin(service, slot, elder, home, by=make_user())


def test_begin__when_somebody_comes_at_that_time_already__is_refused(
    service: CareService, slot: Slot, elder: User, home: Home
) -> None:
    other = make_care_service(estate=home.estate)
    overlapping = make_slot(resource=other.resource, at=time(9, 30))
    make_care_booking(service=other, resident=elder, home=home, slot=overlapping)
    assert refusal(begin, service=service, slot=slot, elder=elder, home=home) == "same_time"


def test_begin__a_meal_at_the_time_of_a_visit__is_no_trouble(
    service: CareService, slot: Slot, elder: User, home: Home
) -> None:
    make_care_booking(service=service, resident=elder, home=home, slot=slot)
    meals = make_care_service(estate=home.estate, kind=CareService.Kind.MEALS, needs_carer=False)
    assert begin(meals, make_slot(resource=meals.resource, at=time(9)), elder, home).place.status == "held"


# -- Lapsing


def test_book__after_the_hold_ran_out__is_refused__and_what_was_chosen_is_kept(
    service: CareService, slot: Slot, elder: User, home: Home
) -> None:
    now = clock.now()
    draft = begin(service, slot, elder, home, now=now, answer="膝盖不好", agrees=True)
    late = now + QUARTER
    assert refusal(actions.book, draft=draft, by=elder, now=late) == "hold_lapsed"
    scheduling.lapse_due(late)
    assert (taken(slot), CareBooking.objects.count()) == (0, 0)
    again = actions.hold_again(draft=draft, by=elder, key=uuid4(), now=late)
    assert again.answer == "膝盖不好"
    assert actions.book(draft=again, by=elder, now=late).description == "膝盖不好"


def test_book__without_the_answer_that_is_needed__is_refused(elder: User, home: Home) -> None:
    service = make_care_service(estate=home.estate, question="哪家医院？", needs_answer=True)
    draft = make_care_draft(service=service, resident=elder, home=home)
    assert refusal(actions.book, draft=draft, by=elder, now=clock.now()) == "answer_missing"
    given = {"draft": draft, "by": elder, "now": clock.now()}
    for words, code in ((" ", "answer_missing"), ("长" * 201, "too_long")):
        assert refusal(actions.answer_draft, given=actions.Answer(words), **given) == code
    actions.answer_draft(given=actions.Answer("市人民医院", agrees=True), **given)
    assert actions.book(draft=draft, by=elder, now=clock.now()).status == S.BOOKED


def test_book__the_price_of_that_day__stays(
    service: CareService, slot: Slot, elder: User, home: Home
) -> None:
    booking = actions.book(draft=begin(service, slot, elder, home), by=elder, now=clock.now())
    CareService.objects.update(price_fen=9900)
    booking.refresh_from_db()
    assert booking.price_fen == 6000


# -- For somebody else


def test_book__by_a_delegate__is_marked_so__and_the_parent_is_told_and_can_cancel(
    service: CareService, slot: Slot, elder: User, home: Home
) -> None:
    son = make_delegation(resident=elder, delegate=make_user(name="李强"), service="care").delegate
    now = clock.now()
    booking = actions.book(draft=begin(service, slot, elder, home, by=son), by=son, now=now)
    step = booking.history.get()
    assert (step.actor, step.on_behalf_of) == (son, elder)
    told = OutboxMessage.objects.filter(template="care_booked_for", recipient=elder)
    assert {one.channel for one in told} == {"inbox", "sms"}
    actions.cancel_booking(booking=booking, by=elder, now=now)
    assert OutboxMessage.objects.filter(template="care_cancelled", recipient=son).exists()
    assert taken(slot) == 0


def test_begin__by_a_delegate_for_repairs_only__is_forbidden(
    service: CareService, slot: Slot, elder: User, home: Home
) -> None:
    neighbour = make_delegation(resident=elder, service="repairs").delegate
    with pytest.raises(Forbidden):
        begin(service, slot, elder, home, by=neighbour)


def test_book__by_the_coordinator__what_only_the_desk_books(
    elder: User, home: Home, coordinator: User
) -> None:
    service = make_care_service(
        estate=home.estate, booked_by=CareService.BookedBy.DESK, notice_minutes=60 * 24 * 10
    )
    slot = make_slot(resource=service.resource)
    draft = begin(service, slot, elder, home, by=coordinator)
    booking = actions.book(draft=draft, by=coordinator, now=clock.now())
    assert (booking.resident, booking.reported_by) == (elder, coordinator)


# -- Cancelling and moving


def at(day: datetime, clock_time: time) -> datetime:
    return datetime.combine(clock.local(day).date(), clock_time, tzinfo=clock.SHANGHAI)


def test_cancel__a_meal__until_the_evening_before(elder: User, home: Home) -> None:
    meals = make_care_service(estate=home.estate, kind=CareService.Kind.MEALS, needs_carer=False)
    long_ago = clock.now() - timedelta(days=3)
    booking = make_care_booking(service=meals, resident=elder, home=home, now=long_ago)
    evening = at(booking.starts_at - timedelta(days=1), time(20))
    assert policies.free_until(booking) == evening
    late = evening + timedelta(minutes=1)
    assert refusal(actions.cancel_booking, booking=booking, by=elder, now=late) == "too_late"
    actions.cancel_booking(booking=booking, by=elder, now=evening)
    assert booking.status == S.CANCELLED


def test_cancel__a_visit__until_two_hours_before__after_that_the_desk_does(
    service: CareService, slot: Slot, elder: User, home: Home, coordinator: User
) -> None:
    booking = make_care_booking(
        service=service, slot=slot, resident=elder, home=home, now=clock.now() - timedelta(days=1)
    )
    late = slot.starts_at - timedelta(minutes=119)
    assert refusal(actions.cancel_booking, booking=booking, by=elder, now=late) == "too_late"
    assert "cancel_booking" not in policies.allowed_verbs(elder, booking, late)
    actions.cancel_booking(booking=booking, by=coordinator, reason="来电取消", now=late)
    assert (booking.status, taken(slot)) == (S.CANCELLED, 0)


def test_cancel__ten_minutes_after_booking__always(
    service: CareService, slot: Slot, elder: User, home: Home
) -> None:
    booked_at = slot.starts_at - timedelta(minutes=30)
    booking = make_care_booking(service=service, slot=slot, resident=elder, home=home, now=booked_at)
    later = booked_at + timedelta(minutes=11)
    assert refusal(actions.cancel_booking, booking=booking, by=elder, now=later) == "too_late"
    actions.cancel_booking(booking=booking, by=elder, now=booked_at + timedelta(minutes=9))
    assert booking.status == S.CANCELLED


def test_cancel__twice__is_one_step(service: CareService, slot: Slot, elder: User, home: Home) -> None:
    booking = make_care_booking(service=service, slot=slot, resident=elder, home=home)
    for _n in range(2):
        actions.cancel_booking(booking=booking, by=elder, now=clock.now())
    assert (booking.history.count(), taken(slot)) == (2, 0)


def test_move__frees_the_old_place__says_the_new_time__and_keeps_a_carer_who_is_free(
    service: CareService, slot: Slot, elder: User, home: Home, carer: User
) -> None:
    booking = make_care_booking(service=service, slot=slot, resident=elder, home=home, carer=carer)
    later = make_slot(resource=service.resource, at=time(14))
    actions.move_booking(booking=booking, to=later, by=elder, now=clock.now())
    fresh = CareBooking.objects.with_people().get()
    assert (fresh.place.slot, fresh.carer) == (later, carer)
    assert fresh.history.last().starts_at == later.starts_at
    assert (taken(slot), taken(later)) == (0, 1)
    assert OutboxMessage.objects.filter(template="care_visit_moved", recipient=carer).exists()


def test_move__to_a_time_at_which_the_carer_is_elsewhere__asks_for_another(
    service: CareService, slot: Slot, elder: User, home: Home, carer: User
) -> None:
    later = make_slot(resource=service.resource, at=time(14), capacity=2)
    make_care_booking(service=service, slot=later, carer=carer)
    booking = make_care_booking(service=service, slot=slot, resident=elder, home=home, carer=carer)
    actions.move_booking(booking=booking, to=later, by=elder, now=clock.now())
    booking.refresh_from_db()
    assert booking.carer is None
    assert OutboxMessage.objects.filter(template="care_visit_cancelled", recipient=carer).exists()


def test_move__to_a_full_time__changes_nothing(
    service: CareService, slot: Slot, elder: User, home: Home
) -> None:
    booking = make_care_booking(service=service, slot=slot, resident=elder, home=home)
    full = make_slot(resource=service.resource, at=time(14), taken=1)
    assert refusal(actions.move_booking, booking=booking, to=full, by=elder, now=clock.now()) == "slot_full"
    fresh = CareBooking.objects.with_people().get()
    assert (fresh.place.slot, fresh.history.count()) == (slot, 1)
    assert (taken(slot), taken(full)) == (1, 1)


# -- The waiting list


def test_cancel__offers_the_place_to_the_next__who_books_it(
    service: CareService, elder: User, home: Home
) -> None:
    now = clock.now()
    slot = make_slot(resource=service.resource)
    booking = make_care_booking(service=service, slot=slot)
    waiting = actions.wait_for_slot(service=service, slot=slot, resident=elder, by=elder, now=now)
    actions.cancel_booking(booking=booking, by=booking.resident, now=now)
    waiting.refresh_from_db()
    assert waiting.status == Waiting.Status.OFFERED
    told = OutboxMessage.objects.filter(template="care_place_free", recipient=elder, channel="inbox").get()
    assert told.url == f"/care/waiting/{waiting.pk}/"
    other = make_resident(home=make_home(estate=service.estate))
    theirs = {"service": service, "slot": slot, "elder": other, "home": other.residencies.get().home}
    assert refusal(begin, **theirs) == "slot_full"
    draft = actions.choose_offered(waiting=waiting, home=home, by=elder, key=uuid4(), now=now)
    booked = actions.book(draft=draft, by=elder, now=now)
    waiting.refresh_from_db()
    assert (booked.place.slot, waiting.status, taken(slot)) == (slot, Waiting.Status.TAKEN, 1)


def test_offer__over__is_refused(service: CareService, elder: User, home: Home) -> None:
    now = clock.now()
    slot = make_slot(resource=service.resource)
    booking = make_care_booking(service=service, slot=slot)
    waiting = actions.wait_for_slot(service=service, slot=slot, resident=elder, by=elder, now=now)
    given: dict[str, Any] = {"waiting": waiting, "home": home, "by": elder, "key": uuid4()}
    assert refusal(actions.choose_offered, **given, now=now) == "offer_over"
    actions.cancel_booking(booking=booking, by=booking.resident, now=now)
    waiting.refresh_from_db()
    assert refusal(actions.choose_offered, **given, now=waiting.offered_until) == "offer_over"


def test_wait__for_a_time_with_a_free_place__is_refused(
    service: CareService, slot: Slot, elder: User
) -> None:
    given: dict[str, Any] = {"service": service, "slot": slot, "resident": elder, "by": elder}
    assert refusal(actions.wait_for_slot, **given, now=clock.now()) == "slot_free"


# -- Moving out


def test_residency_ended__what_is_ahead_is_cancelled__and_nothing_is_kept(
    service: CareService, slot: Slot, elder: User, home: Home
) -> None:
    now = clock.now()
    carer = make_carer(provider=service.provider).user
    booking = make_care_booking(service=service, slot=slot, resident=elder, home=home, carer=carer)
    held = begin(service, make_slot(resource=service.resource, at=time(14)), elder, home).place
    residency = elder.residencies.get()
    type(residency).objects.update(status="ended")
    residency.refresh_from_db()
    handlers.residency_ended(residency=residency, now=now)
    booking.refresh_from_db()
    held.refresh_from_db()
    assert (booking.status, held.status, taken(slot)) == (S.CANCELLED, Place.Status.RELEASED, 0)
    assert OutboxMessage.objects.filter(template="care_visit_cancelled", recipient=carer).exists()
