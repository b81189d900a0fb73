"""Refunds of before were all of their payment: fills what they have new."""

from typing import Any

from django.db import migrations
from django.db.models import F, OuterRef, Subquery


def fill(apps: Any, schema_editor: Any) -> None:
    """Fills estate, home and way of each refund, its lines, and what went out of its payment."""
    models = {name: apps.get_model("fees", name) for name in ("Payment", "PaymentLine", "Refund")}
    refunds = models["Refund"].objects.filter(estate=None)
    of_payment = models["Payment"].objects.filter(pk=OuterRef("payment"))
    columns = {name: Subquery(of_payment.values(name)) for name in ("estate", "home", "channel")}
    refunds.update(**columns)
    models["Payment"].objects.filter(status="refunded").update(back_fen=F("amount_fen"))
    lines = models["PaymentLine"].objects.filter(payment__status="refunded")
    lines.update(back_fen=F("applied_fen"))
    line_of_refund, sandbox_refund = apps.get_model("fees", "RefundLine"), apps.get_model("fees", "SandboxRefund")
    booked = models["PaymentLine"].objects.filter(payment__refunds__isnull=False, applied_fen__gt=0)
    line_of_refund.objects.bulk_create(
        (
            line_of_refund(refund_id=refund, line_id=line, amount_fen=fen)
            for line, refund, fen in booked.values_list("pk", "payment__refunds", "applied_fen").iterator()
        ),
        batch_size=1000,
    )
    orders = apps.get_model("fees", "SandboxOrder").objects.filter(refunded_at__isnull=False)
    refund_of = models["Refund"].objects.filter(payment__provider_number=OuterRef("number"))
    named = orders.annotate(refund=Subquery(refund_of.values("pk")[:1])).exclude(refund=None)
    sandbox_refund.objects.bulk_create(
        (
            sandbox_refund(
                order=order,
                key=str(order.refund),
                number=f"{order.number}R",
                amount_fen=order.amount_fen,
                at=order.refunded_at,
            )
            for order in named.iterator()
        ),
        batch_size=1000,
    )


class Migration(migrations.Migration):
    dependencies = [("fees", "0028_refunds_in_parts")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
