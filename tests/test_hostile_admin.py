"""Faults found by a hostile reader; each test is the attempt."""

from datetime import timedelta
from typing import Any

import pytest
from django import forms
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from accounts import actions
from accounts.forms import NewPasswordForm, OwnPasswordForm
from accounts.models import Delegation, Residency, RosterEntry, StaffRole, User
from community.core import clock, interrupted_forms
from community.core.amounts import YuanField
from community.core.errors import ActionError
from community.core.models import SearchKey
from community.core.search.keys import wrong_rows
from community.estates import holiday_announcement
from community.estates.models import Estate, Home, ImportRun
from services.repairs.models import Repair
from tests import factories as make
from tests.community.admin_pages import signed_in
from tests.community.estates.test_import_undo import (
    PEOPLE,
    client,
    estate,
    home,
    imported,
    manager,
    reasons,
    undo,
)

__all__ = ["client", "estate", "home", "manager"]
pytestmark = pytest.mark.django_db
Role = StaffRole.Role
PHONE = "+8613812345678"
ROW = ["1号楼", "1单元", "501", "王芳", "13812345678", "业主"]


@pytest.mark.parametrize("typed", ["3块5", "12元5", "12·5", "12/5", "12 34", "1$2"])
def test_yuan__parts_of_a_number_apart__are_asked_about(typed: str) -> None:
    with pytest.raises(forms.ValidationError):
        YuanField().clean(typed)


def test_people_with_phones__new_ones__have_their_keys() -> None:
    assert len(actions.people_with_phones([PHONE, "+8613812345679"])) == 2
    assert SearchKey.objects.filter(kind="person").exists()
    assert not list(wrong_rows(User))


def test_renew__of_somebody_who_lives_in_another_estate__is_refused() -> None:
    here, there = make.make_estate(), make.make_estate()
    boss = make.make_staff(role=Role.MANAGER, estate=here)
    worker = make.make_staff(role=Role.REPAIR_WORKER, estate=here)
    renew = reverse("desk_staff_renew", args=[worker.pk])
    make.make_residency(user=worker, home=make.make_home(estate=here))
    assert signed_in(boss).post(renew).status_code == 302
    make.make_residency(user=worker, home=make.make_home(estate=there))
    assert signed_in(boss).post(renew).status_code == 403
    assert renew not in signed_in(boss).get(reverse("desk_staff_one", args=[worker.pk])).content.decode()


def test_renew__of_somebody_who_acts_for_another_estates_resident__is_refused() -> None:
    here, there = make.make_estate(), make.make_estate()
    boss = make.make_staff(role=Role.MANAGER, estate=here)
    worker = make.make_staff(role=Role.REPAIR_WORKER, estate=here)
    parent = make.make_resident(home=make.make_home(estate=there))
    make.make_delegation(resident=parent, delegate=worker)
    assert signed_in(boss).post(reverse("desk_staff_renew", args=[worker.pk])).status_code == 403


def test_end__page_of_who_works_elsewhere_too__shows_nothing_of_there() -> None:
    here, there = make.make_estate(), make.make_estate()
    boss = make.make_staff(role=Role.MANAGER, estate=here)
    worker = make.make_staff(role=Role.REPAIR_WORKER, estate=here)
    StaffRole.objects.create(user=worker, estate=there, role=Role.REPAIR_WORKER)
    place = make.make_home(estate=there)
    job = make.make_repair(
        status=Repair.Status.ASSIGNED,
        worker=worker,
        resident=make.make_resident(home=place),
        home=place,
        estate=there,
        category=make.make_category(estate=there),
    )
    page = signed_in(boss).get(reverse("desk_staff_end", args=[worker.pk]))
    assert page.status_code == 403
    assert job.reference not in page.content.decode()


def test_number_of_a_line__ones_own__is_refused() -> None:
    there = make.make_estate()
    clerk = make.make_staff(role=Role.FRONT_DESK, estate=there, phone=PHONE, phone_verified_at=clock.now())
    line = make.make_roster_entry(home=make.make_home(estate=there))
    typed = {"phone": "13812345678", "checked": "id_card"}
    answer = signed_in(clerk).post(reverse("desk_roster_number", args=[line.pk]), typed)
    assert answer.status_code in {200, 403}
    assert not Residency.objects.filter(user=clerk).exists()


def test_undo__request_that_the_sheet_answered__is_named(client: Client, estate: Estate, home: Home) -> None:
    asked = clock.now() - timedelta(hours=3)
    person = make.make_user(phone=PHONE, phone_verified_at=asked, name="王芳")
    residency = actions.request_residency(user=person, home=home, kind="owner", now=asked)
    done = imported(client, estate, ROW, model=PEOPLE)
    residency.refresh_from_db()
    assert residency.status == Residency.Status.ACTIVE
    assert "1" in reasons(undo(client, done))
    assert RosterEntry.objects.count() == 1


def test_undo__line_corrected_since__is_named(client: Client, estate: Estate, home: Home) -> None:
    done = imported(client, estate, ROW, model=PEOPLE)
    line = RosterEntry.objects.get()
    clerk = make.make_staff(role=Role.FRONT_DESK, estate=estate)
    words = actions.RosterDetails("王芳芳", "owner")
    actions.correct_roster_entry(entry=line, words=words, by=clerk)
    assert "1 行之后又改过" in reasons(undo(client, done))
    actions.correct_roster_entry(entry=line, words=actions.RosterDetails("王芳", "owner"), by=clerk)
    assert undo(client, done).context["run"].status == ImportRun.Status.UNDONE


def stale_and_new(client: Client, estate: Estate, home: Home) -> tuple[RosterEntry, Any]:
    old = clock.now() - timedelta(days=400)
    line = make.make_roster_entry(home=home, name="王芳", phone=PHONE, confirmed_at=old)
    new = ["1号楼", "1单元", "501", "李四", "13812345679", "家人"]
    return line, lambda: imported(client, estate, ROW, new, model=PEOPLE)


def test_undo__lines_that_were_too_old__are_so_again(client: Client, estate: Estate, home: Home) -> None:
    line, read = stale_and_new(client, estate, home)
    assert undo(client, read()).context["run"].status == ImportRun.Status.UNDONE
    before = line.confirmed_at
    line.refresh_from_db()
    assert line.confirmed_at == before


def test_undo__home_given_by_a_line_made_fresh__is_named(client: Client, estate: Estate, home: Home) -> None:
    _line, read = stale_and_new(client, estate, home)
    person = make.make_user(phone=PHONE, phone_verified_at=clock.now(), name="新")
    actions.claim_roster_homes(user=person, now=clock.now() - timedelta(minutes=1))
    done = read()
    assert Residency.objects.get().status == Residency.Status.ACTIVE
    assert "1" in reasons(undo(client, done))


def test_announcement__holiday_over_the_new_year__is_whole() -> None:
    text = "一、元旦：2026年12月31日至2027年1月2日放假调休，共3天。"
    days = holiday_announcement.read(text, 2027)
    assert [one.day.isoformat() for one in days] == ["2026-12-31", "2027-01-01", "2027-01-02"]
    assert {one.name for one in days} == {"元旦"}


def test_unsent__own_password__is_not_kept() -> None:
    fields = {name for form in (OwnPasswordForm, NewPasswordForm) for name in form.base_fields}
    assert interrupted_forms.typed_fields(QueryDict("&".join(f"{name}=a b" for name in sorted(fields)))) == {}


def test_number_entered_for_staff__never_confirmed__is_given_nothing() -> None:
    here, there = make.make_estate(), make.make_estate()
    boss = make.make_staff(role=Role.MANAGER, estate=here)
    now = clock.now()
    new = actions.NewStaff("abc", "李雷", PHONE)
    actions.make_account(new, estate=here, roles=[Role.REPAIR_WORKER], by=boss, now=now)
    desk, home = make.make_staff(role=Role.FRONT_DESK, estate=there), make.make_home(estate=there)
    with pytest.raises(ActionError):
        actions.add_residency_at_desk(name="王芳", phone=PHONE, home=home, kind="owner", by=desk, now=now)
    resident = make.make_resident(home=home)
    with pytest.raises(ActionError):
        actions.give_delegation(
            proposed=actions.ProposedDelegation(resident, PHONE, "", ["repairs"]), by=resident, now=now
        )
    assert not Residency.objects.filter(user__username="abc").exists()
    assert not Delegation.objects.filter(delegate__username="abc").exists()
