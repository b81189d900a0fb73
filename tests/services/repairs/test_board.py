"""The dispatcher's board as staff see it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import StaffRole, User
from community.core import clock
from community.core.models import AuditRecord
from community.estates.models import Estate
from services.common.actions import raise_alarm
from services.repairs.models import Repair
from tests.factories import (
    make_category,
    make_estate,
    make_home,
    make_place,
    make_repair,
    make_resident,
    make_staff,
)

pytestmark = pytest.mark.django_db
Role = StaffRole.Role
S = Repair.Status


@pytest.fixture
def estate() -> Estate:
    return make_estate()


@pytest.fixture
def dispatcher(estate: Estate) -> User:
    return make_staff(role=Role.DISPATCHER, estate=estate, name="周敏")


def as_user(user: User, language: str = "en") -> Client:
    client = Client(headers={"Accept-Language": language})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def column(html: str, key: str) -> str:
    """The part of the board that is one column."""
    return html.partition(f'data-column="{key}"')[2].partition("</section>")[0]


def board_of(user: User, query: str = "") -> str:
    response = as_user(user).get(reverse("board") + query)
    assert response.status_code == 200
    return response.content.decode()


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


def test_assign__from_the_board__by_a_plain_form(estate: Estate, dispatcher: User) -> None:
    worker = make_staff(role=Role.REPAIR_WORKER, estate=estate)
    repair = make_repair(estate=estate)
    back = reverse("board") + f"?estate={estate.pk}&emergency=on"
    response = as_user(dispatcher).post(
        reverse("board_act", args=[repair.pk, "assign"]), {"worker": worker.pk, "next": back}
    )
    assert response.headers["Location"] == back
    assert repair.reference in column(board_of(dispatcher), "assigned")


def test_assign__next_of_another_host__goes_to_the_repair(estate: Estate, dispatcher: User) -> None:
    repair = make_repair(estate=estate)
    response = as_user(dispatcher).post(
        reverse("board_act", args=[repair.pk, "accept"]), {"next": "https://example.org/"}
    )
    assert response.headers["Location"] == reverse("board_repair", args=[repair.pk])


def test_assign__to_another_worker__moves_the_job(estate: Estate, dispatcher: User) -> None:
    repair = make_repair(estate=estate, status=S.ASSIGNED)
    second = make_staff(role=Role.REPAIR_WORKER, estate=estate)
    as_user(dispatcher).post(reverse("board_act", args=[repair.pk, "assign"]), {"worker": second.pk})
    repair.refresh_from_db()
    assert repair.worker == second


BAD: list[tuple[str, str, dict[str, str], str]] = [
    ("assign", S.NEW, {"worker": ""}, "worker"),
    ("assign", S.NEW, {"worker": "99999"}, "worker"),
    ("decline", S.NEW, {"reason": " "}, "reason"),
    ("decline", S.NEW, {"reason": "x" * 2001}, "reason"),
    ("write", S.NEW, {"words": ""}, "words"),
    ("note", S.NEW, {"words": ""}, "words"),
    ("cancel", S.NEW, {"reason": ""}, "reason"),
    ("answer-quote", S.QUOTED, {"fen": "6800"}, "answer"),
    ("confirm", S.DONE, {"words": "很好"}, "face"),
    ("confirm", S.DONE, {"face": "7", "words": "很好"}, "face"),
    ("reopen", S.DONE, {"words": ""}, "words"),
    ("rate", S.CLOSED, {"words": "很好"}, "face"),
]


@pytest.mark.parametrize(("verb", "status", "given", "field"), BAD)
def test_act__bad_input__names_the_field_and_keeps_the_words(
    estate: Estate, verb: str, status: str, given: dict[str, str], field: str
) -> None:
    manager = make_staff(role=Role.MANAGER, estate=estate)
    repair = make_repair(estate=estate, status=status)
    response = as_user(manager).post(reverse("board_act", args=[repair.pk, verb]), given)
    assert response.status_code == 422
    html = response.content.decode()
    assert f'id="{verb}_{field}_error"' in html
    written = [given[name] for name in ("words", "reason") if given.get(name, "").strip()]
    assert all(words in html for words in written)
    repair.refresh_from_db()
    assert repair.status == status


GOOD: list[tuple[str, str, dict[str, str], str]] = [
    ("accept", S.NEW, {}, S.ACCEPTED),
    ("decline", S.ACCEPTED, {"reason": "不归我们管"}, S.DECLINED),
    ("cancel", S.ASSIGNED, {"reason": "打电话来取消"}, S.CANCELLED),
    ("answer-quote", S.QUOTED, {"fen": "6800", "answer": "yes"}, S.IN_WORK),
    ("answer-quote", S.QUOTED, {"fen": "6800", "answer": "no"}, S.CANCELLED),
    ("confirm", S.DONE, {"face": "3", "words": "很好"}, S.CONFIRMED),
    ("reopen", S.DONE, {"words": "还在漏"}, S.REOPENED),
]


@pytest.mark.parametrize(("verb", "status", "given", "after"), GOOD)
def test_act__by_the_manager__moves_and_stands_in_the_history(
    estate: Estate, verb: str, status: str, given: dict[str, str], after: str
) -> None:
    manager = make_staff(role=Role.MANAGER, estate=estate, name="陈经理")
    repair = make_repair(estate=estate, status=status)
    client = as_user(manager)
    page = client.get(reverse("board_repair", args=[repair.pk])).content.decode()
    assert f"/{verb}/" in page
    response = client.post(reverse("board_act", args=[repair.pk, verb]), given, follow=True)
    assert response.status_code == 200
    repair.refresh_from_db()
    assert repair.status == after
    assert repair.history.last().actor == manager


def test_act__quote_was_changed_meanwhile__is_refused_with_what_was_chosen(estate: Estate) -> None:
    manager = make_staff(role=Role.MANAGER, estate=estate)
    repair = make_repair(estate=estate, status=S.QUOTED)
    response = as_user(manager).post(
        reverse("board_act", args=[repair.pk, "answer-quote"]), {"fen": "100", "answer": "yes"}
    )
    assert response.status_code == 422
    assert "Someone else has just changed this" in response.content.decode()


def test_act__decided_by_a_colleague_meanwhile__keeps_what_was_written(
    estate: Estate, dispatcher: User
) -> None:
    repair = make_repair(estate=estate, status=S.CANCELLED)
    response = as_user(dispatcher).post(
        reverse("board_act", args=[repair.pk, "decline"]), {"reason": "这是开发商保修范围"}
    )
    assert response.status_code == 422
    assert "这是开发商保修范围" in response.content.decode()


def test_act__unknown_verb__is_not_found(estate: Estate, dispatcher: User) -> None:
    repair = make_repair(estate=estate)
    assert as_user(dispatcher).post(reverse("board_act", args=[repair.pk, "explode"])).status_code == 404


def test_note__is_read_by_staff_and_not_by_the_resident(estate: Estate, dispatcher: User) -> None:
    repair = make_repair(estate=estate)
    client = as_user(dispatcher)
    client.post(reverse("board_act", args=[repair.pk, "note"]), {"words": "住户常投诉"})
    client.post(reverse("board_act", args=[repair.pk, "write"]), {"words": "明天上午来"})
    staff = client.get(reverse("board_repair", args=[repair.pk])).content.decode()
    assert "住户常投诉" in staff
    assert "明天上午来" in staff
    resident = as_user(repair.resident).get(reverse("repair", args=[repair.pk])).content.decode()
    assert "住户常投诉" not in resident
    assert "明天上午来" in resident


def test_repair_page__shows_the_number__and_writes_down_who_saw_it(estate: Estate, dispatcher: User) -> None:
    repair = make_repair(estate=estate)
    html = as_user(dispatcher).get(reverse("board_repair", args=[repair.pk])).content.decode()
    assert f'href="tel:{repair.resident.phone_national}"' in html
    record = AuditRecord.objects.get(action="repair.contact_shown")
    assert (record.actor, record.target) == (dispatcher, f"repairs.repair:{repair.pk}")
    live = as_user(dispatcher).get(reverse("board_repair_live", args=[repair.pk])).content.decode()
    assert repair.resident.phone_national not in live


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


def test_alarm__sounds_until_somebody_takes_it__and_says_who(estate: Estate, dispatcher: User) -> None:
    resident = make_resident(name="孙大爷")
    repair = make_repair(estate=estate)
    alarm = raise_alarm(
        estate=estate,
        title="电梯困人",
        place="3号楼",
        url=reverse("board_repair", args=[repair.pk]),
        by=resident,
        now=clock.now(),
    )
    client = as_user(dispatcher)
    bar = reverse("alarms", args=[estate.pk])
    for url in (reverse("board"), bar):
        html = client.get(url).content.decode()
        assert "data-sounding" in html
        assert "电梯困人" in html
        assert "孙大爷" in html
    response = client.post(reverse("take_alarm", args=[alarm.pk]))
    assert response.headers["Location"] == alarm.url
    html = client.get(bar).content.decode()
    assert "data-sounding" not in html
    assert "周敏 sees to it" in html


def test_alarm__of_another_estate__can_neither_be_seen_nor_taken(dispatcher: User) -> None:
    estate = make_estate()
    alarm = raise_alarm(estate=estate, title="燃气", place="x", url="/", by=make_resident(), now=clock.now())
    client = as_user(dispatcher)
    assert client.get(reverse("alarms", args=[estate.pk])).status_code == 404
    assert client.post(reverse("take_alarm", args=[alarm.pk])).status_code == 404


def test_alarm__auditor__neither_hears_nor_takes_it(estate: Estate) -> None:
    alarm = raise_alarm(estate=estate, title="燃气", place="x", url="/", by=make_resident(), now=clock.now())
    client = as_user(make_staff(role=Role.AUDITOR, estate=estate))
    assert "data-sounding" not in client.get(reverse("board")).content.decode()
    assert client.post(reverse("take_alarm", args=[alarm.pk])).status_code == 404
