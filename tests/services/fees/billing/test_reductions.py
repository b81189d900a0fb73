"""Reductions: asked for by one, agreed to by another, ended by a day."""

from datetime import date

import pytest
from django.db import IntegrityError
from django.test import Client

from accounts.models import StaffRole, User
from community.core import clock
from community.core.errors import ActionError, Forbidden
from community.core.models import AuditRecord
from community.core.transitions import AlreadyMoved
from services.fees.billing.reductions import actions
from services.fees.billing.reductions.actions import Asked
from services.fees.models import FeeItem, Reduction
from tests.factories import make_cashier, make_home, make_item, make_residency, make_staff
from tests.support.at_once import at_once

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2026, 11, 1), date(2026, 12, 31)


@pytest.fixture
def item() -> FeeItem:
    return make_item()


def manager_of(item: FeeItem) -> User:
    return make_staff(estate=item.estate, role=StaffRole.Role.MANAGER)


def ask(item: FeeItem, by=None, home=None, **given) -> Reduction:
    fields = {"why": "vacancy", "off": 3000, "from_on": FIRST, "to_on": LAST, "reason": "空置"} | given
    home = home or make_home(estate=item.estate)
    return actions.ask_reduction(
        Asked(item=item, home=home, **fields), by=by or make_cashier(estate=item.estate), now=clock.now()
    )


def test_ask__counts_only_once_another_has_agreed(item: FeeItem) -> None:
    cashier, manager = make_cashier(estate=item.estate), manager_of(item)
    asked = ask(item, cashier)
    assert not Reduction.objects.counting().exists()
    with pytest.raises(Forbidden):
        actions.agree_to_reduction(reduction=asked, by=cashier, now=clock.now())
    for _twice in range(2):
        actions.agree_to_reduction(reduction=asked, by=manager, now=clock.now())
    asked.refresh_from_db()
    assert (asked.approved_by, asked.ended_at) == (manager, None)
    acts = AuditRecord.objects.filter(action__startswith="fees.reduction").values_list("action", "actor")
    assert list(acts.order_by("pk")) == [
        ("fees.reduction_asked", cashier.pk),
        ("fees.reduction_agreed", manager.pk),
    ]


def test_agree__by_who_asked__is_refused_by_the_database_too(item: FeeItem) -> None:
    asked = ask(item)
    with pytest.raises(IntegrityError):
        Reduction.objects.filter(pk=asked.pk).update(approved_by=asked.asked_by, approved_at=clock.now())


def test_ask_and_agree__for_the_own_home__are_refused(item: FeeItem) -> None:
    manager = manager_of(item)
    home = make_residency(user=manager, home=make_home(estate=item.estate)).home
    with pytest.raises(ActionError, match="own_home"):
        ask(item, manager, home=home)
    asked = ask(item, home=home)
    with pytest.raises(Forbidden):
        actions.agree_to_reduction(reduction=asked, by=manager, now=clock.now())


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"off": 0}, "off"),
        ({"off": 10_001}, "off"),
        ({"to_on": date(2026, 10, 31)}, "to_on"),
        ({"reason": " "}, "reason"),
        ({"reason": "长" * 201}, "reason"),
    ],
)
def test_ask__wrong__names_the_field_and_writes_nothing(item: FeeItem, given: dict, field: str) -> None:
    with pytest.raises(ActionError) as refused:
        ask(item, **given)
    assert refused.value.field == field
    assert not Reduction.objects.exists()


def test_ask__single_or_foreign_item__is_refused(item: FeeItem) -> None:
    single = make_item(estate=item.estate, basis=FeeItem.Basis.SINGLE)
    for wrong in (single, make_item()):
        with pytest.raises(ActionError) as refused:
            ask(wrong, make_cashier(estate=item.estate), home=make_home(estate=item.estate))
        assert refused.value.field == "item"


def test_ask__days_that_have_one__is_refused_until_it_is_declined(item: FeeItem) -> None:
    cashier = make_cashier(estate=item.estate)
    first = ask(item, cashier)
    with pytest.raises(ActionError) as refused:
        ask(item, home=first.home, from_on=LAST, to_on=date(2027, 3, 1))
    assert refused.value.field == "from_on"
    actions.decline_reduction(reduction=first, by=cashier, now=clock.now())
    assert ask(item, home=first.home).ended_at is None
    with pytest.raises(AlreadyMoved):
        actions.agree_to_reduction(reduction=first, by=manager_of(item), now=clock.now())


def test_end__earlier__keeps_the_days_before(item: FeeItem) -> None:
    manager = manager_of(item)
    asked = ask(item)
    actions.agree_to_reduction(reduction=asked, by=manager, now=clock.now())
    with pytest.raises(ActionError):
        actions.end_reduction(reduction=asked, last_on=LAST, by=manager, now=clock.now())
    actions.end_reduction(reduction=asked, last_on=date(2026, 11, 15), by=manager, now=clock.now())
    asked.refresh_from_db()
    assert (asked.to_on, asked.ended_at) == (date(2026, 11, 15), None)
    actions.end_reduction(reduction=asked, last_on=date(2026, 10, 31), by=manager, now=clock.now())
    assert not Reduction.objects.counting().exists()


@pytest.mark.django_db(transaction=True)
def test_ask__twice_at_once__makes_one(item: FeeItem) -> None:
    home, by = make_home(estate=item.estate), make_cashier(estate=item.estate)
    assert at_once(*[lambda: ask(item, by, home=home)] * 2) == ["ok", "reduced_already"]
    assert Reduction.objects.count() == 1


def test_pages__from_the_counter_to_the_yes_of_another(client: Client, item: FeeItem) -> None:
    home, cashier = make_home(estate=item.estate), make_cashier(estate=item.estate)
    client.force_login(cashier)
    path = f"/staff/fees/homes/{home.pk}/reduction/"
    typed = {
        "item": item.pk,
        "why": "vacancy",
        "percent": "30",
        "from_on": "2026-11-01",
        "reason": "长期空置",
    }
    page = client.post(path, typed | {"to_on": ""})
    assert page.status_code == 422
    assert "长期空置" in page.content.decode()
    assert client.post(path, typed | {"to_on": "2026-12-31"}).status_code == 302
    asked = Reduction.objects.get()
    assert asked.off == 3000
    assert "撤回" in client.get("/staff/fees/reductions/").content.decode()
    assert client.post(f"/staff/fees/reductions/{asked.pk}/agree/").status_code == 403
    client.force_login(manager_of(item))
    client.post(f"/staff/fees/reductions/{asked.pk}/agree/")
    page = client.get("/staff/fees/reductions/").content.decode()
    assert "30%" in page
    assert "提前结束" in page
