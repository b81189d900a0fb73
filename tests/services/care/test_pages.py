"""The pages of a booking as a phone sends them: what is known, what is refused, and that nothing is lost."""

import re
from datetime import time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from community.core import clock
from community.estates.models import Home
from services.care import home_codes
from services.care.models import CareBooking, CareDraft, CareService
from services.scheduling.models import Place, Slot, Waiting
from tests.factories import (
    make_care_booking,
    make_care_draft,
    make_care_service,
    make_consent,
    make_delegation,
    make_home,
    make_residency,
    make_slot,
    make_user,
)

S = CareBooking.Status


@pytest.fixture
def phone(elder: User, client: Client) -> Client:
    client.force_login(elder)
    return client


def when_url(service: CareService) -> str:
    return reverse("care_service", args=[service.pk])


def choose(phone: Client, service: CareService, slot: Any, **given: Any) -> Any:
    data = {"slot": getattr(slot, "pk", slot), "key": str(uuid4()), **given}
    return phone.post(when_url(service), data, follow=True)


# -- Choosing


def test_catalogue__shows_what_is_offered__paused_and_other_estates_not(
    phone: Client, service: CareService
) -> None:
    make_care_service(estate=service.estate, name="已暂停", is_offered=False)
    make_care_service(name="别处的")
    text = phone.get(reverse("care")).content.decode()
    assert "助浴" in text
    assert "¥60.00" in text
    assert "已暂停" not in text
    assert "别处的" not in text


def test_catalogue__tomorrows_meal__only_while_there_is_one(phone: Client, elder: User, home: Home) -> None:
    meals = make_care_service(estate=home.estate, name="午餐", kind=CareService.Kind.MEALS, needs_carer=False)
    tomorrow = clock.today(clock.now()) + timedelta(days=1)
    slot = make_slot(resource=meals.resource, day=tomorrow, at=time(11, 30), capacity=12)
    page = phone.get(reverse("care")).content.decode()
    assert "明天午餐" in page
    assert re.search(r"12 ?份", page)
    make_care_booking(service=meals, resident=elder, slot=slot)
    assert "明天午餐" not in phone.get(reverse("care")).content.decode()


def test_catalogue__of_a_son_without_a_home_here__leads_to_his_mothers(client: Client, elder: User) -> None:
    client.force_login(make_delegation(resident=elder, service="care").delegate)
    assert f'href="/care/?for={elder.pk}"' in client.get(reverse("care")).content.decode()


def test_choose__leads_to_the_check__and_two_taps_keep_one_place(
    phone: Client, service: CareService, slot: Slot
) -> None:
    key = str(uuid4())
    pages = [choose(phone, service, slot, key=key) for _n in range(2)]
    assert pages[0].redirect_chain[-1] == pages[1].redirect_chain[-1]
    assert "/check/" in pages[0].redirect_chain[-1][0]
    slot.refresh_from_db()
    assert slot.taken == 1


def test_choose__another_time_on_a_page_brought_back__keeps_that_one(
    phone: Client, service: CareService, slot: Slot
) -> None:
    key, later = str(uuid4()), make_slot(resource=service.resource, at=time(14))
    for chosen in (slot, later, slot):
        page = choose(phone, service, chosen, key=key)
        draft = CareDraft.objects.get(pk=page.redirect_chain[-1][0].split("/")[3])
        assert draft.place.slot == chosen
    assert Place.objects.live().count() == 1


@pytest.mark.parametrize(("fields", "says"), [({"taken": 1}, "被人"), ({"is_closed": True}, "不再")])
def test_choose__a_time_that_went_meanwhile__shows_the_times_as_they_are_now(
    phone: Client, service: CareService, fields: dict[str, Any], says: str
) -> None:
    gone = make_slot(resource=service.resource, at=time(14), **fields)
    page = choose(phone, service, gone)
    assert page.request["PATH_INFO"] == when_url(service)
    assert 'role="alert"' in page.content.decode()
    assert CareDraft.objects.count() == 0


def test_choose__a_time_in_the_past__is_said_in_plain_words(phone: Client, service: CareService) -> None:
    past = make_slot(resource=service.resource, day=clock.today(clock.now()) - timedelta(days=1))
    page = choose(phone, service, past)
    assert "时间已过" in page.content.decode() or "已经过" in page.content.decode()
    assert Place.objects.count() == 0


@pytest.mark.parametrize("named", ["0", "abc", "-1", "9" * 30, ""])
def test_choose__a_number_that_is_none__is_not_found(phone: Client, service: CareService, named: str) -> None:
    assert choose(phone, service, named).status_code == 404


def test_choose__a_slot_of_another_service_or_estate__is_not_found(
    phone: Client, service: CareService
) -> None:
    foreign = make_care_service()
    slot = make_slot(resource=foreign.resource)
    assert choose(phone, service, slot).status_code == 404
    assert choose(phone, foreign, slot).status_code == 404
    assert Place.objects.count() == 0


def test_choose__for_somebody_who_gave_no_delegation__is_not_found(
    phone: Client, service: CareService, slot: Slot
) -> None:
    stranger = make_residency(user=make_user(), home=make_home(estate=service.estate)).user
    assert choose(phone, service, slot, **{"for": stranger.pk}).status_code == 404
    page = phone.get(reverse("care") + f"?for={stranger.pk}")
    assert page.status_code == 404


def test_choose__somebody_elses_home__is_not_found(phone: Client, service: CareService, slot: Slot) -> None:
    assert choose(phone, service, slot, home=make_home(estate=service.estate).pk).status_code == 404


def test_choose__with_two_homes__asks_which(phone: Client, elder: User, service: CareService) -> None:
    second = make_home(estate=service.estate)
    make_residency(user=elder, home=second)
    page = phone.get(reverse("care"))
    assert str(second) in page.content.decode()
    assert "助浴" in phone.get(reverse("care") + f"?home={second.pk}").content.decode()


def test_choose__what_only_the_desk_books__shows_whom_to_call(phone: Client, home: Home) -> None:
    service = make_care_service(estate=home.estate, booked_by=CareService.BookedBy.DESK)
    assert 'href="tel:' in phone.get(when_url(service)).content.decode()


def test_when__many_times_a_day__asks_the_day_first(phone: Client, service: CareService, slot: Slot) -> None:
    make_slot(resource=service.resource, at=time(14))
    day = clock.today(slot.starts_at)
    page = phone.get(when_url(service)).content.decode()
    assert f"on={day:%Y-%m-%d}" in page
    assert 'name="slot"' not in page
    assert f'value="{slot.pk}"' in phone.get(when_url(service) + f"?on={day:%Y-%m-%d}").content.decode()


@pytest.mark.parametrize("query", ["?on=morgen", "?on=2026-13-45", "?from=x", "?from=9999-12-31"])
def test_when__a_day_that_is_none__shows_the_days(
    phone: Client, service: CareService, slot: Slot, query: str
) -> None:
    assert phone.get(when_url(service) + query).status_code == 200


# -- The question and the check


def test_question__needed_and_left_out__is_said_beside_it__and_asked_before_the_check(
    phone: Client, home: Home
) -> None:
    service = make_care_service(estate=home.estate, question="去哪家医院？", needs_answer=True)
    page = choose(phone, service, make_slot(resource=service.resource))
    url = page.redirect_chain[-1][0]
    assert url.endswith("/question/")
    empty = phone.post(url, {"answer": " "})
    assert empty.status_code == 422
    assert "answer_error" in empty.content.decode()
    long = phone.post(url, {"answer": "长" * 201})
    assert long.status_code == 422
    assert "长" * 201 in long.content.decode()
    done = phone.post(url, {"answer": "市人民医院", "agrees": "on"}, follow=True)
    assert "市人民医院" in done.content.decode()
    assert CareBooking.objects.count() == 0


def test_check__after_the_hold_ran_out__keeps_what_was_chosen__and_tries_again(
    phone: Client, service: CareService, elder: User, home: Home
) -> None:
    make_consent(person=elder)
    draft = make_care_draft(
        service=service,
        resident=elder,
        home=home,
        now=clock.now() - timedelta(minutes=16),
        answer="膝盖不好",
    )
    url = reverse("care_check", args=[draft.pk])
    assert phone.get(url).status_code == 200
    late = phone.post(url)
    assert late.status_code == 409
    assert "膝盖不好" in late.content.decode()
    again = phone.post(reverse("care_hold_again", args=[draft.pk]), {"key": str(uuid4())}, follow=True)
    booked = phone.post(again.redirect_chain[-1][0], follow=True)
    assert booked.status_code == 200
    assert CareBooking.objects.get().description == "膝盖不好"


def test_check__sent_twice__books_once(phone: Client, service: CareService, elder: User, home: Home) -> None:
    draft = make_care_draft(service=service, resident=elder, home=home)
    for _n in range(2):
        page = phone.post(reverse("care_check", args=[draft.pk]), follow=True)
        assert page.redirect_chain[-1][0] == reverse("care_booking", args=[CareBooking.objects.get().pk])


def test_check__of_a_stranger__is_not_found(phone: Client, service: CareService) -> None:
    foreign = make_care_draft(service=service)
    for name in ("care_check", "care_question"):
        assert phone.post(reverse(name, args=[foreign.pk])).status_code == 404
    assert CareBooking.objects.count() == 0


# -- After it


def test_booking__of_a_neighbour__is_not_found__whatever_is_tried(
    phone: Client, service: CareService, slot: Slot
) -> None:
    foreign = make_care_booking(service=service, slot=slot)
    for name, given in (
        ("care_cancel", {}),
        ("care_move", {"slot": slot.pk}),
        ("care_thumb", {"thumb": "up"}),
    ):
        assert phone.post(reverse(name, args=[foreign.pk]), given).status_code == 404
    assert phone.get(reverse("care_booking", args=[foreign.pk])).status_code == 404
    foreign.refresh_from_db()
    assert foreign.history.count() == 1


def test_booking__of_who_lives_in_the_same_home__is_not_found(
    client: Client, service: CareService, slot: Slot, elder: User, home: Home
) -> None:
    booking = make_care_booking(service=service, slot=slot, resident=elder, home=home)
    client.force_login(make_residency(user=make_user(), home=home).user)
    assert client.get(reverse("care_booking", args=[booking.pk])).status_code == 404


def test_booking__the_digits__are_shown_to_the_elder_and_the_son__not_to_the_carer(
    phone: Client, service: CareService, slot: Slot, elder: User, home: Home, carer: User
) -> None:
    booking = make_care_booking(service=service, slot=slot, resident=elder, home=home, carer=carer)
    url = reverse("care_booking", args=[booking.pk])
    assert "4711" in phone.get(url).content.decode()
    son = make_delegation(resident=elder, service="care").delegate
    phone.force_login(son)
    assert "4711" in phone.get(url).content.decode()
    phone.force_login(carer)
    assert "4711" not in phone.get(url).content.decode()
    assert "4711" not in phone.get(reverse("care_visit", args=[booking.pk])).content.decode()


def test_move__to_a_slot_of_another_service__is_not_found(
    phone: Client, service: CareService, slot: Slot, elder: User, home: Home
) -> None:
    booking = make_care_booking(service=service, slot=slot, resident=elder, home=home)
    url = reverse("care_move", args=[booking.pk])
    assert phone.post(url, {"slot": make_slot().pk}).status_code == 404
    full = make_slot(resource=service.resource, at=time(14), taken=1)
    page = phone.post(url, {"slot": full.pk, "sure": "yes"}, follow=True)
    assert 'role="alert"' in page.content.decode()
    booking.refresh_from_db()
    assert booking.place.slot == slot


def test_move__a_tap_on_a_time__shows_both_times_first(
    phone: Client, service: CareService, slot: Slot, elder: User, home: Home
) -> None:
    booking = make_care_booking(service=service, slot=slot, resident=elder, home=home)
    url, later = reverse("care_move", args=[booking.pk]), make_slot(resource=service.resource, at=time(15))
    check = phone.post(url, {"slot": later.pk}, follow=True)
    html = check.content.decode()
    assert "原来" in html
    assert "改到" in html
    assert "15:00" in html
    booking.refresh_from_db()
    assert booking.place.slot == slot
    assert phone.post(url, {"slot": later.pk, "sure": "yes"}).status_code == 302
    booking.refresh_from_db()
    assert booking.place.slot == later


def test_cancel__too_late__is_said__and_nothing_changes(
    phone: Client, service: CareService, elder: User, home: Home
) -> None:
    soon = clock.now() + timedelta(minutes=30)
    slot = make_slot(resource=service.resource, starts_at=soon)
    booking = make_care_booking(
        service=service, slot=slot, resident=elder, home=home, now=clock.now() - timedelta(hours=1)
    )
    answer = phone.post(reverse("care_cancel", args=[booking.pk]), {"reason": ""})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    booking.refresh_from_db()
    assert booking.status == S.BOOKED


def test_thumb__neither_up_nor_down__asks_again(phone: Client, elder: User) -> None:
    booking = make_care_booking(resident=elder, status=S.DONE)
    answer = phone.post(reverse("care_thumb", args=[booking.pk]), {"thumb": "sideways"})
    assert answer.status_code == 422
    assert 'value="up"' in answer.content.decode()
    booking.refresh_from_db()
    assert booking.satisfaction is None


def test_wait__joins_the_line__and_leaves_it(phone: Client, service: CareService, elder: User) -> None:
    full = make_slot(resource=service.resource, taken=1)
    page = phone.post(reverse("care_wait", args=[full.pk]), follow=True)
    waiting = Waiting.objects.get()
    assert page.redirect_chain[-1][0] == reverse("care_waiting", args=[waiting.pk])
    phone.post(reverse("care_waiting", args=[waiting.pk]), {"answer": "leave"})
    waiting.refresh_from_db()
    assert waiting.status == Waiting.Status.LEFT


# -- The carer's phone


@pytest.fixture
def today(service: CareService, elder: User, home: Home, carer: User) -> CareBooking:
    slot = make_slot(resource=service.resource, starts_at=clock.now() + timedelta(minutes=5))
    return make_care_booking(
        service=service,
        slot=slot,
        resident=elder,
        home=home,
        carer=carer,
        now=clock.now() - timedelta(days=1),
        description="有药物过敏",
    )


def test_visit__shows_where_and_what_was_answered(client: Client, carer: User, today: CareBooking) -> None:
    client.force_login(carer)
    text = client.get(reverse("care_visit", args=[today.pk])).content.decode()
    assert str(today.home) in text
    assert "有药物过敏" in text
    assert today.resident.phone_national in text


def test_start__a_wrong_code__is_said_beside_it(client: Client, carer: User, today: CareBooking) -> None:
    client.force_login(carer)
    url = reverse("care_visit_act", args=[today.pk, "start"])
    for code in ("0000", "", "1" * 13):
        answer = client.post(url, {"code": code})
        assert answer.status_code in {409, 422}
        assert "start_code_error" in answer.content.decode()
    assert client.post(url, {"code": "4711"}, follow=True).status_code == 200
    today.refresh_from_db()
    assert today.status == S.UNDER_WAY


def test_start__by_the_qr_code_of_the_home(client: Client, carer: User, today: CareBooking) -> None:
    client.force_login(carer)
    code = home_codes.code_of(today.home_id)
    page = client.get(reverse("care_at_home", args=[today.home_id, code]))
    assert f'value="{code}"' in page.content.decode()
    client.post(reverse("care_visit_act", args=[today.pk, "start"]), {"code": code})
    today.refresh_from_db()
    assert today.status == S.UNDER_WAY
    wrong = home_codes.code_of(today.home_id + 1)
    assert client.get(reverse("care_at_home", args=[today.home_id, wrong])).status_code == 404


def test_missed__without_a_reason__is_said_beside_it(client: Client, carer: User, today: CareBooking) -> None:
    client.force_login(carer)
    answer = client.post(reverse("care_visit_act", args=[today.pk, "missed"]), {"reason": ""})
    assert answer.status_code == 422
    assert "missed_reason_error" in answer.content.decode()


@pytest.mark.parametrize("verb", ["arrange", "book", "x"])
def test_visit__an_unknown_verb__is_not_found(
    client: Client, carer: User, today: CareBooking, verb: str
) -> None:
    client.force_login(carer)
    assert client.post(reverse("care_visit_act", args=[today.pk, verb])).status_code == 404
