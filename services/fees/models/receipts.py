"""Numbers of receipts that are handed out at the counter: continuous in each series, none used twice."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import access_of
from community.core.encryption import EncryptedCharField
from community.estates.models import Estate
from services.fees.models.payments import Payment
from services.fees.models.shifts import Shift
from services.fees.roles import FEES_STAFF

if TYPE_CHECKING:
    from accounts.models import User


class SeriesQuerySet(models.QuerySet["ReceiptSeries"]):
    def with_numbers_left(self) -> "SeriesQuerySet":
        """Limits to series in which a number is left."""
        return self.filter(Q(last=None) | Q(next_number__lte=F("last")))


class ReceiptSeries(models.Model):
    """A block of numbers for receipts of an estate, from ``first`` to ``last`` (None: without an end).

    Numbers are taken in order, from the oldest series with numbers left.
    """

    estate = models.ForeignKey(
        Estate, verbose_name=_("estate"), on_delete=models.PROTECT, related_name="receipt_series"
    )
    prefix = models.CharField(_("letters before the number"), max_length=8, blank=True)
    digits = models.PositiveSmallIntegerField(default=7)
    first = models.PositiveIntegerField(_("first number"), default=1)
    last = models.PositiveIntegerField(_("last number"), null=True, blank=True)
    next_number = models.PositiveIntegerField(_("next number"), default=1)
    created_at = models.DateTimeField(_("set up"))

    objects = SeriesQuerySet.as_manager()

    class Meta:
        verbose_name = _("series of receipts")
        verbose_name_plural = _("series of receipts")
        ordering = ["estate", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["estate", "prefix", "first"], name="receipt_series_once"),
            models.CheckConstraint(
                condition=Q(next_number__gte=F("first"))
                & (Q(last=None) | Q(last__gte=F("first"), next_number__lte=F("last") + 1)),
                name="receipt_series_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number_text(self.first)}–{self.number_text(self.last) if self.last else '…'}"

    def number_text(self, number: int) -> str:
        """Returns a number of the series as receipts show it: ``A0000123``."""
        return f"{self.prefix}{number:0{self.digits}d}"

    @property
    def first_text(self) -> str:
        """The first number as receipts show it."""
        return self.number_text(self.first)

    @property
    def next_text(self) -> str:
        """The next number as receipts show it."""
        return self.number_text(self.next_number)

    @property
    def left(self) -> int | None:
        """How many numbers are left; None without an end."""
        return None if self.last is None else self.last + 1 - self.next_number


class IssuedReceiptQuerySet(models.QuerySet["IssuedReceipt"]):
    def visible_to(self, user: "User") -> "IssuedReceiptQuerySet":
        """Limits to receipts of estates in which the user has a role for fees."""
        return self.filter(series__estate__in=access_of(user).estates(*FEES_STAFF))

    def valid(self) -> "IssuedReceiptQuerySet":
        """Limits to receipts that are not voided."""
        return self.filter(voided_at=None)


class IssuedReceipt(models.Model):
    """A number of a series that was used for a payment at the counter; a voided one is kept with its reason."""

    series = models.ForeignKey(ReceiptSeries, on_delete=models.PROTECT, related_name="receipts")
    number = models.PositiveIntegerField(_("number"))
    payment = models.ForeignKey(
        Payment, verbose_name=_("payment"), on_delete=models.PROTECT, related_name="receipts"
    )
    # The shift in which it was handed out, and the one in which it was voided.
    shift = models.ForeignKey(Shift, null=True, blank=True, on_delete=models.PROTECT, related_name="receipts")
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("made by"), on_delete=models.PROTECT, related_name="+"
    )
    issued_at = models.DateTimeField(_("handed out"))
    voided_at = models.DateTimeField(_("voided"), null=True, blank=True)
    voided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("voided by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    voided_in = models.ForeignKey(
        Shift, null=True, blank=True, on_delete=models.PROTECT, related_name="voided_receipts"
    )
    void_reason = EncryptedCharField(_("why it is void"), max_length=200, blank=True, was_clear=True)

    objects = IssuedReceiptQuerySet.as_manager()

    class Meta:
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        ordering = ["series", "number"]
        constraints = [
            models.UniqueConstraint(fields=["series", "number"], name="receipt_number_once"),
            models.UniqueConstraint(
                fields=["payment"], condition=Q(voided_at=None), name="receipt_one_valid"
            ),
            models.CheckConstraint(
                condition=Q(voided_at=None, voided_by=None, void_reason="")
                | (Q(voided_at__isnull=False, voided_by__isnull=False) & ~Q(void_reason="")),
                name="receipt_voided_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def text(self) -> str:
        """The number as receipts show it."""
        return self.series.number_text(self.number)


class ReceiptPaper(models.Model):
    """The paper on which a cashier printed last in an estate, offered for the next print."""

    class Paper(models.TextChoices):
        A5 = "a5", _("A5 sheet")
        ROLL = "roll", _("80 mm roll")

    cashier = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("cashier"), on_delete=models.CASCADE, related_name="+"
    )
    estate = models.ForeignKey(Estate, verbose_name=_("estate"), on_delete=models.CASCADE, related_name="+")
    paper = models.CharField(_("paper"), max_length=8, choices=Paper, default=Paper.A5)

    class Meta:
        verbose_name = _("paper of receipts")
        verbose_name_plural = _("paper of receipts")
        constraints = [models.UniqueConstraint(fields=["cashier", "estate"], name="receipt_paper_once")]

    def __str__(self) -> str:
        return self.get_paper_display()
