"""The dispatcher's board as staff see it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import StaffRole, User
from community.core import clock
from community.estates.models import Estate
from services.repairs.models import Repair
from tests.factories import (
    make_category,
    make_home,
    make_place,
    make_repair,
    make_resident,
    make_staff,
)
from tests.services.repairs.board import as_user, board_of, column

pytestmark = pytest.mark.django_db
Role = StaffRole.Role
S = Repair.Status


@pytest.mark.parametrize(
    ("status", "key"),
    [
        (S.NEW, "new"),
        (S.REOPENED, "new"),
        (S.ACCEPTED, "accepted"),
        (S.ASSIGNED, "assigned"),
        (S.IN_WORK, "in-work"),
        (S.WAITING_FOR_PARTS, "waiting"),
        (S.WAITING_FOR_RESIDENT, "waiting"),
        (S.QUOTED, "waiting"),
        (S.DONE, "done"),
    ],
)
def test_board__each_state__stands_in_its_column(
    estate: Estate, dispatcher: User, status: str, key: str
) -> None:
    repair = make_repair(estate=estate, status=status)
    html = board_of(dispatcher)
    assert repair.reference in column(html, key)
    assert html.count(f'id="card-{repair.pk}"') == 1


def test_board__finished_repair__is_only_in_the_list(estate: Estate, dispatcher: User) -> None:
    repair = make_repair(estate=estate, status=S.CLOSED)
    assert repair.reference not in board_of(dispatcher)
    html = as_user(dispatcher).get(reverse("board_list")).content.decode()
    assert repair.reference in html


def test_board__card__says_what_where_who_and_since_when(estate: Estate, dispatcher: User) -> None:
    worker = make_staff(role=Role.REPAIR_WORKER, estate=estate, name="王强")
    repair = make_repair(estate=estate, status=S.ASSIGNED, worker=worker, is_emergency=True)
    Repair.objects.update(status_changed_at=clock.now() - timedelta(hours=3, minutes=10))
    card = column(board_of(dispatcher), "assigned")
    for words in (
        str(repair.category),
        str(repair.home),
        repair.resident.name,
        "王强",
        "3 hours",
        "Emergency",
    ):
        assert words in card


def test_board__emergency__stands_first(estate: Estate, dispatcher: User) -> None:
    older = make_repair(estate=estate)
    Repair.objects.update(status_changed_at=clock.now() - timedelta(days=2))
    urgent = make_repair(estate=estate, is_emergency=True)
    new = column(board_of(dispatcher), "new")
    assert new.index(urgent.reference) < new.index(older.reference)


def test_board__more_than_twenty__the_rest_is_in_the_list(estate: Estate, dispatcher: User) -> None:
    home, category = make_home(estate=estate), make_category(estate=estate)
    resident = make_resident(home=home)
    made = [make_repair(home=home, category=category, resident=resident) for _n in range(23)]
    new = column(board_of(dispatcher), "new")
    assert new.count("data-card") == 20
    assert "3 more" in new
    first = as_user(dispatcher).get(reverse("board_list") + "?column=new")
    rest = as_user(dispatcher).get(reverse("board_list") + first.context["next_url"])
    seen = first.content.decode() + rest.content.decode()
    assert all(repair.reference in seen for repair in made)
    assert not rest.context["next_url"]


def test_board__another_estate__shows_nothing_of_it(dispatcher: User) -> None:
    other = make_repair()
    assert other.reference not in board_of(dispatcher)
    client = as_user(dispatcher)
    assert client.get(reverse("board") + f"?estate={other.estate_id}").status_code == 404
    assert client.get(reverse("board_repair", args=[other.pk])).status_code == 404
    assert client.get(reverse("board_repair_live", args=[other.pk])).status_code == 404
    assert client.post(reverse("board_act", args=[other.pk, "accept"])).status_code == 404


@pytest.mark.parametrize("role", [Role.CASHIER, Role.REPAIR_WORKER, Role.CARER])
def test_board__other_staff__may_not_look(estate: Estate, role: str) -> None:
    client = as_user(make_staff(role=role, estate=estate))
    assert client.get(reverse("board")).status_code == 403
    repair = make_repair(estate=estate, status=S.ACCEPTED)
    assert client.get(reverse("board_repair", args=[repair.pk])).status_code == 404


def test_board__auditor__reads_and_cannot_post(estate: Estate) -> None:
    repair = make_repair(estate=estate)
    auditor = make_staff(role=Role.AUDITOR, estate=estate)
    html = board_of(auditor)
    assert repair.reference in html
    assert "draggable=" not in column(html, "new").replace('draggable="false"', "")
    assert "<form" not in column(html, "new")
    for verb, given in (
        ("accept", {}),
        ("decline", {"reason": "x"}),
        ("note", {"words": "x"}),
        ("write", {"words": "x"}),
        ("cancel", {"reason": "x"}),
    ):
        response = as_user(auditor).post(reverse("board_act", args=[repair.pk, verb]), given)
        assert response.status_code == 403, verb
    repair.refresh_from_db()
    assert repair.status == S.NEW
    assert not repair.messages.exists()


def test_board__filters__leave_what_was_asked_for(estate: Estate, dispatcher: User) -> None:
    home = make_home(estate=estate)
    top = make_category(estate=estate)
    category = make_category(parent=top)
    worker = make_staff(role=Role.REPAIR_WORKER, estate=estate)
    wanted = make_repair(home=home, category=category, status=S.ASSIGNED, worker=worker, is_emergency=True)
    other = make_repair(estate=estate, status=S.ASSIGNED)
    for query in (
        f"building={home.entrance.building_id}",
        f"category={top.pk}",
        f"worker={worker.pk}",
        "emergency=on",
    ):
        html = column(board_of(dispatcher, f"?estate={estate.pk}&{query}"), "assigned")
        assert wanted.reference in html, query
        assert other.reference not in html, query


def test_board__search__by_reference_name_phone_and_home(estate: Estate, dispatcher: User) -> None:
    home = make_home(estate=estate)
    resident = make_resident(home=home, name="欧阳春")
    wanted = make_repair(home=home, resident=resident)
    other = make_repair(estate=estate)
    entrance = home.entrance
    for words in (
        wanted.reference,
        "欧阳",
        resident.phone_national,
        f"{resident.phone_national[:3]}-{resident.phone_national[3:7]}-{resident.phone_national[7:]}",
        f"{entrance.building.name}{entrance.name}{home.number}室",
        f"{entrance.building.name} {home.number}",
    ):
        html = column(board_of(dispatcher, f"?words={words}"), "new")
        assert wanted.reference in html, words
        assert other.reference not in html, words


def test_board__search__finds_a_public_place(estate: Estate, dispatcher: User) -> None:
    place = make_place(estate=estate, name="北门岗亭")
    wanted = make_repair(estate=estate, place=place, home=None)
    make_repair(estate=estate)
    assert board_of(dispatcher, "?words=岗亭").count("data-card=") == 1
    assert wanted.reference in board_of(dispatcher, "?words=岗亭")


def test_board__filter_without_sense__filters_nothing(estate: Estate, dispatcher: User) -> None:
    repair = make_repair(estate=estate)
    assert repair.reference in board_of(dispatcher, "?building=99999&worker=abc&before=xyz")


def test_board__worker_load__counts_what_is_in_hand(estate: Estate, dispatcher: User) -> None:
    worker = make_staff(role=Role.REPAIR_WORKER, estate=estate, name="赵工")
    make_repair(estate=estate, status=S.IN_WORK, worker=worker)
    make_repair(estate=estate, status=S.ASSIGNED, worker=worker)
    make_repair(estate=estate, status=S.CLOSED, worker=worker)
    html = board_of(dispatcher)
    assert "赵工: 2 open jobs" in html
    tile = html.partition(f'data-worker="{worker.pk}"')[2].partition("</li>")[0]
    assert "2 jobs" in tile
    assert tile.count('class="on"') == 2


def _queries(user: User, url: str) -> int:
    client = as_user(user)
    client.get(url)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(url).status_code == 200
    return len(seen)


def test_board__a_thousand_repairs__take_as_many_queries_as_ten(estate: Estate, dispatcher: User) -> None:
    home, category = make_home(estate=estate), make_category(estate=estate)
    resident = make_resident(home=home)
    worker = make_staff(role=Role.REPAIR_WORKER, estate=estate)
    pages = [
        reverse("board"),
        reverse("board_columns"),
        reverse("board_list"),
        reverse("board_list") + "?column=new",
    ]
    states = [S.NEW, S.ACCEPTED, S.ASSIGNED, S.IN_WORK, S.QUOTED, S.DONE, S.CLOSED, S.REOPENED]

    def fill(number: int, begin: int) -> None:
        now = clock.now()
        Repair.objects.bulk_create(
            Repair(
                estate=estate,
                home=home,
                category=category,
                resident=resident,
                reported_by=resident,
                reference=f"R-260101-{begin + n:05d}",
                status=(status := states[n % len(states)]),
                worker=None if status in (S.NEW, S.ACCEPTED, S.REOPENED) else worker,
                quote_fen=6800 if status == S.QUOTED else None,
                created_at=now - timedelta(minutes=n),
                status_changed_at=now - timedelta(minutes=n),
            )
            for n in range(number)
        )

    fill(10, 0)
    few = [_queries(dispatcher, url) for url in pages]
    fill(990, 10)
    many = [_queries(dispatcher, url) for url in pages]
    assert few == many
