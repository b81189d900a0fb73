"""The roster read again: a changed number, a changed owner, who has moved out."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Residency, RosterEntry, User
from community.core import clock
from community.estates.models import Estate, Home
from tests import factories as make
from tests.community.estates.importing import ROSTER, check, confirm, sheet
from tests.community.estates.test_imports import client, estate, home, manager

__all__ = ["client", "estate", "home", "manager"]


def line(home: Home, name: str, number: str, kind: str = "业主") -> list[Any]:
    return [home.entrance.building.name, home.entrance.name, home.number, name, number, kind]


def meanings(checked: Any) -> list[str]:
    """The first two characters of what the page says of each row, where it has words of its own."""
    return [row["words"][:2] for row in checked.context["outcome"]["rows"]]


@pytest.fixture
def lived_in(home: Home) -> User:
    make.make_roster_entry(home=home, name="王秀英", phone="+8613900010001")
    return make.make_resident(home=home, name="王秀英", phone="+8613900010001")


def test_roster_again__same_name_with_another_number__is_shown_masked_and_changes_the_account(
    client: Client, estate: Estate, home: Home, lived_in: User
) -> None:
    upload = sheet(ROSTER, line(home, "王秀英", "13900010002"))
    checked = check(client, "accounts_rosterentry", estate, upload)
    assert meanings(checked) == ["号码"]
    page = checked.content.decode()
    assert "号码变更：139****0001 → 139****0002" in page
    assert "13900010002" not in page
    lived_in.refresh_from_db()
    assert lived_in.phone == "+8613900010001"
    confirm(client, "accounts_rosterentry", checked)
    lived_in.refresh_from_db()
    assert lived_in.phone == RosterEntry.objects.get().phone == "+8613900010002"
    assert Residency.objects.active().get().user == lived_in


def test_roster_again__same_name_with_a_second_number__is_new(
    client: Client, estate: Estate, home: Home, lived_in: User
) -> None:
    upload = sheet(ROSTER, line(home, "王秀英", "13900010001"), line(home, "王秀英", "13900010002"))
    checked = check(client, "accounts_rosterentry", estate, upload)
    assert meanings(checked) == ["", ""]
    confirm(client, "accounts_rosterentry", checked)
    assert RosterEntry.objects.count() == 2


@pytest.mark.parametrize(("owners", "stays"), [("replace", False), ("add", True)])
def test_roster_again__another_owner__asks_what_becomes_of_the_former(
    client: Client, estate: Estate, home: Home, lived_in: User, owners: str, stays: bool
) -> None:
    upload = sheet(ROSTER, line(home, "陈志强", "13900010003"), line(home, "李梅", "13900010004"))
    checked = check(client, "accounts_rosterentry", estate, upload)
    assert meanings(checked) == ["业主", "业主"]
    assert "业主变更：王秀英 139****0001 → 陈志强" in checked.content.decode()
    confirm(client, "accounts_rosterentry", checked, owners=owners)
    assert Residency.objects.active().filter(user=lived_in).exists() == stays
    standing = set(RosterEntry.objects.standing().values_list("name", flat=True))
    assert standing == {"陈志强", "李梅"} | ({"王秀英"} if stays else set())


def test_roster_again__another_owner_and_no_choice__writes_nothing(
    client: Client, estate: Estate, home: Home, lived_in: User
) -> None:
    checked = check(
        client, "accounts_rosterentry", estate, sheet(ROSTER, line(home, "陈志强", "13900010003"))
    )
    confirm(client, "accounts_rosterentry", checked)
    assert RosterEntry.objects.get().name == "王秀英"
    assert Residency.objects.active().get().user == lived_in


def test_roster_again__beside_the_owner_that_is_known__is_new(
    client: Client, estate: Estate, home: Home, lived_in: User
) -> None:
    rows = [line(home, "王秀英", "13900010001"), line(home, "陈志强", "13900010003")]
    checked = check(client, "accounts_rosterentry", estate, sheet(ROSTER, *rows))
    assert meanings(checked) == ["", ""]
    confirm(client, "accounts_rosterentry", checked)
    assert Residency.objects.active().get().user == lived_in


def test_roster_again__who_has_moved_out__stays_so_and_who_stands_is_fresh(
    client: Client, estate: Estate, home: Home
) -> None:
    long_ago = clock.now() - timedelta(days=400)
    make.make_roster_entry(home=home, name="王秀英", phone="+8613900010001", ended_at=long_ago)
    stands = make.make_roster_entry(home=home, name="陈志强", phone="+8613900010003", confirmed_at=long_ago)
    rows = [line(home, "王秀英", "13900010001"), line(home, "陈志强", "13900010003")]
    checked = check(client, "accounts_rosterentry", estate, sheet(ROSTER, *rows))
    assert meanings(checked) == ["已搬", ""]
    confirm(client, "accounts_rosterentry", checked)
    stands.refresh_from_db()
    assert clock.now() - stands.confirmed_at < timedelta(minutes=1)
    assert [one.name for one in RosterEntry.objects.standing()] == ["陈志强"]


def test_roster_again__one_name_with_two_new_numbers__is_written_as_it_was_shown(
    client: Client, estate: Estate, home: Home, lived_in: User
) -> None:
    upload = sheet(ROSTER, line(home, "王秀英", "13900010005"), line(home, "王秀英", "13900010006"))
    checked = check(client, "accounts_rosterentry", estate, upload)
    assert meanings(checked) == ["号码", ""]
    confirm(client, "accounts_rosterentry", checked)
    lived_in.refresh_from_db()
    assert lived_in.phone == "+8613900010005"
    assert {entry.phone for entry in RosterEntry.objects.standing()} == {"+8613900010005", "+8613900010006"}


def test_roster_again__new_family_above_the_new_owner__stays(
    client: Client, estate: Estate, home: Home, lived_in: User
) -> None:
    family, owner = line(home, "周小雨", "13900010007", "家属"), line(home, "周大海", "13900010008")
    checked = check(client, "accounts_rosterentry", estate, sheet(ROSTER, family, owner))
    confirm(client, "accounts_rosterentry", checked, owners="replace")
    assert {entry.name for entry in RosterEntry.objects.standing()} == {"周小雨", "周大海"}
    assert not Residency.objects.active().filter(user=lived_in).exists()
