"""The practice provider, and what we make of the calls and answers of any provider."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.test import Client

from community.core import clock
from community.core.errors import ActionError
from community.notifications.models import OutboxMessage
from services.fees import actions, providers, tasks
from services.fees.models import Bill, Payment, ProviderNotice, Refund, SandboxOrder, SandboxRefund
from services.fees.providers import sandbox
from services.fees.providers.base import ProviderDown, Redirect, Result, State
from tests.factories import make_bill, make_cashier, make_payment, make_resident
from tests.support.books import assert_in_balance
from tests.support.paying import give_back, let_pass, open_order

pytestmark = pytest.mark.django_db
CALLBACK = "/fees/callbacks/sandbox/"


def ordered() -> tuple[Payment, SandboxOrder]:
    """A payment whose order is open at the provider."""
    payment = make_payment()
    open_order(payment)
    return payment, SandboxOrder.objects.get(order_number=payment.order_number)


def call(client: Client, said: dict[str, Any], *, at: datetime | None = None, sign: Any = None) -> int:
    body = json.dumps(said).encode()
    stamp = str(int((at or clock.now()).timestamp()))
    headers = {"Sandbox-Timestamp": stamp, "Sandbox-Signature": (sign or sandbox.signature)(stamp, body)}
    answer = client.post(CALLBACK, data=body, content_type="application/json", headers=headers)
    return answer.status_code


def paid(order: SandboxOrder, **overrides: Any) -> dict[str, Any]:
    said = {
        "order_number": order.order_number,
        "status": "paid",
        "number": "S1",
        "amount_fen": order.amount_fen,
    }
    return said | overrides


def outcomes() -> list[str]:
    return list(ProviderNotice.objects.order_by("pk").values_list("outcome", flat=True))


# -- Calls.


def test_callback__of_a_paid_order__settles_the_bill(client: Client):
    payment, order = ordered()
    assert call(client, paid(order)) == 200
    payment.refresh_from_db()
    assert (payment.status, payment.provider_number) == ("paid", "S1")
    assert Bill.objects.get().status == "settled"
    assert outcomes() == ["credited"]
    assert_in_balance()


def test_callback__without_a_csrf_token__is_taken():
    _payment, order = ordered()
    assert call(Client(enforce_csrf_checks=True), paid(order)) == 200


def test_callback__repeated_and_reordered__counts_once(client: Client):
    payment, order = ordered()
    said = [paid(order), paid(order), paid(order, status="failed", number=""), paid(order)]
    assert [call(client, each) for each in said] == [200] * 4
    payment.refresh_from_db()
    assert payment.status == "paid"
    assert outcomes() == ["credited", "repeated", "not_paid", "repeated"]
    assert_in_balance()


def test_callback__of_another_amount__credits_nothing_and_is_kept(client: Client):
    payment, order = ordered()
    assert call(client, paid(order, amount_fen=1)) == 200
    payment.refresh_from_db()
    assert payment.status == "pending"
    assert outcomes() == ["wrong_amount"]
    assert_in_balance()


def test_callback__that_it_was_not_paid__tells_the_payer(client: Client):
    payment, order = ordered()
    call(client, paid(order, status="failed", number=""))
    payment.refresh_from_db()
    assert payment.status == "failed"
    assert OutboxMessage.objects.filter(recipient=payment.payer, template="payment_failed").exists()


@pytest.mark.parametrize("number", ["1-P-000000-0000", "P-261123-0001", "", "9" * 40, "-", "①-P-1"])
def test_callback__of_an_order_that_is_not_ours__is_kept(client: Client, number: str):
    _payment, order = ordered()
    assert call(client, paid(order, order_number=number)) == 200
    assert outcomes() == ["unknown"]


@pytest.mark.parametrize(
    "forged",
    [
        lambda stamp, body: "",
        lambda stamp, body: "0" * 64,
        lambda stamp, body: sandbox.signature(stamp, body + b" "),
        lambda stamp, body: sandbox.signature(str(int(stamp) + 1), body),
    ],
)
def test_callback__with_a_wrong_signature__is_refused_and_kept(client: Client, forged):
    payment, order = ordered()
    assert call(client, paid(order), sign=forged) == 403
    payment.refresh_from_db()
    assert payment.status == "pending"
    assert outcomes() == ["bad_signature"]


@pytest.mark.parametrize("minutes", [-6, 6])
def test_callback__too_old_or_from_the_future__is_refused(client: Client, minutes: int):
    _payment, order = ordered()
    assert call(client, paid(order), at=clock.now() + timedelta(minutes=minutes)) == 403


def test_callback__forged_without_end__does_not_fill_the_table(client: Client):
    _payment, order = ordered()
    for _n in range(25):
        assert call(client, paid(order), sign=lambda stamp, body: "0") == 403
    assert ProviderNotice.objects.count() == 20


def test_callback__without_headers_or_by_get__is_refused(client: Client):
    assert client.post(CALLBACK, data=b"{}", content_type="application/json").status_code == 403
    assert client.get(CALLBACK).status_code == 405


@pytest.mark.parametrize("name", ["wechat", "nobody"])
def test_callback__of_a_provider_that_is_not_there__is_not_found(client: Client, name: str):
    assert client.post(f"/fees/callbacks/{name}/", data={}).status_code == 404


def test_callback__of_the_sandbox_when_it_is_off__is_not_found(client: Client, settings):
    _payment, order = ordered()
    settings.FEES_PROVIDERS = []
    assert call(client, paid(order)) == 404


# -- Its page.


def test_press__pay__is_paid_once_and_calls_us():
    payment, order = ordered()
    now = clock.now()
    sandbox.press_button(order, "pay", now=now)
    number = order.number
    sandbox.press_button(order, "pay", now=now)
    sandbox.press_button(order, "fail", now=now)
    assert (order.status, order.number, order.call_at) == ("paid", number, now)
    assert providers.named("sandbox").query(payment) == Result(State.PAID, number, payment.amount_fen)


def test_press__late__is_paid_after_a_while_only():
    payment, order = ordered()
    now = clock.now()
    sandbox.press_button(order, "late", now=now)
    actions.query_provider(payment=payment, now=now)
    actions.close_payment(payment=payment, by=payment.payer, now=now)
    assert payment.status == "pending"
    assert sandbox.send_due_notices(now) == 0
    SandboxOrder.objects.update(paid_at=now)
    actions.query_provider(payment=payment, now=now)
    assert payment.status == "paid"


def test_press__fail__says_so_when_asked():
    payment, order = ordered()
    sandbox.press_button(order, "fail", now=clock.now())
    actions.query_provider(payment=payment, now=clock.now())
    assert payment.status == "failed"


def test_call__nobody_answers__is_made_again_later(settings):
    settings.PUBLIC_URL = "http://127.0.0.1:9"
    _payment, order = ordered()
    now = clock.now()
    sandbox.press_button(order, "pay", now=now)
    assert sandbox.send_due_notices(now) == 0
    order.refresh_from_db()
    assert order.call_at == now + sandbox.RETRY_AFTER


@pytest.mark.django_db(transaction=True)
def test_call__over_http__credits_the_payment_and_repeats_on_demand(live_server_url: str, settings):
    settings.PUBLIC_URL = live_server_url
    payment, order = ordered()
    sandbox.press_button(order, "pay", now=clock.now())
    assert tasks.call_from_sandbox() == 1
    payment.refresh_from_db()
    assert payment.status == "paid"
    sandbox.press_button(order, "repeat", now=clock.now())
    assert tasks.call_from_sandbox() == 1
    assert tasks.call_from_sandbox() == 0
    assert outcomes() == ["credited", "repeated"]
    assert_in_balance()


# -- Asking.


def test_ask__no_call_ever_came__is_credited_by_the_clock():
    payment, order = ordered()
    sandbox.press_button(order, "pay", now=clock.now())
    let_pass(2)
    assert tasks.ask_providers() == 1
    payment.refresh_from_db()
    assert payment.status == "paid"
    assert_in_balance()


def test_ask__nobody_paid_in_half_an_hour__is_given_up_at_both_ends():
    payment, order = ordered()
    let_pass(31)
    tasks.ask_providers()
    payment.refresh_from_db()
    order.refresh_from_db()
    assert (payment.status, order.status) == ("closed", "closed")


def test_ask__just_begun__is_left_alone():
    ordered()
    assert tasks.ask_providers() == 0


def test_give_up__somebody_has_just_paid__is_paid():
    payment, order = ordered()
    sandbox.press_button(order, "pay", now=clock.now())
    actions.close_payment(payment=payment, by=payment.payer, now=clock.now())
    assert payment.status == "paid"


class Silent(sandbox.Sandbox):
    """A provider that does not answer."""

    def _down(self, *args: Any) -> Any:
        raise ProviderDown

    create = query = close = refund = _down


def test_provider__silent__leaves_the_payment_open_and_is_asked_once_a_round(monkeypatch):
    for _n in range(3):
        payment, _order = ordered()
    let_pass(40)
    monkeypatch.setitem(providers.KNOWN, "sandbox", Silent())
    assert tasks.ask_providers() == 1
    with pytest.raises(ActionError) as refused:
        actions.close_payment(payment=payment, by=payment.payer, now=clock.now())
    assert refused.value.code == "provider_down"
    with pytest.raises(ActionError):
        open_order(payment)
    assert set(Payment.objects.values_list("status", flat=True)) == {"pending"}


# -- Paying back.


def refunded() -> tuple[Payment, Refund]:
    payment, order = ordered()
    sandbox.press_button(order, "pay", now=clock.now())
    actions.query_provider(payment=payment, now=clock.now())
    return payment, give_back(payment, asks=make_cashier(estate=payment.estate))


def test_refund__provider_silent__is_tried_again_by_the_clock(monkeypatch):
    _payment, refund = refunded()
    with monkeypatch.context() as silent:
        silent.setitem(providers.KNOWN, "sandbox", Silent())
        assert not actions.send_refund(refund=refund, now=clock.now())
    let_pass(5)
    assert tasks.sweep_refunds() == 1
    refund.refresh_from_db()
    assert refund.status == "done"
    assert tasks.sweep_refunds() == 0
    assert_in_balance()


def test_refund__refused_by_the_provider__can_be_asked_once_more():
    payment, refund = refunded()
    SandboxOrder.objects.update(status="failed")
    actions.send_refund(refund=refund, now=clock.now())
    assert refund.status == "failed"
    SandboxOrder.objects.update(status="paid")
    actions.try_refund_again(refund=refund, by=make_cashier(estate=payment.estate), now=clock.now())
    tasks.pay_back(refund.pk)
    refund.refresh_from_db()
    assert refund.status == "done"
    assert [change.to_status for change in refund.history.all()] == [
        *("asked", "pending", "failed", "pending", "done")
    ]


def test_refund__at_the_provider_twice__pays_back_once():
    _payment, refund = refunded()
    first = providers.named("sandbox").refund(refund)
    assert providers.named("sandbox").refund(refund) == first
    assert SandboxRefund.objects.get().amount_fen == refund.amount_fen


def test_statement__of_a_day__has_what_came_and_what_went():
    payment, refund = refunded()
    tasks.pay_back(refund.pk)
    ordered()
    today = clock.today(clock.now())
    lines = providers.named("sandbox").statement(None, today).lines
    number = payment.provider_number
    assert [(line.kind, line.number, line.amount_fen) for line in lines] == [
        ("payment", number, payment.amount_fen),
        ("refund", f"{number}R", payment.amount_fen),
    ]
    assert providers.named("sandbox").statement(None, today - timedelta(days=2)).lines == []


# -- Where it may run.


@pytest.mark.parametrize("named", [["sandbox"], ["nobody"]])
def test_check__practice_or_unknown_provider_outside_the_demo__refuses_to_start(settings, named: list[str]):
    settings.FEES_PROVIDERS, settings.DEMO, settings.TESTING = named, False, False
    with pytest.raises(SystemCheckError, match=r"linli\.E01"):
        call_command("check")


def test_order_number__same_reference_in_two_estates__finds_the_right_one():
    first, second = make_payment(), make_payment()
    assert first.reference == second.reference
    assert Payment.objects.with_order_number(second.order_number).get() == second


def test_sandbox__payment_of_two_bills__is_one_order():
    bill = make_bill()
    payer = make_resident(home=bill.home)
    payment = make_payment(bills=[bill, make_bill(home=bill.home)], payer=payer)
    for _n in range(2):
        assert open_order(payment) == Redirect(f"/fees/sandbox/{payment.order_number}/")
    assert SandboxOrder.objects.get().amount_fen == payment.amount_fen
