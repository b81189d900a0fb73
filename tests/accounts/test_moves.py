"""Number changed, owner changed, moved out: roster, homes, family, keys and sign-ins are settled together."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from accounts import actions
from accounts.admin_forms import RosterForm
from accounts.models import Administration, Checked, Residency, RosterEntry, User
from accounts.models.consents import MAX_TRIES
from community.core import clock
from community.core.errors import ActionError, Forbidden
from community.core.models import AuditRecord
from community.notifications.models import OutboxMessage
from tests import factories
from tests.accounts.signing_in import sign_in_by
from tests.community.admin_pages import page_of, signed_in

pytestmark = pytest.mark.django_db
Status, Kind = Residency.Status, Residency.Kind
OLD, NEW, SON = "+8613812345678", "+8613987654321", "+8613711112222"


@pytest.fixture
def home():
    return factories.make_home()


@pytest.fixture
def desk(home):
    return factories.make_staff(estate=home.estate)


@pytest.fixture
def owner(home):
    """Has signed in by OLD, stands in the roster, and owns the home."""
    factories.make_roster_entry(home=home, name="王秀英", phone=OLD)
    return factories.make_resident(home=home, name="王秀英", phone=OLD)


def sms_to(phone: str) -> list[str]:
    sent = OutboxMessage.objects.filter(recipient__in=User.objects.with_phone(phone), channel="sms")
    return list(sent.order_by("pk").values_list("template", flat=True))


def token_of(user: User):
    return actions.make_token(user=user, name="app", scopes=["repairs:read"], days=9, now=clock.now())[0]


def settle(user: User, by: User, phone: str = NEW, **more) -> None:
    actions.change_number(user=user, phone=phone, by=by, checked=Checked.ID_CARD, now=clock.now(), **more)


# -- Number changed


def test_change_number__by_the_desk__the_old_number_opens_nothing_more(owner, desk, home, codes):
    browser, token = Client(), token_of(owner)
    browser.force_login(owner)
    assert browser.get(reverse("me")).status_code == 200
    settle(owner, desk)
    assert browser.get(reverse("me")).status_code == 302
    token.refresh_from_db()
    assert token.revoked_at is not None
    assert RosterEntry.objects.get().phone == NEW
    stranger = sign_in_by(OLD, codes)
    assert stranger != owner
    assert not stranger.residencies.exists()
    assert sign_in_by(NEW, codes) == owner
    assert owner.residencies.get().status == Status.ACTIVE
    assert (sms_to(OLD), sms_to(NEW)) == (["number_left"], ["number_changed"])


def test_change_number__on_record__says_who_and_what_was_checked_and_no_number(owner, desk):
    settle(owner, desk)
    record = AuditRecord.objects.get(action="number_changed")
    assert (record.actor, record.detail["checked"]) == (desk, "id_card")
    assert record.detail["before"] != record.detail["after"]
    assert not any(number[3:] in json.dumps(record.detail) for number in (OLD, NEW))


def test_change_number__while_a_code_is_on_its_way__the_code_is_worth_nothing(owner, desk, client, codes):
    client.post(reverse("sign_in"), {"phone": OLD})
    settle(owner, desk)
    answer = client.post(reverse("sign_in_code"), {"code": codes[-1]["code"]})
    assert answer.status_code == 409
    assert "_auth_user_id" not in client.session


def test_change_number__repeated__is_quiet(owner, desk):
    for _twice in range(2):
        settle(owner, desk)
    assert sms_to(NEW) == ["number_changed"]
    owner.refresh_from_db()
    assert owner.session_epoch == 1


def test_change_number__to_one_that_somebody_has__refused_and_nothing_changed(owner, desk):
    factories.make_resident(phone=NEW)
    with pytest.raises(actions.NumberTaken):
        settle(owner, desk)
    assert RosterEntry.objects.get().phone == OLD
    assert User.objects.with_phone(OLD).get() == owner


def test_change_number__to_one_that_only_asked_for_a_code__is_taken_over(owner, desk):
    actions.person_with_phone(NEW)
    settle(owner, desk)
    assert User.objects.with_phone(NEW).get() == owner


def test_change_number__of_a_colleague_or_of_another_estates_resident__forbidden(owner, home):
    elsewhere = factories.make_staff()
    with pytest.raises(Forbidden):
        settle(owner, elsewhere)
    colleague = factories.make_staff(estate=home.estate)
    factories.make_residency(user=colleague, home=home)
    with pytest.raises(Forbidden):
        settle(colleague, factories.make_staff(estate=home.estate))


def test_change_number__of_a_daughter_who_acts_for_a_mother_elsewhere__is_not_this_desks(owner, desk):
    mother = factories.make_resident(home=factories.make_home())
    factories.make_delegation(resident=mother, delegate=owner)
    with pytest.raises(Forbidden):
        settle(owner, desk)
    owner.delegations_held.update(ended_at=clock.now())
    settle(owner, desk)
    assert owner.phone == NEW


def test_change_number__code_that_asked_for_a_yes_on_the_old_number__is_worth_nothing(owner, desk):
    request = actions.propose_delegation(
        actions.ProposedDelegation(resident=owner, phone=SON, relation="", services=["repairs"]),
        by=desk,
        now=clock.now(),
    )
    assert request.code_hash
    settle(owner, desk)
    request.refresh_from_db()
    assert (request.code_hash, request.tries) == ("", MAX_TRIES)


def test_change_number__line_of_another_estate__keeps_its_number_and_no_longer_opens(owner, desk, codes):
    """One desk's word puts no number into another's roster; and the old holder gets no home there."""
    there = factories.make_roster_entry(phone=OLD)
    settle(owner, desk)
    there.refresh_from_db()
    assert there.phone == OLD
    stranger = sign_in_by(OLD, codes)
    assert stranger.residencies.get(home=there.home).status == Status.REQUESTED


def test_change_number__ones_own__keeps_the_tokens(owner):
    token = token_of(owner)
    settle(owner, owner, is_verified=True)
    token.refresh_from_db()
    owner.refresh_from_db()
    assert token.revoked_at is None
    assert owner.phone_verified_at is not None


def test_change_number__on_the_desks_page__asks_what_was_checked(client, owner, desk):
    client.force_login(desk, backend="django.contrib.auth.backends.ModelBackend")
    url = reverse("desk_change_number", args=[owner.pk])
    assert client.post(url, {"phone": NEW[3:]}).status_code == 200
    assert client.post(url, {"phone": NEW[3:], "checked": "sheet"}).status_code == 200
    assert RosterEntry.objects.get().phone == OLD
    assert client.post(url, {"phone": NEW[3:], "checked": "called_back"}).status_code == 302
    assert RosterEntry.objects.get().phone == NEW


def test_change_number__in_the_form_of_a_person__takes_the_roster_with_it(owner):
    security = factories.make_administrator(Administration.SECURITY)
    posted = {"name": "王秀英", "phone": NEW[3:], "is_active": "on", "language": "zh-hans"}
    empty = {f"staff_roles-{name}": "0" for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    browser = signed_in(security)
    assert browser.post(page_of(owner), {**posted, **empty}).status_code == 200
    assert browser.post(page_of(owner), {**posted, **empty, "checked": "id_card"}).status_code == 302
    assert RosterEntry.objects.get().phone == NEW
    assert sms_to(OLD) == ["number_left"]
    assert User.objects.with_phone(NEW).get() == owner


def line_form(entry: RosterEntry, **changes) -> dict:
    return {"name": entry.name, "phone": entry.phone[3:], "kind": entry.kind, "checked": "deed", **changes}


def test_roster_line__another_number__is_the_same_persons(owner, desk):
    entry = RosterEntry.objects.get()
    assert signed_in(desk).post(page_of(entry), line_form(entry, phone=NEW[3:])).status_code == 302
    owner.refresh_from_db()
    assert (owner.phone, owner.residencies.get().status) == (NEW, Status.ACTIVE)


def test_roster_line__saved_as_it_is__asks_nothing_and_ends_nothing(owner, desk):
    entry = RosterEntry.objects.get()
    posted = line_form(entry, name="王秀兰", checked="")
    assert signed_in(desk).post(page_of(entry), posted).status_code == 302
    entry.refresh_from_db()
    owner.refresh_from_db()
    assert (entry.name, entry.ended_at, owner.session_epoch) == ("王秀兰", None, 0)


def test_roster_line__number_of_who_never_signed_in__old_and_new_are_told(home, desk):
    entry = factories.make_roster_entry(home=home, phone=OLD)
    signed_in(desk).post(page_of(entry), line_form(entry, phone=NEW[3:]))
    entry.refresh_from_db()
    assert entry.phone == NEW
    assert (sms_to(OLD), sms_to(NEW)) == (["number_left"], ["number_changed"])


def test_roster_line__of_a_person_with_another_estates_home__is_not_changed_by_one_desk(owner, desk, home):
    factories.make_residency(user=owner, home=factories.make_home())
    line = RosterEntry.objects.get()
    with pytest.raises(ActionError) as refused:
        actions.change_roster_number(entry=line, phone=NEW, by=desk, checked=Checked.ID_CARD, now=clock.now())
    assert refused.value.code == "not_yours_to_change"
    line.refresh_from_db()
    assert line.phone == OLD
    assert Residency.objects.active().filter(user=owner, home=home).exists()


def test_roster_line__of_somebody_who_left__corrected_number_opens_nothing(owner, desk, home, codes):
    actions.move_out(residency=owner.residencies.get(), by=desk, now=clock.now())
    line = RosterEntry.objects.get()
    actions.change_roster_number(entry=line, phone=NEW, by=desk, checked=Checked.ID_CARD, now=clock.now())
    line.refresh_from_db()
    assert (line.phone, line.ended_at is not None) == (NEW, True)
    assert not Residency.objects.active().filter(user=sign_in_by(NEW, codes), home=home).exists()


def test_roster_line__of_a_number_that_stood_there_before__is_refused_in_words(owner, desk, home):
    actions.move_out(residency=owner.residencies.get(), by=desk, now=clock.now())
    form = RosterForm({"home": home.pk, "name": "王秀英", "phone": OLD[3:], "kind": Kind.OWNER})
    assert list(form.errors) == ["phone"]


def test_roster_line__number_that_has_an_account_already__has_the_home_instead(owner, home, desk):
    """She had signed in with the new number before the desk heard of it."""
    again = factories.make_user(phone=NEW, name="王秀英")
    actions.change_roster_number(
        entry=RosterEntry.objects.get(), phone=NEW, by=desk, checked=Checked.KNOWN, now=clock.now()
    )
    assert [one.user for one in Residency.objects.active().filter(home=home)] == [again]


def test_roster_line__another_name_and_number__is_another_owner(owner, desk, home):
    entry = RosterEntry.objects.get()
    signed_in(desk).post(page_of(entry), line_form(entry, name="陈志强", phone=NEW[3:]))
    assert owner.residencies.get().status == Status.ENDED
    assert [line.name for line in RosterEntry.objects.standing()] == ["陈志强"]
    assert sms_to(NEW) == ["owner_noted"]


def test_roster_line__deleted__its_person_moves_out(owner, home):
    manager = factories.make_staff(role="manager", estate=home.estate)
    entry = RosterEntry.objects.get()
    url = reverse("admin:accounts_rosterentry_delete", args=[entry.pk])
    assert signed_in(manager).post(url, {"post": "yes"}).status_code == 302
    assert not RosterEntry.objects.exists()
    assert owner.residencies.get().status == Status.ENDED


# -- Moved out


def test_move_out__by_the_desk__signing_in_again_brings_nothing_back(owner, desk, codes):
    for _twice in range(2):
        actions.move_out(residency=Residency.objects.get(user=owner), by=desk, now=clock.now())
    assert RosterEntry.objects.get().ended_at is not None
    assert sign_in_by(OLD, codes) == owner
    assert owner.residencies.get().status == Status.ENDED
    assert sms_to(OLD) == ["residency_ended"]


def test_move_out__seen_as_it_was_before__is_quiet_too(owner, desk):
    seen_by_both = [Residency.objects.get(user=owner) for _n in range(2)]
    for one in seen_by_both:
        actions.move_out(residency=one, by=desk, now=clock.now())
    assert owner.residencies.get().history.filter(to_status="ended").count() == 1


def test_move_out__with_the_last_home__ends_what_was_given_and_the_keys(owner, desk):
    given, held = factories.make_delegation(resident=owner), factories.make_delegation(delegate=owner)
    second = factories.make_residency(
        user=owner, home=factories.make_home(estate=desk.staff_roles.get().estate)
    )
    token = token_of(owner)
    first = owner.residencies.exclude(pk=second.pk).get()
    actions.move_out(residency=first, by=desk, now=clock.now())
    given.refresh_from_db()
    assert given.ended_at is None
    actions.end_delegations(resident=held.resident, delegate=owner, by=owner, now=clock.now())
    actions.move_out(residency=second, by=desk, now=clock.now())
    given.refresh_from_db()
    token.refresh_from_db()
    assert given.ended_at is not None
    assert token.revoked_at is not None


def test_move_out__of_the_last_home__a_request_that_waits_for_a_yes_is_given_up(owner, desk):
    request = actions.propose_delegation(
        actions.ProposedDelegation(resident=owner, phone=SON, relation="", services=["repairs"]),
        by=desk,
        now=clock.now(),
    )
    actions.move_out(residency=owner.residencies.get(), by=desk, now=clock.now())
    request.refresh_from_db()
    assert request.status == request.Status.DROPPED


def test_move_out__of_a_daughter__she_goes_on_acting_for_her_mother_a_tenant_does_not(owner, home, desk):
    held = {}
    for kind in (Kind.FAMILY, Kind.TENANT):
        person = factories.make_resident(home=home, kind=kind)
        held[kind] = factories.make_delegation(resident=owner, delegate=person)
        actions.move_out(residency=person.residencies.get(), by=desk, now=clock.now())
        held[kind].refresh_from_db()
    assert held[Kind.FAMILY].ended_at is None
    assert held[Kind.TENANT].ended_at is not None


def test_move_out__request_taken_back__leaves_the_roster_alone(home):
    user = factories.make_user(phone=OLD)
    factories.make_roster_entry(home=home, phone=OLD)
    asked = factories.make_residency(user=user, home=home, status=Status.REQUESTED)
    actions.move_out(residency=asked, by=user, now=clock.now())
    assert RosterEntry.objects.get().ended_at is None


# -- Owner changed


def sell(home, by, **more):
    owner = actions.NewOwner(name="陈志强", phone=NEW)
    return actions.change_owner(home=home, owner=owner, by=by, checked=Checked.DEED, now=clock.now(), **more)


def test_change_owner__former_household_goes_and_the_tenant_stays(owner, home, desk):
    son = factories.make_resident(home=home, kind=Kind.FAMILY)
    tenant = factories.make_resident(home=home, kind=Kind.TENANT)
    never_signed_in = factories.make_roster_entry(home=home, kind=Kind.FAMILY)
    for _twice in range(2):
        sell(home, desk)
    assert [one.user for one in Residency.objects.active().filter(home=home)] == [tenant]
    assert [line.phone for line in RosterEntry.objects.standing()] == [NEW]
    assert sms_to(owner.phone) == sms_to(son.phone) == sms_to(never_signed_in.phone) == ["residency_ended"]
    assert sms_to(NEW) == ["owner_noted"]
    record = AuditRecord.objects.get(action="owner_changed")
    assert (record.actor, record.detail["checked"]) == (desk, "deed")


def test_change_owner__who_has_signed_in__has_the_home_at_once(owner, home, desk):
    buyer = factories.make_user(phone=NEW)
    factories.make_residency(user=buyer, home=home, kind=Kind.TENANT)
    sell(home, desk)
    residency = buyer.residencies.get()
    assert (residency.status, residency.kind) == (Status.ACTIVE, Kind.OWNER)


def test_change_owner__by_another_estates_desk__forbidden(owner, home):
    with pytest.raises(Forbidden):
        sell(home, factories.make_staff())
    assert owner.residencies.get().status == Status.ACTIVE
