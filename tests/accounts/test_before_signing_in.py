"""What somebody learns or opens who is not signed in yet: with a password alone, by numbers and names at random."""

import re
from difflib import unified_diff
from typing import Any

import pytest
from django.contrib.auth import hashers
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.accounts.signing_in import ask, enter
from tests.support import backing
from tests.support.access import is_let_in
from tests.support.access_rows import API_ROWS, ROWS
from tests.support.lean import LeanClient
from tests.support.second_factor import give_password, person_of, set_up_app
from tests.support.swept import address
from tests.support.world import World


@pytest.mark.once
def test_password_alone__opens_no_address_that_is_not_everybodys(world: World) -> None:
    manager, client = world.people["manager"], LeanClient()
    set_up_app(manager)
    give_password(client, manager.username or "")
    assert "account_login" in client.session
    for name, row in ROWS.items():
        if "anonymous" in row.who or name in API_ROWS or name.startswith("staff_factor"):
            continue
        url = address(name, row, world)
        answer = client.post(url, row.data(world)) if row.method == "post" else client.get(url)
        assert not is_let_in(answer), name
        assert answer.status_code < 500, name
    assert person_of(client) is None


VALUES = re.compile(r"'[^']*'|\"s\d+_x\d+\"|\b\d+\b|%s")


def statements(act: Any) -> list[str]:
    """What is asked of the database, without its values."""
    with CaptureQueriesContext(connection) as asked:
        act()
    return [VALUES.sub("?", one["sql"]) for one in asked]


@pytest.mark.django_db
def test_names__known_and_unknown__cost_the_same_queries_and_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    staff = factories.make_staff()
    enter(Client(), "warmed-up", "wrong")
    hashed: list[str] = []
    encode = hashers.MD5PasswordHasher.encode
    monkeypatch.setattr(
        hashers.MD5PasswordHasher,
        "encode",
        lambda self, password, *args: hashed.append(password) or encode(self, password, *args),
    )
    known = statements(lambda: enter(Client(), staff.username or "", "wrong known"))
    unknown = statements(lambda: enter(Client(), "nobody-of-us", "wrong unknown"))
    assert known == unknown, "\n".join(unified_diff(known, unknown))
    assert hashed.count("wrong known") == hashed.count("wrong unknown") > 0


@pytest.mark.django_db
def test_numbers__known_and_asked_before__cost_the_same_queries(codes: list[Any]) -> None:
    """A number that nobody has ever typed makes a row; from the second time on it costs what a resident's costs."""
    factories.make_resident(phone="+8613812345678")
    asked_before = "13912345678"
    ask(Client(), asked_before)
    backing.forget_redis()
    known = statements(lambda: ask(Client(), "13812345678"))
    unknown = statements(lambda: ask(Client(), asked_before))
    assert known == unknown, "\n".join(unified_diff(known, unknown))
