"""A booking and the signature of its month at the same moment: the sheet has it, or it is refused."""

from datetime import date, datetime

import pytest
from django.db import transaction

from community.core.clock import SHANGHAI
from services.fees.closing.actions import prepare_sheet, sign_sheet
from services.fees.closing.figures import figures_of
from services.fees.models import ClosingSheet, LedgerTransaction
from tests.factories import make_bill, make_cashier, make_home, make_item
from tests.support.at_once import at_once
from tests.support.books import assert_in_balance
from tests.support.draws import few_or

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 30, 9, 0, tzinfo=SHANGHAI)
IN_OCTOBER = datetime(2026, 10, 31, 23, 59, tzinfo=SHANGHAI)


@few_or(10)
def test_sign__while_a_bill_is_booked__has_it_or_refuses_it(rounds: int) -> None:
    for _n in range(rounds):
        home = make_home()
        first, second = (make_cashier(estate=home.estate, float_fen=None) for _n in range(2))
        item = make_item(estate=home.estate)
        make_bill(home=home, item=item, now=IN_OCTOBER)
        month = {"estate": home.estate, "kind": ClosingSheet.Kind.MONTH, "first": date(2026, 10, 1)}
        sheet = prepare_sheet(by=first, now=NOW, **month)
        periods = [date(2026, month, 1) for month in (7, 8, 9)]

        def book(period: date, home=home, item=item):
            def write():
                with transaction.atomic():
                    make_bill(home=home, item=item, period=period, now=IN_OCTOBER)

            return write

        def sign(sheet=sheet, second=second):
            sign_sheet(sheet=sheet, seen=sheet.digest, by=second, now=NOW)

        outcomes = at_once(sign, *[book(period) for period in periods])
        sheet.refresh_from_db()
        booked = LedgerTransaction.objects.filter(estate=home.estate).count() - 1
        if sheet.is_signed:
            assert outcomes == sorted(["month_closed"] * 3 + ["ok"])
            assert booked == 0
            assert figures_of(home.estate, sheet.kind, sheet.span) == sheet.figures
        else:
            assert outcomes[0] == "figures_changed"
            assert booked == outcomes.count("ok") > 0
    assert_in_balance()
