"""The log of what was done in a resident's name: whole for the resident, within their services for a relative."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import actions
from accounts.models import User
from accounts.own_data.in_name import acts_in_name_of
from community.core import audit, clock
from services.repairs.models import Repair
from tests import factories

pytestmark = pytest.mark.django_db
MINE = reverse("done_for_me")


def client_of(user: User) -> Client:
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(user)
    return client


def note(repair: Repair, by: User, step: str = "new", of: str = "") -> None:
    """Records what a step of this repair in its resident's name leaves."""
    audit.record("on_behalf", by=by, target=repair, person=repair.resident_id, step=step)


@pytest.fixture
def repair() -> Repair:
    return factories.make_repair()


def test_log__of_a_real_act__both_read_who_did_what_when(repair: Repair) -> None:
    mother, son = repair.resident, factories.make_user(name="李强")
    factories.make_delegation(resident=mother, delegate=son)
    answer = client_of(son).post(reverse("repair_cancel", args=[repair.pk]), {"reason": "x"})
    assert answer.status_code == 302
    theirs = reverse("done_for_them", args=[mother.pk])
    for person, address in ((mother, MINE), (son, theirs)):
        page = client_of(person).get(address).content.decode()
        assert "撤销了报修" in page
        assert "李强" in page
        assert "今天" in page


def test_log__of_a_relative__has_the_services_entrusted_now_and_their_own_acts(repair: Repair) -> None:
    mother, son, daughter = (
        repair.resident,
        factories.make_user(name="李强"),
        factories.make_user(name="李红"),
    )
    payment = factories.make_payment(bills=[factories.make_bill(home=repair.home)], payer=mother)
    factories.make_delegation(resident=mother, delegate=son, service="repairs")
    factories.make_delegation(resident=mother, delegate=daughter, service="fees")
    note(repair, son)
    audit.record("on_behalf", by=daughter, target=payment, person=mother.pk, step="paid")
    audit.record(
        "on_behalf",
        by=factories.make_staff(estate=repair.estate),
        target=repair,
        person=mother.pk,
        step="new",
    )

    def read(reader: User) -> list[tuple[str, str]]:
        return [(one.title, one.by) for one in acts_in_name_of(mother, reader=reader)[0]]

    in_repairs = [("报了修", "员工"), ("报了修", "李强")]
    assert read(mother) == [in_repairs[0], ("缴了费", "李红"), in_repairs[1]]
    assert read(son) == in_repairs
    assert read(daughter) == [("缴了费", "李红")]
    son_too = factories.make_delegation(resident=mother, delegate=daughter, service="repairs")
    assert ("报了修", "家里人") in read(daughter)
    actions.end_delegations(resident=mother, delegate=son_too.delegate, by=mother, now=clock.now())
    assert client_of(daughter).get(reverse("done_for_them", args=[mother.pk])).status_code == 404


def test_log__of_others_and_of_places__is_not_in_it(repair: Repair) -> None:
    neighbour = factories.make_resident()
    note(repair, factories.make_user())
    audit.record("on_behalf", by=repair.resident, target=neighbour, person=neighbour.pk, step="x")
    assert acts_in_name_of(neighbour, reader=neighbour)[0] == []
    assert client_of(neighbour).get(reverse("done_for_them", args=[repair.resident_id])).status_code == 404
    assert "还没有" in client_of(neighbour).get(MINE).content.decode()


def test_log__of_any_length__pages_by_key_with_the_same_queries(repair: Repair) -> None:
    mother = repair.resident
    for name in ("李强", "李红"):
        son = factories.make_delegation(resident=mother, delegate=factories.make_user(name=name)).delegate
        for _number in range(13):
            note(repair, son)
    with CaptureQueriesContext(connection) as asked:
        first, older = acts_in_name_of(mother, reader=mother)
    assert (len(first), len(asked)) == (20, 2)
    rest, end = acts_in_name_of(mother, reader=mother, before=older)
    assert (len(rest), end) == (6, "")
    page = client_of(mother).get(MINE).content.decode()
    assert f"?before={older}" in page
