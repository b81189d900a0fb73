"""Money that does not fit is kept once, in nobody's way, and shown until a cashier has seen to it."""

import logging

import pytest
from django.test import Client

from accounts.models import StaffRole, User
from community.core import clock
from community.core.errors import ActionError, Forbidden
from community.core.models import AuditRecord
from community.notifications.models import LiveTopic
from services.fees import actions, providers, tasks
from services.fees.models import Payment, ProviderNotice, Refund, SandboxOrder
from services.fees.providers.base import Result, State
from services.fees.providers.sandbox import Sandbox
from tests.factories import make_bill, make_cashier, make_payment, make_staff
from tests.support.books import assert_in_balance
from tests.support.paying import credit, give_back, let_pass, open_order

pytestmark = pytest.mark.django_db
PAGE = "/staff/fees/checks/"


class Says(Sandbox):
    """A provider that says the same of every order."""

    def __init__(self, amount_fen: int = 1, number: str = "N9") -> None:
        self.result = Result(State.PAID, number, amount_fen)

    def query(self, _of: Payment | Refund) -> Result:
        return self.result

    close = refund = query


def waiting_for(minutes: int = 40) -> Payment:
    payment = make_payment()
    let_pass(minutes, payment)
    payment.refresh_from_db()
    return payment


def signed_in(user: User) -> Client:
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(user)
    return client


def doubt(payment: Payment) -> ProviderNotice:
    return ProviderNotice.objects.create(
        provider="sandbox",
        provider_number="N9",
        amount_fen=1,
        outcome="wrong_amount",
        payment=payment,
        at=clock.now(),
    )


@pytest.mark.parametrize("outcome", ["wrong_amount", "number_used"])
def test_ask__answer_that_does_not_fit__is_noted_once_and_logged(
    outcome: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    payment, other = waiting_for(), make_payment()
    credit(other, "N9")
    says = Says(payment.amount_fen if outcome == "number_used" else 1)
    monkeypatch.setitem(providers.KNOWN, "sandbox", says)
    with caplog.at_level(logging.ERROR):
        for _n in range(3):
            actions.query_provider(payment=payment, now=clock.now())
    notice = ProviderNotice.objects.get()
    assert (notice.outcome, notice.payment, notice.provider_number) == (outcome, payment, "N9")
    assert sum(payment.order_number in record.getMessage() for record in caplog.records) == 1
    assert LiveTopic.objects.filter(name=f"takings:{payment.estate_id}").exists()
    payment.refresh_from_db()
    assert payment.status == "pending"
    assert_in_balance()


def test_round__payments_in_doubt__are_in_nobodys_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "ROWS_PER_SWEEP", 2)
    doubtful = [waiting_for(50 + n) for n in range(2)]
    live = waiting_for(2)
    says = Says()
    monkeypatch.setitem(providers.KNOWN, "sandbox", says)
    assert tasks.ask_providers() == 2
    assert ProviderNotice.objects.in_doubt().count() == 2
    says.result = Result(State.PAID, "N10", live.amount_fen)
    assert tasks.ask_providers() == 1
    live.refresh_from_db()
    assert live.status == "paid"
    assert set(Payment.objects.filter(pk__in=[one.pk for one in doubtful]).values_list("status")) == {
        ("pending",)
    }


def test_round__a_payment_that_breaks__holds_up_no_other(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broken, live = waiting_for(50), waiting_for(2)
    Payment.objects.filter(pk=broken.pk).update(channel="gone")
    monkeypatch.setitem(providers.KNOWN, "sandbox", Says(live.amount_fen))
    assert tasks.ask_providers() == 2
    live.refresh_from_db()
    assert live.status == "paid"
    assert f"payment {broken.pk} could not" in caplog.text


def test_round__a_refund_that_breaks__holds_up_no_other(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(providers.KNOWN, "sandbox", Says(number="R1"))
    for _n in range(2):
        payment = make_payment(paid=True)
        give_back(payment, asks=make_cashier(estate=payment.estate))
    let_pass(5)
    broken, good = Refund.objects.all()
    Refund.objects.filter(pk=broken.pk).update(channel="gone")
    assert tasks.sweep_refunds() == 1
    good.refresh_from_db()
    assert good.status == "done"
    assert f"refund {broken.pk} could not" in caplog.text


def test_checks__a_doubt__is_counted_shown_and_gone_when_seen_to() -> None:
    payment = waiting_for()
    notice = doubt(payment)
    cashier = make_cashier(estate=payment.estate)
    client = signed_in(cashier)
    assert "款项核对" in client.get("/staff/fees/").content.decode()
    assert "款项核对" in client.get("/staff/fees/takings/").content.decode()
    page = client.get(PAGE).content.decode()
    for said in (payment.reference, "¥231.48", "¥0.01", "N9"):
        assert said in page
    refused = client.post(f"{PAGE}{notice.pk}/", {"words": " "})
    assert refused.status_code == 422
    assert "请填写处理情况" in refused.content.decode()
    client.post(f"{PAGE}{notice.pk}/", {"words": "已在平台退回"})
    assert "没有要核对的" in client.get(PAGE).content.decode()
    assert "款项核对" not in client.get("/staff/fees/").content.decode()
    notice.refresh_from_db()
    payment.refresh_from_db()
    assert (notice.seen_by, notice.seen_words, payment.status) == (cashier, "已在平台退回", "closed")
    record = AuditRecord.objects.get(action="fees.doubt_seen_to", actor=cashier)
    # What can never be taken back out of the record says nothing of anybody.
    assert "已在平台退回" not in str(record.detail)
    assert credit(payment) == "credited"
    assert_in_balance()


def test_see_to__a_second_time__leaves_the_first_ones_words() -> None:
    payment = waiting_for()
    notice = doubt(payment)
    by = make_cashier(estate=payment.estate)
    for words in ("已退回", "再次"):
        actions.resolve_doubt(notice=notice, words=words, by=by, now=clock.now())
    notice.refresh_from_db()
    assert notice.seen_words == "已退回"
    for bad in ("", " ", "长" * 201):
        with pytest.raises(ActionError):
            actions.resolve_doubt(notice=notice, words=bad, by=by, now=clock.now())


def test_see_to__by_who_only_looks__is_forbidden() -> None:
    payment = waiting_for()
    notice = doubt(payment)
    auditor = make_staff(role=StaffRole.Role.AUDITOR, estate=payment.estate)
    assert "已处理" not in signed_in(auditor).get(PAGE).content.decode()
    with pytest.raises(Forbidden):
        actions.resolve_doubt(notice=notice, words="看过", by=auditor, now=clock.now())


def test_checks__of_another_estate__are_not_shown() -> None:
    payment = waiting_for()
    notice = doubt(payment)
    client = signed_in(make_cashier())
    assert payment.reference not in client.get(PAGE).content.decode()
    assert client.post(f"{PAGE}{notice.pk}/", {"words": "看过"}).status_code == 404


def test_checks__refund_that_the_provider_refuses__is_shown_and_tried_again() -> None:
    payment = make_payment(bills=[make_bill()])
    open_order(payment)
    SandboxOrder.objects.update(status="paid", number="S1")
    credit(payment, "S1")
    cashier = make_cashier(estate=payment.estate)
    refund = give_back(payment, asks=cashier)
    SandboxOrder.objects.update(status="failed")
    actions.send_refund(refund=refund, now=clock.now())
    client = signed_in(cashier)
    assert "款项核对" in client.get("/staff/fees/").content.decode()
    page = client.get(PAGE).content.decode()
    assert payment.reference in page
    assert "缴错" in page
    SandboxOrder.objects.update(status="paid")
    client.post(f"/staff/fees/refunds/{refund.pk}/again/")
    tasks.pay_back(refund.pk)
    assert Refund.objects.get().status == "done"
    assert payment.reference not in client.get(PAGE).content.decode()
    assert_in_balance()
