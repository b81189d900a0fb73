"""Messages about bills and payments."""

from django.utils.translation import gettext_lazy as _

from community.notifications.messages.template import Template

PAYMENT = ("reference", "fen")
TEMPLATES: dict[str, Template] = {
    "bill_made": Template(
        _("A new bill"),
        _("%(what)s for %(month)s: %(price)s. You can pay it here or at the counter."),
        ("what", "month", "fen"),
        icon="receipt",
    ),
    "payment_received": Template(
        _("Payment received"),
        _("We have received %(price)s (%(reference)s). The receipt is here."),
        PAYMENT,
        ("reference", "price"),
        icon="circle-check",
    ),
    "payment_failed": Template(
        _("Not paid"),
        _(
            "The payment of %(price)s (%(reference)s) did not go through. Nothing was taken; please try again."
        ),
        PAYMENT,
        icon="alert",
    ),
    "refund_done": Template(
        _("Money paid back"),
        _("%(price)s of payment %(reference)s went back to you."),
        PAYMENT,
        ("reference", "price"),
        icon="refresh",
    ),
}
