"""Whose bills a home's are: the household's that had the home when they were made."""

from datetime import UTC, date, datetime

import pytest
from django.test import Client

from accounts import actions as people
from accounts.models import Residency, User
from community.core import clock
from community.estates.models import Home
from community.notifications.models import OutboxMessage
from services.fees import queries
from services.fees.billing import actions
from services.fees.models import Bill
from tests.factories import (
    make_bill,
    make_delegation,
    make_estate,
    make_home,
    make_item,
    make_residency,
    make_resident,
    make_roster_entry,
    make_staff,
    make_user,
)

pytestmark = pytest.mark.django_db
Kind = Residency.Kind
JANUARY, JULY = (datetime(2026, month, 5, tzinfo=UTC) for month in (1, 7))


@pytest.fixture
def home() -> Home:
    return make_home(estate=make_estate(tenants_pay=True))


def made(home: Home, month: int, **overrides: object) -> Bill:
    """A bill made on the tenth of that month."""
    return make_bill(
        home=home, period=date(2026, month, 1), now=datetime(2026, month, 10, tzinfo=UTC), **overrides
    )


def let_in(home: Home, kind: str) -> User:
    """Asked for in January, approved in July."""
    person = make_user()
    asked = make_residency(
        user=person,
        home=home,
        kind=kind,
        status=Residency.Status.REQUESTED,
        created_at=JANUARY,
        status_changed_at=JANUARY,
    )
    people.approve_residency(residency=asked, by=make_staff(estate=home.estate), now=JULY)
    return person


def settled(bill: Bill) -> Bill:
    Bill.objects.filter(pk=bill.pk).update(status=Bill.Status.SETTLED, paid_fen=bill.amount_fen)
    return bill


def seen(person: User) -> set[Bill]:
    return set(Bill.objects.of_resident(person))


def test_bills__of_a_tenant_who_was_let_in_later__begin_when_they_were(home: Home) -> None:
    before = made(home, 3)
    tenant = let_in(home, Kind.TENANT)
    assert seen(tenant) == set()
    assert queries.owed_by(tenant, clock.today(clock.now()))[:2] == (0, 0)
    after = made(home, 8)
    assert seen(tenant) == {after}
    assert not Bill.objects.visible_to(tenant).filter(pk=before.pk).exists()
    assert queries.owed_by(tenant, clock.today(clock.now()))[:2] == (after.amount_fen, 1)


def test_bills__of_a_tenant_for_whom_one_acts__are_the_same(home: Home) -> None:
    made(home, 3)
    tenant, son = let_in(home, Kind.TENANT), make_user()
    make_delegation(resident=tenant, delegate=son, service="fees")
    assert [one.owed_fen for one in queries.residents_to_pay_for(son)] == [0]
    today = clock.today(clock.now())
    assert queries.owed_by_family(son, today).by_resident == {tenant.pk: 0}
    after = made(home, 8)
    assert [one.owed_fen for one in queries.residents_to_pay_for(son)] == [after.amount_fen]
    assert queries.owed_by_family(son, today) == queries.FamilyOwed(0, 0, 0, {tenant.pk: after.amount_fen})
    assert set(Bill.objects.of_household(son)) == {after}


@pytest.mark.parametrize("kind", [Kind.OWNER, Kind.FAMILY])
def test_bills__of_an_owner_who_was_let_in_later__are_all_that_the_home_owes(kind: str, home: Home) -> None:
    owed = made(home, 3)
    settled(made(home, 4))
    owner = let_in(home, kind)
    after = settled(made(home, 8))
    assert seen(owner) == {owed, after}
    assert queries.owed_by(owner, clock.today(clock.now()))[:2] == (owed.amount_fen, 1)


def test_bills__of_who_is_on_the_roster__begin_at_once(home: Home) -> None:
    tenant = make_user()
    make_roster_entry(home=home, phone=tenant.phone, kind=Kind.TENANT)
    made(home, 3)
    people.claim_roster_homes(user=tenant, now=JULY)
    assert seen(tenant) == set()
    after = made(home, 8)
    assert seen(tenant) == {after}


def test_bills__of_who_has_always_lived_there__are_all_of_them(home: Home) -> None:
    tenant = make_resident(home=home, kind=Kind.TENANT)
    Residency.objects.update(status_changed_at=JANUARY, created_at=JANUARY)
    bills = {made(home, 3), settled(made(home, 8))}
    assert seen(tenant) == bills


# -- Where the owner pays


@pytest.mark.parametrize("mode", ["standard", "large"])
def test_bills__of_a_tenant_where_tenants_do_not_pay__are_a_sentence_that_says_who_does(mode: str) -> None:
    home = make_home()
    tenant = let_in(home, Kind.TENANT)
    bill, own = made(home, 8), make_bill(home=home, charged_to=tenant, amount_fen=3500)
    assert seen(tenant) == {own}
    assert not Bill.objects.visible_to(tenant).filter(pk=bill.pk).exists()
    assert queries.owed_by(tenant, clock.today(clock.now()))[:2] == (3500, 1)
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(tenant)
    page = client.get(f"/fees/?mode={mode}").content.decode()
    assert "费用由业主缴纳" in page
    assert "¥231.48" not in page
    assert "¥35.00" in page
    owner = let_in(home, Kind.OWNER)
    assert seen(owner) == {bill}
    client.force_login(owner)
    assert "费用由业主缴纳" not in client.get("/fees/").content.decode()


def test_new_bill__where_tenants_do_not_pay__is_told_to_the_owner_only() -> None:
    home = make_home()
    owner, tenant = make_resident(home=home), make_resident(home=home, kind=Kind.TENANT)
    item = make_item(estate=home.estate, basis="single")
    charge = actions.Charge(
        item_kind=item.kind,
        estate=home.estate,
        home=home,
        subject="card:1",
        period=date(2026, 11, 1),
        amount_fen=2000,
        words="门禁卡",
        charged_to=None,
        item=item,
    )
    actions.charge(charge, by=None, now=clock.now())
    told = OutboxMessage.objects.filter(template="bill_made").values_list("recipient", flat=True)
    assert set(told) == {owner.pk}
    assert tenant.pk not in told
