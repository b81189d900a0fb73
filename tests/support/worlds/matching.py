"""A day of a provider in the world of the access matrix, with a difference of each sort of action."""

from datetime import date
from typing import TYPE_CHECKING

from community.core import clock
from community.estates.models import Estate
from services.fees.actions import ledger
from services.fees.actions.ledger import Line
from services.fees.books.actions import ask_ledger_reversal
from services.fees.matching.actions import BankLine, NewBankSheet, bring_in_sheet
from services.fees.models import (
    LedgerReversal,
    MatchingDay,
    MatchingDifference,
    MatchingLine,
    MerchantAccount,
)
from tests.factories import make_cashier, make_company

if TYPE_CHECKING:
    from tests.support.world import World


def furnish(world: "World") -> None:
    """Creates an account of the estate, and a matched day of it: a payment that came, and one of nobody."""
    now, company = clock.now(), make_company()
    Estate.objects.filter(pk=world.estate.pk).update(company=company)
    world.estate.refresh_from_db()
    account = MerchantAccount.objects.create(
        company=company,
        estate=world.estate,
        provider="wechat",
        merchant_number="1900007291",
        app_id="wx8888",
        credentials="{}",
        is_on=False,
        created_at=now,
    )
    day = MatchingDay.objects.create(
        provider="wechat",
        merchant=account,
        day=date(2026, 11, 20),
        status=MatchingDay.Status.MATCHED,
        matched_at=now,
        status_changed_at=now,
        created_at=now,
    )
    waiting = world.more["waiting_payment"]
    came, unknown = (
        MatchingLine.objects.create(
            day=day,
            kind=MatchingLine.Kind.PAYMENT,
            order_number=order,
            number=number,
            amount_fen=waiting.amount_fen,
            estate=world.estate,
            payment=payment,
        )
        for order, number, payment in (
            (waiting.order_number, "4200002", waiting),
            ("12-P-000000-0000", "4200003", None),
        )
    )
    to_settle, to_note = (
        MatchingDifference.objects.create(
            day=day,
            key=f"{kind}:{line.pk}",
            kind=kind,
            line=line,
            payment=line.payment,
            estate=world.estate,
            there_fen=line.amount_fen,
            found_at=now,
        )
        for kind, line in (
            (MatchingDifference.Kind.NOT_HERE, came),
            (MatchingDifference.Kind.UNKNOWN, unknown),
        )
    )
    world.more |= {"matching_day": day, "to_settle": to_settle, "to_note": to_note}
    world.more["bank_line"] = _line_of_a_bank(world)
    world.more["reversal"] = _reversal(world)


def _reversal(world: "World") -> LedgerReversal:
    """Creates the entry of a fee, which somebody else asks to reverse."""
    pk, now = world.estate.pk, clock.now()
    lines = [Line(ledger.money_account("pos", pk), -5), Line(ledger.provider_fee("pos", pk), 5)]
    fee = ledger.post(kind="fee", key=f"fee:0:{pk}", estate_id=pk, lines=lines, by=None, now=now)
    asks = make_cashier(estate=world.estate)
    return ask_ledger_reversal(written=fee, reason="记错了", by=asks, now=now)


def _line_of_a_bank(world: "World") -> MatchingDifference:
    """Creates a bank's file with a line that no payment is for."""
    line = BankLine("k1", date(2026, 11, 21), 12345, 0, "B-1", "", "赵六", "6222****1", "3-1-101")
    new = NewBankSheet(world.estate, "bank", "s1", (line.day, line.day), [line])
    sheet = bring_in_sheet(new, by=world.people["manager"], now=clock.now())
    world.typed += [line.party, "记错了"]
    return MatchingDifference.objects.get(day__sheet=sheet)
