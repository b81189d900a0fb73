"""Messages about cash that goes back: to those who may agree, to who asked, and to the household."""

from datetime import datetime

from django.urls import reverse

from accounts.models import User
from community.notifications import outbox
from services.fees import policies
from services.fees.actions.steps import message_params, page_of
from services.fees.models import Payment, Refund


def tell_approvers(refund: Refund, *, now: datetime) -> None:
    """Everybody of the estate who may be the second person. Once for each time it is asked for."""
    payment = refund.payment
    step = refund.history.latest("pk")
    people = User.objects.filter(
        staff_roles__estate=payment.estate_id,
        staff_roles__role__in=policies.VERBS["approve_refund"],
        is_active=True,
    ).exclude(pk=refund.made_by_id)
    for person in people.distinct():
        outbox.queue_message(
            person,
            "refund_asked",
            key=f"refund:{refund.pk}:{step.pk}",
            params=message_params(payment) | {"name": str(refund.made_by)},
            url=_desk_page(payment),
            now=now,
        )


def tell_asker(refund: Refund, step: int, *, now: datetime) -> None:
    outbox.queue_message(
        refund.made_by,
        "refund_declined",
        key=f"refund:{refund.pk}:{step}",
        params=message_params(refund.payment),
        url=_desk_page(refund.payment),
        now=now,
    )


def tell_household(payment: Payment, template: str, *, now: datetime) -> None:
    """The payer by SMS too; and those who live there, unless it was a bill in somebody's own name."""
    lines = list(payment.lines.select_related("bill__charged_to"))
    people = {line.bill.charged_to for line in lines if line.bill.charged_to is not None}
    if not lines or any(line.bill.charged_to is None for line in lines):
        living = {"residencies__home": payment.home_id, "residencies__status": "active"}
        people |= set(User.objects.filter(**living))
    if payment.payer is not None:
        people.add(payment.payer)
    for person in sorted(people, key=lambda one: one.pk):
        seen = Payment.objects.visible_to(person).filter(pk=payment.pk).exists()
        outbox.queue_message(
            person,
            template,
            key=f"payment:{payment.pk}:{template}",
            params=message_params(payment),
            url=page_of(payment) if seen else "",
            sms=person == payment.payer,
            now=now,
        )


def _desk_page(payment: Payment) -> str:
    return reverse("fees_payment", args=[payment.pk])
