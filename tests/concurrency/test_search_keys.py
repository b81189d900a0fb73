"""Two write the same person, or a home and its building, at once: the keys are those of what is stored."""

import pytest

from accounts import actions
from accounts.models import Administration, User
from community.core import clock
from community.estates.models import Building, Home
from tests import factories
from tests.support.at_once import at_once
from tests.support.searched import all_wrong

pytestmark = pytest.mark.django_db(transaction=True)


def test_keys__name_and_number_changed_at_once__follow_both():
    home = factories.make_home()
    admin = factories.make_administrator(Administration.SECURITY)
    for number in range(6):
        person = factories.make_resident(home=home)
        factories.make_roster_entry(home=home, phone=person.phone)
        phone = f"+8613612340{number:03d}"
        outcomes = at_once(
            lambda pk=person.pk: actions.rename(user=User(pk=pk), name="陈建国", by=User(pk=pk)),
            lambda pk=person.pk: actions.rename(user=User(pk=pk), name="单雪", by=User(pk=pk)),
            lambda person=person, phone=phone: actions.change_number(
                user=person, phone=phone, by=admin, checked="id_card", now=clock.now()
            ),
        )
        assert outcomes == ["ok"] * 3
        assert User.objects.with_phone(phone).get().name in {"陈建国", "单雪"}
        assert all_wrong() == {}


def test_keys__a_building_and_its_home_renamed_at_once__follow_both():
    home = factories.make_home()
    building = home.entrance.building
    for number in range(6):
        outcomes = at_once(
            lambda number=number: Building.objects.filter(pk=building.pk).update(name=f"{number}号楼"),
            lambda number=number: Home.objects.filter(pk=home.pk).update(number=f"70{number}"),
            lambda number=number: Home.objects.filter(pk=home.pk).update(number=f"80{number}"),
        )
        assert outcomes == ["ok"] * 3
        assert all_wrong() == {}
