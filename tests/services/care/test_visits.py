"""The visit: sent, begun at the door, finished once, billed once; or nobody at home."""

from base64 import b64decode
from datetime import time, timedelta
from typing import Any

import pytest

from accounts.models import StaffRole, User
from community.core import clock
from community.core.errors import ActionError, Forbidden, TooMany
from community.core.limit_table import CARE_CODE, CARE_CODE_CARER
from community.core.transitions import AlreadyMoved
from community.notifications.models import OutboxMessage
from services.care import actions, home_codes, policies
from services.care.models import CareBooking, CareService
from services.care.tasks import close_served_meals, forget_old_care_drafts
from services.common.models import Satisfaction
from services.fees.billing.actions.charges import MAX_BILL_FEN
from services.fees.models import Bill
from services.scheduling.models import Slot
from tests.factories import (
    make_care_booking,
    make_care_draft,
    make_care_service,
    make_carer,
    make_delegation,
    make_slot,
    make_staff,
    make_user,
)

S = CareBooking.Status


@pytest.fixture
def visit(service: CareService, slot: Slot, elder: User, carer: User) -> CareBooking:
    """Given to the carer, for the day after tomorrow."""
    home = elder.residencies.get().home
    return make_care_booking(service=service, slot=slot, resident=elder, home=home, carer=carer)


def refusal(verb: Any, **given: Any) -> str:
    with pytest.raises(ActionError) as refused:
        verb(**given)
    return refused.value.code


# -- Sending somebody


def test_arrange__sends_a_carer__who_is_told__and_the_one_before_too(
    visit: CareBooking, coordinator: User, carer: User
) -> None:
    other = make_carer(provider=visit.service.provider, name="田秀兰").user
    actions.arrange_visit(booking=visit, carer=other, by=coordinator, now=clock.now())
    assert visit.carer == other
    assert visit.history.last().carer_name == "田秀兰"
    assert OutboxMessage.objects.filter(template="care_visit_yours", recipient=other).exists()
    assert OutboxMessage.objects.filter(template="care_visit_cancelled", recipient=carer).exists()


def test_arrange__a_carer_who_is_elsewhere_then__is_refused(
    visit: CareBooking, slot: Slot, coordinator: User, carer: User
) -> None:
    other = make_care_booking(service=visit.service, slot=slot)
    given: dict[str, Any] = {"booking": other, "by": coordinator, "now": clock.now()}
    assert refusal(actions.arrange_visit, carer=carer, **given) == "carer_busy"
    other.refresh_from_db()
    assert (other.carer, other.history.count()) == (None, 1)


def test_arrange__somebody_who_does_not_do_this__is_refused(visit: CareBooking, coordinator: User) -> None:
    elsewhere = make_carer().user
    without_role = make_carer(provider=visit.service.provider, user=make_user()).user
    only_other = make_carer(provider=visit.service.provider)
    only_other.services.add(make_care_service(provider=visit.service.provider))
    for person in (elsewhere, without_role, only_other.user):
        given: dict[str, Any] = {"booking": visit, "by": coordinator, "now": clock.now()}
        assert refusal(actions.arrange_visit, carer=person, **given) == "not_a_carer"


def test_arrange__to_another_day__moves_it(visit: CareBooking, coordinator: User, carer: User) -> None:
    day = clock.today(visit.starts_at) + timedelta(days=1)
    to = make_slot(resource=visit.service.resource, day=day)
    assert actions.slot_on(visit, day) == to
    actions.arrange_visit(booking=visit, carer=carer, to=to, by=coordinator, now=clock.now())
    fresh = CareBooking.objects.with_people().get()
    assert (fresh.place.slot, fresh.carer) == (to, carer)
    assert refusal(actions.slot_on, booking=visit, day=day + timedelta(days=1)) == "no_slot"


def test_arrange__by_the_front_desk__is_forbidden(visit: CareBooking) -> None:
    desk = make_staff(role=StaffRole.Role.FRONT_DESK, estate=visit.estate)
    with pytest.raises(Forbidden):
        actions.arrange_visit(booking=visit, carer=None, by=desk, now=clock.now())


# -- At the door


@pytest.mark.parametrize("typed", ["4711", " 47 11 "])
def test_start__by_the_spoken_digits(visit: CareBooking, carer: User, typed: str) -> None:
    actions.start_visit(booking=visit, by=carer, code=typed, now=visit.starts_at)
    assert visit.status == S.UNDER_WAY


def test_start__by_the_code_of_the_home__in_small_letters_too(visit: CareBooking, carer: User) -> None:
    code = home_codes.code_of(visit.home_id)
    actions.start_visit(booking=visit, by=carer, code=f"{code[:3]} {code[3:]}".lower(), now=visit.starts_at)
    assert visit.status == S.UNDER_WAY


def test_start__by_the_code_of_another_home__is_refused(visit: CareBooking, carer: User) -> None:
    foreign = home_codes.code_of(visit.home_id + 1)
    given: dict[str, Any] = {"booking": visit, "by": carer, "now": visit.starts_at}
    assert refusal(actions.start_visit, code=foreign, **given) == "wrong_code"


def test_start__after_five_wrong_codes__not_even_the_right_one_is_tried(
    visit: CareBooking, carer: User
) -> None:
    given: dict[str, Any] = {"booking": visit, "by": carer, "now": visit.starts_at}
    for number in range(CARE_CODE.amount):
        assert refusal(actions.start_visit, code=f"000{number}", **given) == "wrong_code"
    with pytest.raises(TooMany):
        actions.start_visit(code=visit.start_code, **given)
    visit.refresh_from_db()
    assert visit.status == S.BOOKED


def test_start__guessing_from_visit_to_visit__is_counted_for_the_carer(
    service: CareService, carer: User
) -> None:
    def guess(number: int) -> None:
        slot = make_slot(resource=service.resource, at=clock.local(clock.now()).time().replace(minute=number))
        visit = make_care_booking(service=service, slot=slot, carer=carer)
        actions.start_visit(booking=visit, by=carer, code="0000", now=visit.starts_at)

    for number in range(CARE_CODE_CARER.amount):
        assert refusal(guess, number=number) == "wrong_code"
    with pytest.raises(TooMany):
        guess(CARE_CODE_CARER.amount)


def test_start__days_before__is_refused(visit: CareBooking, carer: User) -> None:
    given: dict[str, Any] = {"booking": visit, "by": carer, "code": "4711"}
    early = visit.starts_at - timedelta(minutes=61)
    assert refusal(actions.start_visit, now=early, **given) == "too_early"
    actions.start_visit(now=visit.starts_at - timedelta(minutes=59), **given)


def test_start__by_a_carer_whose_visit_it_is_not__is_forbidden(visit: CareBooking) -> None:
    colleague = make_carer(provider=visit.service.provider).user
    with pytest.raises(Forbidden):
        actions.start_visit(booking=visit, by=colleague, code="4711", now=visit.starts_at)


def test_code__is_not_stored_in_the_clear(visit: CareBooking) -> None:
    raw = CareBooking.objects.filter(pk=visit.pk).extra(select={"raw": "care_carebooking.start_code"})
    stored = raw.values_list("raw", flat=True).get()
    key, _colon, sealed = stored.partition(":")
    assert key == "demo"
    # In bytes: among the letters of their text four digits stand by chance now and then.
    assert b"4711" not in b64decode(sealed)


# -- Finished


def test_finish__of_a_free_service__makes_no_bill(elder: User) -> None:
    service = make_care_service(estate=elder.residencies.get().home.estate, price_fen=0)
    visit = make_care_booking(service=service, resident=elder, status=S.UNDER_WAY)
    actions.finish_visit(booking=visit, by=visit.carer, words="聊了家常", now=clock.now())
    assert Bill.objects.count() == 0
    assert OutboxMessage.objects.filter(template="care_done_free", recipient=elder).exists()


def test_finish__that_was_not_begun__is_refused(visit: CareBooking, carer: User) -> None:
    with pytest.raises(AlreadyMoved):
        actions.finish_visit(booking=visit, by=carer, now=visit.starts_at)
    assert Bill.objects.count() == 0


def test_finish__too_many_words__writes_nothing(elder: User) -> None:
    visit = make_care_booking(resident=elder, status=S.UNDER_WAY)
    given: dict[str, Any] = {"booking": visit, "by": visit.carer, "now": clock.now()}
    assert refusal(actions.finish_visit, words="长" * 501, **given) == "too_long"
    visit.refresh_from_db()
    assert (visit.status, Bill.objects.count()) == (S.UNDER_WAY, 0)


def later(visit: CareBooking) -> dict[str, Any]:
    """The same service in the afternoon."""
    return {"service": visit.service, "slot": make_slot(resource=visit.service.resource, at=time(15))}


def test_cancelled_and_missed__cost_nothing(visit: CareBooking, elder: User, carer: User) -> None:
    actions.cancel_booking(booking=visit, by=elder, now=clock.now())
    other = make_care_booking(carer=carer, **later(visit))
    actions.report_missed(booking=other, by=carer, reason="敲门没人应", now=other.starts_at)
    assert (other.status, Bill.objects.count()) == (S.MISSED, 0)
    assert OutboxMessage.objects.filter(template="care_missed", recipient=other.resident).count() == 2


def test_missed__without_a_reason_or_before_the_time__is_refused(visit: CareBooking, carer: User) -> None:
    given: dict[str, Any] = {"booking": visit, "by": carer}
    assert refusal(actions.report_missed, reason=" ", now=visit.starts_at, **given) == "reason_missing"
    early = visit.starts_at - timedelta(minutes=1)
    assert refusal(actions.report_missed, reason="没人", now=early, **given) == "too_early"


# -- Meals are done by themselves


def test_meal__whose_time_is_over__is_done_and_billed_once(elder: User) -> None:
    estate = elder.residencies.get().home.estate
    meals = make_care_service(
        estate=estate, kind=CareService.Kind.MEALS, name="午餐", needs_carer=False, price_fen=1200
    )
    today = clock.today(clock.now())
    over = make_slot(resource=meals.resource, day=today - timedelta(days=1), capacity=9)
    had = make_care_booking(service=meals, resident=elder, slot=over, now=clock.now() - timedelta(days=2))
    ahead = make_care_booking(service=meals, resident=elder)
    assert [close_served_meals() for _n in range(2)] == [1, 0]
    had.refresh_from_db()
    ahead.refresh_from_db()
    assert (had.status, ahead.status) == (S.DONE, S.BOOKED)
    assert [bill.amount_fen for bill in Bill.objects.all()] == [1200]


def test_meal__one_cannot_be_billed__the_others_are(elder: User) -> None:
    estate = elder.residencies.get().home.estate
    meals = make_care_service(estate=estate, kind=CareService.Kind.MEALS, needs_carer=False, price_fen=1200)
    today = clock.today(clock.now())
    bad, good = (
        make_care_booking(
            service=meals,
            resident=elder,
            slot=make_slot(resource=meals.resource, day=today - timedelta(days=days), capacity=9),
            now=clock.now() - timedelta(days=4),
        )
        for days in (3, 1)
    )
    CareBooking.objects.filter(pk=bad.pk).update(price_fen=MAX_BILL_FEN + 1)
    assert [close_served_meals() for _n in range(2)] == [1, 0]
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.status, good.status) == (S.BOOKED, S.DONE)
    assert [bill.amount_fen for bill in Bill.objects.all()] == [1200]


def test_drafts__of_days_ago__are_forgotten(service: CareService) -> None:
    slot = make_slot(resource=service.resource, capacity=2)
    make_care_draft(service=service, slot=slot)
    make_care_draft(service=service, slot=slot, now=clock.now() - timedelta(days=3))
    assert forget_old_care_drafts() == 1


# -- The thumb


def test_thumb__down__by_the_son_for_his_mother__once(elder: User) -> None:
    son = make_delegation(resident=elder, service="care").delegate
    visit = make_care_booking(resident=elder, status=S.DONE)
    actions.give_thumb(booking=visit, by=son, is_up=False, words="来晚了", now=clock.now())
    given = Satisfaction.objects.get()
    assert (given.service, given.face, given.given_by, given.words) == ("care", 1, son, "来晚了")
    assert "give_thumb" not in policies.allowed_verbs(elder, visit, clock.now())


def test_thumb__by_the_carer_or_before_it_is_done__is_refused(visit: CareBooking, carer: User) -> None:
    done = make_care_booking(carer=carer, status=S.DONE, **later(visit))
    with pytest.raises(Forbidden):
        actions.give_thumb(booking=done, by=carer, is_up=True, now=clock.now())
    with pytest.raises(AlreadyMoved):
        actions.give_thumb(booking=visit, by=visit.resident, is_up=True, now=clock.now())


def test_arrange__a_meal__nobody_is_sent_with_it(coordinator: User, carer: User) -> None:
    estate = coordinator.staff_roles.get().estate
    meals = make_care_service(estate=estate, kind=CareService.Kind.MEALS, needs_carer=False)
    meal = make_care_booking(service=meals)
    assert "arrange_visit" not in policies.allowed_verbs(coordinator, meal, clock.now())
    given: dict[str, Any] = {"booking": meal, "carer": carer, "by": coordinator, "now": clock.now()}
    assert refusal(actions.arrange_visit, **given) == "not_a_carer"
