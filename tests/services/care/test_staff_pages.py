"""The coordinator's week, list, search and sheets; and that a long list costs what a short one does."""

from datetime import time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import StaffRole, User
from community.core import clock
from community.core.models import AuditRecord
from community.estates.models import Home
from services.care import home_code_sheets, home_codes
from services.care.models import CareBooking, CareService
from services.scheduling.models import Place, Slot
from tests.factories import (
    make_care_booking,
    make_care_service,
    make_carer,
    make_home,
    make_resident,
    make_slot,
    make_staff,
)

pytestmark = pytest.mark.django_db
S = CareBooking.Status


@pytest.fixture
def desk(coordinator: User, client: Client) -> Client:
    client.force_login(coordinator)
    return client


@pytest.fixture
def booking(service: CareService, slot: Slot, elder: User, home: Home) -> CareBooking:
    return make_care_booking(service=service, slot=slot, resident=elder, home=home)


def week_of(booking: CareBooking) -> str:
    return reverse("care_week") + f"?week={clock.today(booking.starts_at):%Y-%m-%d}"


def act(desk: Client, booking: CareBooking, verb: str, **given: Any) -> Any:
    return desk.post(reverse("care_desk_act", args=[booking.pk, verb]), given)


# -- The week


def test_week__a_visit_without_a_carer_on_top__meals_only_counted(
    desk: Client, booking: CareBooking, carer: User, home: Home
) -> None:
    meals = make_care_service(estate=home.estate, name="午餐", kind=CareService.Kind.MEALS, needs_carer=False)
    day = clock.today(booking.starts_at)
    lunch = make_slot(resource=meals.resource, day=day, at=time(11, 30), capacity=9)
    for _n in range(3):
        make_care_booking(service=meals, slot=lunch)
    page = desk.get(week_of(booking)).content.decode()
    assert page.index(f"card-{booking.pk}") < page.index("冯桂兰</b>")
    assert "3 份" in page
    assert page.count('data-card="') == 1


@pytest.mark.parametrize("week", ["gestern", "0001-01-01", "9999-12-31", "2026-02-30"])
def test_week__that_is_none__shows_the_present_one(desk: Client, week: str) -> None:
    assert desk.get(reverse("care_week") + f"?week={week}").status_code == 200


def test_arrange__by_the_form_of_the_week__and_back_to_it(
    desk: Client, booking: CareBooking, carer: User
) -> None:
    back = week_of(booking)
    answer = act(desk, booking, "arrange", carer=carer.pk, on="", next=back)
    assert answer.headers["Location"] == back
    booking.refresh_from_db()
    assert booking.carer == carer


def test_arrange__an_address_of_another_site__is_not_gone_to(
    desk: Client, booking: CareBooking, carer: User
) -> None:
    answer = act(desk, booking, "arrange", carer=carer.pk, next="https://example.org/")
    assert answer.headers["Location"] == f"/staff/care/{booking.pk}/"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"carer": "0"}, "carer"),
        ({"carer": "x"}, "carer"),
        ({"on": "2026-02-30"}, "on"),
        ({"on": "2031-01-01"}, "on"),
    ],
)
def test_arrange__bad_input__is_said_beside_its_field__and_nothing_changes(
    desk: Client, booking: CareBooking, given: dict[str, str], field: str
) -> None:
    answer = act(desk, booking, "arrange", **given)
    assert answer.status_code == 422
    assert f"arrange_{field}_error" in answer.content.decode()
    booking.refresh_from_db()
    assert (booking.carer, booking.history.count()) == (None, 1)


def test_arrange__a_busy_carer__is_told_to_the_script_of_the_week(
    desk: Client, booking: CareBooking, slot: Slot, carer: User
) -> None:
    make_care_booking(service=booking.service, slot=slot, carer=carer)
    url = reverse("care_desk_act", args=[booking.pk, "arrange"])
    answer = desk.post(url, {"carer": carer.pk}, headers={"accept": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["message"]


def test_move__only_to_a_time_with_a_place(desk: Client, booking: CareBooking) -> None:
    full = make_slot(resource=booking.service.resource, at=time(14), taken=1)
    free = make_slot(resource=booking.service.resource, at=time(16))
    page = desk.get(reverse("care_desk_booking", args=[booking.pk])).content.decode()
    assert f'<option value="{free.pk}"' in page
    assert f'<option value="{full.pk}"' not in page
    assert act(desk, booking, "move", slot=full.pk).status_code == 422
    assert act(desk, booking, "move", slot=make_slot().pk).status_code == 422
    assert act(desk, booking, "move", slot=free.pk).status_code == 302
    booking.refresh_from_db()
    assert booking.place.slot == free


@pytest.mark.parametrize(("verb", "field"), [("cancel", "reason"), ("missed", "reason"), ("thumb", "thumb")])
def test_verbs__without_what_they_need__say_so(
    desk: Client, booking: CareBooking, verb: str, field: str
) -> None:
    if verb == "thumb":
        CareBooking.objects.update(status=S.DONE)
    answer = act(desk, booking, verb)
    assert answer.status_code == 422
    assert f"{verb}_{field}_error" in answer.content.decode()


def test_booking__that_number_and_answer_were_shown__is_on_record(
    desk: Client, booking: CareBooking, coordinator: User
) -> None:
    desk.get(reverse("care_desk_booking", args=[booking.pk]))
    record = AuditRecord.objects.get(action="number_read")
    assert (record.actor, record.target) == (coordinator, f"care.carebooking:{booking.pk}")


def test_desk__of_another_estate__finds_nothing(client: Client, booking: CareBooking) -> None:
    client.force_login(make_staff(role=StaffRole.Role.CARE_COORDINATOR))
    assert client.get(reverse("care_desk_booking", args=[booking.pk])).status_code == 404
    assert f"card-{booking.pk}" not in client.get(week_of(booking)).content.decode()
    assert client.get(reverse("care_week") + f"?estate={booking.estate_id}").status_code == 404


# -- The list, the search, the sheets


def test_list__filters__and_one_that_makes_no_sense_filters_nothing(
    desk: Client, booking: CareBooking
) -> None:
    other = make_care_booking(
        service=booking.service,
        slot=make_slot(resource=booking.service.resource, at=time(14)),
        status=S.MISSED,
    )
    url = reverse("care_list")

    def shown(**asked: Any) -> set[str]:
        text = desk.post(url, asked, follow=True).content.decode()
        return {one.reference for one in (booking, other) if one.reference in text}

    everything = {booking.reference, other.reference}
    assert shown() == everything
    assert shown(status="missed") == {other.reference}
    assert shown(words=booking.reference) == {booking.reference}
    assert shown(words=booking.resident.phone_national) == {booking.reference}
    assert shown(on="2020-01-01") == set()
    assert shown(on="nie", status="?", service="x", before="?") == everything


def test_find__by_name_phone_or_home__leads_to_booking_for_them(
    desk: Client, elder: User, home: Home
) -> None:
    for words in ("王秀", elder.phone_national, str(home)):
        page = desk.post(reverse("care_find"), {"words": words}).content.decode()
        assert f"?for={elder.pk}&amp;home={home.pk}" in page
    stranger = make_resident(name="外人")
    assert f"?for={stranger.pk}" not in desk.post(reverse("care_find"), {"words": "外人"}).content.decode()
    assert desk.post(reverse("care_find"), {"words": ""}).status_code == 422


def test_find__then_book__by_the_coordinator(
    desk: Client, service: CareService, slot: Slot, elder: User, coordinator: User
) -> None:
    given = {"for": elder.pk, "slot": slot.pk, "key": str(uuid4())}
    page = desk.post(reverse("care_service", args=[service.pk]), given, follow=True)
    booked = desk.post(page.redirect_chain[-1][0], follow=True)
    booking = CareBooking.objects.get()
    assert (booking.resident, booking.reported_by) == (elder, coordinator)
    assert elder.name in booked.content.decode()


def test_codes__a_sheet_a_home__as_pdf(desk: Client, booking: CareBooking) -> None:
    assert str(booking.home) in desk.get(reverse("care_codes")).content.decode()
    answer = desk.get(reverse("care_codes"), {"homes": booking.home_id})
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    foreign = make_home()
    assert desk.get(reverse("care_codes"), {"homes": foreign.pk}).status_code == 404


def test_sheet__of_a_home_with_a_rare_name__prints() -> None:
    home = Home(pk=7, number="402", entrance=make_home().entrance)
    home.entrance.building.estate.name = "镕喆堃㛃苑"
    assert home_code_sheets.home_sheets([home_codes.home_code(home)]).startswith(b"%PDF")


# -- A long list costs what a short one does


def many(service: CareService, resident: User, home: Home, carer: User, number: int) -> None:
    """So many bookings of one person, an hour apart, written in bulk."""
    begins = clock.now().replace(minute=0, second=0, microsecond=0)
    times = [begins + timedelta(hours=n + 2) for n in range(number)]
    slots = Slot.objects.bulk_create(
        Slot(resource=service.resource, starts_at=at, ends_at=at + timedelta(minutes=50), taken=1, capacity=1)
        for at in times
    )
    now = clock.now()
    places = Place.objects.bulk_create(
        Place(slot=slot, status="booked", resident=resident, created_at=now, status_changed_at=now)
        for slot in slots
    )
    CareBooking.objects.bulk_create(
        CareBooking(
            estate=service.estate,
            service=service,
            place=place,
            home=home,
            resident=resident,
            reported_by=resident,
            reference=f"C-261123-{n:04d}",
            price_fen=6000,
            carer=carer if n % 2 else None,
            status_changed_at=now,
            created_at=now - timedelta(seconds=n),
        )
        for n, place in enumerate(places)
    )


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("care", "elder"),
        ("care_bookings", "elder"),
        ("home", "elder"),
        ("care_week", "coordinator"),
        ("care_list", "coordinator"),
        ("care_codes", "coordinator"),
        ("care_work", "carer"),
    ],
)
def test_queries__of_a_thousand_bookings__are_those_of_ten(
    name: str, role: str, client: Client, request: pytest.FixtureRequest
) -> None:
    counts = []
    for number in (10, 1000):
        service = make_care_service(name=f"助洁{number}")
        home = make_home(estate=service.estate)
        elder = make_resident(home=home)
        carer = make_carer(provider=service.provider).user
        people = {
            "elder": elder,
            "carer": carer,
            "coordinator": make_staff(role=StaffRole.Role.CARE_COORDINATOR, estate=service.estate),
        }
        many(service, elder, home, carer, number)
        client.force_login(people[role])
        client.get(reverse(name))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(reverse(name)).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[1] <= 20


def test_queries__of_the_times_of_a_service(client: Client, elder: User, home: Home) -> None:
    counts = []
    for number in (1, 9):
        service = make_care_service(estate=home.estate)
        for day in range(number):
            for hour in range(8, 17):
                make_slot(
                    resource=service.resource,
                    day=clock.today(clock.now()) + timedelta(days=day + 1),
                    at=time(hour),
                )
        client.force_login(elder)
        client.get(reverse("care_service", args=[service.pk]))
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("care_service", args=[service.pk]))
        counts.append(len(queries))
    assert counts[0] == counts[1]
