"""Whom a notice is for, and behind which of their doors it is read, unread or told by hand."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Residency
from community.core import clock
from community.core.errors import ActionError, Forbidden
from community.notices import actions, home_states
from community.notices.actions import Audience
from community.notices.actions.publication import reach_of
from community.notices.home_states import ReadState
from community.notices.models import DoorTold, Notice, NoticeReading
from community.notifications.models import InboxNotice
from tests.community.notices.street import Role, Street
from tests.factories import make_home, make_notice, make_residency, make_resident, make_staff, make_user

pytestmark = pytest.mark.django_db


# -- For whom


@pytest.mark.parametrize("scope", ["estate", "building", "entrance", "home"])
def test_visible__to_those_it_is_for_and_nobody_else(street: Street, scope: str) -> None:
    places = {
        "estate": {},
        "building": {"buildings": [street.building]},
        "entrance": {"entrances": [street.entrance]},
        "home": {"homes": [street.home]},
    }[scope]
    notice = make_notice(estate=street.estate, by=street.clerk, **places)
    here, beside, there = (
        make_resident(home=home) for home in (street.home, street.next_door, street.elsewhere)
    )
    stranger = make_resident()
    sees = {
        person
        for person in (here, beside, there, stranger)
        if Notice.objects.visible_to(person).filter(pk=notice.pk).exists()
    }
    assert (
        sees
        == {
            "estate": {here, beside, there},
            "building": {here, beside},
            "entrance": {here, beside},
            "home": {here},
        }[scope]
    )
    assert not Notice.objects.visible_to(street.clerk).exists()


def test_visible__moved_out_or_not_confirmed__not(street: Street) -> None:
    make_notice(estate=street.estate)
    for status in (Residency.Status.ENDED, Residency.Status.REQUESTED, Residency.Status.DECLINED):
        person = make_user()
        make_residency(user=person, home=street.home, status=status)
        assert not Notice.objects.visible_to(person).exists()


def test_published__to_a_group__is_for_the_homes_of_that_minute(street: Street, affected: list[int]) -> None:
    notice = street.draft(audience=Audience(scope=Notice.Scope.GROUP, group="test:1"))
    assert (notice.group_name, reach_of(notice).homes) == ("没有预约的", 1)
    street.publish(notice)
    affected[:] = [street.next_door.pk]
    assert Notice.objects.visible_to(make_resident(home=street.home)).exists()
    assert not Notice.objects.visible_to(make_resident(home=street.next_door)).exists()


def test_reach__counts_homes_and_each_person_once(street: Street) -> None:
    person = make_resident(home=street.home)
    make_residency(user=person, home=street.next_door)
    make_resident(home=street.home, phone="")
    notice = make_notice(estate=street.estate, is_urgent=True)
    reach = reach_of(notice)
    assert (reach.homes, reach.homes_with_people, reach.people, reach.by_sms) == (3, 2, 2, 1)


# -- Read by home


def test_read__by_one__is_read_by_the_home_and_with_it_the_message(street: Street) -> None:
    resident = make_resident(home=street.home)
    make_residency(user=resident, home=street.next_door)
    notice = street.draft()
    street.publish(notice)
    InboxNotice.objects.create(
        user=resident,
        key=notice.told_key,
        template="notice_published",
        params={"title": notice.title},
        created_at=clock.now(),
    )
    assert actions.read_notice(notice=notice, by=resident, now=clock.now())
    assert not actions.read_notice(notice=notice, by=resident, now=clock.now())
    assert NoticeReading.objects.count() == 2
    assert not InboxNotice.objects.unread().exists()
    make_resident(home=street.elsewhere)
    states = {door.home: door.state for door in home_states.home_states(notice)}
    assert states == {
        street.home: ReadState.READ,
        street.next_door: ReadState.READ,
        street.elsewhere: ReadState.UNREAD,
    }


def test_read__again_with_one_more_home__is_read_there_too(street: Street) -> None:
    resident = make_resident(home=street.home)
    notice = make_notice(estate=street.estate, entrances=[street.entrance])
    assert actions.read_notice(notice=notice, by=resident, now=clock.now())
    for home in (street.next_door, street.elsewhere):
        make_residency(user=resident, home=home)
    assert actions.read_notice(notice=notice, by=resident, now=clock.now())
    with CaptureQueriesContext(connection) as found:
        assert not actions.read_notice(notice=notice, by=resident, now=clock.now())
    assert len(found) == 1
    assert {door.home: door.state for door in home_states.home_states(notice)} == {
        street.home: ReadState.READ,
        street.next_door: ReadState.READ,
    }


def test_doors__nobody_registered_or_moved_out__need_a_knock(street: Street) -> None:
    resident = make_resident(home=street.home)
    notice = make_notice(estate=street.estate, entrances=[street.entrance])
    resident.residencies.update(status=Residency.Status.ENDED)
    states = [door.state for door in home_states.home_states(notice)]
    assert states == [ReadState.NOBODY, ReadState.NOBODY]
    assert home_states.totals(home_states.by_building(home_states.home_states(notice))).to_knock == 2


def test_door__ticked_twice__stands_once__and_can_be_taken_back(street: Street) -> None:
    notice = make_notice(estate=street.estate, homes=[street.home])
    for _time in range(2):
        actions.tell_at_door(notice=notice, home=street.home, by=street.clerk, now=clock.now())
    told_row = DoorTold.objects.get()
    assert told_row.told_by == street.clerk
    assert home_states.home_states(notice)[0].state == ReadState.TOLD
    actions.forget_door(notice=notice, home=street.home, by=street.clerk)
    assert home_states.home_states(notice)[0].needs_knock
    with pytest.raises(ActionError):
        actions.tell_at_door(notice=notice, home=street.elsewhere, by=street.clerk, now=clock.now())
    auditor = make_staff(role=Role.AUDITOR, estate=street.estate)
    with pytest.raises(Forbidden):
        actions.tell_at_door(notice=notice, home=street.home, by=auditor, now=clock.now())


def test_doors__of_many_homes__few_queries(street: Street) -> None:
    notice = make_notice(estate=street.estate)
    for _n in range(30):
        make_home(entrance=street.entrance)
    with CaptureQueriesContext(connection) as found:
        list(home_states.by_entrance(home_states.home_states(notice)))
    assert len(found) <= 4
