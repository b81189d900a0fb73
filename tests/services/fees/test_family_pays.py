"""请家人付: a resident sends the bill to a relative, who pays; both are told and named."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from community.core import clock
from community.notifications.models import OutboxMessage
from services.fees import receipts
from services.fees.models import Payment
from tests.factories import make_bill, make_cashier, make_delegation, make_home, make_resident
from tests.support.paying import begin, credit, take_payment

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(user)
    return client


@pytest.mark.parametrize("mode", ["standard", "large"])
def test_family_pays__from_the_bill_to_the_receipt__names_both(mode: str) -> None:
    mother, son = make_resident(home=make_home(), name="王秀英"), make_resident(name="陈建国")
    home = mother.residencies.get().home
    make_delegation(resident=mother, delegate=son, service="fees")
    bill = make_bill(home=home)
    hers, his = signed_in(mother), signed_in(son)
    hers.cookies["mode"] = mode
    page = hers.get(reverse("fees")).content.decode()
    assert "请家人付" in page
    assert ("二百三十一元四角八分" in page) is (mode == "large")
    asks = reverse("handover")
    assert f'href="{asks}?path=%2Ffees%2F"' in page
    sent = hers.post(asks, {"path": reverse("fees"), "delegates": son.pk, "send": "alone"})
    link = f"{reverse('fees')}?for={mother.pk}"
    assert link in sent.content.decode(), "it can be sent in WeChat too"
    told = OutboxMessage.objects.filter(recipient=son, template="handover", channel="inbox").get()
    assert told.url == link
    assert "231.48" in str(told.params["step"])
    assert "请家人付" not in his.get(link).content.decode(), "who was asked asks nobody"
    payment = begin([bill], mother, by=son)
    assert credit(payment) == "credited"
    payment.refresh_from_db()
    assert receipts.receipt_of(payment).payer == "王秀英（陈建国代付）"
    both = OutboxMessage.objects.filter(template="payment_received", channel="inbox")
    assert set(both.values_list("recipient", flat=True)) == {mother.pk, son.pk}


def test_receipt__of_who_pays_themselves_or_at_the_counter__names_one() -> None:
    mother = make_resident(home=make_home(), name="王秀英")
    home = mother.residencies.get().home
    own = begin([make_bill(home=home)], mother)
    credit(own)
    bill = make_bill(home=home)
    cashier = make_cashier(estate=home.estate)
    paid = take_payment(home, {bill.pk: bill.amount_fen}, by=cashier, payer=mother)
    assert {receipts.receipt_of(one).payer for one in (Payment.objects.get(pk=own.pk), paid)} == {"王秀英"}
    assert paid.paid_at is not None
    assert paid.paid_at <= clock.now()
