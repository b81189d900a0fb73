"""Messages about bills and payments."""

from django.utils.translation import gettext_lazy as _

from community.core.services import Template

PAYMENT = ("reference", "fen")
MESSAGES: dict[str, Template] = {
    "bill_made": Template(
        _("A new bill"),
        _("%(what)s for %(month)s: %(price)s. You can pay it here or at the counter."),
        needs=("what", "month", "fen"),
        icon="receipt",
    ),
    "payment_received": Template(
        _("Payment received"),
        _("We have received %(price)s (%(reference)s). The receipt is here."),
        needs=PAYMENT,
        sms=("reference", "price"),
        icon="circle-check",
    ),
    "dispute_answered": Template(
        _("About your bill"),
        _("We have looked into %(what)s. Our answer stands on the bill."),
        needs=("what",),
        icon="receipt",
    ),
    "late_fee_begins": Template(
        _("A late fee begins soon"),
        _(
            "%(what)s is still open. By contract a late fee of %(rate)s in 10,000 a day is added from %(day)s on. "
            "If something is wrong with the bill, tell us there."
        ),
        needs=("what", "day", "rate"),
        icon="clock",
    ),
    "arrears_due": Template(
        _("Bills that are still open"),
        _(
            "%(home)s: %(bills)s bills are past their last day to pay, %(price)s in all. Please pay them here "
            "or at the counter when you can. If you have paid, or a bill is wrong, please tell us. Thank you."
        ),
        needs=("home", "bills", "fen"),
        sms=("home", "price"),
        sms_too=True,
        icon="receipt",
    ),
    "payment_failed": Template(
        _("Not paid"),
        _(
            "The payment of %(price)s (%(reference)s) did not go through. Nothing was taken; please try again."
        ),
        needs=PAYMENT,
        icon="alert",
    ),
    "refund_done": Template(
        _("Money paid back"),
        _("%(price)s of payment %(reference)s went back to you."),
        needs=PAYMENT,
        sms=("reference", "price"),
        icon="refresh",
    ),
    "refund_asked": Template(
        _("Money to pay back"),
        _("%(name)s asks to pay back %(price)s (%(reference)s). Please check it and say yes or no."),
        needs=("name", *PAYMENT),
        icon="refresh",
    ),
    "refund_declined": Template(
        _("Not paid back"),
        _("Your request to pay back %(price)s (%(reference)s) was not agreed to."),
        needs=PAYMENT,
        icon="alert",
    ),
    "statement_differs": Template(
        _("Statement differs"),
        _("The statement of %(day)s differs from our payments (%(count)s). Please look at it."),
        needs=("day", "count"),
        icon="alert",
    ),
    "cash_given_back": Template(
        _("Money was given back"),
        _(
            "%(price)s of payment %(reference)s was given back at the counter. If you know nothing of it, call us."
        ),
        needs=PAYMENT,
        sms=("reference", "price"),
        icon="refresh",
    ),
    "prepayment_given_back": Template(
        _("Prepayment was given back"),
        _(
            "%(price)s of the prepayment of %(reference)s was given back at the counter. If you know nothing of "
            "it, call us."
        ),
        needs=PAYMENT,
        icon="refresh",
    ),
    "deposit_given_back": Template(
        _("Deposit was given back"),
        _(
            "%(price)s of the deposit %(reference)s was given back at the counter. If you know nothing of it, "
            "call us."
        ),
        needs=PAYMENT,
        icon="refresh",
    ),
    "deposit_kept": Template(
        _("Kept of your deposit"),
        _("Of the deposit %(reference)s %(price)s was kept: %(why)s."),
        needs=("why", *PAYMENT),
        icon="receipt",
    ),
    "payment_moved_away": Template(
        _("A payment was moved"),
        _(
            "%(price)s of payment %(reference)s was booked to your home by mistake and is taken off it. What it "
            "had paid is owed again. Questions? Call us."
        ),
        needs=PAYMENT,
        icon="refresh",
    ),
    "payment_moved_here": Template(
        _("A payment was moved to your home"),
        _("%(price)s that was booked to another home by mistake is yours now (%(reference)s)."),
        needs=PAYMENT,
        icon="circle-check",
    ),
    "invoice_issued": Template(
        _("Your invoice is ready"),
        _("The invoice of %(price)s is ready. You can open it here."),
        needs=("fen",),
        icon="receipt",
    ),
    "invoice_refused": Template(
        _("No invoice yet"),
        _("The invoice of %(price)s could not be issued. The reason is here."),
        needs=("fen",),
        icon="alert",
    ),
    "invoice_reversed": Template(
        _("Invoice cancelled"),
        _("The invoice of %(price)s was cancelled. The reason is here."),
        needs=("fen",),
        icon="alert",
    ),
}
