"""An entry without an act of its own is reversed by two people, once, today, by exactly its opposite."""

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import StaffRole
from community.core import clock
from community.core.errors import ActionError, Forbidden
from community.core.transitions import AlreadyMoved
from services.fees.actions import ledger
from services.fees.actions.ledger import Line
from services.fees.books.actions import (
    ask_ledger_reversal,
    confirm_ledger_reversal,
    decline_ledger_reversal,
)
from services.fees.books.views.ledger import OWN_ACTS
from services.fees.counter.actions import Count, close_shift
from services.fees.models import Account, ClosingSheet, FeeItem, LedgerReversal, LedgerTransaction
from services.fees.reconciliation import reversals_are_opposite
from tests.community.admin_pages import signed_in
from tests.factories import (
    make_bill,
    make_cashier,
    make_estate,
    make_home,
    make_item,
    make_payment,
    make_staff,
    make_till,
)
from tests.support.books import assert_in_balance

pytestmark = pytest.mark.django_db
Kind = LedgerTransaction.Kind


def shift_difference(estate, fen: int = 300) -> LedgerTransaction:
    """Closes a shift with so much more cash than expected; returns its entry."""
    cashier = make_cashier(estate=estate, float_fen=None)
    shift = make_till(cashier, estate)
    now = clock.now()
    count = Count(shift.float_fen + fen, words="多了", expected=shift.float_fen)
    close_shift(shift=shift, count=count, by=cashier, now=now)
    return LedgerTransaction.objects.get(key=f"shift:{shift.pk}")


def test_reverse__difference_of_a_closed_month__is_opposite_today_and_once() -> None:
    estate = make_estate()
    with time_machine.travel(clock.now() - timedelta(days=70), tick=False):
        written = shift_difference(estate)
    ClosingSheet.objects.create(
        estate=estate,
        kind="month",
        first=clock.today(written.at).replace(day=1),
        last=clock.today(written.at),
        begins_at=written.at - timedelta(days=1),
        ends_at=written.at + timedelta(days=1),
        figures={},
        digest="0" * 64,
        status="signed",
        status_changed_at=clock.now(),
        prepared_by=make_cashier(estate=estate),
        prepared_at=clock.now(),
        signed_by=make_cashier(estate=estate),
    )
    asks, agrees, now = make_cashier(estate=estate), make_cashier(estate=estate), clock.now()
    asked = [ask_ledger_reversal(written=written, reason=" 点错 ", by=by, now=now) for by in (asks, agrees)]
    assert asked[0] == asked[1]
    assert written.shift is not None
    for by in (asks, written.shift.cashier, make_cashier()):
        with pytest.raises(Forbidden):
            confirm_ledger_reversal(reversal=asked[0], by=by, now=now)
    for _n in range(2):
        reversal = LedgerReversal.objects.select_related("reversed__shift").get()
        confirm_ledger_reversal(reversal=reversal, by=agrees, now=now)
    reversal.refresh_from_db()
    booked = reversal.booked
    assert booked is not None
    assert (booked.kind, booked.at, booked.key) == (Kind.REVERSAL, now, f"reversal:{written.pk}")
    was = dict(written.entries.values_list("account", "amount_fen"))
    assert dict(booked.entries.values_list("account", "amount_fen")) == {
        key: -fen for key, fen in was.items()
    }
    assert ledger.over_short(estate.pk).balance_fen == 0
    assert [step.actor for step in reversal.history.order_by("pk")] == [asks, agrees]
    with pytest.raises(AlreadyMoved):
        decline_ledger_reversal(reversal=LedgerReversal.objects.get(), by=asks, now=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        LedgerReversal.objects.create(
            estate=estate, reversed=written, reason="x", asked_by=asks, status_changed_at=now, created_at=now
        )
    assert not list(reversals_are_opposite())


def test_reverse__fee_of_a_provider__leaves_the_books_in_balance_and_can_be_declined() -> None:
    estate, now = make_estate(), clock.now()
    asks, agrees = make_cashier(estate=estate), make_cashier(estate=estate)
    lines = [
        Line(ledger.money_account("pos", estate.pk), -38),
        Line(ledger.provider_fee("pos", estate.pk), 38),
    ]
    fee = ledger.post(kind=Kind.FEE, key="fee:1:1", estate_id=estate.pk, lines=lines, by=asks, now=now)
    first = ask_ledger_reversal(written=fee, reason="重复", by=asks, now=now)
    for _n in range(2):
        decline_ledger_reversal(reversal=first, by=agrees, now=now)
    again = ask_ledger_reversal(written=fee, reason="确实重复", by=asks, now=now)
    assert again != first
    with pytest.raises(AlreadyMoved):
        confirm_ledger_reversal(reversal=LedgerReversal.objects.get(pk=first.pk), by=agrees, now=now)
    confirm_ledger_reversal(reversal=again, by=agrees, now=now)
    assert Account.objects.get(kind="provider_fee").balance_fen == 0
    with pytest.raises(ActionError):
        ask_ledger_reversal(written=fee, reason=" ", by=asks, now=now)


def test_pages__only_kinds_without_an_act_are_offered_and_two_people_reverse() -> None:
    payment = make_payment(paid=True)
    estate = payment.estate
    written = shift_difference(estate)
    manager = signed_in(make_staff(role=StaffRole.Role.MANAGER, estate=estate))
    colleague = signed_in(make_cashier(estate=estate))
    paid = LedgerTransaction.objects.get(key=f"payment:{payment.pk}")
    page = manager.get(reverse("fees_entry", args=[paid.pk])).content.decode()
    assert "请在缴费页退款" in page
    assert reverse("fees_payment", args=[payment.pk]) in page
    assert 'name="reason"' not in page
    assert manager.post(reverse("fees_entry", args=[paid.pk]), {"reason": "错"}).status_code == 422
    url = reverse("fees_entry", args=[written.pk])
    assert manager.post(url, {"reason": ""}).status_code == 422
    assert "同事确认" in manager.post(url, {"reason": "数错了"}, follow=True).content.decode()
    assert "确认冲正" not in manager.get(url).content.decode()
    assert "数错了" in colleague.get(f"{reverse('fees_ledger')}?estate={estate.pk}").content.decode()
    assert "确认冲正" in colleague.get(url).content.decode()
    confirm = reverse("fees_reversal_confirm", args=[LedgerReversal.objects.get().pk])
    assert manager.post(confirm).status_code == 403
    assert signed_in(make_cashier()).post(confirm).status_code == 404
    for _n in range(2):
        assert colleague.post(confirm)["Location"] == url
    assert LedgerTransaction.objects.filter(kind=Kind.REVERSAL).count() == 1
    assert "查看冲正凭证" in manager.get(url).content.decode()
    assert_in_balance()


def test_kinds__each_is_reversible_or_names_its_own_act() -> None:
    assert set(OWN_ACTS) | set(LedgerReversal.KINDS) == set(Kind)
    assert not set(OWN_ACTS) & set(LedgerReversal.KINDS)


def test_list__of_one_kind__shows_it_alone_with_the_homes(client: Client) -> None:
    estate = make_estate()
    shift_difference(estate)
    home = make_home(estate=estate)
    single = make_item(estate=estate, basis=FeeItem.Basis.SINGLE)
    make_bill(home=home, item=single, amount_fen=100, subject="卡")
    asks = make_cashier(estate=estate)
    client.force_login(asks)
    everything = client.get(reverse("fees_ledger"))
    assert {(one.kind, home) for one, _fen, home in everything.context["rows"]} >= {
        ("shift", None),
        ("bill", home),
    }
    alone = client.get(reverse("fees_ledger"), {"kind": "shift"})
    assert {one.kind for one, _fen, _home in alone.context["rows"]} == {"shift"}
    assert client.get(reverse("fees_ledger"), {"kind": "bill"}).context["kind"] == ""
