"""The agreed price of a repair becomes a bill."""

from datetime import datetime

from accounts.models import User
from community.core import clock
from community.core.services import is_on
from services import fees
from services.fees.billing.actions.charges import Charge, charge
from services.fees.models import FeeItem
from services.repairs.models import Repair


def charge_agreed(repair: Repair, *, by: User | None, now: datetime, tell: bool = True) -> None:
    """Makes the bill of the agreed price, or of what was agreed to beyond the bills made before.

    Call it in the transaction that finishes the work. Nothing is billed without an agreed price, when fees are
    switched off, or when the work is finished again at the same price. With ``tell=False`` nobody is told.
    """
    more_fen = (repair.agreed_fen or 0) - repair.charged_fen
    if more_fen <= 0 or repair.home is None or not is_on(fees.KEY):
        return
    bill = charge(
        Charge(
            item_kind=FeeItem.Kind.REPAIR,
            estate=repair.estate,
            home=repair.home,
            # A second bill of the repair has another number than a repetition of the first.
            subject=f"repair:{repair.pk}:{repair.charged_fen}",
            period=clock.today(now),
            amount_fen=more_fen,
            words=f"{repair.category.name} {repair.reference}",
            charged_to=repair.resident,
        ),
        by=by,
        now=now,
        tell=tell,
    )
    repair.bill, repair.charged_fen = bill, repair.charged_fen + more_fen
    repair.save(update_fields=["bill", "charged_fen"])
