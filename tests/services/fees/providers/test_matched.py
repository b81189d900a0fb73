"""A day of both providers at the local server, matched from their own statements."""

import urllib.request

import pytest
from django.test import Client

from community.core import clock
from community.demo.payments.keys import Keys
from community.demo.payments.server import PaymentServer
from services.fees.matching import actions
from services.fees.models import Entry, MatchingDifference
from services.fees.providers.base import Redirect
from tests.factories import make_bill, make_cashier, make_estate, make_home, make_item
from tests.services.fees.matching.statements import new_day
from tests.support.books import assert_in_balance
from tests.support.paying import open_order
from tests.support.practice import PHONE, deliver, make_merchant, make_order, pay

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["wechat", "alipay"])
def test_day__with_a_payment_that_no_notice_told__is_settled_and_agreed(
    server: PaymentServer, keys: Keys, client: Client, name: str
) -> None:
    merchant = make_merchant(keys, name)
    home = make_home(estate=make_estate(company=merchant.company))
    item, cashier = make_item(estate=home.estate), make_cashier(estate=home.estate)
    told, untold = (
        make_order(merchant, bill=make_bill(home=home, item=item, subject=subject)) for subject in "ab"
    )
    for payment in (told, untold):
        order = open_order(payment, PHONE)
        assert isinstance(order, Redirect)
        with urllib.request.urlopen(order.url, timeout=5) as page:
            assert page.status == 200
    pay(server, told)
    deliver(server, client)
    pay(server, untold)
    day = new_day(merchant=merchant, provider=name)
    assert actions.fetch_day(day=day, now=clock.now())
    actions.match_day(day=day, now=clock.now())
    difference = MatchingDifference.objects.get(day=day)
    assert (difference.payment, difference.kind) == (untold, MatchingDifference.Kind.NOT_HERE)
    actions.settle_difference(difference=difference, by=cashier, now=clock.now())
    untold.refresh_from_db()
    assert (untold.status, untold.lines.get().bill.status) == ("paid", "settled")
    day.refresh_from_db()
    actions.agree_day(day=day, by=cashier, now=clock.now())
    assert Entry.objects.filter(transaction__key__startswith=f"fee:{day.pk}:").exists()
    assert_in_balance()
