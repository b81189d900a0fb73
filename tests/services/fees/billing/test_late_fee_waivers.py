"""Rules of late fees, and waivers that another person agrees to."""

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, transaction

from community.core.errors import ActionError, Forbidden
from services.fees.billing.late_fees import actions as late_fees
from services.fees.models import (
    Bill,
    LateFeeWaiver,
)
from tests.factories import make_cashier, make_home
from tests.services.fees.billing.late import charge, late_bills, night, overdue_bill, pay, set_rule
from tests.support.books import assert_in_balance

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"rate_bp": 101}, "rate_bp"),
        ({"rate_bp": -1}, "rate_bp"),
        ({"grace_days": 366}, "grace_days"),
        ({"from_on": date(2026, 4, 1)}, "from_on"),
    ],
)
def test_set_rule__bad_input__names_the_field(change: dict, field: str) -> None:
    home = make_home()
    given = {"estate": home.estate, "item": None, "rate_bp": 5, "grace_days": 0, "from_on": date(2026, 4, 2)}
    with pytest.raises(ActionError) as refused:
        late_fees.set_rule(
            late_fees.NewRule(**(given | change)),
            by=make_cashier(estate=home.estate),
            now=datetime(2026, 4, 2, 3, 0, tzinfo=UTC),
        )
    assert refused.value.field == field


def charged_bill() -> tuple[Bill, Bill]:
    bill = overdue_bill(date(2026, 3, 31))
    set_rule(bill)
    charge(bill, date(2026, 4, 10))
    return bill, Bill.objects.with_lines().get(late_fee__of=bill)


def ask(late: Bill, fen: int | None = None) -> LateFeeWaiver:
    return late_fees.ask_waiver(
        bill=late, fen=fen, reason="住院了", by=make_cashier(estate=late.estate), now=night(date(2026, 4, 10))
    )


def test_waive__in_part__lowers_the_bill_and_is_not_charged_again() -> None:
    bill, late = charged_bill()
    waiver = ask(late, 30)
    charge(bill, date(2026, 4, 12))
    second = make_cashier(estate=bill.estate)
    for _n in range(2):
        late_fees.agree_waiver(waiver=waiver, by=second, now=night(date(2026, 4, 12)))
    assert late_bills(bill) == [("04", 30)]
    charge(bill, date(2026, 4, 14))
    assert late_bills(bill) == [("04", 40)]
    assert_in_balance()


def test_waive__whole__voids_what_is_charged_until_then() -> None:
    bill, late = charged_bill()
    waiver = ask(late)
    charge(bill, date(2026, 4, 12))
    late_fees.agree_waiver(waiver=waiver, by=make_cashier(estate=bill.estate), now=night(date(2026, 4, 12)))
    late.refresh_from_db()
    assert (late.status, late.amount_fen) == ("voided", 60)
    charge(bill, date(2026, 4, 14))
    assert late_bills(bill) == [("04", 60), ("04", 10)]
    assert_in_balance()


def test_waive__rest_of_a_part_paid_bill__settles_it() -> None:
    bill, late = charged_bill()
    pay(late, 20, night(date(2026, 4, 10)))
    late.refresh_from_db()
    waiver = ask(late)
    late_fees.agree_waiver(waiver=waiver, by=make_cashier(estate=bill.estate), now=night(date(2026, 4, 10)))
    late.refresh_from_db()
    assert (late.status, late.amount_fen, late.paid_fen) == ("settled", 20, 20)
    assert_in_balance()


def test_waive__by_who_asked__is_refused_by_action_and_database() -> None:
    _bill, late = charged_bill()
    waiver = ask(late, 30)
    with pytest.raises(Forbidden):
        late_fees.agree_waiver(waiver=waiver, by=waiver.asked_by, now=night(date(2026, 4, 10)))
    with pytest.raises(IntegrityError), transaction.atomic():
        LateFeeWaiver.objects.filter(pk=waiver.pk).update(answered_by=waiver.asked_by)


@pytest.mark.parametrize("fen", [0, -5, 51])
def test_ask_waiver__amount_out_of_range__names_the_field(fen: int) -> None:
    _bill, late = charged_bill()
    with pytest.raises(ActionError) as refused:
        ask(late, fen)
    assert refused.value.field == "amount"


def test_ask_waiver__no_late_fee__is_refused() -> None:
    bill, _late = charged_bill()
    with pytest.raises(ActionError) as refused:
        ask(bill)
    assert refused.value.code == "not_a_late_fee"
