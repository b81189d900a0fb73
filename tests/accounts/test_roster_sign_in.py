"""Signing in by a number that the roster names: an old line, or a home left before, only asks for it."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.urls import reverse

from accounts import actions
from accounts.models import Residency, RosterEntry, User
from community.core import clock
from community.core.errors import Forbidden
from community.notifications.models import OutboxMessage
from tests import factories
from tests.accounts.signing_in import sign_in_by

pytestmark = pytest.mark.django_db
Status, Kind = Residency.Status, Residency.Kind
NEW = "+8613987654321"


@pytest.fixture
def home():
    return factories.make_home()


@pytest.fixture
def desk(home):
    return factories.make_staff(estate=home.estate)


@pytest.fixture
def owner(home):
    return factories.make_resident(home=home)


def aged(entry: RosterEntry, days: int) -> RosterEntry:
    RosterEntry.objects.filter(pk=entry.pk).update(confirmed_at=clock.now() - timedelta(days=days))
    return entry


def test_sign_in__line_of_half_a_year_ago__only_asks_however_often(codes, owner, home, client):
    aged(factories.make_roster_entry(home=home, phone=NEW, name="陈志强"), 181)
    person = sign_in_by(NEW, codes)
    later = User.objects.get(pk=person.pk)
    actions.verify_phone(user=later, now=clock.now())
    assert actions.claim_roster_homes(user=later, now=clock.now()) == []
    asked = person.residencies.get()
    assert (asked.status, person.name) == (Status.REQUESTED, "")
    told = OutboxMessage.objects.filter(recipient=person).values_list("template", flat=True)
    assert list(told) == ["residency_to_check"]
    assert OutboxMessage.objects.filter(recipient=owner, template="residency_asked").exists()
    client.force_login(person)
    assert f"{clock.local(asked.answer_by):%H:%M}" in client.get(reverse("me")).content.decode()


@pytest.mark.parametrize(("age", "status"), [(179, Status.ACTIVE), (181, Status.REQUESTED)])
def test_sign_in__line__opens_the_home_for_180_days(codes, age, status):
    aged(factories.make_roster_entry(phone=NEW), age)
    assert sign_in_by(NEW, codes).residencies.get().status == status


def test_claim__old_line_whose_number_was_signed_in_by_while_it_was_fresh__opens():
    user = factories.make_user(phone_verified_at=clock.now() - timedelta(days=200))
    aged(factories.make_roster_entry(phone=user.phone), 250)
    assert len(actions.claim_roster_homes(user=user, now=clock.now())) == 1


def test_request__by_an_old_line__waits(home):
    user = factories.make_user()
    aged(factories.make_roster_entry(home=home, phone=user.phone), 181)
    asked = actions.request_residency(user=user, home=home, kind="owner", now=clock.now())
    assert asked.status == Status.REQUESTED


def test_claim__home_left_before_and_listed_again__asks_and_a_no_is_not_asked_again(desk, home):
    user = factories.make_user()
    then = clock.now() - timedelta(days=9)
    factories.make_residency(user=user, home=home, status=Status.ENDED, status_changed_at=then)
    factories.make_roster_entry(home=home, phone=user.phone)
    assert actions.claim_roster_homes(user=user, now=clock.now()) == []
    asked = user.residencies.get(status=Status.REQUESTED)
    actions.decline_residency(residency=asked, by=desk, reason="已搬走", now=clock.now())
    assert actions.claim_roster_homes(user=user, now=clock.now()) == []
    assert not user.residencies.filter(status__in=[Status.REQUESTED, Status.ACTIVE]).exists()


def test_confirm__by_an_owner_of_the_home__and_by_nobody_else(client, owner, home):
    user = factories.make_user()
    line = aged(factories.make_roster_entry(home=home, phone=user.phone), 181)
    actions.claim_roster_homes(user=user, now=clock.now())
    asked = user.residencies.get()
    url = reverse("confirm_request", args=[asked.pk])
    others = [factories.make_resident(home=home, kind=Kind.TENANT), factories.make_resident(), user]
    for other in others:
        client.force_login(other)
        assert client.post(url).status_code == 404
        with pytest.raises(Forbidden):
            actions.approve_residency(residency=asked, by=other, now=clock.now())
    client.force_login(owner)
    assert url in client.get(reverse("me")).content.decode()
    assert client.post(url).status_code == 302
    asked.refresh_from_db()
    line.refresh_from_db()
    assert asked.status == Status.ACTIVE
    assert clock.now() - line.confirmed_at < timedelta(minutes=1)


def test_migration__lines_of_those_who_left__are_ended(home):
    gone, back = factories.make_user(), factories.make_user()
    for user in (gone, back):
        factories.make_residency(user=user, home=home, status=Status.ENDED)
        factories.make_roster_entry(home=home, phone=user.phone)
    factories.make_residency(user=back, home=home)
    import_module("accounts.migrations.0009_end_lines_of_those_who_left").end_lines(apps, None)
    assert [line.phone for line in RosterEntry.objects.standing()] == [back.phone]
