"""Texts for bills and payments: on pages, on receipts, in the API."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import get_language, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from community.core.money import as_yuan
from services.fees.models import Bill, BillingRun, BillLine, FeeItem, Payment, Reduction, Refund
from services.fees.models.items import rate_text
from services.fees.terms import period_span

A_YEAR = 12
# Names of channels; a provider that is missing here is shown by its own name.
WAYS: dict[str, str | Promise] = {
    Payment.CASH: _("Cash"),
    "pos": _("Card (POS)"),
    "transfer": _("Bank transfer"),
    "wechat_code": _("The estate's WeChat code"),
    "alipay_code": _("The estate's Alipay code"),
    "cheque": _("Cheque"),
    Payment.PREPAYMENT: _("Prepayment"),
    Payment.OTHER_HOME: _("Moved from another home"),
    "sandbox": _("Practice payment"),
    "wechat": _("WeChat Pay"),
    "alipay": _("Alipay"),
    # Sources of files whose lines are matched.
    "bank": pgettext_lazy("source", "Bank"),
    "acquirer": pgettext_lazy("source", "Card machine"),
}
PAYMENT_TONES: dict[str, str] = {
    Payment.Status.PENDING: "care",
    Payment.Status.PAID: "brand",
    Payment.Status.PARTLY: "repair",
    Payment.Status.REFUNDED: "repair",
    Payment.Status.MOVED: "repair",
}
REFUND_TONES: dict[str, str] = {
    Refund.Status.ASKED: "care",
    Refund.Status.PENDING: "care",
    Refund.Status.DONE: "repair",
    Refund.Status.FAILED: "help",
}
INVOICE_TONES: dict[str, str] = {"asked": "care", "issued": "brand", "refused": "help", "reversed": "repair"}
RATE_UNITS: dict[str, str | Promise] = {
    FeeItem.Basis.AREA: _("yuan/m²·month"),
    FeeItem.Basis.HOME: _("yuan/month"),
    FeeItem.Basis.METER: _("yuan/unit"),
    FeeItem.Basis.SHARE: _("yuan/unit"),
}


def way(channel: str) -> str:
    """Returns the name of a channel."""
    return str(WAYS.get(channel, channel))


def refund_of(refund: Refund) -> str:
    """Returns what a refund is of: the payment, the deposit, or whose prepayment."""
    if refund.payment:
        return str(_("Payment %(reference)s") % {"reference": refund.payment.reference})
    if refund.deposit:
        return f"{refund.deposit} {refund.deposit.payment.reference}"
    if refund.account and refund.account.person:
        return str(_("Prepayment of %(person)s") % {"person": refund.account.person.name})
    return str(_("Prepayment"))


def item_name(item: FeeItem) -> str:
    """Returns the name of the item, in English for English readers if the estate has given one."""
    is_english = (get_language() or "").startswith("en")
    return item.name_en if is_english and item.name_en else item.name


def rate_unit(item: FeeItem) -> str:
    """Returns the unit of the item's rate: 元/㎡·月 by floor area, 元/m³ of water, else 元/月 or 元/单位."""
    if item.kind == FeeItem.Kind.WATER and item.basis in (FeeItem.Basis.METER, FeeItem.Basis.SHARE):
        return str(_("yuan/m³"))
    return str(RATE_UNITS.get(item.basis, ""))


def rate_label(item: FeeItem) -> str:
    return str(_("Rate (%(unit)s)") % {"unit": rate_unit(item)})


def month(period: date) -> str:
    """Formats a month: 2026年11月, November 2026."""
    return date_format(period, "YEAR_MONTH_FORMAT")


def bare_yuan(fen: int) -> str:
    """Formats fen without the sign, where the unit is shown beside it: 23148 → ``231.48``."""
    return as_yuan(fen).replace("¥", "")


def quantity(quantity_milli: int, unit: str) -> str:
    """Formats a quantity in 0.001 of its unit: 98500 m² → ``98.50 m²``, 12500 m³ → ``12.5 m³``."""
    whole, rest = divmod(quantity_milli, 1000)
    decimals = f"{rest:03d}".rstrip("0").ljust(2 if unit == BillLine.Unit.AREA else 0, "0")
    number = f"{whole}.{decimals}" if decimals else str(whole)
    return f"{number} {BillLine.Unit(unit).label}"


def computation(bill: Bill) -> str:
    """Returns the computation of a bill's amount: 98.50 m² × 2.35 元 × 1 月 = 231.48 元; its words if it has
    none.
    """
    if bill.opening_id:
        return str(_("Brought forward from the old books"))
    return in_lines(bill.lines_in_order) or bill.words


def in_lines(lines: Sequence[BillLine]) -> str:
    """Returns the computation of an amount that these lines make up; empty for words alone."""
    return str(_("; ")).join(words for line in lines if (words := line_computation(line)))


def line_computation(line: BillLine) -> str:
    """Returns the computation of one line; empty if it has words alone."""
    amount = bare_yuan(line.amount_fen)
    if line.kind == BillLine.Kind.REDUCTION:
        known = {"why": reduction_name(line.words), "off": percent(line.off or 0), "amount": amount}
        return str(_("%(why)s %(off)s%% = %(amount)s yuan") % known)
    if line.kind == BillLine.Kind.LOWERED:
        return str(_("lowered = %(amount)s yuan") % {"amount": amount})
    if line.kind == BillLine.Kind.SHARE:
        return _share(line, amount)
    if line.rate_hao is None or line.quantity_milli is None:
        return ""
    factors = [str(_("%(rate)s yuan") % {"rate": rate_text(line.rate_hao)})]
    if line.unit not in (BillLine.Unit.HOME, BillLine.Unit.SPACE):
        factors.insert(0, quantity(line.quantity_milli, line.unit))
    if line.kind == BillLine.Kind.RATE:
        factors.append(_time(line))
    return str(_("%(factors)s = %(amount)s yuan") % {"factors": " × ".join(factors), "amount": amount})


def _time(line: BillLine) -> str:
    if line.days:
        return str(_("%(days)s/%(of)s month") % {"days": line.days, "of": line.of_days})
    return ngettext("%(months)s month", "%(months)s months", line.months) % {"months": line.months}


def _share(line: BillLine, amount: str) -> str:
    """Returns the sum that all share, and by what it is divided; older lines have the home's part alone."""
    known: dict[str, Any] = {"words": line.words, "amount": amount}
    if line.whole_fen is None or line.whole_milli is None or line.quantity_milli is None:
        return str(_("%(words)s share = %(amount)s yuan") % known).strip()
    known |= {"whole": as_yuan(line.whole_fen), "homes": line.whole_milli // 1000}
    if line.unit == BillLine.Unit.HOME:
        words = _("%(words)s %(whole)s in all, by %(homes)s homes = %(amount)s yuan")
        return str(words % known).strip()
    known["part"] = quantity(line.quantity_milli, line.unit)
    known["all"] = quantity(line.whole_milli, line.unit)
    return str(_("%(words)s %(whole)s in all, %(part)s of %(all)s = %(amount)s yuan") % known).strip()


def reduction_name(why: str) -> str:
    """Returns the name of a kind of reduction."""
    return str(Reduction.Why(why).label) if why in Reduction.Why.values else why


def percent(off: int) -> str:
    """Formats 1/10000 as per cent: 3000 → ``30``, 1250 → ``12.5``."""
    return f"{off / 100:.2f}".rstrip("0").rstrip(".")


def months(first: date, count: int) -> str:
    """Formats a period of months: 2026年11月, 2026年10月至2026年12月, 2026年全年."""
    if count == 1:
        return month(first)
    if count == A_YEAR and first.month == 1:
        return str(_("all of %(year)s") % {"year": first.year})
    return str(
        _("%(first)s to %(last)s") % {"first": month(first), "last": month(period_span(first, count).last)}
    )


def bill_months(bill: Bill) -> str:
    """Returns the months of a bill: 2026年11月."""
    return months(bill.period, bill.months)


def bill_name(bill: Bill) -> str:
    """Returns item, space and months of a bill: 物业费 2026年11月, 停车费 A12 2026年11月."""
    # The subject of a bill that no run made names its cause: "care:42".
    space = bill.subject if ":" not in bill.subject else ""
    item = f"{item_name(bill.item)} {space}".strip()
    return str(_("%(item)s %(month)s") % {"item": item, "month": bill_months(bill)})


def run_months(run: BillingRun) -> str:
    """Returns the months whose bills the run makes."""
    return months(run.period, run.item.every)
