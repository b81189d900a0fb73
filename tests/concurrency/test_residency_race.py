"""Two who act at the same moment: one is first, the other is told, and nothing is written twice."""

import pytest

from accounts import actions
from accounts.models import Residency, User
from community.core import clock
from community.notifications.models import OutboxMessage
from tests import factories
from tests.support.at_once import at_once
from tests.support.draws import few_or

pytestmark = pytest.mark.django_db(transaction=True)


@few_or(10)
def test_approve__two_colleagues_at_once__one_history_row_and_one_notice(rounds: int):
    estate = factories.make_estate()
    desks = [factories.make_staff(estate=estate) for _n in range(2)]
    for _round in range(rounds):
        residency = factories.make_residency(
            user=factories.make_user(), home=factories.make_home(estate=estate), status="requested"
        )
        seen = [Residency.objects.get(pk=residency.pk) for _n in desks]
        [one.home.estate for one in seen]
        acts = [
            lambda one=one, by=by: actions.approve_residency(residency=one, by=by, now=clock.now())
            for one, by in zip(seen, desks, strict=True)
        ]
        assert at_once(*acts) == ["already_moved", "ok"]
        assert residency.history.filter(to_status="active").count() == 1
        assert OutboxMessage.objects.filter(recipient=residency.user).count() == 1


def test_request__the_same_home_twice_at_once__is_asked_for_once():
    user, home = factories.make_user(), factories.make_home()
    act = lambda: actions.request_residency(user=user, home=home, kind="owner", now=clock.now())  # noqa: E731
    assert at_once(act, act, act) == ["already_there", "already_there", "ok"]
    assert Residency.objects.get(user=user).history.count() == 1


def test_person_with_phone__two_codes_at_once__one_person():
    at_once(*[lambda: actions.person_with_phone("+8613812345678")] * 4)
    assert User.objects.with_phone("+8613812345678").count() == 1


def test_give_delegation__twice_at_once__is_there_once():
    resident = factories.make_resident()
    act = lambda: actions.give_delegation(  # noqa: E731
        proposed=actions.ProposedDelegation(resident, "+8613812345678", "son", ["repairs"]),
        by=resident,
        now=clock.now(),
    )
    assert at_once(act, act) == ["ok", "ok"]
    assert resident.delegations_given.count() == 1
