"""Creates payments: checks the request and creates the payment once for its key."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core import clock
from community.core.errors import ActionError, Refusal
from community.core.money import as_yuan
from community.core.transitions import record_first_status
from community.estates.models import Home
from services.common.references import next_reference
from services.fees.actions.ledger import Unbalanced
from services.fees.models import Bill, BillQuerySet, MerchantAccount, Payment, PaymentLine

MAX_PAYMENT_FEN = 1_000_000_000
# A provider is first asked after a minute, then at twice the time each, at most every ten minutes.
ASK_FIRST, ASK_AT_MOST = timedelta(minutes=1), timedelta(minutes=10)
Status = Bill.Status


@dataclass(frozen=True)
class PaymentRequest:
    """A requested payment; ``lines`` has the fen meant for each bill, ``extra_fen`` go to the prepayment."""

    home: Home
    payer: User | None
    by: User
    channel: str
    key: UUID
    lines: list[tuple[Bill, int]] = field(default_factory=list)
    extra_fen: int = 0
    payer_name: str = ""
    slip_number: str = ""
    # Set for a provider's payment: the account that gets the money, and until when it can be paid.
    merchant: MerchantAccount | None = None
    expires_at: datetime | None = None

    @property
    def amount_fen(self) -> int:
        return self.extra_fen + sum(fen for _bill, fen in self.lines)


def check_lines(bills: BillQuerySet, amounts: Mapping[int, int | None]) -> list[tuple[Bill, int]]:
    """Returns the bills with the fen meant for each (None: all that is unpaid), in the order of their keys.

    ``bills`` limits to the bills that may be paid here. Raises ``ActionError`` with the field for any other
    bill, one that is paid or voided, and an amount that is not positive or above the unpaid one.
    """
    found = {bill.pk: bill for bill in bills.filter(pk__in=amounts).order_by("pk")}
    if len(found) != len(amounts):
        raise ActionError("not_your_bill", _("Please choose bills of this home."), field="bills")
    return [(bill, _checked_fen(bill, amounts[pk])) for pk, bill in found.items()]


def _checked_fen(bill: Bill, fen: int | None) -> int:
    named = {"reference": bill.reference, "left": as_yuan(bill.unpaid_fen)}
    if bill.status == Status.VOIDED:
        raise ActionError("bill_voided", _("Bill %(reference)s was withdrawn.") % named, field="bills")
    if bill.status == Status.SETTLED:
        raise ActionError("bill_settled", _("Bill %(reference)s is paid already.") % named, field="bills")
    if fen is None:
        return bill.unpaid_fen
    if fen <= 0:
        raise ActionError("amount_not_positive", _("The amount must be more than 0."), field="amounts")
    if fen > bill.unpaid_fen:
        raise ActionError(
            "more_than_owed",
            _("Of bill %(reference)s only %(left)s is left to pay.") % named,
            field="amounts",
        )
    return fen


def check_amount(request: PaymentRequest) -> None:
    """Checks the total of a request. Raises ``ActionError`` with the field if it is 0, negative or too large."""
    if request.extra_fen < 0:
        raise ActionError("amount_negative", _("The amount must not be less than 0."), field="extra_fen")
    if not request.amount_fen:
        raise ActionError("nothing_to_pay", _("Please choose what is to be paid."), field="bills")
    if request.amount_fen > MAX_PAYMENT_FEN:
        raise ActionError("amount_too_large", _("This amount is too large."), field="amounts")


def create_payment(request: PaymentRequest, *, moved_from: Payment | None = None, now: datetime) -> Payment:
    """Creates a payment that waits for its money, with its lines. Call it inside a transaction.

    ``moved_from`` is the payment of another home whose money it has.
    Raises ``ActionError`` for a bad amount, and ``Unbalanced`` for a bill of another home: the caller has
    left out a check.
    """
    check_amount(request)
    if any(bill.home_id != request.home.pk for bill, _fen in request.lines):
        raise Unbalanced(f"a payment of home {request.home.pk} with a bill of another")
    estate = request.home.estate
    payment = Payment.objects.create(
        estate=estate,
        reference=next_reference(letter="P", estate=estate, on=clock.today(now)),
        key=request.key,
        home=request.home,
        payer=request.payer,
        made_by=request.by,
        channel=request.channel,
        amount_fen=request.amount_fen,
        moved_from=moved_from,
        payer_name=request.payer_name,
        slip_number=request.slip_number,
        merchant=request.merchant,
        expires_at=request.expires_at,
        ask_at=next_ask(0, now) if request.expires_at else None,
        status_changed_at=now,
        created_at=now,
    )
    record_first_status(payment, by=request.by, now=now, on_behalf_of=request.payer)
    PaymentLine.objects.bulk_create(
        [PaymentLine(payment=payment, bill=bill, amount_fen=fen) for bill, fen in request.lines]
    )
    return payment


def next_ask(asks: int, now: datetime) -> datetime:
    """Returns when a provider is asked next about what it has been asked ``asks`` times."""
    return now + min(ASK_FIRST * 2 ** min(asks, 8), ASK_AT_MOST)


def find_or_make(key: UUID, by: User, act: Callable[[], Payment]) -> Payment:
    """Returns the payment with this key, or calls ``act`` to make it; two taps at once find the same payment.

    A refusal of the second tap that is due to the success of the first is dropped. Raises ``ActionError``
    (``key_used``) for a key of another person, and every error of ``act``.
    """
    made = _existing_payment(key, by)
    if made is not None:
        return made
    try:
        return act()
    except (IntegrityError, Refusal):
        made = _existing_payment(key, by)
        if made is None:
            raise
        return made


def _existing_payment(key: UUID, by: User) -> Payment | None:
    made = Payment.objects.filter(key=key).first()
    if made is not None and made.made_by_id != by.pk:
        raise ActionError("key_used", _("This page was used before. Please begin again."))
    return made
