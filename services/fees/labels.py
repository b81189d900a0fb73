"""Texts for bills and payments: on pages, on receipts, in the API."""

from datetime import date

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _

from community.core.money import as_yuan
from services.fees.models import Bill, FeeItem, Payment
from services.fees.models.items import rate_text

# Names of channels; a provider that is missing here is shown by its own name.
WAYS: dict[str, str | Promise] = {
    Payment.CASH: _("Cash"),
    "pos": _("Card (POS)"),
    "transfer": _("Bank transfer"),
    "wechat_code": _("The estate's WeChat code"),
    "alipay_code": _("The estate's Alipay code"),
    "cheque": _("Cheque"),
    Payment.PREPAYMENT: _("Prepayment"),
    "sandbox": _("Practice payment"),
    "wechat": _("WeChat Pay"),
    "alipay": _("Alipay"),
}
PAYMENT_TONES: dict[str, str] = {
    Payment.Status.PENDING: "care",
    Payment.Status.PAID: "brand",
    Payment.Status.REFUNDED: "repair",
}
RATE_UNITS: dict[str, str | Promise] = {
    FeeItem.Basis.AREA: _("yuan/m²·month"),
    FeeItem.Basis.HOME: _("yuan/month"),
}


def way(channel: str) -> str:
    """Returns the name of a channel."""
    return str(WAYS.get(channel, channel))


def item_name(item: FeeItem) -> str:
    """Returns the name of the item, in English for English readers if the estate has given one."""
    is_english = (get_language() or "").startswith("en")
    return item.name_en if is_english and item.name_en else item.name


def rate_unit(item: FeeItem) -> str:
    """Returns the unit of the item's rate: 元/㎡·月 by floor area, else 元/月."""
    return str(RATE_UNITS.get(item.basis, ""))


def rate_label(item: FeeItem) -> str:
    return str(_("Rate (%(unit)s)") % {"unit": rate_unit(item)})


def month(period: date) -> str:
    """Formats a month: 2026年11月, November 2026."""
    return date_format(period, "YEAR_MONTH_FORMAT")


def bare_yuan(fen: int) -> str:
    """Formats fen without the sign, where the unit is shown beside it: 23148 → ``231.48``."""
    return as_yuan(fen).replace("¥", "")


def area(area_dm2: int) -> str:
    """Formats 0.01 m² as square metres: 9850 → ``98.50``."""
    return f"{area_dm2 // 100}.{area_dm2 % 100:02d}"


def computation(bill: Bill) -> str:
    """Returns the computation of a bill's amount: 98.50 m² × 2.35 元 × 1 月 = 231.48 元; its words if it has
    none.
    """
    if bill.rate_hao is None:
        return bill.words
    known = {
        "rate": rate_text(bill.rate_hao),
        "months": bill.months,
        "amount": bare_yuan(bill.amount_fen),
    }
    if bill.area_dm2 is None:
        return (
            ngettext(
                "%(rate)s yuan × %(months)s month = %(amount)s yuan",
                "%(rate)s yuan × %(months)s months = %(amount)s yuan",
                bill.months,
            )
            % known
        )
    return ngettext(
        "%(area)s m² × %(rate)s yuan × %(months)s month = %(amount)s yuan",
        "%(area)s m² × %(rate)s yuan × %(months)s months = %(amount)s yuan",
        bill.months,
    ) % (known | {"area": area(bill.area_dm2)})


def bill_name(bill: Bill) -> str:
    """Returns item and month of a bill: 物业费 2026年11月."""
    return str(_("%(item)s %(month)s") % {"item": item_name(bill.item), "month": month(bill.period)})
