"""System, security and audit administration: what each may do, and that no two are in one hand."""

import re
from collections.abc import Callable
from itertools import combinations
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts import actions
from accounts.models import FLAGS, Administration, Approval, StaffRole, User
from community.core import audit, clock
from community.core.errors import ActionError, Forbidden
from community.core.models import AuditRecord
from tests import factories as make
from tests.community.admin_pages import list_of, page_of, signed_in
from tests.support.at_once import at_once

pytestmark = pytest.mark.django_db
Role = StaffRole.Role
SYSTEM, SECURITY, AUDIT = Administration.SYSTEM, Administration.SECURITY, Administration.AUDIT


class Site:
    """An estate with a cashier, a home with a resident, and one administrator of each kind."""

    def __init__(self) -> None:
        self.estate = make.make_estate()
        self.home = make.make_home(estate=self.estate)
        self.resident = make.make_resident(home=self.home)
        self.cashier = make.make_cashier(estate=self.estate)
        self.admins = {kind: make.make_administrator(kind) for kind in Administration}

    def ask(self, person: User, kind: str, by: User) -> Approval:
        return actions.ask_administration(person=person, administration=kind, by=by, now=clock.now())

    def agree(self, asked: Approval, by: User) -> None:
        actions.agree_to_approval(approval=Approval.objects.get(pk=asked.pk), by=by, now=clock.now())


@pytest.fixture
def site() -> Site:
    return Site()


def ask_role(site: Site, by: User) -> None:
    actions.ask_role(actions.NewRole(site.cashier, site.estate, Role.FRONT_DESK), by=by, now=clock.now())


def ask_auditor(site: Site, by: User) -> None:
    new = actions.NewRole(make.make_staff(role=Role.CARER), site.estate, Role.AUDITOR)
    actions.ask_role(new, by=by, now=clock.now())


def end_role(site: Site, by: User) -> None:
    held = StaffRole.objects.create(user=site.cashier, estate=site.estate, role=Role.FRONT_DESK)
    actions.end_role(held=held, by=by)


def end_account(site: Site, by: User) -> None:
    actions.end_account(person=site.cashier, by=by, now=clock.now())


def renew_access(site: Site, by: User) -> None:
    actions.renew_access(person=site.cashier, by=by, now=clock.now())


def reset_factor(site: Site, by: User) -> None:
    actions.ask_factor_reset(person=site.cashier, reason="丢了", by=by, now=clock.now())


def change_number(site: Site, by: User) -> None:
    phone = make.next_phone()
    actions.change_number(user=site.resident, phone=phone, by=by, checked="id_card", now=clock.now())


def appoint(site: Site, by: User) -> None:
    site.ask(make.make_user(username="new"), AUDIT, by)


ACTS: list[tuple[Callable[[Site, User], None], set[str]]] = [
    (ask_role, {SECURITY}),
    (ask_auditor, {SECURITY}),
    (end_role, {SECURITY}),
    (end_account, {SECURITY}),
    (renew_access, {SECURITY}),
    (reset_factor, {SECURITY}),
    (change_number, {SECURITY}),
    (appoint, {SYSTEM, SECURITY}),
]


@pytest.mark.parametrize(("act", "who"), ACTS, ids=[act.__name__ for act, _who in ACTS])
def test_act__by_each_administrator__only_of_their_own(
    act: Callable[[Site, User], None], who: set[str], site: Site
) -> None:
    for kind, admin in site.admins.items():
        with transaction.atomic():
            if kind in who:
                act(site, admin)
            else:
                with pytest.raises((Forbidden, ActionError)):
                    act(site, admin)
            transaction.set_rollback(True)


PAGES: dict[str, set[str]] = {
    "admin:estates_propertycompany_changelist": {SYSTEM},
    "admin:estates_propertycompany_add": {SYSTEM},
    "admin:estates_estate_add": {SYSTEM},
    "admin:estates_home_changelist": {SYSTEM},
    "admin:fees_merchantaccount_add": {SYSTEM},
    "admin:repairs_repaircategory_changelist": {SYSTEM},
    "admin:accounts_user_changelist": {SECURITY},
    "admin:accounts_staffrole_add": {SECURITY},
    "admin:accounts_staffrole_changelist": {SECURITY, AUDIT},
    "admin:accounts_apitoken_changelist": {SECURITY, AUDIT},
    "admin:core_auditrecord_changelist": {SECURITY, AUDIT},
    "admin:core_auditrecord_export": {AUDIT},
    "admin:accounts_residency_changelist": set(),
    "admin:accounts_rosterentry_changelist": set(),
    "admin:accounts_rosterentry_import": set(),
    "admin:accounts_delegation_changelist": set(),
    "admin:fees_bill_changelist": set(),
    "admin:repairs_repair_changelist": set(),
    "admin:notifications_outboxmessage_changelist": set(),
    "desk_administrators": {SYSTEM, SECURITY},
    "desk_staff": {SECURITY},
    "desk_staff_new": {SECURITY},
    "desk_residents": set(),
    "desk_roster": set(),
}


def test_pages__of_each_administrator__are_their_own_part(site: Site) -> None:
    found: dict[str, set[str]] = {name: set() for name in PAGES}
    for kind, admin in site.admins.items():
        client = signed_in(admin)
        for name in PAGES:
            if client.get(reverse(name)).status_code == 200:
                found[name].add(kind)
    assert found == PAGES


def test_record__for_security__is_sign_ins_failures_and_refusals(site: Site) -> None:
    audit.record("sign_in", by=site.cashier)
    audit.record("page_asked", by=site.cashier, outcome="refused")
    audit.record("fees.cash_taken", by=site.cashier, estate_id=site.estate.pk)
    seen = {}
    for kind in (SECURITY, AUDIT):
        rows = signed_in(site.admins[kind]).get(list_of(AuditRecord)).context["cl"].result_list
        seen[kind] = {row.action for row in rows if row.actor_id == site.cashier.pk} - {"fees.shift_opened"}
    assert seen == {
        SECURITY: {"sign_in", "page_asked"},
        AUDIT: {"sign_in", "page_asked", "fees.cash_taken"},
    }
    money = AuditRecord.objects.get(action="fees.cash_taken")
    assert signed_in(site.admins[SECURITY]).get(page_of(money)).status_code == 302


@pytest.mark.parametrize(("one", "other"), list(combinations(FLAGS.values(), 2)))
def test_administrations__two_of_one_person__are_refused_by_the_database(one: str, other: str) -> None:
    person = make.make_user(username="both", **{one: True})
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=person.pk).update(**{other: True})


def test_first_security_administrator__by_the_only_administrator__is_done_alone_on_record() -> None:
    root = User.objects.create_superuser("root", "a long root password", name="系统管理员")
    person = make.make_user(username="new")
    actions.ask_administration(person=person, administration=SECURITY, by=root, now=clock.now())
    person.refresh_from_db()
    assert person.administration == SECURITY
    assert AuditRecord.objects.get(action="approval_done").detail["alone"] is True
    given = AuditRecord.objects.get(action="administration_given")
    assert (given.actor, given.detail["administration"]) == (root, SECURITY)
    other = make.make_user(username="next")
    asked = actions.ask_administration(person=other, administration=SYSTEM, by=person, now=clock.now())
    other.refresh_from_db()
    assert (asked.status, other.administration) == ("asked", "")


def test_appoint__oneself_or_whoever_has_a_role_or_administration__is_refused(site: Site) -> None:
    system, security = site.admins[SYSTEM], site.admins[SECURITY]
    for person in (system, security, site.admins[AUDIT], site.cashier):
        for kind in Administration:
            with pytest.raises(Forbidden):
                site.ask(person, kind, system)
    asked = site.ask(make.make_user(username="new"), AUDIT, system)
    for by in (system, site.admins[AUDIT], site.cashier):
        with pytest.raises(Forbidden):
            site.agree(asked, by)
    site.agree(asked, security)


def test_role__for_an_administrator__is_given_by_nobody(site: Site) -> None:
    for person in site.admins.values():
        new = actions.NewRole(person, site.estate, Role.CASHIER)
        for by in (site.admins[SECURITY], make.make_staff(role=Role.MANAGER, estate=site.estate)):
            with pytest.raises(Forbidden):
                actions.ask_role(new, by=by, now=clock.now())


def test_auditor__asked_by_security__is_agreed_to_by_the_system_administrator(site: Site) -> None:
    ask_auditor(site, site.admins[SECURITY])
    asked = Approval.objects.get()
    site.agree(asked, site.admins[SYSTEM])
    assert StaffRole.objects.filter(role=Role.AUDITOR, estate=site.estate).count() == 1


def test_end__of_an_administrator__by_two_and_never_the_last_of_the_system(site: Site) -> None:
    system, security, auditing = (site.admins[kind] for kind in (SYSTEM, SECURITY, AUDIT))
    asked = site.ask(auditing, "", system)
    with pytest.raises(Forbidden):
        site.agree(asked, system)
    site.agree(asked, security)
    auditing.refresh_from_db()
    assert (auditing.administration, auditing.is_staff) == ("", False)
    last = site.ask(system, "", security)
    with pytest.raises(ActionError, match="last_administrator"):
        site.agree(last, system)
    with pytest.raises(Forbidden):
        actions.end_account(person=system, by=security, now=clock.now())


def test_factor__of_the_only_security_administrator__is_reset_by_two_of_the_system(site: Site) -> None:
    security, other = site.admins[SECURITY], make.make_administrator(SYSTEM)
    asked = actions.ask_factor_reset(person=security, reason="丢了", by=site.admins[SYSTEM], now=clock.now())
    actions.agree_to_factor_reset(reset=asked, by=other, now=clock.now())
    asked.refresh_from_db()
    assert asked.status == "done"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("second", ["role", "administration"])
def test_grants__to_one_person_at_the_same_moment__one_holds(second: str) -> None:
    """Two administrations, or a role in an estate and an administration."""
    site = Site()
    system, security = site.admins[SYSTEM], site.admins[SECURITY]
    managers = [make.make_staff(role=Role.MANAGER, estate=site.estate) for _n in range(2)]
    person = make.make_user(username="new")
    first = site.ask(person, AUDIT, system)
    if second == "role":
        other: Any = actions.ask_role(
            actions.NewRole(person, site.estate, Role.CASHIER), by=managers[0], now=clock.now()
        )
        by = managers[1]
    else:
        # As if it had been asked for before the first could be seen.
        Approval.objects.filter(pk=first.pk).update(about="elsewhere")
        other, by = site.ask(person, SYSTEM, security), system
    outcomes = at_once(lambda: _agree(site, first, security), lambda: _agree(site, other, by))
    assert "ok" in outcomes
    assert len(set(outcomes)) == 2
    person.refresh_from_db()
    held = [flag for flag in FLAGS.values() if getattr(person, flag)]
    assert len(held) + StaffRole.objects.filter(user=person).count() == 1


def _agree(site: Site, asked: Approval, by: User) -> None:
    try:
        site.agree(asked, by)
    except Forbidden as error:
        raise ActionError("forbidden", str(error)) from error


def test_page__appoints_by_two__and_the_link_opens_afterwards(site: Site) -> None:
    system, security = signed_in(site.admins[SYSTEM]), signed_in(site.admins[SECURITY])
    page = reverse("desk_administrators")
    typed = {"name": "白洁", "username": "bai.jie", "administration": AUDIT.value}
    shown = system.post(page, typed, follow=True).content.decode()
    person = User.objects.get(username="bai.jie")
    link = re.search(r"<code>http://testserver(.+?)</code>", shown)
    assert link
    assert 'type="password"' not in Client().get(link[1]).content.decode()
    assert person.administration == ""
    asked = Approval.objects.get()
    assert "审计管理员" in security.get(asked.get_absolute_url()).content.decode()
    security.post(asked.get_absolute_url(), {"verb": "agree"})
    person.refresh_from_db()
    assert person.administration == AUDIT
    assert 'type="password"' in Client().get(link[1]).content.decode()
    again = system.post(page, typed)
    assert again.status_code == 422
    system.post(reverse("desk_administrator_end", args=[person.pk]))
    assert Approval.objects.waiting().get().given["ends"] == AUDIT


def test_page_of_a_person__of_the_back_office__changes_no_administration(site: Site) -> None:
    security = site.admins[SECURITY]
    other = make.make_administrator(SYSTEM)
    client: Client = signed_in(security)
    flags = dict.fromkeys(FLAGS.values(), "on")
    posted = {"name": "甲", "phone": "", "is_active": "on", "is_staff": "on", "language": "", **flags}
    empty = {f"staff_roles-{name}": "0" for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    client.post(page_of(site.resident), posted | empty)
    site.resident.refresh_from_db()
    assert site.resident.administration == ""
    assert client.post(page_of(other), posted | empty).status_code == 403
