"""The keys of people and homes stay right, however a row is written, renamed or deleted."""

import re
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command

from accounts import actions
from accounts.models import Administration, RosterEntry, User
from community.core import clock
from community.core.models import SearchKey
from community.core.search.keys import written_together
from community.estates.models import Entrance, Home
from tests import factories as make
from tests.support.searched import all_wrong
from tests.test_search import Scene, at_desk, home_at, in_office, scene

__all__ = ["scene"]
pytestmark = pytest.mark.django_db


def test_keys__of_people__say_no_name_and_no_number(scene: Scene) -> None:
    keys = SearchKey.objects.filter(kind__in=["person", "line"]).values_list("key", flat=True)
    assert keys
    assert [key for key in keys if not re.fullmatch("[0-9a-f]{24}", key)] == []


def test_rename__a_person__is_found_by_the_new_name_only(scene: Scene) -> None:
    actions.rename(user=scene.person, name="解晓东", by=scene.person)
    RosterEntry.objects.all().delete()
    assert at_desk(scene, "xxd") == [scene.person.pk]
    assert at_desk(scene, "建国") == []


def test_change_number__a_person_and_line__are_found_by_the_new_number_only(scene: Scene) -> None:
    admin_user = make.make_administrator(Administration.SECURITY)
    actions.change_number(
        user=scene.person, phone="+8613611112222", by=admin_user, checked="id_card", now=clock.now()
    )
    assert at_desk(scene, "2222") == [scene.person.pk]
    assert at_desk(scene, "0003") == []
    assert in_office(RosterEntry, "home_id")(scene, "13611112222") == [scene.home.pk]


def test_rename__a_building_or_entrance__its_homes_are_found_by_the_new_name(scene: Scene) -> None:
    building, entrance = scene.home.entrance.building, scene.home.entrance
    building.name = "南区9栋"
    building.save()
    Entrance.objects.filter(pk=entrance.pk).update(name="东门")
    assert in_office(Home, "pk")(scene, "南区9号楼东门602") == [scene.home.pk]
    assert in_office(Home, "pk")(scene, "4-1-602") == []
    assert all_wrong() == {}


def test_delete__a_person_a_line_a_home__leaves_no_key(scene: Scene) -> None:
    home = home_at(scene.home.estate, "6号楼", "1单元", "101")
    entry = make.make_roster_entry(home=home)
    stranger = make.make_user()
    rows = [("home", home.pk), ("line", entry.pk), ("person", stranger.pk)]
    for kind, row in rows:
        assert SearchKey.objects.filter(kind=kind, row=row).exists()
    home.delete()  # and with it the line
    User.objects.filter(pk=stranger.pk).delete()
    for kind, row in rows:
        assert not SearchKey.objects.filter(kind=kind, row=row).exists()


def test_write__many_at_once__their_keys_too(scene: Scene) -> None:
    made = User.objects.bulk_create(User(name=f"仇{n}") for n in range(601))
    for user in made:
        user.name = "区自强"
    User.objects.bulk_update(made, ["name"])
    with written_together():
        for number in range(3):
            home = home_at(scene.home.estate, "8号楼", "1单元", f"10{number}")
            make.make_roster_entry(home=home)
            Home.objects.filter(pk=home.pk).update(number=f"20{number}")
    assert all_wrong() == {}
    assert in_office(Home, "pk")(scene, "8-1-201")


def test_reindex_search__what_was_written_past_us__is_told_and_mended(scene: Scene) -> None:
    SearchKey.objects.filter(kind="home", row=scene.home.pk).delete()
    SearchKey.objects.create(kind="person", row=9_999_999, key="left behind")
    assert all_wrong() == {"estates.Home": [scene.home.pk], "accounts.User": [9_999_999]}
    with pytest.raises(SystemExit):
        call_command("reindex_search", check=True)
    call_command("reindex_search")
    assert all_wrong() == {}
    call_command("reindex_search", check=True)


def test_reindex_search__after_another_key__everybody_is_found_again(scene: Scene, settings: Any) -> None:
    settings.BLIND_INDEX_KEY = "another key, as long as the first one was"
    assert at_desk(scene, "建国") == []
    call_command("reindex_search")
    assert at_desk(scene, "建国") == [scene.person.pk]


@pytest.mark.parametrize(
    "name",
    ["accounts.migrations.0011_fill_search_keys", "community.estates.migrations.0006_fill_search_keys"],
)
def test_migration__rows_of_before__get_their_keys_and_lose_them(scene: Scene, name: str) -> None:
    migration = import_module(name)
    before = set(SearchKey.objects.values_list("kind", "row", "key"))
    migration.empty(apps, None)
    assert all_wrong()
    for _again in range(2):
        migration.fill_keys(apps, None)
    assert all_wrong() == {}
    assert set(SearchKey.objects.values_list("kind", "row", "key")) == before
