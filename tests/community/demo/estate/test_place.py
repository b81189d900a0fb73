"""The demo estate: complete, plausible, and never loaded outside the demo."""

from collections import Counter
from itertools import pairwise
from random import Random

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

from accounts.models import Residency, RosterEntry, StaffRole, User
from accounts.policies import has_role
from community.core import clock
from community.demo.lives import make_life
from community.demo.people import PEOPLE
from community.estates.models import Building, Estate, Home, PublicPlace, WorkingHours
from community.notifications.models import InboxNotice, OutboxMessage
from services.common.models import Alarm
from services.fees.models import Bill, BillLine, LateFeeDay, LedgerTransaction
from services.repairs.models import Repair, RepairCategory, RepairPicture
from tests.support import database

Status = Repair.Status


def test_load_demo__twice__refuses_and_changes_nothing(demo: None, settings) -> None:
    settings.DEMO = True
    with pytest.raises(CommandError):
        call_command("load_demo")
    assert Estate.objects.count() == 2


def test_load_demo__is_made_by_sets__few_statements_for_all_its_rows(demo: None) -> None:
    models = (Home, Bill, Repair, RosterEntry, InboxNotice, BillLine, LateFeeDay, LedgerTransaction)
    rows = sum(model._default_manager.count() for model in models)
    assert rows > 130_000
    assert database.demo_statements() < rows / 10


def test_load_demo__makes_the_promised_place_and_people(demo: None) -> None:
    assert (Estate.objects.count(), Building.objects.count(), Home.objects.count()) == (2, 24, 1500)
    assert PublicPlace.objects.values("code").distinct().count() == PublicPlace.objects.count() > 100
    assert all(estate.working_hours.exists() for estate in Estate.objects.all())
    assert WorkingHours.objects.count() == 24
    assert set(StaffRole.objects.values_list("role", flat=True)) == set(StaffRole.Role.values)
    assert Residency.objects.active().count() > 380
    assert Residency.objects.requested().exists()
    assert RosterEntry.objects.count() > 900


def test_load_demo__everybody_offered_can_be_found_by_what_they_type(demo: None) -> None:
    for person in PEOPLE:
        user = User.objects.with_phone(f"+86{person.phone}").get()
        assert user.name == person.name
        assert user.username == (person.username or None)
        assert not person.password or user.check_password(person.password)
    assert User.objects.get(username="admin").is_superuser
    assert has_role(
        User.objects.get(username="worker1"), Estate.objects.get(code="xingfuli").pk, "repair_worker"
    )


def test_load_demo__repairs_stand_in_all_states_with_complete_legal_histories(demo: None) -> None:
    now = clock.now()
    repairs = Repair.objects.prefetch_related("history").select_related("worker")
    assert len(repairs) == 400
    assert {repair.status for repair in repairs} == set(Status.values)
    for repair in repairs:
        steps = sorted(repair.history.all(), key=lambda step: (step.at, step.pk))
        assert (steps[0].from_status, steps[0].to_status, steps[0].at) == ("", "new", repair.created_at)
        for before, after in pairwise(steps):
            assert after.from_status == before.to_status
            assert after.to_status in Repair.TRANSITIONS[before.to_status]
            assert after.at >= before.at
            assert after.actor_id or after.to_status == Status.CLOSED
        assert (steps[-1].to_status, steps[-1].at) == (repair.status, repair.status_changed_at)
        assert steps[-1].at <= now
        assert steps[-1].worker_name == (repair.worker.name if repair.worker else "")
        if repair.status in Repair.TAKEABLE:
            assert repair.worker is None


def test_load_demo__what_a_state_needs_is_there(demo: None) -> None:
    for repair in Repair.objects.select_related("satisfaction", "category", "alarm"):
        assert (repair.satisfaction is not None) == (repair.status == Status.CONFIRMED)
        assert (repair.alarm is not None) == repair.is_emergency == repair.category.is_emergency
        if repair.status == Status.QUOTED:
            assert repair.quote_fen
            assert repair.quote_words
    assert not Alarm.objects.sounding().exists()
    assert InboxNotice.objects.filter(user__phone_index__isnull=False, read_at=None).exists()
    assert OutboxMessage.objects.failed().exists()


def test_load_demo__pictures_are_stored_once_and_shared(demo: None) -> None:
    keys = Counter(RepairPicture.objects.values_list("key", flat=True))
    assert 15 <= len(keys) <= 22
    assert sum(keys.values()) > 300
    picture = RepairPicture.objects.first()
    assert picture is not None
    assert all(default_storage.exists(picture.file_name(size)) for size in ("small", "medium", "large"))


def test_load_demo__catalogue_fits_the_large_mode(demo: None) -> None:
    for category in RepairCategory.objects.all():
        assert len(category.name) <= 5
        assert category.name_en


@pytest.mark.parametrize("final", Status.values)
def test_make_life__ends_where_it_should(final: str) -> None:
    now = clock.now()
    for seed in range(50):
        life = make_life(final, is_emergency=False, draw=Random(seed), now=now)
        assert life[-1].status == final
        assert all(a.at <= b.at for a, b in pairwise(life))
        assert life[-1].at <= now
