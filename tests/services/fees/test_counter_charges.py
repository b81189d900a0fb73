"""Single charges that a cashier types: a lost card, a fine."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import StaffRole
from community.core import clock
from community.core.errors import ActionError
from community.core.models import AuditRecord
from community.notifications.models import OutboxMessage
from services.fees.billing import actions
from services.fees.billing.forms import ChargeForm
from services.fees.billing.late_fees.bills import late_fee_item
from services.fees.models import Bill, FeeItem
from tests.factories import make_cashier, make_home, make_item, make_resident, make_staff
from tests.support.books import assert_in_balance

pytestmark = pytest.mark.django_db


def make_desk():
    item = make_item(kind=FeeItem.Kind.OTHER, basis=FeeItem.Basis.SINGLE, name="门禁卡工本费")
    home = make_home(estate=item.estate)
    cashier = make_cashier(estate=item.estate)
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(cashier)
    return item, home, cashier, client


def typed(item, **overrides):
    fields = {"item": item.pk, "words": "补办门禁卡一张", "amount": "15", "charged_to": "household"}
    return fields | {"key": uuid4()} | overrides


def test_charge__typed_shown_and_confirmed__becomes_a_bill_once():
    item, home, _cashier, client = make_desk()
    resident = make_resident(home=home)
    url, given = reverse("fees_charge", args=[home.pk]), typed(item)
    assert "¥15.00" in client.post(url, given).content.decode()
    assert not Bill.objects.exists()
    for _n in range(2):
        assert client.post(url, given | {"yes": "1"}).url == reverse("fees_counter", args=[home.pk])
    bill = Bill.objects.get()
    assert (bill.amount_fen, bill.words, bill.item, bill.charged_to) == (1500, "补办门禁卡一张", item, None)
    assert OutboxMessage.objects.filter(recipient=resident, template="bill_made").exists()
    assert AuditRecord.objects.filter(action="fees.charged").count() == 1
    assert_in_balance()


def test_charge__taken_back_before_the_yes__brings_the_form_filled_in():
    item, home, _cashier, client = make_desk()
    page = client.post(reverse("fees_charge", args=[home.pk]), typed(item, no="1")).content.decode()
    assert "补办门禁卡一张" in page
    assert not Bill.objects.exists()


def test_charge__in_the_name_of_a_resident__is_theirs_alone():
    item, home, _cashier, client = make_desk()
    resident, other = make_resident(home=home), make_resident(home=home)
    url = reverse("fees_charge", args=[home.pk])
    client.post(url, typed(item, charged_to=resident.pk, yes="1"))
    assert list(Bill.objects.of_resident(resident)) == [Bill.objects.get()]
    assert not Bill.objects.of_resident(other).exists()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"amount": "0"}, "大于 0"),
        ({"amount": "十五"}, "补办门禁卡一张"),
        ({"words": ""}, "请写明收费事由"),
        ({"item": 999_999}, "补办门禁卡一张"),
        ({"charged_to": 999_999}, "补办门禁卡一张"),
    ],
)
def test_charge__with_a_mistake__says_so_and_keeps_what_was_typed(wrong, words):
    item, home, _cashier, client = make_desk()
    response = client.post(reverse("fees_charge", args=[home.pk]), typed(item, yes="1") | wrong)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Bill.objects.exists()


def test_charge__to_somebody_who_moved_out_meanwhile__is_refused():
    item, home, cashier, _client = make_desk()
    asked = actions.CounterCharge(home, item, 1500, "门禁卡", make_resident(), uuid4())
    with pytest.raises(ActionError, match="not_a_resident"):
        actions.charge_at_counter(asked, by=cashier, now=clock.now())


def test_charge__of_a_fee_for_all_homes__is_refused():
    _item, home, cashier, _client = make_desk()
    monthly = make_item(estate=home.estate, name="物业费")
    asked = actions.CounterCharge(home, monthly, 1500, "门禁卡", None, uuid4())
    with pytest.raises(ActionError, match="not_single"):
        actions.charge_at_counter(asked, by=cashier, now=clock.now())


def test_charge__by_the_front_desk__is_forbidden():
    item, home, _cashier, client = make_desk()
    client.force_login(make_staff(role=StaffRole.Role.FRONT_DESK, estate=item.estate))
    assert client.post(reverse("fees_charge", args=[home.pk]), typed(item, yes="1")).status_code == 403


def test_charge__late_fee_by_hand__refused_and_not_offered() -> None:
    home = make_home()
    cashier, item = make_cashier(estate=home.estate), late_fee_item(home.estate)
    with pytest.raises(ActionError, match="not_single"):
        actions.charge_at_counter(
            actions.CounterCharge(home, item, 100, "逾期", None, uuid4()), by=cashier, now=clock.now()
        )
    assert not Bill.objects.exists()
    assert item not in ChargeForm(estate=home.estate, residents=[]).fields["item"].queryset
