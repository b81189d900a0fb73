"""The life of a call: every state can be reached, every illegal move is refused; and who may what."""

from datetime import timedelta

import pytest

from accounts.models import StaffRole, User
from accounts.models.residents import delegable
from community.core import clock
from community.core.transitions import AlreadyMoved, move
from community.estates.models import Estate, Home
from services.help import policies
from services.help.models import HelpCall
from tests.factories import (
    make_delegation,
    make_help_call,
    make_home,
    make_resident,
    make_staff,
    make_user,
    make_week_of_duty,
)

Status = HelpCall.Status
Role = StaffRole.Role
TAKE, END, OTHER, BACK = "take_call", "end_call", "send_other", "cancel_call"


def test_every_state_is_reachable_from_calling__and_leads_to_the_end() -> None:
    reached, frontier = {Status.CALLING}, [Status.CALLING]
    while frontier:
        for state in HelpCall.TRANSITIONS[frontier.pop()]:
            if state not in reached:
                reached.add(state)
                frontier.append(state)
    assert reached == set(Status) == set(HelpCall.TRANSITIONS)
    assert [state for state, ways in HelpCall.TRANSITIONS.items() if not ways] == [Status.ENDED]


@pytest.mark.django_db
@pytest.mark.parametrize("old", list(Status))
def test_move__illegal__is_refused_and_writes_nothing(old: str) -> None:
    call = make_help_call(status=old)
    for new in set(Status) - HelpCall.TRANSITIONS[old]:
        with pytest.raises(AlreadyMoved):
            move(call, new, by=call.resident, now=clock.now())
    call.refresh_from_db()
    assert (call.status, call.history.count()) == (old, 1)


@pytest.mark.parametrize(
    ("status", "verbs"),
    [
        (Status.CALLING, {TAKE}),
        (Status.COMING, {OTHER, END}),
        (Status.CANCELLED, {END}),
        (Status.ENDED, set()),
    ],
)
def test_verbs__carer_on_duty__what_the_state_allows(
    status: str, verbs: set[str], home: Home, elder: User, carer: User
) -> None:
    call = make_help_call(home=home, resident=elder, status=status)
    assert policies.allowed_verbs(carer, call, clock.now()) == verbs


@pytest.mark.parametrize("role", [Role.MANAGER, Role.DISPATCHER, Role.FRONT_DESK])
def test_answer__desk__at_any_time(role: str, estate: Estate, home: Home, elder: User) -> None:
    call = make_help_call(home=home, resident=elder)
    assert TAKE in policies.allowed_verbs(make_staff(role=role, estate=estate), call, clock.now())


@pytest.mark.parametrize("role", [Role.CARER, Role.CARE_COORDINATOR, Role.CASHIER, Role.AUDITOR])
def test_answer__neither_on_duty_nor_told__neither_sees_nor_takes(
    role: str, estate: Estate, home: Home, elder: User, carer: User
) -> None:
    call, person = make_help_call(home=home, resident=elder), make_staff(role=role, estate=estate)
    assert policies.allowed_verbs(person, call, clock.now()) == set()
    seen = HelpCall.objects.visible_to(person, clock.now())
    assert seen.exists() == (role == Role.AUDITOR)


def test_answer__told_of_it__may_take_it_though_not_on_duty(estate: Estate, home: Home, elder: User) -> None:
    call, person = make_help_call(home=home, resident=elder), make_staff(role=Role.CARER, estate=estate)
    call.steps.create(key="duty:1", told=person, at=clock.now())
    assert policies.allowed_verbs(person, call, clock.now()) == {TAKE}
    assert HelpCall.objects.visible_to(person, clock.now()).get() == call


@pytest.mark.parametrize("how", ["told", "went", "on duty"])
def test_visible__a_day_after_the_end__no_longer_for_who_answered__for_the_desk_still(
    how: str, estate: Estate, home: Home, elder: User, desk: User
) -> None:
    now, person = clock.now(), make_staff(role=Role.CARER, estate=estate)
    call = make_help_call(home=home, resident=elder, status=Status.ENDED, responder=desk)
    if how == "told":
        call.steps.create(key="duty:1", told=person, at=now)
    elif how == "went":
        HelpCall.objects.update(responder=person)
    else:
        make_week_of_duty(estate=estate, user=person)
    auditor = make_staff(role=Role.AUDITOR, estate=estate)
    for seen, days in (({person, desk, auditor}, 0.99), ({desk, auditor}, 1.01)):
        HelpCall.objects.update(status_changed_at=now - timedelta(days=days))
        for one in (person, desk, auditor):
            assert HelpCall.objects.answered_by(one, now).exists() == (one in seen), (one, days)
            assert HelpCall.objects.visible_to(one, now).exists() == (one in seen), (one, days)


def test_visible__old_but_not_ended__still_for_who_was_told(estate: Estate, home: Home, elder: User) -> None:
    now, person = clock.now(), make_staff(role=Role.CARER, estate=estate)
    call = make_help_call(home=home, resident=elder, status=Status.COMING, created_at=now - timedelta(days=3))
    call.steps.create(key="duty:1", told=person, at=now)
    assert HelpCall.objects.visible_to(person, now).get() == call


def test_answer__carer_of_another_estate__sees_nothing(home: Home, elder: User) -> None:
    call, stranger = make_help_call(home=home, resident=elder), make_staff(role=Role.MANAGER)
    assert policies.allowed_verbs(stranger, call, clock.now()) == set()
    assert not HelpCall.objects.visible_to(stranger, clock.now()).exists()


@pytest.mark.parametrize("service", dict(delegable()))
def test_call_for__delegate_of_any_service__may(service: str, estate: Estate, elder: User) -> None:
    son = make_user()
    make_delegation(resident=elder, delegate=son, service=service)
    assert policies.may_call_for(son, elder, estate_id=estate.pk)


def test_call_for__not_accepted_or_ended__may_not(estate: Estate, elder: User) -> None:
    offered, ended = make_user(), make_user()
    make_delegation(resident=elder, delegate=offered, accepted_at=None)
    make_delegation(resident=elder, delegate=ended, ended_at=clock.now())
    assert not policies.may_call_for(offered, elder, estate_id=estate.pk)
    assert not policies.may_call_for(ended, elder, estate_id=estate.pk)


def test_visible__household_sees_it__landlord_of_a_tenant_does_not(home: Home, elder: User) -> None:
    wife = make_resident(home=home, kind="family")
    tenant_home = make_home(estate=home.estate)
    landlord, tenant = make_resident(home=tenant_home), make_resident(home=tenant_home, kind="tenant")
    make_help_call(home=home, resident=elder)
    theirs = make_help_call(home=tenant_home, resident=tenant)
    now = clock.now()
    assert HelpCall.objects.visible_to(wife, now).get().resident == elder
    assert not HelpCall.objects.visible_to(landlord, now).exists()
    assert HelpCall.objects.visible_to(tenant, now).get() == theirs


def test_visible__moved_in_afterwards__does_not_see_what_was_before(home: Home, elder: User) -> None:
    make_help_call(home=home, resident=elder, status=Status.ENDED)
    newcomer = make_resident(home=home, kind="family")
    assert not HelpCall.objects.visible_to(newcomer, clock.now()).exists()
