"""亲情代办 until a day: the last day counts, both are told before, and then it is over everywhere."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts import actions
from accounts.models import Delegation, FamilyInvitation, User
from accounts.models.residents import Lasting
from accounts.policies import may_act_for
from accounts.tasks import keep_last_days
from community.core import clock
from community.core.errors import ActionError
from community.core.models import AuditRecord
from community.notifications import live
from community.notifications.models import OutboxMessage
from tests import factories

pytestmark = pytest.mark.django_db
NUMBER = "+8613812345678"
BEGUN = clock.midnight(date(2026, 3, 2)) + timedelta(hours=9)
LAST = date(2026, 4, 2)


@pytest.fixture
def pair() -> Iterator[tuple[User, User, Any]]:
    """A mother and her son on the first day of a month of help in repairs."""
    with time_machine.travel(BEGUN, tick=False) as hands:
        given = factories.make_delegation(delegate=factories.make_user(name="李强"), ends_on=LAST)
        yield given.resident, given.delegate, hands


def may_help(son: User, mother: User) -> bool:
    home = mother.residencies.get().home
    in_pages = may_act_for(son, mother, "repairs", estate_id=home.estate.pk)
    in_rows = Delegation.objects.active().filter(resident=mother, delegate=son).exists()
    client = Client()
    client.force_login(son)
    on_page = client.get(reverse("report_begin"), {"for": mother.pk}).status_code == 200
    assert in_pages == in_rows == on_page
    return in_pages


def told(user: User, template: str) -> int:
    return OutboxMessage.objects.filter(recipient=user, template=template, channel="inbox").count()


def proposed(resident: User, ends_on: date | None, phone: str = NUMBER) -> actions.ProposedDelegation:
    return actions.ProposedDelegation(resident, phone, "son", ["repairs"], ends_on)


@pytest.mark.parametrize(
    ("begins", "lasting", "last"),
    [
        (date(2026, 1, 31), Lasting.MONTH, date(2026, 2, 28)),
        (date(2026, 12, 5), Lasting.MONTH, date(2027, 1, 5)),
        (date(2028, 2, 29), Lasting.YEAR, date(2029, 2, 28)),
        (date(2026, 3, 2), Lasting.YEAR, date(2027, 3, 2)),
        (date(2026, 3, 2), Lasting.GOOD, None),
    ],
)
def test_lasting__from_a_day__ends_at_the_same_day_or_the_end_of_its_month(
    begins: date, lasting: Lasting, last: date | None
) -> None:
    assert lasting.last_day(begins) == last


def test_last_day__counts_and_the_next_minute_opens_nothing(pair) -> None:
    mother, son, hands = pair
    hands.move_to(clock.midnight(LAST + timedelta(days=1)) - timedelta(minutes=1))
    assert may_help(son, mother)
    hands.shift(timedelta(minutes=1))
    assert not may_help(son, mother)


def test_sweep__after_the_last_day__ends_it_once_tells_both_and_closes_open_pages(pair) -> None:
    mother, son, hands = pair
    factories.make_delegation(resident=mother, delegate=son, service="fees", ends_on=LAST)
    factories.make_delegation(resident=mother, delegate=son, service="care")
    hands.move_to(clock.midnight(LAST + timedelta(days=1)))
    before = live.numbers_of([live.access_topic(son.pk), live.access_topic(mother.pk)])
    for _twice in range(2):
        keep_last_days()
    after = live.numbers_of([live.access_topic(son.pk), live.access_topic(mother.pk)])
    assert all(after[topic] > number for topic, number in before.items())
    assert [one.service for one in Delegation.objects.unended()] == ["care"]
    assert (told(mother, "delegation_ended"), told(son, "delegation_ended")) == (1, 1)
    ended = AuditRecord.objects.get(action="delegation_ended")
    assert (ended.actor, ended.detail["delegate"]) == (None, son.pk)


def test_reminder__a_week_before__both_once(pair) -> None:
    mother, son, hands = pair
    hands.move_to(BEGUN + timedelta(days=23))
    keep_last_days()
    assert told(mother, "delegation_ending") == 0
    hands.shift(timedelta(days=1))
    for _twice in range(2):
        keep_last_days()
    assert (told(mother, "delegation_ending"), told(son, "delegation_ending")) == (1, 1)
    assert OutboxMessage.objects.get(recipient=mother, channel="inbox").params == {
        "name": "李强",
        "day": "2026-04-02",
    }


def test_given_again__gets_the_new_last_day_and_one_that_is_over_begins_anew(pair) -> None:
    mother, son, hands = pair
    son.phone = NUMBER
    son.save()
    actions.give_delegation(proposed=proposed(mother, None), by=mother, now=clock.now())
    assert Delegation.objects.get().ends_on is None
    assert may_help(son, mother)
    Delegation.objects.update(ends_on=LAST)
    hands.move_to(clock.midnight(LAST + timedelta(days=3)))
    actions.give_delegation(proposed=proposed(mother, None), by=mother, now=clock.now())
    assert not may_help(son, mother)
    actions.accept_delegations(resident=mother, delegate=son, by=son, now=clock.now())
    assert may_help(son, mother)
    assert Delegation.objects.unended().count() == 1


def test_last_day__in_the_past__is_refused_everywhere(pair) -> None:
    mother, _son, _hands = pair
    past = clock.today(clock.now()) - timedelta(days=1)
    for give in (
        lambda: actions.give_delegation(proposed=proposed(mother, past), by=mother, now=clock.now()),
        lambda: actions.invite_family(proposed=proposed(mother, past, ""), by=mother, now=clock.now()),
    ):
        with pytest.raises(ActionError) as refused:
            give()
        assert (refused.value.code, refused.value.field) == ("day_past", "ends_on")
    desk = factories.make_staff(estate=mother.residencies.get().home.estate)
    client = Client()
    client.force_login(desk)
    typed = {"relation": "son", "phone": "13812345678", "services": ["repairs"], "ends_on": str(past)}
    page = client.post(reverse("desk_family", args=[mother.pk]), typed).content.decode()
    assert "这一天已经过去" in page
    assert Delegation.objects.count() == 1


def test_link__taken_and_confirmed__lasts_as_long_as_the_resident_chose(pair) -> None:
    mother, _son, _hands = pair
    daughter = factories.make_user(name="李红")
    invitation = actions.invite_family(proposed=proposed(mother, LAST, ""), by=mother, now=clock.now())
    actions.take_invitation(invitation=invitation, by=daughter, now=clock.now())
    actions.confirm_invitation(invitation=FamilyInvitation.objects.get(), by=mother, now=clock.now())
    assert Delegation.objects.active().get(delegate=daughter).ends_on == LAST


def test_pages__both_sides__read_until_when(pair) -> None:
    for person in pair[:2]:
        client = Client(headers={"accept-language": "zh-CN"})
        client.force_login(person)
        assert "4月2日" in client.get(reverse("family")).content.decode()
