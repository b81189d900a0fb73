"""Acts by two: one person asks, another agrees; roles that begin and end on a day."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts import actions
from accounts.models import Administration, Approval, StaffRole, User, access_of
from accounts.policies import has_role
from community.core import clock
from community.core.errors import ActionError, Forbidden
from community.core.models import AuditRecord
from community.core.transitions import AlreadyMoved
from community.desk.start import waiting as nav_of
from community.notifications.models import OutboxMessage
from services.fees import TARIFF
from services.fees.billing import actions as billing
from services.fees.models import Tariff
from tests import factories as make
from tests.community.admin_pages import signed_in
from tests.support.at_once import at_once

pytestmark = pytest.mark.django_db
Role = StaffRole.Role


class Office:
    """An estate with two managers, its cashier, and a system administrator."""

    def __init__(self) -> None:
        self.estate = make.make_estate()
        self.first, self.second = (make.make_staff(role=Role.MANAGER, estate=self.estate) for _n in range(2))
        self.cashier = make.make_cashier(estate=self.estate)
        self.administrator = make.make_administrator(Administration.SECURITY, username="root")

    def ask(self, role: str = Role.FRONT_DESK, by: User | None = None, **days: date) -> Approval:
        new = actions.NewRole(self.cashier, self.estate, role, **days)
        asked = actions.ask_role(new, by=by or self.first, now=clock.now())
        assert asked is not None
        return asked

    def agree(self, asked: Approval, by: User | None = None) -> None:
        actions.agree_to_approval(
            approval=Approval.objects.get(pk=asked.pk), by=by or self.second, now=clock.now()
        )

    def has(self, role: str = Role.FRONT_DESK) -> bool:
        return has_role(self.cashier, self.estate.pk, role)


@pytest.fixture
def office() -> Office:
    return Office()


def day(days: int) -> date:
    return clock.today(clock.now()) + timedelta(days=days)


def test_role__by_two__is_given_on_the_second_yes_and_both_are_on_record(office: Office) -> None:
    asked = office.ask()
    assert not office.has()
    office.agree(asked)
    assert office.has()
    rows = set(AuditRecord.objects.values_list("action", "actor"))
    assert {("approval_asked", office.first.pk), ("approval_done", office.second.pk)} <= rows
    assert ("staff_role_given", office.second.pk) in rows
    told = set(OutboxMessage.objects.values_list("template", "recipient"))
    assert {("approval_asked", office.second.pk), ("approval_asked", office.administrator.pk)} <= told
    assert ("approval_done", office.first.pk) in told


@pytest.mark.parametrize("who", ["first", "cashier"])
def test_agree__by_who_asked_or_for_oneself__is_refused(office: Office, who: str) -> None:
    asked = office.ask()
    with pytest.raises(Forbidden):
        office.agree(asked, by=getattr(office, who))
    with pytest.raises(IntegrityError), transaction.atomic():
        Approval.objects.filter(pk=asked.pk).update(status="done", answered_by=office.first)
    assert not office.has()


def test_agree__who_asked_is_no_manager_any_more__is_refused(office: Office) -> None:
    asked = office.ask()
    office.first.staff_roles.all().delete()
    with pytest.raises(ActionError, match="asker_may_not"):
        office.agree(asked)
    assert not office.has()
    actions.decline_approval(approval=asked, by=office.second, now=clock.now())


def test_ask__twice__one_waits(office: Office) -> None:
    asked = office.ask()
    with pytest.raises(ActionError, match="already_asked"):
        office.ask(by=office.second)
    actions.decline_approval(approval=asked, by=office.first, now=clock.now())
    with pytest.raises(AlreadyMoved):
        office.agree(asked)
    office.ask(by=office.second)
    assert not office.has()


def test_auditors_role__only_between_system_administrators(office: Office) -> None:
    other = make.make_administrator(Administration.SECURITY, username="root2")
    person = make.make_staff(role=Role.CARER)
    new = actions.NewRole(person, office.estate, Role.AUDITOR)
    with pytest.raises(Forbidden):
        actions.ask_role(new, by=office.first, now=clock.now())
    asked = actions.ask_role(new, by=other, now=clock.now())
    assert asked is not None
    assert not Approval.objects.visible_to(office.second).filter(pk=asked.pk).exists()
    with pytest.raises(Forbidden):
        office.agree(asked, by=office.second)
    office.agree(asked, by=office.administrator)
    assert has_role(person, office.estate.pk, Role.AUDITOR)


def test_first_manager__nobody_else_could_agree__is_appointed_at_once_and_that_is_recorded() -> None:
    estate = make.make_estate()
    root = make.make_administrator(Administration.SECURITY, username="root")
    person = make.make_staff(role=Role.CARER)
    actions.ask_role(actions.NewRole(person, estate, Role.MANAGER), by=root, now=clock.now())
    assert has_role(person, estate.pk, Role.MANAGER)
    assert AuditRecord.objects.get(action="approval_done").detail["alone"] is True


@pytest.mark.parametrize(
    ("first", "last", "holds"),
    [(0, 0, True), (-3, 0, True), (1, 5, False), (-5, -1, False), (None, 0, True), (0, None, True)],
)
def test_role__with_days__holds_on_them_only(
    office: Office, first: int | None, last: int | None, holds: bool
) -> None:
    days = {
        "starts_on": None if first is None else day(first),
        "ends_on": None if last is None else day(last),
    }
    StaffRole.ever.create(user=office.cashier, estate=office.estate, role=Role.FRONT_DESK, **days)
    assert office.has() is holds
    assert (Role.FRONT_DESK in {role for _estate, role in access_of(office.cashier).roles}) is holds
    assert office.cashier.staff_roles.filter(role=Role.FRONT_DESK).exists() is holds
    status = signed_in(office.cashier).get(reverse("desk_residents")).status_code
    assert status == (200 if holds else 403)


def test_role__whose_last_day_is_over__is_deleted_on_record_and_can_be_given_again(office: Office) -> None:
    office.agree(office.ask(ends_on=day(0)))
    held = StaffRole.objects.get(user=office.cashier, role=Role.FRONT_DESK)
    assert actions.end_roles_of_the_past(now=clock.now()) == 0
    tomorrow = clock.now() + timedelta(days=1)
    assert actions.end_roles_of_the_past(now=tomorrow) == 1
    assert not StaffRole.ever.filter(pk=held.pk).exists()
    assert AuditRecord.objects.filter(action="staff_role_ended", actor=None).count() == 1
    StaffRole.ever.create(
        user=office.cashier, estate=office.estate, role=Role.FRONT_DESK, starts_on=day(-9), ends_on=day(-1)
    )
    office.agree(office.ask())
    assert office.has()


@pytest.mark.parametrize(("first", "last"), [(3, 2), (None, -1)])
def test_ask__last_day_before_the_first__is_refused_and_stays_in_the_form(
    office: Office, first: int | None, last: int
) -> None:
    given = {
        "role": Role.FRONT_DESK,
        "estate": office.estate.pk,
        "starts_on": "" if first is None else day(first).isoformat(),
        "ends_on": day(last).isoformat(),
    }
    page = reverse("desk_staff_give_role", args=[office.cashier.pk])
    answer = signed_in(office.first).post(page, given, headers={"accept-language": "zh-CN"})
    assert answer.status_code == 422
    assert "最后一天早于第一天" in answer.content.decode()
    assert day(last).isoformat() in answer.content.decode()
    assert not Approval.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_agree__at_the_same_moment__once() -> None:
    office = Office()
    asked = office.ask()
    outcomes = at_once(lambda: office.agree(asked), lambda: office.agree(asked, by=office.administrator))
    assert outcomes == ["already_moved", "ok"]
    assert AuditRecord.objects.filter(action="staff_role_given").count() == 1


def test_tariff__by_two__holds_from_the_second_yes(office: Office) -> None:
    item = make.make_item(estate=office.estate)
    month = day(70).replace(day=1)
    url = reverse("fees_item", args=[item.pk])
    signed_in(office.cashier).post(url, {"rate": "2.85", "from_on": month.isoformat()})
    asked = Approval.objects.get(kind=TARIFF)
    assert not Tariff.objects.filter(item=item, from_on=month).exists()
    assert (
        "等同事同意"
        in signed_in(office.first).get(url, headers={"accept-language": "zh-CN"}).content.decode()
    )
    assert signed_in(office.cashier).post(asked.get_absolute_url(), {"verb": "agree"}).status_code == 403
    page = signed_in(office.first).get(asked.get_absolute_url(), headers={"accept-language": "zh-CN"})
    assert "2.85" in page.content.decode()
    signed_in(office.first).post(asked.get_absolute_url(), {"verb": "agree"})
    assert Tariff.objects.get(item=item, from_on=month).rate_hao == 28500


def test_tariff__month_billed_meanwhile__is_said_and_goes_on_waiting(office: Office) -> None:
    item = make.make_item(estate=office.estate)
    month = day(70).replace(day=1)
    asked = billing.ask_tariff(item=item, from_on=month, rate_hao=28500, by=office.cashier, now=clock.now())
    make.make_bill(home=make.make_home(estate=office.estate), item=item, period=month)
    answer = signed_in(office.first).post(asked.get_absolute_url(), {"verb": "agree"})
    assert answer.status_code == 409
    assert Approval.objects.waiting().filter(pk=asked.pk).exists()


def test_nav__what_waits_for_this_person__is_counted(office: Office) -> None:
    def count(who: User) -> int:
        return next(one.count for one in nav_of(who) if one.url == "/staff/approvals/")

    assert count(office.second) == count(office.administrator) == 0
    asked = office.ask()
    assert count(office.second) == count(office.administrator) == 1
    assert count(office.first) == 0
    office.agree(asked)
    assert count(office.second) == count(office.administrator) == 0
