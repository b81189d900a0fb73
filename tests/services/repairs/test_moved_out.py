"""What whoever has moved out still sees of a repair: what was finished by then, and nothing after it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts import actions as people
from accounts.models import Residency, User
from community.core import clock, pictures
from community.notifications.models import OutboxMessage
from services.repairs import actions
from services.repairs.models import Repair, RepairDraft, RepairPicture
from tests import factories as make
from tests.services.repairs.api import Api
from tests.support.world import a_picture

pytestmark = pytest.mark.django_db
S = Repair.Status


def leave(person: User, home) -> None:
    residency = Residency.objects.active().get(user=person, home=home)
    people.move_out(residency=residency, by=person, now=clock.now())


def with_picture(repair: Repair) -> RepairPicture:
    key = pictures.store(a_picture()).key
    fields = {"width": 400, "height": 300, "added_by": repair.worker or repair.resident, "at": clock.now()}
    return RepairPicture.objects.create(repair=repair, key=key, shows="after", **fields)


def seen_by(user: User, repair: Repair, picture: RepairPicture) -> set[int]:
    """What the page, the API and the picture answer, by either way."""
    browser, api = Client(), Api(user, "repairs:read")
    browser.force_login(user)
    return {
        browser.get(reverse("repair", args=[repair.pk])).status_code,
        browser.get(reverse("repair_picture", args=[picture.pk, "small"])).status_code,
        api.get(f"repairs/{repair.pk}/").status_code,
        api.get(f"pictures/{picture.pk}/small/").status_code,
    }


def test_moved_out__open_repair__goes_to_who_stays_and_is_seen_no_more():
    home = make.make_home()
    tenant, owner = make.make_resident(home=home, kind="tenant"), make.make_resident(home=home)
    repair = make.make_repair(home=home, resident=tenant, status=S.IN_WORK)
    picture = with_picture(repair)
    assert seen_by(tenant, repair, picture) == {200}
    leave(tenant, home)
    repair.refresh_from_db()
    assert repair.resident == owner
    assert seen_by(tenant, repair, picture) == {404}
    assert seen_by(owner, repair, picture) == {200}
    told = OutboxMessage.objects.filter(template__in=["repair_left", "repair_passed"])
    assert set(told.values_list("recipient", "template")) == {
        (tenant.pk, "repair_left"),
        (owner.pk, "repair_passed"),
    }


def test_moved_out__open_repair_of_an_empty_home__is_the_desks_and_tells_the_former_nothing():
    home = make.make_home()
    tenant = make.make_resident(home=home)
    son = make.make_delegation(resident=tenant).delegate
    repair = make.make_repair(home=home, resident=tenant, status=S.IN_WORK)
    picture = with_picture(repair)
    leave(tenant, home)
    actions.finish_work(repair=repair, by=repair.worker, words="换了阀门", now=clock.now())
    for person in (tenant, son):
        assert seen_by(person, repair, picture) == {404}
    assert not Repair.objects.of_household(tenant).exists()
    assert not OutboxMessage.objects.filter(recipient=tenant, template="repair_done").exists()
    assert "confirm_repair" not in actions_of(tenant, repair)
    desk = make.make_staff(estate=home.estate)
    assert Repair.objects.visible_to(desk).filter(pk=repair.pk).exists()
    # Closed later: it is not one of the old things either.
    Repair.objects.filter(pk=repair.pk).update(status=S.CLOSED, status_changed_at=clock.now())
    assert seen_by(tenant, repair, picture) == {404}


def actions_of(user: User, repair: Repair) -> set[str]:
    from services.repairs import policies

    return policies.allowed_verbs(user, repair)


def test_moved_out__repair_finished_before__stays_ones_own():
    home = make.make_home()
    tenant = make.make_resident(home=home)
    then = clock.now() - timedelta(days=3)
    fields = {"created_at": then, "status_changed_at": then}
    repair = make.make_repair(home=home, resident=tenant, status=S.CLOSED, **fields)
    picture = with_picture(repair)
    leave(tenant, home)
    assert seen_by(tenant, repair, picture) == {200}
    assert seen_by(make.make_resident(home=home), repair, picture) == {404}


def test_moved_out__of_one_home__repairs_of_the_other_stay():
    first, second = make.make_home(), make.make_home()
    tenant = make.make_resident(home=first)
    make.make_residency(user=tenant, home=second)
    repair = make.make_repair(home=second, resident=tenant)
    leave(tenant, first)
    assert Repair.objects.of_household(tenant).get() == repair
    assert repair.resident == tenant


def test_moved_out__unsent_report__is_thrown_away():
    home = make.make_home()
    tenant = make.make_resident(home=home)
    RepairDraft.objects.create(
        estate=home.estate, resident=tenant, begun_by=tenant, home=home, created_at=clock.now()
    )
    leave(tenant, home)
    assert not RepairDraft.objects.exists()


def test_delegation_ended__repairs_of_the_parent__are_seen_no_more():
    mother = make.make_resident()
    son = make.make_delegation(resident=mother).delegate
    repair = make.make_repair(home=mother.residencies.get().home, resident=mother, reported_by=son)
    picture = with_picture(repair)
    assert seen_by(son, repair, picture) == {200}
    people.end_delegations(resident=mother, delegate=son, by=mother, now=clock.now())
    assert seen_by(son, repair, picture) == {404}
