"""In the demo estate, which is written by sets, everybody is found as if they had been entered one by one."""

import pytest

from accounts.models import RosterEntry, User
from accounts.queries import lines_found, people_found
from community.core.encryption import blind_index
from community.demo.people import PEOPLE
from community.estates.models import Estate, Home
from tests.support.searched import all_wrong


def test_demo__search_keys__are_those_of_its_rows(demo: None) -> None:
    assert all_wrong() == {}


@pytest.mark.parametrize("key", ["elder", "owner", "tenant"])
def test_demo__its_main_characters__are_found_by_name_number_and_home(demo: None, key: str) -> None:
    named = next(one for one in PEOPLE if one.key == key)
    person = User.objects.with_phone(f"+86{named.phone}").get()
    home = Home.objects.get(residencies__user=person)
    estates = [home.estate]
    for typed in (named.name, named.name[1:], named.phone, f"{home} {named.name}", f"{home}室"):
        assert person in people_found(typed, estates), typed
        assert person not in people_found(typed, Estate.objects.exclude(pk=home.estate.pk)), typed
        index = blind_index(named.name)
        assert RosterEntry.objects.get(home=home, name_index=index) in lines_found(typed, estates), typed
