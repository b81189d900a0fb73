"""Who lives where: asked for on the pages, taken from the roster, checked by staff."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts import actions
from accounts.models import Residency, StaffRole
from community.core import clock, events
from community.core.errors import ActionError, Forbidden
from community.core.transitions import AlreadyMoved, move
from community.notifications.models import OutboxMessage
from tests import factories
from tests.support.events_sent import sent

pytestmark = pytest.mark.django_db
Status = Residency.Status


def ask(user, home, **overrides) -> Residency:
    fields = {"kind": "tenant", "words": "", "now": clock.now()}
    return actions.request_residency(user=user, home=home, **(fields | overrides))


def told(user) -> list[str]:
    return list(
        OutboxMessage.objects.filter(recipient=user).order_by("pk").values_list("template", flat=True)
    )


def test_join__page_by_page__asks_and_shows_how_it_stands(client):
    home = factories.make_home()
    entrance, building, estate = home.entrance, home.entrance.building, home.estate
    user = factories.make_user()
    client.force_login(user)
    url = reverse("join")
    for wanted in (
        reverse("join_estate", args=[estate.pk]),
        reverse("join_building", args=[building.pk]),
        reverse("join_entrance", args=[entrance.pk]),
        reverse("join_home", args=[home.pk]),
        reverse("join_check", args=[home.pk, "tenant"]),
    ):
        assert f'href="{wanted}"' in client.get(url).content.decode()
        url = wanted
    done = client.post(url, {"words": "住在三楼"}, follow=True)
    assert estate.desk_phone in done.content.decode().replace(" ", "")
    residency = user.residencies.get()
    assert (residency.status, residency.kind, residency.words) == (Status.REQUESTED, "tenant", "住在三楼")
    assert str(home) in client.get(reverse("me")).content.decode()


def test_request__same_home_twice__refused(client):
    user, home = factories.make_user(), factories.make_home()
    ask(user, home)
    with pytest.raises(actions.AlreadyThere):
        ask(user, home)
    client.force_login(user)
    answer = client.post(reverse("join_check", args=[home.pk, "owner"]))
    assert answer.context["form"].non_field_errors()


def test_request__fourth_that_waits__refused():
    user = factories.make_user()
    for _n in range(3):
        ask(user, factories.make_home())
    with pytest.raises(ActionError, match="too_many_requests"):
        ask(user, factories.make_home())


def test_request__on_the_roster__confirmed_at_once():
    user = factories.make_user()
    entry = factories.make_roster_entry(phone=user.phone, kind="family")
    residency = ask(user, entry.home)
    assert (residency.status, residency.kind) == (Status.ACTIVE, "family")


@pytest.mark.parametrize("mode", ["standard", "large"])
def test_join__without_a_name__asks_for_it(client, mode):
    home, user = factories.make_home(), factories.make_user(name="")
    client.force_login(user)
    client.cookies["mode"], client.cookies["django_language"] = mode, "zh-hans"
    url = reverse("join_check", args=[home.pk, "tenant"])
    assert 'name="name"' in client.get(url).content.decode()
    assert "请填写姓名" in client.post(url, {"words": ""}).content.decode()
    assert not user.residencies.exists()
    client.post(url, {"words": "", "name": " 王秀英 "}, follow=True)
    user.refresh_from_db()
    assert (user.name, user.residencies.get().status) == ("王秀英", Status.REQUESTED)
    assert 'name="name"' not in client.get(url).content.decode()


def test_request__without_a_name__refused_and_by_the_roster_named():
    user = factories.make_user(name="")
    with pytest.raises(ActionError, match="name_missing"):
        ask(user, factories.make_home())
    entry = factories.make_roster_entry(phone=user.phone, name="陈志强")
    ask(user, entry.home)
    user.refresh_from_db()
    assert user.name == "陈志强"


def test_request__on_the_roster_with_a_number_nobody_checked__waits():
    user = factories.make_user(phone_verified_at=None)
    entry = factories.make_roster_entry(phone=user.phone)
    assert ask(user, entry.home).status == Status.REQUESTED


def test_claim__repeated__changes_nothing():
    user = factories.make_user(name="")
    entry = factories.make_roster_entry(phone=user.phone, name="陈志强")
    assert len(actions.claim_roster_homes(user=user, now=clock.now())) == 1
    assert actions.claim_roster_homes(user=user, now=clock.now()) == []
    assert Residency.objects.get(user=user).home == entry.home
    assert user.name == "陈志强"


def test_claim__waiting_request__is_granted_and_a_left_home_stays_left():
    user = factories.make_user()
    waiting, left = factories.make_home(), factories.make_home()
    factories.make_residency(user=user, home=waiting, status=Status.REQUESTED)
    factories.make_residency(user=user, home=left, status=Status.ENDED)
    for home in (waiting, left):
        factories.make_roster_entry(home=home, phone=user.phone)
    claimed = actions.claim_roster_homes(user=user, now=clock.now())
    assert [one.home for one in claimed] == [waiting]
    assert not Residency.objects.active().filter(user=user, home=left).exists()


def test_claim_for_roster__who_signed_in_before__has_the_home_and_is_told():
    signed_in, only_asked_for_a_code = factories.make_user(), factories.make_user(phone_verified_at=None)
    entry = factories.make_roster_entry(phone=signed_in.phone)
    estate = entry.home.estate
    for user in (only_asked_for_a_code, factories.make_user()):
        factories.make_roster_entry(phone=user.phone)
    factories.make_roster_entry(home=factories.make_home(estate=estate), phone=only_asked_for_a_code.phone)
    assert actions.claim_for_roster(estate=estate, now=clock.now()) == 1
    assert actions.claim_for_roster(estate=estate, now=clock.now()) == 0
    assert Residency.objects.get().home == entry.home
    assert told(signed_in) == ["residency_approved"]


def test_approve__by_the_front_desk__resident_is_told_and_has_the_home():
    user, home = factories.make_user(), factories.make_home()
    residency = ask(user, home)
    desk = factories.make_staff(estate=home.estate)
    actions.approve_residency(residency=residency, by=desk, now=clock.now())
    assert told(user) == ["residency_approved"]
    steps = residency.history.values_list("from_status", "to_status", "actor")
    assert list(steps) == [("", "requested", user.pk), ("requested", "active", desk.pk)]


def test_approve__second_answer__is_told_that_it_is_done():
    residency = ask(factories.make_user(), factories.make_home())
    desk = factories.make_staff(estate=residency.home.estate)
    seen_by_both = Residency.objects.get(pk=residency.pk)
    actions.approve_residency(residency=residency, by=desk, now=clock.now())
    with pytest.raises(AlreadyMoved):
        actions.decline_residency(residency=seen_by_both, by=desk, reason="不认识", now=clock.now())
    assert told(residency.user) == ["residency_approved"]


@pytest.mark.parametrize(
    "role", [StaffRole.Role.DISPATCHER, StaffRole.Role.REPAIR_WORKER, StaffRole.Role.AUDITOR]
)
def test_approve__other_role__forbidden(role):
    residency = ask(factories.make_user(), factories.make_home())
    with pytest.raises(Forbidden):
        actions.approve_residency(
            residency=residency,
            by=factories.make_staff(role=role, estate=residency.home.estate),
            now=clock.now(),
        )


def test_approve__ones_own_request__left_to_a_colleague():
    home = factories.make_home()
    desk = factories.make_staff(estate=home.estate)
    residency = ask(desk, home)
    with pytest.raises(Forbidden, match="forbidden"):
        actions.approve_residency(residency=residency, by=desk, now=clock.now())
    residency.refresh_from_db()
    assert residency.status == Residency.Status.REQUESTED


def test_approve__desk_of_another_estate__forbidden():
    residency = ask(factories.make_user(), factories.make_home())
    with pytest.raises(Forbidden):
        actions.approve_residency(residency=residency, by=factories.make_staff(), now=clock.now())


def test_decline__reason__is_shown_to_the_resident(client):
    residency = ask(factories.make_user(), factories.make_home())
    desk = factories.make_staff(estate=residency.home.estate)
    with pytest.raises(ActionError, match="reason_missing"):
        actions.decline_residency(residency=residency, by=desk, reason=" ", now=clock.now())
    actions.decline_residency(residency=residency, by=desk, reason="请带合同来前台", now=clock.now())
    assert told(residency.user) == ["residency_declined"]
    client.force_login(residency.user)
    assert "请带合同来前台" in client.get(reverse("me")).content.decode()


def test_leave__asked_first__then_the_home_is_gone_and_others_hear_of_it(client, monkeypatch):
    heard = sent(events.residency_ended, monkeypatch)
    user = factories.make_resident()
    residency = user.residencies.get()
    client.force_login(user)
    url = reverse("leave_home", args=[residency.pk])
    assert client.get(url).status_code == 200
    assert Residency.objects.active().filter(pk=residency.pk).exists()
    for _twice in range(2):
        assert client.post(url).url == reverse("me")
    residency.refresh_from_db()
    assert residency.status == Status.ENDED
    assert [one["residency"].pk for one in heard] == [residency.pk]
    assert told(user) == []


def test_leave__somebody_elses_home__is_not_there(client):
    other = factories.make_resident().residencies.get()
    client.force_login(factories.make_resident())
    assert client.post(reverse("leave_home", args=[other.pk])).status_code == 404


def test_add_at_desk__new_person__marked_by_whom_for_whom():
    home = factories.make_home()
    desk = factories.make_staff(estate=home.estate)
    residency = actions.add_residency_at_desk(
        name="周奶奶", phone="+8613812345678", home=home, kind="owner", by=desk, now=clock.now()
    )
    step = residency.history.get()
    assert (step.actor, step.on_behalf_of) == (desk, residency.user)
    assert (residency.user.name, residency.user.phone_verified_at) == ("周奶奶", None)
    with pytest.raises(actions.AlreadyThere):
        actions.add_residency_at_desk(
            name="x", phone="+8613812345678", home=home, kind="owner", by=desk, now=clock.now()
        )


def test_add_at_desk__known_person_who_waits__keeps_the_name_and_is_confirmed():
    user = factories.make_user(name="王秀英")
    residency = ask(user, factories.make_home())
    desk = factories.make_staff(estate=residency.home.estate)
    added = actions.add_residency_at_desk(
        name="别的名字", phone=user.phone, home=residency.home, kind="owner", by=desk, now=clock.now()
    )
    assert added.pk == residency.pk
    user.refresh_from_db()
    assert user.name == "王秀英"
    assert told(user) == ["residency_approved"]


def test_transitions__every_state__is_reachable_and_no_other_step_allowed():
    now = clock.now() + timedelta(minutes=1)
    for start in Status.values:
        for end in Status.values:
            residency = factories.make_residency(
                user=factories.make_user(), home=factories.make_home(), status=start
            )
            if end in Residency.TRANSITIONS[start]:
                move(residency, end, by=None, now=now)
                assert residency.status == end
            else:
                with pytest.raises(AlreadyMoved):
                    move(residency, end, by=None, now=now)
    reachable = {Status.REQUESTED, *(end for ends in Residency.TRANSITIONS.values() for end in ends)}
    assert reachable == set(Status.values)
