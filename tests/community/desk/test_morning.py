"""The manager's morning page: what is late, about to be, nobody's, unhappy, and today's."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import StaffRole, User
from community.core import clock
from community.desk import morning
from community.estates.models import Estate
from services.care.models import CareBooking, CareService
from services.common.models import ResponseClock
from services.common.satisfaction import Rating, give_satisfaction
from services.feedback.models import Feedback
from services.renovation.models import Appointment
from services.scheduling.models import Slot
from tests import factories as make
from tests.community.desk.nine_oclock import NINE, SHANGHAI, as_user, waits
from tests.factories.figures import make_figures
from tests.factories.renovation import Site, make_appointment

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_nine")]
Role = StaffRole.Role


def make_visit(service: CareService, at: datetime, **overrides) -> CareBooking:
    """A visit at any time, also one that is over: it was booked when it was still to come."""
    ahead = NINE + timedelta(days=20)
    slot = Slot.objects.filter(resource=service.resource, starts_at=at).first()
    slot = slot or make.make_slot(resource=service.resource, capacity=99, starts_at=ahead)
    Slot.objects.filter(pk=slot.pk).update(starts_at=ahead, ends_at=ahead + timedelta(hours=1))
    slot.refresh_from_db()
    booking = make.make_care_booking(service=service, slot=slot, **overrides)
    Slot.objects.filter(pk=slot.pk).update(starts_at=at, ends_at=at + timedelta(hours=1))
    return booking


def urls(estate: Estate, key: str, **asked) -> list[str]:
    [found] = morning.sections(estate, clock.now(), only=key, **asked)
    return [line.url for line in found.lines]


def test_late__answers_calls_visits_and_appointments__each_one_click_away(estate: Estate) -> None:
    now = clock.now()
    repair, feedback = make.make_repair(estate=estate), make.make_feedback(estate=estate)
    board, thread = f"/staff/repairs/{repair.pk}/", f"/staff/feedback/{feedback.pk}/"
    waits(repair, "repairs", now - timedelta(minutes=1), board)
    waits(feedback, "feedback", now - timedelta(days=1), thread)
    paused = make.make_feedback(estate=estate)
    waits(paused, "feedback", now - timedelta(days=1), "/paused/")
    ResponseClock.objects.filter(url="/paused/").update(paused_at=now - timedelta(days=2))
    call = make.make_help_call(home=make.make_home(estate=estate))
    drill = make.make_help_call(home=make.make_home(estate=estate), is_drill=True)
    service = make.make_care_service(estate=estate)
    visit = make_visit(service, now - timedelta(days=1))
    site = Site(home=make.make_home(estate=estate))
    forgotten = make_appointment(site=site, slot=site.slot(starts_at=now - timedelta(hours=5)))
    found = urls(estate, "late")
    assert found == [
        reverse("staff_help_call", args=[call.pk]),
        thread,
        board,
        reverse("care_desk_booking", args=[visit.pk]),
        reverse("staff_appointment", args=[forgotten.pk]),
    ]
    assert str(drill.pk) not in found
    assert urls(make.make_estate(), "late") == []


def test_soon__what_is_due_within_the_hour(estate: Estate) -> None:
    now = clock.now()
    for minutes, url in ((0, "/late/"), (1, "/soon/"), (60, "/just/"), (61, "/later/")):
        waits(make.make_repair(estate=estate), "repairs", now + timedelta(minutes=minutes), url)
    assert urls(estate, "soon") == ["/soon/", "/just/"]


def test_unassigned__repairs_and_visits_of_nobody(estate: Estate) -> None:
    fresh = make.make_repair(estate=estate)
    urgent = make.make_repair(estate=estate, is_emergency=True)
    make.make_repair(estate=estate, status="assigned")
    make.make_repair(estate=estate, status="cancelled")
    service = make.make_care_service(estate=estate)
    nobody = make_visit(service, NINE + timedelta(days=2))
    make_visit(service, NINE + timedelta(days=9))
    make_visit(service, NINE + timedelta(days=2), carer=make.make_carer(provider=service.provider).user)
    assert urls(estate, "unassigned") == [
        reverse("board_repair", args=[urgent.pk]),
        reverse("board_repair", args=[fresh.pk]),
        reverse("care_desk_booking", args=[nobody.pk]),
    ]


def test_unhappy__a_bad_rating__stands_there_until_it_is_followed_up(estate: Estate) -> None:
    repair = make.make_repair(estate=estate, status="confirmed")
    give_satisfaction(
        repair.ref,
        Rating(face=1),
        resident=repair.resident,
        by=repair.resident,
        now=clock.now(),
    )
    follow_up = Feedback.objects.get(is_follow_up=True)
    reopened = make.make_repair(estate=estate, status="reopened")
    site = Site(home=make.make_home(estate=estate))
    defects = make_appointment(site=site, status="defects")
    assert urls(estate, "unhappy") == [
        reverse("staff_feedback_one", args=[follow_up.pk]),
        reverse("board_repair", args=[reopened.pk]),
        reverse("staff_appointment", args=[defects.pk]),
    ]
    Feedback.objects.filter(pk=follow_up.pk).update(status="closed")
    assert len(urls(estate, "unhappy")) == 2


def test_today__appointments_of_all_services__by_time_what_is_over_last(estate: Estate) -> None:
    service = make.make_care_service(estate=estate)
    site = Site(home=make.make_home(estate=estate))
    at = {
        "over": NINE - timedelta(hours=3),
        "ten": NINE + timedelta(hours=1),
        "midnight": datetime(2026, 11, 24, tzinfo=SHANGHAI),
    }
    booked = {name: make_visit(service, moment) for name, moment in at.items()}
    make_visit(service, at["ten"], status="cancelled")
    noon = make_appointment(site=site, slot=site.slot(starts_at=NINE + timedelta(hours=3)))
    assert urls(estate, "today") == [
        reverse("care_desk_booking", args=[booked["ten"].pk]),
        reverse("staff_appointment", args=[noon.pk]),
        reverse("care_desk_booking", args=[booked["over"].pk]),
    ]
    assert Appointment.objects.count() == 1


def test_page__many_things__shows_some_of_each_kind_and_a_way_to_all(estate: Estate, manager: User) -> None:
    for _n in range(12):
        make.make_repair(estate=estate)
    service = make.make_care_service(estate=estate)
    slot = make.make_slot(resource=service.resource, starts_at=NINE + timedelta(days=1))
    visit = make.make_care_booking(service=service, slot=slot)
    [found] = morning.sections(estate, clock.now(), only="unassigned")
    assert (found.count, len(found.lines)) == (13, morning.SHOWN)
    assert reverse("care_desk_booking", args=[visit.pk]) in [line.url for line in found.lines]
    client = as_user(manager)
    all_of_them = reverse("morning_section", args=["unassigned"])
    assert all_of_them in client.get(reverse("morning")).content.decode()
    page = client.get(all_of_them).content.decode()
    assert page.count('class="rowl"') == 13
    assert visit.reference in page


def test_page__every_line__opens(estate: Estate, manager: User) -> None:
    fill(estate, 1)
    client = as_user(manager)
    found = [line.url for one in morning.sections(estate, clock.now()) for line in one.lines]
    assert len(found) > 8
    assert {client.get(url).status_code for url in found} == {200}


def fill(estate: Estate, count: int) -> None:
    """So many of everything that stands on the page."""
    now, service = clock.now(), make.make_care_service(estate=estate)
    for _n in range(count):
        repair = make.make_repair(estate=estate, status="reopened")
        feedback = make.make_feedback(estate=estate, status="reopened")
        waits(repair, "repairs", now - timedelta(hours=1), f"/staff/repairs/{repair.pk}/")
        waits(feedback, "feedback", now + timedelta(minutes=30), f"/staff/feedback/{feedback.pk}/")
        make.make_help_call(home=make.make_home(estate=estate))
        site = Site(home=make.make_home(estate=estate))
        make_appointment(site=site, slot=site.slot(starts_at=now - timedelta(hours=4)))
        other = Site(home=make.make_home(estate=estate))
        make_appointment(site=other, slot=other.slot(starts_at=now + timedelta(hours=4)), status="defects")
        for days in (-1, 0):
            make_visit(service, now + timedelta(days=days, hours=1))


def test_queries__as_many_for_20_things_as_for_2(estate: Estate, manager: User) -> None:
    client, asked = as_user(manager), []
    make_figures(estate=estate, days=40)
    for count in (2, 18):
        fill(estate, count)
        client.get(reverse("morning"))
        with CaptureQueriesContext(connection) as seen:
            client.get(reverse("morning"))
        asked.append(len(seen))
    assert asked[0] == asked[1]
    assert asked[1] <= 24


@pytest.mark.parametrize("reference", ["R%00", "R-261123-0001%00", "%00", "R" * 300, "X-261123-0001"])
def test_reference__that_nothing_has__404(estate: Estate, manager: User, reference: str) -> None:
    assert as_user(manager).get(f"/staff/of/{estate.pk}/{reference}/").status_code == 404


@pytest.mark.parametrize("estate_named", ["0", "x", "²", "99999999999999999999"])
def test_page__of_another_estate__404(manager: User, estate_named: str) -> None:
    assert as_user(manager).get(reverse("morning"), {"estate": estate_named}).status_code == 404


def test_start_page__of_a_manager__leads_here_first(manager: User) -> None:
    page = as_user(manager).get("/staff/").content.decode()
    main = page[page.index('id="main"') :]
    assert main.index('href="/staff/morning/"') < main.index('href="/staff/repairs/"')
    clerk = make.make_staff(role=Role.FRONT_DESK, estate=make.make_estate())
    assert "/staff/morning/" not in as_user(clerk).get("/staff/").content.decode()
