"""The same file of a bank twice at once is there once, and one payment is accepted for one line of two."""

from datetime import timedelta

import pytest
from django.db import IntegrityError

from community.core import clock
from community.core.errors import ActionError
from services.fees.matching import actions
from services.fees.matching.actions import BankLine, NewBankSheet
from services.fees.models import BankSheet, MatchingDifference, MatchingLine, Payment
from tests.factories import make_bill, make_cashier, make_estate, make_home, make_payment
from tests.support.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)
WORKERS = 6


def bank_line(key: str, fen: int, *, ago: int = 0, number: str = "") -> BankLine:
    return BankLine(key, clock.today(clock.now()) - timedelta(days=ago), fen, 0, number, "", "", "", "")


def test_sheet__brought_in_by_six_at_once__is_there_once() -> None:
    estate = make_estate()
    cashiers = [make_cashier(estate=estate) for _n in range(WORKERS)]
    line = bank_line("a", 500)

    def bring_in(by) -> None:
        new = NewBankSheet(estate, "bank", "x", (line.day, line.day), [line])
        try:
            actions.bring_in_sheet(new, by=by, now=clock.now())
        except IntegrityError as error:
            raise ActionError("there_already", "") from error

    answers = at_once(*[lambda by=by: bring_in(by) for by in cashiers])
    assert answers == ["ok", *["there_already"] * (WORKERS - 1)]
    assert (BankSheet.objects.count(), MatchingLine.objects.count()) == (1, 1)
    assert MatchingDifference.objects.count() == 1


def test_proposals__of_one_payment_for_two_lines__one_is_accepted() -> None:
    estate = make_estate()
    by = make_cashier(estate=estate)
    payment = make_payment(bills=[make_bill(home=make_home(estate=estate), amount_fen=700)], paid=True)
    Payment.objects.update(channel="transfer", slip_number="typed wrongly", provider_number="")
    payment.refresh_from_db()
    lines = [bank_line("a", 700), bank_line("b", 700, ago=1)]
    span = (lines[1].day, lines[0].day)
    actions.bring_in_sheet(NewBankSheet(estate, "bank", "x", span, lines), by=by, now=clock.now())
    rows = MatchingDifference.objects.select_related("line", "day__sheet", "payment")
    proposed, other = rows.order_by("-kind", "pk")
    MatchingDifference.objects.filter(pk__in=[proposed.pk, other.pk]).update(kind="unknown")
    acts = [
        lambda found=found: actions.settle_taken(
            difference=MatchingDifference.objects.select_related("line", "day__sheet").get(pk=found.pk),
            payment=payment,
            by=by,
            now=clock.now(),
        )
        for found in (proposed, other)
        for _n in range(2)
    ]
    answers = at_once(*acts)
    assert "ok" in answers
    assert MatchingLine.objects.filter(payment=payment).count() == 1
    assert MatchingDifference.objects.open().count() == 1
