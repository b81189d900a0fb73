"""The manager's morning page: what is late, about to be, nobody's, unhappy, and today's; and the figures."""

import io
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import StaffRole, User
from community.core import clock
from community.core.models import AuditRecord
from community.desk import figures, morning
from community.desk.measures import MEASURES
from community.desk.models import DayFigure
from community.estates.models import Estate
from services.care.models import CareBooking, CareService
from services.common.models import ResponseClock, Satisfaction
from services.common.satisfaction import give_satisfaction
from services.feedback.models import Feedback
from services.renovation.models import Appointment
from services.repairs.models import Repair, RepairChange
from services.scheduling.models import Slot
from tests import factories as make
from tests.factories.figures import make_figures
from tests.factories.renovation import Site, make_appointment

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
# A Monday morning.
NINE = datetime(2026, 11, 23, 9, 0, tzinfo=SHANGHAI)
Role = StaffRole.Role


@pytest.fixture(autouse=True)
def _at_nine():
    with time_machine.travel(NINE, tick=False):
        yield


@pytest.fixture
def estate() -> Estate:
    return make.make_estate()


@pytest.fixture
def manager(estate: Estate) -> User:
    return make.make_staff(role=Role.MANAGER, estate=estate)


def as_user(user: User) -> Client:
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(user)
    return client


def waits(thing: Repair | Feedback, service: str, due_at: datetime, url: str) -> ResponseClock:
    return ResponseClock.objects.create(
        estate=thing.estate,
        service=service,
        reference=thing.reference,
        url=url,
        minutes=60,
        started_at=due_at - timedelta(hours=1),
        due_at=due_at,
    )


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


# -- Today


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
        estate=estate,
        service="repairs",
        reference=repair.reference,
        face=1,
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
    assert asked[1] < 70


# -- The figures


def page_of(manager: User, name: str, key: str = "", **query) -> str:
    answer = as_user(manager).get(reverse(name, args=[key] if key else []), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_charts__say_the_last_figure_and_the_whole_time_in_words(estate: Estate, manager: User) -> None:
    make_figures(estate=estate, days=40)
    page = page_of(manager, "morning")
    assert "10 件中 7 件" not in page  # two services: 14 of 20
    assert "20 件中 14 件按时受理" in page
    assert "600 件中 420 件按时受理" in page
    assert "70.0%" in page
    assert page.count("data-plot") == len(MEASURES)
    assert page.count("统计口径") == len(MEASURES)


@pytest.mark.parametrize(("period", "points"), [("30d", 30), ("3m", 13), ("1y", 12), ("nonsense", 30)])
def test_charts__periods__by_days_weeks_or_months(
    estate: Estate, manager: User, period: str, points: int
) -> None:
    make_figures(estate=estate, days=400)
    page = page_of(manager, "measure", "satisfaction", period=period)
    assert page.count('<td class="end" data-percent') == points
    assert "70.0%" in page


def test_charts__no_row_of_a_day__is_a_gap_and_not_zero(estate: Estate, manager: User) -> None:
    page = page_of(manager, "measure", "satisfaction")
    assert page.count('data-percent=""') == 30
    assert "还没有统计数据" in page


def test_use__rows__are_numbers_and_nobody(estate: Estate, manager: User) -> None:
    make_figures(estate=estate, days=3)
    page = page_of(manager, "measure_rows", "use", **{"from": "2026-11-20", "to": "2026-11-22"})
    assert page.count("7 / 10") == 9
    assert "不向任何人显示" in page
    answer = as_user(manager).get(reverse("measure_rows_sheet", args=["use"]))
    assert answer.status_code == 404


def a_day_of_rows(estate: Estate) -> dict[str, str]:
    """One good and one bad row of each kind yesterday; the words that a row of each must show."""
    yesterday = NINE - timedelta(days=1)
    repair = make.make_repair(estate=estate, status="confirmed")
    for to in ("confirmed", "reopened"):
        RepairChange.objects.create(repair=repair, from_status="done", to_status=to, at=yesterday)
    good = waits(repair, "repairs", yesterday, f"/staff/repairs/{repair.pk}/")
    ResponseClock.objects.filter(pk=good.pk).update(answered_at=yesterday)
    late = make.make_feedback(estate=estate)
    waits(late, "feedback", yesterday, f"/staff/feedback/{late.pk}/")
    for face, reference in ((3, repair.reference), (1, "R-1")):
        Satisfaction.objects.create(
            estate=estate, service="repairs", reference=reference, face=face, at=yesterday
        )
    bill = make.make_bill(home=make.make_home(estate=estate))
    figures.fill_due(clock.now())
    return {
        "first_answer": late.reference,
        "solution": repair.reference,
        "satisfaction": repair.reference,
        "collection": bill.reference,
    }


@pytest.mark.parametrize("key", ["first_answer", "solution", "satisfaction", "collection"])
def test_rows__behind_each_figure__are_as_many_as_it_says(estate: Estate, manager: User, key: str) -> None:
    reference = a_day_of_rows(estate)[key]
    first, last = ("2026-11-01", "2026-11-30") if key == "collection" else ("2026-11-22", "2026-11-22")
    page = page_of(manager, "measure_rows", key, **{"from": first, "to": last})
    assert reference in page
    rows = page.count("<tr><td")
    assert rows == (1 if key == "collection" else 2)
    figure = DayFigure.objects.filter(measure=key, denominator__gt=0)
    if key != "collection":
        assert sum(one.denominator for one in figure) == rows
        assert sum(one.numerator for one in figure) == page.count("<span>是") + page.count("</svg>是")


@pytest.mark.parametrize("key", ["first_answer", "solution", "satisfaction", "collection"])
def test_rows__in_excel__on_record(estate: Estate, manager: User, key: str) -> None:
    reference = a_day_of_rows(estate)[key]
    query = {"from": "2026-11-01", "to": "2026-11-30"}
    answer = as_user(manager).get(reverse("measure_rows_sheet", args=[key]), query)
    rows = list(load_workbook(io.BytesIO(answer.content)).active.values)
    assert reference in {row[2] for row in rows[1:]}
    assert {row[4] for row in rows[1:]} <= {0, 1}
    assert AuditRecord.objects.filter(action="export.figure_rows", actor=manager).exists()


def test_figures__in_excel__with_every_part(estate: Estate, manager: User) -> None:
    make_figures(estate=estate, days=40)
    answer = as_user(manager).get(reverse("measure_sheet", args=["collection"]))
    rows = list(load_workbook(io.BytesIO(answer.content)).active.values)
    assert rows[1][2:] == ("上门养老服务", 70, 100, "70.0%") or rows[1][3:] == (70, 100, "70.0%")
    assert AuditRecord.objects.filter(action="export.figures", actor=manager).exists()


def test_rows__many__go_on_by_key(estate: Estate, manager: User) -> None:
    at = NINE - timedelta(days=1)
    Satisfaction.objects.bulk_create(
        Satisfaction(estate=estate, service="care", reference=f"C-{n}", face=3, at=at) for n in range(120)
    )
    client, url, seen = as_user(manager), reverse("measure_rows", args=["satisfaction"]), 0
    query = "?from=2026-11-22&to=2026-11-22"
    for _page in range(3):
        answer = client.get(url + query)
        seen += len(answer.context["rows"])
        query = answer.context["next_url"]
    assert (seen, query) == (120, "")


@pytest.mark.parametrize(
    "query",
    [
        {"from": "nonsense", "to": "2026-11-22"},
        {"from": "0001-01-01", "to": "9999-12-31"},
        {"from": "2026-11-22", "to": "2026-11-01"},
        {"from": "2026-02-30", "to": "2026-03-01"},
        {"before": "99999999999999999999"},
        {"before": "-1"},
        {"before": "²"},
        {"part": "nonsense"},
        {"period": "\x00"},
    ],
)
def test_rows__what_no_page_asks__is_answered_plainly(estate: Estate, manager: User, query) -> None:
    client = as_user(manager)
    for key in ("satisfaction", "solution", "use"):
        assert client.get(reverse("measure_rows", args=[key]), query).status_code == 200
    assert client.get(reverse("measure", args=["use"]), query).status_code == 200


@pytest.mark.parametrize("name", ["measure", "measure_rows", "measure_sheet", "morning_section"])
def test_page__of_nothing_that_there_is__404(manager: User, name: str) -> None:
    assert as_user(manager).get(reverse(name, args=["nonsense"])).status_code == 404


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


def test_days__of_the_year__begin_at_midnight_in_shanghai(estate: Estate, manager: User) -> None:
    """What happened at 23:59 is yesterday's, at 00:00 it is today's and not counted yet."""
    for number, at in enumerate(
        (datetime(2026, 11, 22, 23, 59, tzinfo=SHANGHAI), datetime(2026, 11, 23, tzinfo=SHANGHAI))
    ):
        Satisfaction.objects.create(estate=estate, service="repairs", reference=str(number), face=3, at=at)
    figures.fill_due(clock.now())
    assert "1 条评价中 1 条满意" in page_of(manager, "morning")
    assert not DayFigure.objects.filter(day=date(2026, 11, 23), measure="satisfaction").exists()
