from datetime import date
from typing import Any
from uuid import uuid4

from accounts.models import StaffRole, User
from community.core import clock, money
from community.core.transitions import record_first_status
from community.estates.models import Estate
from services.fees import actions
from services.fees.billing.actions import charges
from services.fees.counter.actions import open_shift
from services.fees.models import Bill, BillLine, FeeItem, Payment, Shift, Tariff
from tests.factories.base import make_estate, make_home, make_resident, make_staff, numbers
from tests.support.arguments import grouped

MONTH = date(2026, 11, 1)
BY_AREA, SINGLE = FeeItem.Basis.AREA, FeeItem.Basis.SINGLE


def make_item(*, rate_hao: int | None = 23500, **overrides: Any) -> FeeItem:
    """Creates a property fee of 2.35 yuan a square metre and month; ``rate_hao=None`` creates no tariff."""
    fields: dict[str, Any] = {
        "name": f"物业费{next(numbers)}",
        "name_en": "Property fee",
        "kind": FeeItem.Kind.PROPERTY,
        "basis": BY_AREA,
    }
    if "estate" not in overrides:
        fields["estate"] = make_estate()
    item = FeeItem.objects.create(**(fields | overrides))
    if rate_hao and item.basis != SINGLE:
        Tariff.objects.create(item=item, from_on=date(2024, 1, 1), rate_hao=rate_hao)
    return item


def make_bill(**overrides: Any) -> Bill:
    """Creates an open bill of 231.48 yuan (98.50 m² × 2.35 yuan × 1 month) in the ledger, without messages."""
    now = overrides.pop("now", None) or clock.now()
    home = overrides.pop("home", None) or make_home()
    item = overrides.pop("item", None) or make_item(estate=home.estate)
    number = next(numbers)
    fields: dict[str, Any] = {
        "estate": home.estate,
        "home": home,
        "item": item,
        "reference": f"B-261101-{number:04d}",
        "period": MONTH,
        "subject": "",
        "amount_fen": money.of_quantity(home.area_dm2 * 10, 23500),
        "status_changed_at": now,
        "created_at": now,
    }
    fields["due_on"] = charges.due_on(item, overrides.get("period", MONTH))
    bill = Bill.objects.create(**(fields | overrides))
    line = {"kind": BillLine.Kind.WORDS, "words": bill.words}
    if "amount_fen" not in overrides:
        line = {"kind": BillLine.Kind.RATE, "unit": BillLine.Unit.AREA}
        line |= {"quantity_milli": home.area_dm2 * 10, "rate_hao": 23500}
    BillLine.objects.create(bill=bill, number=1, amount_fen=bill.amount_fen, **line)
    record_first_status(bill, by=None, now=now)
    charges.post_bill(bill, by=None, now=now)
    return bill


def make_cashier(*, float_fen: int | None = 0, **overrides: Any) -> User:
    """Creates a cashier with an open shift; ``float_fen=None`` opens none."""
    estate = overrides.pop("estate", None) or make_estate()
    cashier = make_staff(role=StaffRole.Role.CASHIER, estate=estate, **overrides)
    if float_fen is not None:
        make_till(cashier, estate, float_fen=float_fen)
    return cashier


def make_till(cashier: User, estate: Estate, *, float_fen: int = 0) -> Shift:
    """Opens a shift."""
    return open_shift(estate=estate, float_fen=float_fen, by=cashier, now=clock.now())


def make_payment(
    *, bills: list[Bill] | None = None, payer: User | None = None, paid: bool = False, **overrides: Any
) -> Payment:
    """Creates a payment with the sandbox provider, waiting for its money; with ``paid``, received."""
    bills = bills or [make_bill()]
    payer = payer or make_resident(home=bills[0].home)
    asked: dict[str, Any] = {"channel": "sandbox", "key": uuid4(), "now": clock.now(), "by": payer}
    checkout, rest = grouped(actions.Checkout, asked | overrides | {"bills": bills, "payer": payer})
    payment = actions.begin_payment(checkout, **rest)
    if paid:
        actions.credit(
            payment=payment,
            provider_number=f"N{next(numbers)}",
            amount_fen=payment.amount_fen,
            now=clock.now(),
        )
    return payment
