"""Signing in and moving out at the same moment: a home that was left is nobody's by the roster."""

import pytest

from accounts import actions
from accounts.models import Residency, RosterEntry, User
from community.core import clock
from tests import factories
from tests.support.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)
OLD, NEW = "+8613812345678", "+8613987654321"


def test_claim__while_the_line_is_struck_off__leaves_no_home_behind():
    home = factories.make_home()
    desk = factories.make_staff(estate=home.estate)
    for _round in range(6):
        person = factories.make_user()
        entry = factories.make_roster_entry(home=home, phone=person.phone)
        outcomes = at_once(
            lambda person=person: actions.claim_roster_homes(user=person, now=clock.now()),
            lambda entry=entry: actions.end_roster_entry(entry=entry, by=desk, now=clock.now()),
        )
        assert outcomes == ["ok", "ok"]
        assert RosterEntry.objects.get(pk=entry.pk).ended_at is not None
        assert not Residency.objects.active().filter(user=person).exists()


def test_claim__while_the_desk_moves_the_person_out__does_not_give_the_home_back():
    home = factories.make_home()
    desk = factories.make_staff(estate=home.estate)
    for _round in range(5):
        person = factories.make_resident(home=home)
        factories.make_roster_entry(home=home, phone=person.phone)
        residency = person.residencies.get()
        assert (
            at_once(
                lambda person=person: actions.claim_roster_homes(user=person, now=clock.now()),
                lambda residency=residency: actions.move_out(residency=residency, by=desk, now=clock.now()),
                lambda residency=residency: actions.move_out(
                    residency=Residency.objects.get(pk=residency.pk), by=desk, now=clock.now()
                ),
            )
            == ["ok"] * 3
        )
        assert not Residency.objects.active().filter(user=person).exists()
        assert residency.history.filter(to_status="ended").count() == 1


def test_claim__by_the_old_number_while_it_is_changed__gives_the_old_number_nothing():
    """First, and the account goes on by the new number; or second, and the line is another's already."""
    home = factories.make_home()
    desk = factories.make_staff(estate=home.estate)
    for number in range(6):
        old, new = f"+8613812340{number:03d}", f"+8613987650{number:03d}"
        entry = factories.make_roster_entry(home=home, phone=old)
        holder = factories.make_user(phone=old)
        assert at_once(
            lambda holder=holder: actions.claim_roster_homes(user=holder, now=clock.now()),
            lambda entry=entry, new=new: actions.change_roster_number(
                entry=entry, phone=new, by=desk, checked="id_card", now=clock.now()
            ),
        ) == ["ok", "ok"]
        assert RosterEntry.objects.get(pk=entry.pk).phone == new
        by_old = User.objects.with_phone(old)
        assert not Residency.objects.active().filter(user__in=by_old).exists()


def test_change_number__two_colleagues_at_once__one_is_first():
    home = factories.make_home()
    desks = [factories.make_staff(estate=home.estate) for _n in range(2)]
    person = factories.make_resident(home=home, phone=OLD)
    factories.make_roster_entry(home=home, phone=OLD)
    outcomes = at_once(
        *(
            lambda by=by, new=new: actions.change_number(
                user=User.objects.get(pk=person.pk), phone=new, by=by, checked="id_card", now=clock.now()
            )
            for by, new in zip(desks, (NEW, "+8613700000000"), strict=True)
        )
    )
    assert outcomes in (["already_moved", "ok"], ["ok", "ok"])
    person.refresh_from_db()
    assert RosterEntry.objects.get().phone == person.phone
