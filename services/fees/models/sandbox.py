"""The orders of the sandbox provider: its side of a payment, which our own books never read."""

from django.db import models


class SandboxOrder(models.Model):
    """An order at the practice provider, as a real one keeps it on its own machines."""

    class Status(models.TextChoices):
        OPEN = "open"
        PAID = "paid"
        FAILED = "failed"
        CLOSED = "closed"

    # Ours, as told when it was opened.
    order_number = models.CharField(max_length=40, unique=True)
    amount_fen = models.PositiveIntegerField()
    # Where its page sends the person back to.
    return_url = models.CharField(max_length=200)
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    # The provider's own number; given when it is paid.
    number = models.CharField(max_length=40, blank=True, db_index=True)
    # Somebody who pays late has pressed the button, but the money arrives at this moment only.
    paid_at = models.DateTimeField(null=True, blank=True)
    refunded_at = models.DateTimeField(null=True, blank=True)
    # When to call us; None when that is done.
    call_at = models.DateTimeField(null=True, blank=True, db_index=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.order_number
