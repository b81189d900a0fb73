"""A reversal that several people confirm at the same moment is in the books once."""

import pytest

from community.core import clock
from services.fees.actions import ledger
from services.fees.actions.ledger import Line
from services.fees.books.actions import ask_ledger_reversal, confirm_ledger_reversal
from services.fees.models import Account, LedgerReversal, LedgerTransaction
from tests.factories import make_cashier, make_estate
from tests.support.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 6


def test_reversal__confirmed_by_six_at_once__is_booked_once() -> None:
    estate, now = make_estate(), clock.now()
    pk, asks = estate.pk, make_cashier(estate=estate)
    lines = [Line(ledger.money_account("pos", pk), -38), Line(ledger.provider_fee("pos", pk), 38)]
    fee = ledger.post(kind="fee", key="fee:1:1", estate_id=pk, lines=lines, by=asks, now=now)
    asked = at_once(
        *[lambda: ask_ledger_reversal(written=fee, reason="重复", by=asks, now=now) for _n in range(PEOPLE)]
    )
    assert asked == ["ok"] * PEOPLE
    people = [make_cashier(estate=estate) for _n in range(PEOPLE)]
    rows = [LedgerReversal.objects.select_related("reversed__shift").get() for _n in range(PEOPLE)]
    answers = at_once(
        *[
            lambda row=row, by=by: confirm_ledger_reversal(reversal=row, by=by, now=now)
            for row, by in zip(rows, people, strict=True)
        ]
    )
    assert answers.count("ok") == 1
    assert set(answers) == {"ok", "already_moved"}
    assert LedgerTransaction.objects.filter(kind="reversal").count() == 1
    assert Account.objects.get(kind="provider_fee").balance_fen == 0
    assert LedgerReversal.objects.get().approved_by in people
