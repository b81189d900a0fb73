"""How often the pages that people open most ask the database, with rows of every kind."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.support.backing import forget_kept
from tests.support.world import World

pytestmark = pytest.mark.django_db

# Address, standing, most queries: one more for who acts for others, and on the home page one a kind of rows.
PAGES = [
    ("/", "owner", 14),
    ("/fees/", "owner", 10),
    ("/care/", "owner", 11),
    ("/notices/", "owner", 9),
    ("/repairs/", "owner", 7),
    ("/repairs/new/", "owner", 9),
    ("/renovation/{project}/", "owner", 13),
    ("/mine/", "owner", 11),
    ("/staff/", "front_desk", 8),
    ("/staff/fees/", "cashier", 12),
    ("/staff/fees/bills/", "cashier", 10),
    ("/staff/residents/", "front_desk", 10),
    ("/staff/repairs/list/", "dispatcher", 12),
    ("/staff/repairs/", "dispatcher", 16),
    ("/staff/care/", "care_coordinator", 12),
]


@pytest.mark.parametrize(("address", "standing", "most"), PAGES)
def test_page__of_everyday__asks_few_times(world: World, address: str, standing: str, most: int) -> None:
    client = Client()
    client.force_login(world.people[standing])
    page = address.format(project=world.more["appointment_done"].project_id)
    assert client.get(page).status_code == 200
    if address == "/":
        forget_kept()
    with CaptureQueriesContext(connection) as asked:
        assert client.get(page).status_code == 200
    said = "\n".join(one["sql"][:140] for one in asked)
    assert len(asked) <= most, f"{len(asked)} {address}\n{said}"
