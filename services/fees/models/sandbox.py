"""Orders of the practice provider: the provider's side of a payment, which the books never read."""

from django.db import models


class SandboxOrder(models.Model):
    """An order at the practice provider, as a real one stores it on its own servers."""

    class Status(models.TextChoices):
        OPEN = "open"
        PAID = "paid"
        FAILED = "failed"
        CLOSED = "closed"

    # The payment's ``order_number``.
    order_number = models.CharField(max_length=40, unique=True)
    amount_fen = models.PositiveIntegerField()
    # Path to which the provider's page returns the person.
    return_url = models.CharField(max_length=200)
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    # Number at the provider, given when the order is paid.
    number = models.CharField(max_length=40, blank=True, db_index=True)
    # Time at which the money arrives, which is after the button was pressed for a late payment.
    paid_at = models.DateTimeField(null=True, blank=True)
    # Time of the next notice to Linli; None when it was received.
    call_at = models.DateTimeField(null=True, blank=True, db_index=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.order_number


class SandboxRefund(models.Model):
    """A refund at the practice provider, of all of an order or of a part."""

    order = models.ForeignKey(SandboxOrder, on_delete=models.PROTECT, related_name="refunds")
    # The number that Linli gave it: the same one again is the same refund.
    key = models.CharField(max_length=40, unique=True)
    number = models.CharField(max_length=40)
    amount_fen = models.PositiveIntegerField()
    at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.number
