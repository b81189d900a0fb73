"""Rows of fees in the world of the access matrix."""

from datetime import date
from typing import TYPE_CHECKING
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from community.core import clock
from services.fees import actions, providers
from services.fees.actions import ledger
from services.fees.actions.receipt_numbers import void_receipt
from services.fees.arrears.actions.disputes import raise_dispute
from services.fees.arrears.actions.homes import mark_hardship
from services.fees.billing import actions as billing
from services.fees.billing.late_fees.actions import ask_waiver
from services.fees.billing.late_fees.bills import late_fee_item
from services.fees.billing.reductions.actions import Asked, agree_to_reduction, ask_reduction
from services.fees.books import actions as actions_of_books
from services.fees.books.actions import NewOpening, OpeningBill, Totals, open_books
from services.fees.closing.actions import prepare_sheet
from services.fees.counter.banking import Slip, bank_cash
from services.fees.funds.actions import NewLine, ask_question, write_line
from services.fees.models import (
    Bill,
    DisputeRecording,
    DunningRound,
    DunningRule,
    FundRecording,
    InvoiceRequest,
    LateFeeBill,
    Payment,
    ProviderNotice,
    Refund,
    Shift,
)
from services.fees.providers.base import Client
from tests.factories import (
    make_bill,
    make_cashier,
    make_delegation,
    make_home,
    make_item,
    make_payment,
    make_till,
)

if TYPE_CHECKING:
    from tests.support.world import World


def furnish(world: "World") -> None:
    """Creates an item with a tariff, an open bill, a run to confirm, and payments: one received, one waiting
    and in doubt, one whose refund was refused.
    """
    owner = world.people["owner"]
    make_delegation(resident=owner, delegate=world.people["delegate"], service="fees", relation="儿子")
    item = make_item(estate=world.estate, name="物业费", name_en="Property fee")
    late = make_bill(home=world.home, item=item, period=date(2024, 3, 1))
    paid = make_bill(home=world.home, item=item, period=date(2024, 4, 1))
    waits = make_bill(home=world.home, item=item, period=date(2024, 5, 1))
    waiting = make_payment(bills=[waits], payer=owner)
    providers.named("sandbox").create(waiting, Client("203.0.113.9"))
    cashier = world.people["cashier"]
    for person in (cashier, world.people["manager"]):
        make_till(person, world.estate)
    spoilt = _cash(world, date(2024, 9, 1), by=cashier).receipts.get()
    void_receipt(receipt=spoilt, reason="卡纸", by=cashier, now=clock.now())
    refused = make_payment(
        bills=[make_bill(home=world.home, item=item, period=date(2024, 7, 1))], payer=owner, paid=True
    )
    failed = actions.request_refund(payment=refused, by=cashier, reason="付错了", now=clock.now())
    actions.approve_refund(refund=failed, by=make_cashier(estate=world.estate, name="郑洁"), now=clock.now())
    Refund.objects.filter(payment=refused).update(status=Refund.Status.FAILED)
    other_cashier = make_cashier(estate=world.estate, name="吴燕")
    cash = _cash(world, date(2024, 8, 1), by=other_cashier)
    asked = actions.request_refund(payment=cash, by=other_cashier, reason="找错钱", now=clock.now())
    deposit = actions.take_deposit(
        actions.DepositTaken(
            kind="fit_out",
            words="好家装饰",
            amount_fen=200000,
            paid=actions.CounterPayment(home=world.home, amounts={}, payer=owner, payer_name="", key=uuid4()),
        ),
        by=other_cashier,
        now=clock.now(),
    )
    ahead = actions.take_payment(
        actions.CounterPayment(home=world.home, amounts={}, payer=owner, payer_name="", key=uuid4()),
        extra_fen=5000,
        by=other_cashier,
        now=clock.now(),
    )
    doubt = ProviderNotice.objects.create(
        provider="sandbox",
        reference=waiting.order_number,
        provider_number="4200001",
        amount_fen=1,
        outcome=ProviderNotice.Outcome.WRONG_AMOUNT,
        payment=waiting,
        at=clock.now(),
    )
    opening = open_books(
        NewOpening(
            world.estate,
            [OpeningBill(world.home, item, date(2024, 2, 1), 12000)],
            [(world.home, 5000)],
            Totals(12000, 5000),
        ),
        by=cashier,
        now=clock.now(),
    )
    _furnish_arrears(world, late, other_cashier)
    reduction, agreed = (
        ask_reduction(
            Asked(item, world.home, "vacancy", 3000, date(2026, month, 1), date(2026, month, 28), "空置"),
            by=cashier,
            now=clock.now(),
        )
        for month in (10, 11)
    )
    agree_to_reduction(reduction=agreed, by=world.people["manager"], now=clock.now())
    invoices = [
        _invoice(make_bill(home=world.home, item=item, period=date(2023, month, 1)), owner)
        for month in (10, 11)
    ]
    actions_of_books.issue_invoice(
        request=invoices[1],
        file=actions_of_books.InvoiceFile("24112000000012345678", b"%PDF-1.7 %%EOF"),
        by=cashier,
        now=clock.now(),
    )
    day_sheet = prepare_sheet(
        estate=world.estate, kind="day", first=date(2024, 1, 10), by=cashier, now=clock.now()
    )
    _furnish_funds(world, cashier)
    world.more |= {
        "sheet": day_sheet,
        "reduction": reduction,
        "agreed_reduction": agreed,
        "invoice": invoices[0],
        "issued_invoice": invoices[1],
        "opening": opening,
        "item": item,
        "bill": late,
        "payment": make_payment(bills=[paid], payer=owner, paid=True),
        "waiting_payment": waiting,
        "refused_refund": failed,
        "asked_refund": asked,
        "paid_out": _paid_out(world, asks=other_cashier, agrees=cashier),
        "deposit": deposit,
        "cash_payment": ahead,
        "prepayment": ledger.prepayment(world.home, world.estate.pk),
        "till": Shift.objects.get(cashier=cashier),
        "banked": bank_cash(
            shift=Shift.objects.get(cashier=cashier),
            slip=Slip("JK001", 100, uuid4()),
            by=cashier,
            now=clock.now(),
        ),
        "receipt": cash.receipts.get(),
        "doubt": doubt,
        "run": billing.preview_run(item=item, period=date(2024, 6, 1), by=cashier, now=clock.now()),
    }
    world.typed += [
        "物业费",
        "儿子",
        "付错了",
        "找错钱",
        "卡纸",
        "好家装饰",
        "郑洁",
        "空置",
        "李秀英",
        "多收了",
    ]


def _furnish_funds(world: "World", cashier: User) -> None:
    """Creates a receipt of the public revenue with a question, and a spending that waits."""
    now, owner = clock.now(), world.people["owner"]
    given = {
        "estate": world.estate,
        "kind": "public",
        "on": date(2026, 11, 5),
        "counterparty": "分众传媒",
        "purpose": "电梯广告费",
    }
    receipt, spending = (
        write_line(
            NewLine(
                category=category,
                amount_fen=fen,
                files={"voucher": SimpleUploadedFile("voucher.pdf", b"%PDF-1.7 %%EOF")},
                **given,
            ),
            by=cashier,
            now=now,
        )
        for category, fen in (("adverts", 10000), ("upkeep", 4000))
    )
    question = ask_question(line=receipt, words="按什么标准收", spoken=None, by=owner, now=now)
    world.more |= {
        "fund": receipt.fund,
        "fund_line": receipt,
        "fund_spending": spending,
        "fund_question": question,
        "fund_file": receipt.files.get(),
        "fund_recording": FundRecording.objects.create(
            question=question,
            name=world.recording.name,
            content_type="audio/ogg",
            seconds=3,
            added_by=owner,
            at=now,
        ),
    }
    world.typed += ["分众传媒", "电梯广告费", "按什么标准收"]


def _cash(world: "World", period: date, *, by: User) -> Payment:
    """Takes the cash for a bill of the owner's home."""
    bill = make_bill(home=world.home, item=Bill.objects.filter(home=world.home)[0].item, period=period)
    paid = actions.CounterPayment(
        home=world.home,
        amounts={bill.pk: bill.amount_fen},
        payer=world.people["owner"],
        payer_name="",
        key=uuid4(),
    )
    return actions.take_payment(paid, extra_fen=0, by=by, now=clock.now())


def _paid_out(world: "World", *, asks: User, agrees: User) -> Refund:
    """Creates a refund that was handed out in cash."""
    payment = _cash(world, date(2023, 9, 1), by=asks)
    given = actions.request_refund(payment=payment, by=asks, reason="多收了", now=clock.now())
    actions.approve_refund(refund=given, by=agrees, now=clock.now())
    return given


def _furnish_arrears(world: "World", late: Bill, cashier: User) -> None:
    """Creates a late fee whose waiver waits, a disputed bill, a marked home, and a round of reminders."""
    now = clock.now()
    late_fee = make_bill(
        home=world.home, item=late_fee_item(world.estate), subject=f"late:{late.pk}", period=date(2024, 5, 1)
    )
    LateFeeBill.objects.create(bill=late_fee, of=late)
    late_fee = Bill.objects.with_lines().get(pk=late_fee.pk)
    disputed = make_bill(home=world.home, item=late.item, period=date(2023, 3, 1))
    marked = make_home(entrance=world.home.entrance, number="9908")
    mark_hardship(home=marked, reason="低保户", until_on=None, by=cashier, now=now)
    owner = world.people["owner"]
    dispute = raise_dispute(bill=disputed, words="面积不对", resident=owner, by=owner, now=now)
    world.more |= {
        "late_fee": late_fee,
        "waiver": ask_waiver(bill=late_fee, fen=100, reason="住院了", by=cashier, now=now),
        "disputed_bill": disputed,
        "dispute": dispute,
        "dispute_recording": DisputeRecording.objects.create(
            dispute=dispute,
            name=world.recording.name,
            content_type="audio/ogg",
            seconds=3,
            added_by=owner,
            at=now,
        ),
        "marked_home": marked,
        "dunning_round": DunningRound.objects.create(
            estate=world.estate,
            key=uuid4(),
            due_before=clock.today(now),
            reminded_before=now,
            begun_by=cashier,
            progressed_at=now,
            status_changed_at=now,
            created_at=now,
        ),
    }
    DunningRule.objects.create(estate=world.estate)
    world.typed += ["低保户", "住院了", "面积不对"]


def _invoice(bill: Bill, owner: User) -> InvoiceRequest:
    make_payment(bills=[bill], payer=owner, paid=True)
    bill.refresh_from_db()
    details = actions_of_books.InvoiceDetails("personal", "李秀英")
    return actions_of_books.request_invoice(
        resident=owner, bills=[bill], details=details, by=owner, now=clock.now()
    )
