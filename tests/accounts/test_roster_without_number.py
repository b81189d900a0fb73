"""People of the roster without a mobile number, and couples with one phone."""

import pytest
from django.db import IntegrityError, transaction

from accounts import actions
from accounts.admin_forms import RosterForm
from accounts.models import Checked, Residency, RosterEntry, User
from accounts.sign_in_limits import is_known_number
from community.core import clock
from community.core.models import AuditRecord
from community.notifications.models import OutboxMessage
from tests import factories
from tests.accounts.signing_in import sign_in_by
from tests.community.admin_pages import list_of, page_of, signed_in

pytestmark = pytest.mark.django_db
Status, Kind = Residency.Status, Residency.Kind
OLD, NEW = "+8613812345678", "+8613987654321"


@pytest.fixture
def home():
    return factories.make_home()


@pytest.fixture
def desk(home):
    return factories.make_staff(estate=home.estate)


@pytest.fixture
def couple(home):
    wife = factories.make_roster_entry(home=home, name="李奶奶", phone=OLD, kind=Kind.FAMILY)
    return factories.make_roster_entry(home=home, name="王大爷", phone=OLD), wife


def line(home, **more) -> RosterEntry:
    return factories.make_roster_entry(home=home, phone="", **more)


def test_roster__line_without_a_number__opens_nothing_and_is_nobodys_number(home):
    line(home, name="赵大妈", landline="010-65123456")
    nobody = factories.make_user(phone="")
    assert actions.claim_roster_homes(user=nobody, now=clock.now()) == []
    asked = actions.request_residency(user=nobody, home=home, kind="owner", now=clock.now())
    assert asked.status == Status.REQUESTED
    assert not RosterEntry.objects.with_phone("").exists()
    assert not is_known_number("")
    assert actions.claim_for_roster(estate=home.estate, now=clock.now()) == 0


def test_roster__several_without_a_number__stand_side_by_side_each_name_once(home):
    line(home, name="赵大妈")
    line(home, name="赵大爷")
    with pytest.raises(IntegrityError), transaction.atomic():
        line(home, name="赵大妈")


def test_strike_off__line_without_a_number__ends_alone_and_tells_nobody(home, desk):
    first, second = line(home, name="赵大妈"), line(home, name="赵大爷")
    nobody = factories.make_resident(home=home, phone="")
    actions.end_roster_entry(entry=first, by=desk, now=clock.now())
    assert list(RosterEntry.objects.standing()) == [second]
    assert nobody.residencies.get().status == Status.ACTIVE
    assert not OutboxMessage.objects.exists()


def test_change_owner__former_one_without_a_number__leaves_and_no_account_is_made(home, desk):
    former = line(home, name="赵大妈")
    owner = actions.NewOwner(name="钱先生", phone="", landline="65123456")
    actions.change_owner(home=home, owner=owner, by=desk, checked=Checked.DEED, now=clock.now())
    former.refresh_from_db()
    new = RosterEntry.objects.standing().get()
    assert (former.ended_at is None, new.name, new.landline) == (False, "钱先生", "65123456")
    assert not User.objects.exclude(pk=desk.pk).exists()


def test_change_line_number__first_number_and_none_again__only_the_line_changes(home, desk):
    entry = line(home, name="赵大妈")
    actions.change_roster_number(entry=entry, phone=NEW, by=desk, checked=Checked.KNOWN, now=clock.now())
    entry.refresh_from_db()
    assert entry.phone == NEW
    actions.change_roster_number(entry=entry, phone="", by=desk, checked=Checked.KNOWN, now=clock.now())
    entry.refresh_from_db()
    assert (entry.phone, entry.phone_index, entry.ended_at) == ("", "", None)


# -- A couple with one phone


def test_sign_in__by_the_phone_of_a_couple__has_the_home_once_in_the_owners_name(codes, couple, home):
    person = sign_in_by(OLD, codes)
    given = person.residencies.get()
    assert (given.home, given.kind, given.status, person.name) == (home, Kind.OWNER, Status.ACTIVE, "王大爷")
    actions.claim_roster_homes(user=person, now=clock.now())
    assert person.residencies.count() == 1


def test_strike_off__one_of_a_couple__the_other_keeps_home_and_number(couple, home, desk):
    person = factories.make_resident(home=home, phone=OLD, name="王大爷")
    actions.end_roster_entry(entry=couple[0], by=desk, now=clock.now())
    assert list(RosterEntry.objects.standing()) == [couple[1]]
    assert person.residencies.get().status == Status.ACTIVE
    actions.end_roster_entry(entry=couple[1], by=desk, now=clock.now())
    assert person.residencies.get().status == Status.ENDED


def test_change_line_number__of_one_of_a_couple__the_account_stays_with_the_number(couple, home, desk):
    person = factories.make_resident(home=home, phone=OLD, name="王大爷")
    actions.change_roster_number(entry=couple[1], phone=NEW, by=desk, checked=Checked.KNOWN, now=clock.now())
    person.refresh_from_db()
    assert person.phone == OLD
    assert [entry.phone for entry in RosterEntry.objects.order_by("pk")] == [NEW, OLD]
    assert not OutboxMessage.objects.filter(template="number_left").exists()


def test_change_number__of_a_couples_account__both_lines_follow(couple, home, desk):
    person = factories.make_resident(home=home, phone=OLD, name="王大爷")
    actions.change_number(user=person, phone=NEW, by=desk, checked=Checked.KNOWN, now=clock.now())
    assert {entry.phone for entry in RosterEntry.objects.standing()} == {NEW}


def test_change_owner__to_one_of_a_couple__the_other_line_ends_and_the_number_stays(couple, home, desk):
    person = factories.make_resident(home=home, phone=OLD, name="李奶奶", kind=Kind.FAMILY)
    owner = actions.NewOwner(name="李奶奶", phone=OLD)
    actions.change_owner(home=home, owner=owner, by=desk, checked=Checked.DEED, now=clock.now())
    assert [entry.name for entry in RosterEntry.objects.standing()] == ["李奶奶"]
    assert person.residencies.get().status == Status.ACTIVE
    assert not OutboxMessage.objects.filter(template="residency_ended").exists()


# -- The back office


def test_form__same_number_for_another_of_the_home__is_taken_and_for_the_same_name_refused(couple, home):
    filled = {"home": home.pk, "phone": "13812345678", "kind": "family"}
    assert RosterForm(data={**filled, "name": "王小明"}).is_valid()
    assert "phone" in RosterForm(data={**filled, "name": "王大爷"}).errors


def test_list__person_without_a_mobile_number__shows_the_landline(home):
    entry = line(home, name="赵大妈", landline="010-65123456")
    line(home, name="钱大爷")
    client = signed_in(factories.make_staff(role="manager", estate=home.estate))
    listed = client.get(list_of(RosterEntry)).content.decode()
    assert "010-****3456" in listed
    assert "钱大爷" in listed
    assert "010-65123456" in client.get(page_of(entry)).content.decode()
    assert AuditRecord.objects.filter(action="number_read").count() == 1
