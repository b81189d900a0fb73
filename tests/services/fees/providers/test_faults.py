"""What goes wrong between a payer's tap and our books, chosen at the local server as a visitor does, over HTTP."""

import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from community.core import clock
from community.demo.payments.keys import Keys
from community.demo.payments.notices import Call, post
from community.demo.payments.server import PaymentServer
from services.fees import tasks
from services.fees.models import Entry, LedgerTransaction, Payment, ProviderNotice
from tests.support import practice
from tests.support.books import assert_in_balance
from tests.support.listening import listening

pytestmark = pytest.mark.django_db
ON_PHONE = {"User-Agent": practice.PHONE.user_agent}
PROVIDERS = pytest.mark.parametrize("name", ["wechat", "alipay"])


class _Stays(urllib.request.HTTPRedirectHandler):
    """The payer's browser goes back by a request of its own, signed in."""

    def redirect_request(self, req: Any, fp: Any, code: Any, msg: Any, headers: Any, newurl: Any) -> Any:
        return super().redirect_request(req, fp, code, msg, headers, newurl) if "/pay/" in newurl else None


BROWSER = urllib.request.build_opener(_Stays)


@dataclass
class Payer:
    """A resident with a bill of 231.48 yuan, and a browser; ``answers`` are our statuses to notices."""

    server: PaymentServer
    payment: Payment
    client: Client
    moved: Any
    answers: list[int]

    def visit(self, url: str, **typed: str) -> str:
        """Opens a page of the local server, or sends its form; returns where that leads, or the page's status."""
        try:
            with BROWSER.open(url, urlencode(typed).encode() if typed else None, timeout=5) as page:
                return str(page.url)
        except urllib.error.HTTPError as answer:
            return str(answer.headers["Location"] or answer.code)

    def goes(self) -> str:
        """Taps to pay: our page, the provider's address, and there the cashier; returns the last address."""
        answer = self.client.get(reverse("payment_go", args=[self.payment.pk]), headers=ON_PHONE)
        return self.visit(answer["Location"]) if "/payments/" not in answer["Location"] else ""

    def pays(self, trick: str = "") -> None:
        back = self.visit(self.goes(), trick=trick)
        assert reverse("payment", args=[self.payment.pk]) in back

    def looks(self) -> str:
        """Opens the payment's page; returns its status then."""
        assert self.client.get(reverse("payment", args=[self.payment.pk])).status_code == 200
        return self.status()

    def status(self) -> str:
        self.payment.refresh_from_db()
        return self.payment.status

    def waits(self, **time: int) -> None:
        self.moved.shift(timedelta(**time))

    def outcomes(self) -> list[str]:
        return list(ProviderNotice.objects.order_by("pk").values_list("outcome", flat=True))


def assert_paid_once(payer: Payer) -> None:
    assert payer.status() == Payment.Status.PAID
    bill = payer.payment.lines.get().bill
    assert (bill.status, bill.paid_fen) == ("settled", 23148)
    assert Payment.objects.count() == 1
    came = LedgerTransaction.objects.filter(kind=LedgerTransaction.Kind.PAYMENT)
    assert Entry.objects.filter(transaction__in=came, amount_fen=23148).count() == 1
    assert_in_balance()


def assert_nothing_credited(payer: Payer) -> None:
    assert payer.status() == Payment.Status.PENDING
    assert payer.payment.lines.get().bill.paid_fen == 0
    assert not Entry.objects.filter(transaction__kind=LedgerTransaction.Kind.PAYMENT).exists()


@pytest.fixture(scope="module")
def our_address(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    with django_db_blocker.unblock(), listening() as address:
        yield address


@pytest.fixture
def payer(name: str, keys: Keys, server: PaymentServer, our_address: str, settings: Any) -> Iterator[Payer]:
    settings.PUBLIC_URL = our_address
    answers: list[int] = []

    def heard(call: Call) -> tuple[int, bytes]:
        answer = post(call)
        answers.append(answer[0])
        return answer

    server.notices.post = heard
    with time_machine.travel(clock.now(), tick=False) as moved:
        payment = practice.make_order(practice.make_merchant(keys, name))
        client = Client()
        client.force_login(payment.payer)
        yield Payer(server, payment, client, moved, answers)


@PROVIDERS
@pytest.mark.parametrize(
    ("trick", "outcomes"),
    [
        ("", ["credited"]),
        ("ten", ["credited", *["repeated"] * 9]),
        ("unordered", ["credited", "not_paid"]),
        ("broken", ["credited"]),
    ],
)
def test_notices__in_time_repeated_or_out_of_order__credit_once(
    payer: Payer, trick: str, outcomes: list[str]
) -> None:
    payer.pays(trick)
    assert payer.answers == [200] * len(outcomes)
    assert payer.outcomes() == outcomes
    assert payer.looks() == "paid"
    payer.waits(minutes=40)
    tasks.ask_providers()
    assert_paid_once(payer)


@PROVIDERS
@pytest.mark.parametrize("fault", ["early", "500", "429"])
def test_order__that_fails_or_is_told_of_before_it_has_returned__is_paid_once(
    payer: Payer, fault: str
) -> None:
    payer.visit(f"{payer.server.address}/", create=fault)
    payer.goes()
    if fault == "early":
        assert payer.answers == [200]
    else:
        assert_nothing_credited(payer)
        payer.waits(minutes=1)
        payer.pays()
    assert payer.looks() == "paid"
    assert_paid_once(payer)


@PROVIDERS
def test_notice__an_hour_late__finds_the_payment_credited(payer: Payer) -> None:
    payer.pays("late")
    assert payer.answers == []
    assert_nothing_credited(payer)
    payer.waits(minutes=2)
    tasks.ask_providers()
    assert_paid_once(payer)
    payer.waits(minutes=59)
    assert payer.server.notices.deliver_due() == [200]
    assert payer.outcomes() == ["repeated"]
    assert_paid_once(payer)


@PROVIDERS
def test_notice__an_hour_late_while_nobody_asked__is_credited(payer: Payer) -> None:
    payer.pays("late")
    payer.waits(minutes=61)
    assert payer.server.notices.deliver_due() == [200]
    assert payer.outcomes() == ["credited"]
    assert_paid_once(payer)


@PROVIDERS
def test_notice__that_never_comes__is_asked_for_though_the_provider_errs(payer: Payer) -> None:
    payer.pays("never")
    payer.visit(f"{payer.server.address}/", query="500")
    assert payer.looks() == "pending"
    assert_nothing_credited(payer)
    payer.waits(minutes=10)
    tasks.ask_providers()
    assert payer.outcomes() == []
    assert_paid_once(payer)


@PROVIDERS
def test_payment__given_up_after_it_was_paid__is_credited(payer: Payer) -> None:
    payer.pays("never")
    payer.client.post(reverse("payment_give_up", args=[payer.payment.pk]))
    assert_paid_once(payer)


@PROVIDERS
def test_payment__that_nobody_pays_in_time__is_closed_on_both_sides(payer: Payer) -> None:
    cashier = payer.goes()
    payer.waits(minutes=31)
    tasks.ask_providers()
    assert payer.status() == "closed"
    payer.visit(cashier, trick="")
    assert payer.answers == []
    assert payer.looks() == "closed"
    assert not Entry.objects.filter(transaction__kind=LedgerTransaction.Kind.PAYMENT).exists()


FORGED = "signature", "probe", "serial", "old"


@pytest.mark.parametrize(
    ("name", "trick"),
    [
        *(("wechat", trick) for trick in ("merchant", "app", "currency", *FORGED)),
        *(("alipay", trick) for trick in ("merchant", "app", "currency", "signature")),
    ],
)
def test_notice__that_is_wrong__credits_nothing_and_the_money_is_found_by_asking(
    payer: Payer, trick: str
) -> None:
    payer.pays(trick)
    said = ([403], ["bad_signature"]) if trick in FORGED else ([400], [])
    assert (payer.answers, payer.outcomes()) == said
    assert_nothing_credited(payer)
    payer.waits(minutes=2)
    tasks.ask_providers()
    assert_paid_once(payer)


@PROVIDERS
def test_notice__of_another_sum__is_left_to_a_cashier_until_the_payer_looks(payer: Payer) -> None:
    payer.pays("amount")
    assert (payer.answers, payer.outcomes()) == ([200], ["wrong_amount"])
    payer.waits(minutes=2)
    tasks.ask_providers()
    assert_nothing_credited(payer)
    assert ProviderNotice.objects.in_doubt().get().payment == payer.payment
    assert payer.looks() == "paid"
    assert_paid_once(payer)
