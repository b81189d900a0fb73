"""A lost second factor is removed by two administrators, and the person hears of new places."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts import actions
from accounts.models import Administration, ApiToken, FactorReset, StaffRole, User
from accounts.second_factor.factors import has_factor, recovery_codes
from community.core import clock
from community.core.errors import ActionError, Forbidden
from community.core.models import AuditRecord
from community.core.transitions import AlreadyMoved
from community.notifications.models import OutboxMessage
from tests import factories
from tests.support.at_once import at_once
from tests.support.second_factor import app_code, give_password, person_of, set_up_app, sign_in

pytestmark = pytest.mark.django_db
Role = StaffRole.Role


class Site:
    """An estate with two managers and a cashier who has lost the phone."""

    def __init__(self) -> None:
        self.estate = factories.make_estate()
        self.first, self.second = (
            factories.make_staff(role=Role.MANAGER, estate=self.estate) for _n in range(2)
        )
        self.cashier = factories.make_cashier(estate=self.estate)
        set_up_app(self.cashier)

    def ask(self, by: User | None = None) -> FactorReset:
        return actions.ask_factor_reset(
            person=self.cashier, reason="手机丢了", by=by or self.first, now=clock.now()
        )

    def agree(self, reset: FactorReset, by: User | None = None) -> None:
        actions.agree_to_factor_reset(reset=reset, by=by or self.second, now=clock.now())


@pytest.fixture
def site() -> Site:
    return Site()


def test_reset__by_two__ends_what_was_open_and_sets_up_anew(site: Site) -> None:
    open_page = Client()
    sign_in(open_page, site.cashier)
    reset = site.ask()
    assert has_factor(site.cashier)
    site.agree(reset)
    assert not has_factor(site.cashier)
    assert open_page.get("/staff/fees/").status_code == 302
    assert give_password(Client(), site.cashier.username or "").url == reverse("staff_factor_setup")
    acts = AuditRecord.objects.filter(target=f"accounts.user:{site.cashier.pk}").values_list(
        "action", "actor"
    )
    assert {("factor_reset_asked", site.first.pk), ("factor_reset", site.second.pk)} <= set(acts)
    told = set(OutboxMessage.objects.values_list("template", "recipient"))
    assert {("factor_reset_asked", site.second.pk), ("factor_reset", site.cashier.pk)} <= told


def test_reset__agreed_to_by_who_asked__is_refused_by_the_database_too(site: Site) -> None:
    reset = site.ask()
    with pytest.raises(Forbidden):
        site.agree(reset, by=site.first)
    assert has_factor(site.cashier)
    with pytest.raises(IntegrityError), transaction.atomic():
        FactorReset.objects.filter(pk=reset.pk).update(answered_by=site.first)


def test_reset__by_others__is_forbidden(site: Site) -> None:
    elsewhere = factories.make_staff(role=Role.MANAGER)
    for by in (site.cashier, elsewhere, factories.make_staff(estate=site.estate)):
        with pytest.raises(Forbidden):
            site.ask(by=by)
    reset = site.ask()
    with pytest.raises(Forbidden):
        site.agree(reset, by=elsewhere)
    boss = factories.make_administrator(Administration.SECURITY)
    site.agree(reset, by=boss)


def test_reset__of_a_system_administrator__needs_two_others() -> None:
    one, two, three = (
        User.objects.create_superuser(username=f"boss{n}", password="x", name="管理员") for n in range(3)
    )
    set_up_app(one)
    with pytest.raises(Forbidden):
        actions.ask_factor_reset(person=one, reason="丢了", by=one, now=clock.now())
    reset = actions.ask_factor_reset(person=one, reason="丢了", by=two, now=clock.now())
    actions.agree_to_factor_reset(reset=reset, by=three, now=clock.now())
    assert not has_factor(one)


def test_reset__asked_twice__is_refused_until_answered(site: Site) -> None:
    reset = site.ask()
    with pytest.raises(ActionError):
        site.ask(by=site.second)
    actions.decline_factor_reset(reset=reset, by=site.first, now=clock.now())
    assert has_factor(site.cashier)
    with pytest.raises(AlreadyMoved):
        site.agree(reset)
    site.ask(by=site.second)


@pytest.mark.django_db(transaction=True)
def test_reset__agreed_and_declined_at_the_same_moment__one_holds() -> None:
    site = Site()
    boss = factories.make_administrator(Administration.SECURITY)
    reset = site.ask()
    rows = [FactorReset.objects.get(pk=reset.pk) for _n in range(2)]
    outcomes = at_once(
        lambda: site.agree(rows[0]),
        lambda: actions.decline_factor_reset(reset=rows[1], by=boss, now=clock.now()),
    )
    assert outcomes == ["already_moved", "ok"]
    reset.refresh_from_db()
    assert has_factor(site.cashier) is (reset.status == "declined")


def test_pages__ask_and_agree(site: Site) -> None:
    page = reverse("desk_staff_factor", args=[site.cashier.pk])
    first, second = Client(), Client()
    first.force_login(site.first)
    second.force_login(site.second)
    assert first.post(page, {"verb": "ask", "reason": ""}).status_code == 422
    assert first.post(page, {"verb": "ask", "reason": "手机丢了"}).status_code == 302
    assert "手机丢了" in second.get(page).content.decode()
    assert first.post(page, {"verb": "agree"}).status_code == 403
    assert second.post(page, {"verb": "agree"}).status_code == 302
    assert not has_factor(site.cashier)


def test_grave_act__an_hour_after_the_factor__asks_again_and_keeps_what_was_typed(site: Site) -> None:
    set_up_app(site.first)
    client = Client()
    sign_in(client, site.first)
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "at": clock.now().timestamp() - 3600}]
    session.save()
    page = reverse("desk_staff_factor", args=[site.cashier.pk])
    asked = client.post(
        page, {"verb": "ask", "reason": "手机丢了"}, headers={"referer": f"http://testserver{page}"}
    )
    assert asked.url.startswith(reverse("staff_factor_again"))
    assert not FactorReset.objects.exists()
    assert client.post(asked.url, {"code": "000000"}).status_code == 409
    back = client.post(asked.url, {"code": app_code(site.first, steps=1)})
    assert back.url == page
    assert "手机丢了" in client.get(page).content.decode()
    assert client.post(page, {"verb": "ask", "reason": "手机丢了"}).url == page


def test_account_ended__factors_go_with_it(site: Site) -> None:
    actions.end_account(person=site.cashier, by=site.first, now=clock.now())
    assert not has_factor(site.cashier)


def test_new_place__is_told_once_a_browser(site: Site) -> None:
    def told() -> int:
        return OutboxMessage.objects.filter(template="new_place", channel="inbox").count()

    here = Client()
    sign_in(here, site.cashier)
    assert told() == 0, "the first sign-in is no new place"
    here.post(reverse("sign_out"))
    give_password(here, site.cashier.username or "")
    assert here.post(reverse("staff_factor"), {"code": app_code(site.cashier, steps=1)}).status_code == 302
    assert told() == 0
    elsewhere = Client()
    give_password(elsewhere, site.cashier.username or "")
    code = recovery_codes(site.cashier)[0]
    assert elsewhere.post(reverse("staff_factor"), {"code": code}).status_code == 302
    assert person_of(elsewhere) == site.cashier
    assert told() == 1


def test_reset__tokens_end_too(site: Site) -> None:
    actions.make_token(user=site.cashier, name="报表", scopes=["fees:read"], days=30, now=clock.now())
    site.agree(site.ask())
    assert not ApiToken.objects.filter(user=site.cashier, revoked_at=None).exists()
