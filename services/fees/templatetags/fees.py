"""Template filters for texts and colours of bills and payments."""

from typing import Any

from django import template
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from community.core import clock
from community.core.money import as_yuan
from community.core.spoken import amount, capitals
from community.core.transitions import StatusChange
from services.fees import labels, receipts
from services.fees.matching import words as matching
from services.fees.models import (
    Bill,
    BillChange,
    Deposit,
    FundLine,
    FundLineChange,
    InvoiceChange,
    InvoiceRequest,
    Opening,
    OpeningChange,
    Payment,
    Refund,
    RefundChange,
)

register = template.Library()

BILL_TONES = {Bill.Status.OPEN: "care", Bill.Status.SETTLED: "brand", Bill.Status.VOIDED: "plain"}
OF_STEPS: dict[type, Any] = {
    BillChange: Bill,
    OpeningChange: Opening,
    RefundChange: Refund,
    InvoiceChange: InvoiceRequest,
    FundLineChange: FundLine,
}
register.filter("item_name", labels.item_name)
register.filter("bill_name", labels.bill_name)
register.filter("bill_months", labels.bill_months)
register.filter("computation", labels.computation)
register.filter("line_computation", labels.line_computation)
register.filter("in_lines", labels.in_lines)
register.filter("run_months", labels.run_months)
register.filter("month_words", labels.month)
register.filter("yuan", labels.bare_yuan)
register.filter("rate_unit", labels.rate_unit)
register.filter("rate_label", labels.rate_label)
register.filter("way_words", labels.way)
register.filter("capitals", capitals)


@register.filter
def sum_in_words(fen: int) -> str:
    """Formats fen as Chinese is spoken, 231.48 元 → 二百三十一元四角八分; empty for readers of English."""
    return amount(fen) if (get_language() or "").startswith("zh") else ""


register.filter("refund_of", labels.refund_of)
register.filter("payer_name", receipts.payer_name)
register.filter("matching_state", matching.state)
register.filter("matching_tone", matching.tone)
register.filter("matching_advice", matching.advice)
register.filter("matching_done", matching.done)
register.filter("matching_fen", matching.fen)


@register.filter
def is_late(bill: Bill) -> bool:
    """Whether the bill is in arrears today."""
    return bill.is_in_arrears(clock.today(clock.now()))


@register.filter
def over_or_short(fen: int) -> str:
    """Returns the difference of a shift in words: counted too much, too little, or right."""
    if not fen:
        return str(_("none, it is right"))
    words = _("%(amount)s over") if fen > 0 else _("%(amount)s short")
    return str(words % {"amount": as_yuan(abs(fen))})


@register.filter
def signed_money(fen: int) -> str:
    """Formats fen with a minus sign for what goes out: −¥12.50."""
    return f"−{as_yuan(-fen)}" if fen < 0 else as_yuan(fen)


@register.filter
def bill_tone(bill: Bill) -> str:
    return BILL_TONES[Bill.Status(bill.status)]


@register.filter
def payment_tone(payment: Payment) -> str:
    return labels.PAYMENT_TONES.get(payment.status, "plain")


@register.filter
def refund_tone(refund: Refund) -> str:
    return labels.REFUND_TONES.get(refund.status, "plain")


@register.filter
def deposit_kind(kind: str) -> str:
    """Returns the kind of a deposit in words."""
    return str(Deposit.Kind(kind).label)


@register.filter
def step_words(step: StatusChange) -> str:
    """Returns the status that a change of a bill, payment, opening or invoice led to, in words."""
    of = OF_STEPS.get(type(step), Payment)
    return str(of.Status(step.to_status).label)


@register.filter
def invoice_tone(invoice: InvoiceRequest) -> str:
    return labels.INVOICE_TONES.get(invoice.status, "plain")
