"""What searches and the lists of the back office hold of strangers, and which files open once a right has ended."""

import re

import pytest
from django.contrib import admin
from django.db import transaction
from django.http import HttpResponse
from django.urls import reverse

from accounts import actions
from accounts.models import StaffRole, User
from community.core import clock
from tests.community.admin_pages import list_of
from tests.support.access import Row, is_let_in
from tests.support.access_rows import API_ROWS, ROWS, api_headers
from tests.support.leaks import leaks_in, leaks_of
from tests.support.lean import LeanClient
from tests.support.swept import address
from tests.support.world import STAFF_ROLES, World
from tests.support.worlds.others import FAR, NEAR

pytestmark = pytest.mark.once


def browser_of(person: User) -> LeanClient:
    client = LeanClient()
    client.force_login(person)
    return client


def stranger_of(standing: str, world: World) -> User:
    """Somebody of the other estate, seen from where this person works."""
    person: User = world.more["near" if standing.startswith("foreign_") else "far"][0]
    return person


# -- Searches

# Pages on which staff search, by the name of their field and whether it is sent; and lists of the API.
SEARCHED = {
    "fees_desk": ("post", "words"),
    "desk_residents": ("post", "words"),
    "care_find": ("post", "words"),
    "care_list": ("post", "words"),
    "staff_feedback": ("post", "words"),
    "board_list": ("get", "words"),
    "api_board": ("get", "search"),
    "api_repairs": ("get", "search"),
    "api_jobs": ("get", "search"),
    "api_care_bookings": ("get", "search"),
    "api_care_visits": ("get", "search"),
    "api_feedback_list": ("get", "search"),
    "api_help_calls": ("get", "search"),
    "api_desk_notices": ("get", "search"),
    "api_appointments": ("get", "search"),
}
SEARCHING = [
    f"{where}{role}"
    for where in ("", "foreign_")
    for role in (
        "manager",
        "front_desk",
        "cashier",
        "dispatcher",
        "care_coordinator",
        "carer",
        "repair_worker",
    )
]


@pytest.mark.parametrize("standing", [*SEARCHING, "auditor", "owner", "foreigner"])
def test_search__for_a_strangers_number__finds_nothing_of_theirs(standing: str, world: World) -> None:
    person, words = world.people[standing], stranger_of(standing, world).phone
    browser, program = browser_of(person), LeanClient(headers=api_headers(person))
    wrong, answered = [], 0
    for name, (method, field) in SEARCHED.items():
        client = program if name in API_ROWS else browser
        answer = getattr(client, method)(reverse(name), {field: words})
        answered += answer.status_code == 200
        wrong += [f"{name}: {leak}" for leak in leaks_of(answer, standing, world)]
        if answer.status_code == 302 and "sign-in" not in answer["Location"]:
            wrong.append(f"{name}: leads to {answer['Location']}")
    assert not wrong, "\n".join(wrong)
    assert answered > 3


@pytest.mark.parametrize(("standing", "marker"), [("manager", NEAR), ("foreign_manager", FAR)])
def test_marked_households__where_they_live__are_in_the_lists(
    standing: str, marker: str, world: World
) -> None:
    """Otherwise the checks above and of the matrix would find nothing anywhere."""
    person = world.people[standing]
    browser, program = browser_of(person), LeanClient(headers=api_headers(person))
    for name in ("board_list", "staff_feedback", "staff_notices", "care_list", "board"):
        assert marker in browser.get(reverse(name)).content.decode(), name
    for name in ("api_board", "api_help_calls", "api_desk_notices"):
        said = program.get(reverse(name)).content
        assert not leaks_in(said, standing), name
        assert leaks_in(said, "owner"), name


# -- The back office


@pytest.mark.parametrize(
    "standing",
    [
        "manager",
        pytest.param("foreign_manager", marks=pytest.mark.long),
        pytest.param("auditor", marks=pytest.mark.long),
        pytest.param("foreign_auditor", marks=pytest.mark.long),
    ],
)
def test_office__every_list_of_a_role__holds_nothing_of_strangers(standing: str, world: World) -> None:
    person, wrong, opened = world.people[standing], [], 0
    client, words = browser_of(person), stranger_of(standing, world).phone
    for model, office in admin.site._registry.items():
        for query in ["", f"?q={words}"] if office.search_fields or hasattr(office, "found_by") else [""]:
            answer = client.get(list_of(model) + query)
            opened += answer.status_code == 200
            wrong += [f"{model.__name__}{query}: {leak}" for leak in leaks_of(answer, standing, world)]
    assert not wrong, "\n".join(wrong)
    assert opened > 10


# -- Files and everything else, after a right has ended


def end_role(world: World, standing: str) -> None:
    StaffRole.objects.filter(user=world.people[standing]).delete()


def end_delegations(world: World, standing: str) -> None:
    owner, delegate = world.people["owner"], world.people[standing]
    actions.end_delegations(resident=owner, delegate=delegate, by=owner, now=clock.now())


def move_out(world: World, standing: str) -> None:
    person = world.people[standing]
    actions.move_out(residency=person.residencies.get(), by=person, now=clock.now())


ENDINGS = {"household": move_out, "delegate": end_delegations, **dict.fromkeys(STAFF_ROLES, end_role)}


# Fetched by open pages of staff, and empty then.
EMPTY = {"alarms"}
# An account keeps its own pages after its last role, until it is ended, and a person those of the delegation that was
# theirs: they open, and hold nothing of a household.
OFFICE = {"desk", "desk_approvals", "desk_residencies", "staff_password"}
OFFICE |= {"staff_factor_again", "staff_factors", "staff_factor_codes"}
THEIR_OWN = {"delegate": {"accept_family", "decline_family"}, **dict.fromkeys(STAFF_ROLES, OFFICE)}
FILE = re.compile(r"picture|recording|paper|pdf|sheet|excel|slip|_file$|_receipt$|_download$")


def needs_a_right(name: str, row: Row) -> bool:
    """Whether somebody with no home, role or delegation is refused."""
    return "newcomer" not in row.who and name not in EMPTY


def shows_people(answer: HttpResponse) -> bool:
    return any(name in answer.content.decode() for name in ("王秀英", "王大明", "周芳", "嬴", "亓"))


def is_file(name: str, row: Row) -> bool:
    return bool(FILE.search(name)) and row.method == "get" and bool(row.who)


def troubles_after(world: World, standing: str, names: list[str]) -> list[str]:
    person, wrong, own = world.people[standing], [], THEIR_OWN.get(standing, set())
    browser, program = browser_of(person), LeanClient(headers=api_headers(person))
    with transaction.atomic():
        addresses = {name: address(name, ROWS[name], world) for name in names}
        ENDINGS[standing](world, standing)
        for name, url in addresses.items():
            client, row = program if name in API_ROWS else browser, ROWS[name]
            answer = client.post(url, row.data(world)) if row.method == "post" else client.get(url)
            is_refused = answer.status_code == row.refused or (name in own and not shows_people(answer))
            if not is_refused and (is_let_in(answer) or answer.status_code >= 500):
                wrong.append(f"{name}: {answer.status_code} {answer.headers.get('Location', '')}")
        transaction.set_rollback(True)
    return wrong


def names_for(standing: str) -> list[str]:
    return [name for name, row in ROWS.items() if standing in row.who and needs_a_right(name, row)]


def files_for(standing: str) -> list[str]:
    return [name for name in names_for(standing) if is_file(name, ROWS[name])]


@pytest.mark.parametrize("standing", ENDINGS)
def test_file__right_ended__does_not_open(standing: str, world: World) -> None:
    assert not (wrong := troubles_after(world, standing, files_for(standing))), "\n".join(wrong)


def test_files__that_are_asked_for__are_all_there_are() -> None:
    asked = {name for standing in ENDINGS for name in files_for(standing)}
    files = {name for name, row in ROWS.items() if is_file(name, row)}
    assert len(files) > 40
    assert asked == files


@pytest.mark.long
@pytest.mark.parametrize("standing", ENDINGS)
def test_address__right_ended__does_not_open(standing: str, world: World) -> None:
    assert not (wrong := troubles_after(world, standing, names_for(standing))), "\n".join(wrong)
