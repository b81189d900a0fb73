"""One search: every spelling finds the same person and home wherever staff can look for them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.request import Request

from accounts import actions
from accounts.models import Residency, RosterEntry, StaffRole, User
from community.core import clock
from community.core.admin_base import EstateScopedAdmin
from community.core.search.filtering import Ways, any_of, search_filter
from community.desk.people import desks_of, find
from community.estates.models import Building, Entrance, Home
from services.care import weeks
from services.care.models import CareBooking
from services.care.queries import find_residents
from services.feedback import queries
from services.feedback.models import Feedback
from services.fees.models import Bill
from services.fees.views import counter
from services.repairs.api.staff import Board
from services.repairs.models import Repair
from services.repairs.queries import ways_to
from tests import factories as make
from tests.community.admin_pages import list_of
from tests.community.core.search.test_understanding import FINDS_HOME, FINDS_PERSON

pytestmark = pytest.mark.django_db
Role = StaffRole.Role
PHONE = "+8613900010003"
BOTH = ["陈建国 4-1-602", "4号楼陈建国", "建国 602", "cjg 4号楼 1单元 602"]
REFERENCE = "R-261123-0003"
REFERENCES = [REFERENCE, "r2611230003", "Ｒ－２６１１２３－０００３", "261123-0003"]


@dataclass
class Scene:
    home: Home
    person: User
    repair: Repair
    staff: User
    client: Client


def home_at(estate: Any, building: str, entrance: str, number: str) -> Home:
    made, _new = Building.objects.get_or_create(estate=estate, name=building)
    there, _new = Entrance.objects.get_or_create(building=made, name=entrance)
    return make.make_home(entrance=there, number=number)


@pytest.fixture
def scene(db: None) -> Scene:
    """陈建国 in 4-1-602; beside him neighbours, and his like at the same address of another estate."""
    estate, other = make.make_estate(), make.make_estate()
    home = home_at(estate, "4号楼", "1单元", "602")
    person = make.make_resident(home=home, name="陈建国", phone=PHONE)
    neighbour = home_at(estate, "5号楼", "2单元", "701")
    make.make_repair(home=neighbour, resident=make.make_resident(home=neighbour, name="李强"))
    elsewhere = home_at(other, "4号楼", "1单元", "602")
    like = make.make_resident(home=elsewhere, name="陈建国", phone="+8613700010003")
    make.make_repair(home=elsewhere, resident=like)
    repair = make.make_repair(home=home, resident=person, reference=REFERENCE)
    service = make.make_care_service(estate=estate)
    make.make_care_booking(service=service, resident=person, home=home)
    make.make_feedback(estate=estate, resident=person)
    make.make_roster_entry(home=home, name="陈建国", phone=PHONE)
    staff = make.make_staff(role=Role.MANAGER, estate=estate, name="赵敏")
    for role in (Role.CASHIER, Role.CARE_COORDINATOR, Role.DISPATCHER, Role.FRONT_DESK):
        StaffRole.objects.create(user=staff, estate=estate, role=role)
    client = Client()
    client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    return Scene(home, person, repair, staff, client)


def as_staff(scene: Scene) -> HttpRequest:
    request = RequestFactory().get("/")
    request.user = scene.staff
    return request


# -- What each place asks for, without its page


def counted(scene: Scene, typed: str) -> list[Any]:
    return [home.pk for home in counter.search_homes(scene.staff, typed)[0]]


def kept_at_desk(scene: Scene, typed: str) -> list[Any]:
    return [person.pk for person in find(typed, desks_of(scene.staff)).people]


def on_the_board(scene: Scene, typed: str) -> list[Any]:
    rows = Repair.objects.filter(estate=scene.home.estate)
    return [one.pk for one in rows.filter(any_of(ways_to({"words": typed})))]


def cared_for(scene: Scene, typed: str) -> list[Any]:
    return [person.pk for person, _home in find_residents(scene.home.estate, typed)]


def booked(scene: Scene, typed: str) -> list[Any]:
    rows = CareBooking.objects.filter(estate=scene.home.estate)
    return [one.resident_id for one in rows.filter(any_of(weeks.ways_to({"words": typed})))]


def fed_back(scene: Scene, typed: str) -> list[Any]:
    rows = Feedback.objects.filter(estate=scene.home.estate)
    return [one.resident_id for one in rows.filter(any_of(queries.ways_to({"words": typed})))]


def in_office(model: Any, key: str) -> Callable[[Scene, str], list[Any]]:
    def looked_for(scene: Scene, typed: str) -> list[Any]:
        office, request = admin.site._registry[model], as_staff(scene)
        rows, _doubled = office.get_search_results(request, office.get_queryset(request), typed)
        return [getattr(row, key) for row in rows]

    return looked_for


def by_api(scene: Scene, typed: str) -> list[Any]:
    view = Board()
    view.request = Request(as_staff(scene))
    view.request._user = scene.staff
    view.request._request.GET = {"search": typed}
    return [row.pk for row in view.filter_queryset(view.get_queryset())]


def of_home(scene: Scene) -> Any:
    return scene.home.pk


def of_person(scene: Scene) -> Any:
    return scene.person.pk


def of_repair(scene: Scene) -> Any:
    return scene.repair.pk


ALL = [*FINDS_PERSON, *FINDS_HOME, *BOTH]
PLACES: dict[str, tuple[Callable[[Scene, str], list[Any]], Callable[[Scene], Any], list[str]]] = {
    "counter": (counted, of_home, ALL),
    "desk": (kept_at_desk, of_person, ALL),
    "board": (on_the_board, of_repair, [*ALL, *REFERENCES]),
    "care": (cared_for, of_person, ALL),
    "bookings": (booked, of_person, ALL),
    "feedback": (fed_back, of_person, FINDS_PERSON),
    "people": (in_office(User, "pk"), of_person, FINDS_PERSON),
    "roster": (in_office(RosterEntry, "home_id"), of_home, ALL),
    "residencies": (in_office(Residency, "user_id"), of_person, ALL),
    "homes": (in_office(Home, "pk"), of_home, FINDS_HOME),
    "repairs": (in_office(Repair, "pk"), of_repair, [*ALL, *REFERENCES]),
    "API": (by_api, of_repair, [*ALL, *REFERENCES]),
}


@pytest.mark.parametrize("place", PLACES)
def test_search__every_spelling__finds_the_same_one_everywhere(scene: Scene, place: str) -> None:
    look, wanted, spellings = PLACES[place]
    missed = [typed for typed in spellings if look(scene, typed) != [wanted(scene)]]
    assert missed == []


@pytest.mark.parametrize("place", PLACES)
def test_search__nobody_of_ones_estates__finds_nothing(scene: Scene, place: str) -> None:
    """The first is the number of his like in the other estate."""
    look, _wanted, _spellings = PLACES[place]
    typed = ["13700010003", "没有这个人", "4-1-603", "\u200b\u202e", "9999", "%", "_", "-"]
    assert {words: look(scene, words) for words in typed} == {words: [] for words in typed}


# -- The pages


def at_counter(scene: Scene, typed: str) -> list[Any]:
    page = scene.client.post(reverse("fees_desk"), {"words": typed})
    if page.status_code == 302:
        return [int(page.url.rstrip("/").rpartition("/")[2])]
    return [home.pk for home, *_rest in page.context["homes"]]


def at_desk(scene: Scene, typed: str) -> list[Any]:
    page = scene.client.post(reverse("desk_residents"), {"words": typed})
    if page.status_code == 302:
        return [int(page.url.rstrip("/").rpartition("/")[2])]
    return [person.pk for person in page.context["people"]]


def on_board(scene: Scene, typed: str) -> list[Any]:
    return [one.pk for one in scene.client.get(reverse("board_list"), {"words": typed}).context["repairs"]]


def for_care(scene: Scene, typed: str) -> list[Any]:
    page = scene.client.post(reverse("care_find"), {"words": typed})
    return [person.pk for person, _home in page.context["found"]]


def in_lists(scene: Scene, typed: str) -> list[Any]:
    rows = scene.client.get(list_of(Repair), {"q": typed}).context["cl"].result_list
    return [row.pk for row in rows]


def answered(scene: Scene, typed: str) -> list[Any]:
    token = make.make_token(scene.staff)
    rows = Client().get(reverse("api_board"), {"search": typed}, headers=token).json()["results"]
    return [row["id"] for row in rows]


PAGES = {
    "counter": (at_counter, of_home),
    "desk": (at_desk, of_person),
    "board": (on_board, of_repair),
    "care": (for_care, of_person),
    "lists": (in_lists, of_repair),
    "API": (answered, of_repair),
}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("typed", ["+86139 0001 0003", "陈 建国", "４号楼 1单元 602", "cjg 602"])
def test_search__on_the_page__finds_them(scene: Scene, page: str, typed: str) -> None:
    look, wanted = PAGES[page]
    assert look(scene, typed) == [wanted(scene)]


def test_search__nothing_typed__lists_all(scene: Scene) -> None:
    assert len(on_board(scene, "")) == len(answered(scene, "")) == 2


@pytest.mark.parametrize("page", ["fees_desk", "desk_residents", "care_find", "board_list", "care_list"])
def test_search__nothing_found__says_what_to_try(scene: Scene, page: str) -> None:
    ask = scene.client.get if page == "board_list" else scene.client.post
    assert "手机后四位，或写成 4-1-602" in ask(reverse(page), {"words": "没有这个人"}).content.decode()


# -- Who has moved out, and whom only the roster knows


def desk_page(scene: Scene, typed: str) -> str:
    return scene.client.post(reverse("desk_residents"), {"words": typed}).content.decode()


@pytest.mark.parametrize("typed", ["陈建国", "13900010003", "0003", "cjg", "4-1-602"])
def test_search__a_person_who_moved_out__is_found_with_a_note(scene: Scene, typed: str) -> None:
    residency = scene.person.residencies.get()
    actions.move_out(residency=residency, by=scene.person, now=clock.now())
    page = desk_page(scene, typed)
    assert "陈建国" in page
    assert "搬离" in page
    assert "139****0003" in page
    assert reverse("desk_resident", args=[scene.person.pk]) not in page
    if typed != "4-1-602":
        counter = scene.client.post(reverse("fees_desk"), {"words": typed})
        assert "陈建国（已搬离）" in counter.content.decode()
        assert [str(row[0].pk) for row in counter.context["homes"]] == [str(scene.home.pk)]


@pytest.mark.parametrize("typed", ["单雪", "雪", "sx", "13800138000", "8000", "4-1-602", "138 0013 8000"])
def test_search__a_person_of_the_roster_who_never_signed_in__is_found(scene: Scene, typed: str) -> None:
    make.make_roster_entry(home=scene.home, name="单雪", phone="+8613800138000")
    page = desk_page(scene, typed)
    assert "单雪" in page
    assert "还没有登录过" in page
    assert "138****8000" in page
    assert at_counter(scene, typed) == [scene.home.pk]


def test_search__a_line_of_somebody_who_signed_in__is_shown_once(scene: Scene) -> None:
    found = scene.client.post(reverse("desk_residents"), {"words": "建国"}).context
    assert [person.pk for person in found["people"]] == [scene.person.pk]
    assert found["lines"] == []


def test_search__a_couple_with_one_number__both_are_found(scene: Scene) -> None:
    RosterEntry.objects.filter(home=scene.home).update(name="单雪")
    page = desk_page(scene, "单雪")
    assert "名册上的人" in page
    assert "还没有登录过" not in page
    assert at_desk(scene, "0003") == [scene.person.pk]


@pytest.mark.parametrize("typed", ["0570-5550188", "5550188", "0188", "单 雪"])
def test_search__somebody_with_a_landline_alone__is_found(scene: Scene, typed: str) -> None:
    make.make_roster_entry(home=scene.home, name="单雪", phone="", landline="0570-5550188")
    assert "单雪" in desk_page(scene, typed)
    assert at_counter(scene, typed) == [scene.home.pk]


# -- No fifth dialect


def test_office_lists__people_homes_and_references__are_found_by_keys_alone() -> None:
    """A name or a number of a home among the search fields would be a search of its own."""
    wrong = []
    for model, office in admin.site._registry.items():
        if not isinstance(office, EstateScopedAdmin):
            continue
        for path in office.search_fields:
            *way, last = path.split("__")
            at = model
            for step in way:
                at = at._meta.get_field(step).related_model
            is_person = issubclass(at, User | RosterEntry) and last in {"name", "phone", "phone_index"}
            is_home = issubclass(at, Home) and bool(way)
            if is_person or is_home or last == "reference":
                wrong.append(f"{model._meta.label}: {path}")
        if {"people", "lines"} & {name for name, ways in vars(office.found_by).items() if ways}:
            assert office.get_search_fields(None), model
    assert wrong == []


@pytest.mark.parametrize("model", [Repair, CareBooking, Feedback, Bill])
def test_office_lists__the_empty_box__says_what_can_be_typed(model: Any) -> None:
    assert str(admin.site._registry[model].search_help_text)


def test_search__queries__do_not_grow_with_what_is_found(scene: Scene) -> None:
    counts = []
    for more in (1, 12):
        for _n in range(more):
            home = make.make_home(estate=scene.home.estate)
            make.make_repair(home=home, resident=make.make_resident(home=home, name="陈建国"))
        with CaptureQueriesContext(connection) as asked:
            found = {place: look(scene, "陈 建国") for place, (look, *_rest) in PLACES.items()}
        counts.append(len(asked))
    assert len(found["board"]) == len(found["desk"]) == len(found["counter"]) == 14
    assert counts[1] <= counts[0]  # the first one also fills what is kept of rights


def test_search__last_digits_of_a_reference__find_it_by_an_index(scene: Scene) -> None:
    repairs = Repair.objects.filter(estate=scene.home.estate)
    wanted = [
        make.make_repair(home=scene.home, reference=f"R-261123-{end}") for end in ("7042", "17042", "17043")
    ]
    for typed, found in (("7042", wanted[:2]), ("17042", wanted[1:2]), ("261123-7042", wanted[:1])):
        condition = search_filter(typed, Ways(references=("reference",)))
        assert list(repairs.filter(condition).order_by("pk")) == found, typed
    by_end = Repair.objects.order_by().filter(search_filter("7042", Ways(references=("reference",))))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
    assert "repair_by_end" in by_end.explain()
