"""Late fees (违约金): the rules of an estate, the amount of each day, the bills that they become, and waivers."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from community.core.encryption import EncryptedTextField
from community.core.transitions import HasStatus, StatusChange
from community.estates.models import Estate
from services.fees.models.bills import Bill
from services.fees.models.items import FeeItem

# 1 % a day: a higher rate is a typing error.
MAX_RATE_BP = 100
MAX_GRACE_DAYS = 365


class LateFeeRule(models.Model):
    """A late fee by contract, from a day on until the next rule: of one fee item, or of the estate.

    ``rate_bp`` is in 1/10,000 of the unpaid amount a day: 5 is 0.05 %. 0 ends late fees from that day on. An
    estate without a rule has none.
    """

    estate = models.ForeignKey(Estate, verbose_name=_("estate"), on_delete=models.PROTECT, related_name="+")
    item = models.ForeignKey(
        FeeItem,
        verbose_name=_("fee item"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="late_fee_rules",
    )
    from_on = models.DateField(_("holds from"))
    rate_bp = models.PositiveSmallIntegerField(_("rate a day in 1/10,000"))
    # Days after the last day to pay that cost nothing.
    grace_days = models.PositiveSmallIntegerField(_("days of grace"), default=0)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("set by"), on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(_("written"))

    class Meta:
        verbose_name = _("late fee rule")
        verbose_name_plural = _("late fee rules")
        ordering = ["estate", "-from_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "from_on"], condition=Q(item__isnull=False), name="late_rule_once_an_item"
            ),
            models.UniqueConstraint(
                fields=["estate", "from_on"], condition=Q(item=None), name="late_rule_once_an_estate"
            ),
            models.CheckConstraint(condition=Q(rate_bp__lte=MAX_RATE_BP), name="late_rule_rate"),
        ]

    def __str__(self) -> str:
        return f"{self.item or self.estate} {self.from_on:%Y-%m-%d}"


class LateFeeClock(models.Model):
    """Last day whose late fees an estate has: as rows of each bill, and as bills."""

    estate = models.OneToOneField(Estate, primary_key=True, on_delete=models.CASCADE, related_name="+")
    days_upto = models.DateField()
    billed_upto = models.DateField()

    def __str__(self) -> str:
        return f"{self.estate_id} {self.days_upto:%Y-%m-%d}"


class LateFeeDay(models.Model):
    """The late fee of a bill for one day, exact in 1/10,000 fen; written once and never changed.

    ``open_fen`` is what was owed at the end of the day and not on its way; ``total_e4`` is the sum of all days
    of the bill so far.
    """

    bill = models.ForeignKey(
        Bill, verbose_name=_("bill"), on_delete=models.PROTECT, related_name="late_fee_days"
    )
    day = models.DateField(_("day"))
    open_fen = models.PositiveIntegerField(_("owed on that day, in fen"))
    rate_bp = models.PositiveSmallIntegerField(_("rate a day in 1/10,000"))
    amount_e4 = models.PositiveBigIntegerField(_("amount in 1/10,000 fen"))
    total_e4 = models.PositiveBigIntegerField(_("sum so far in 1/10,000 fen"))

    class Meta:
        verbose_name = _("late fee of a day")
        verbose_name_plural = _("late fees of days")
        ordering = ["bill", "day"]
        constraints = [
            models.UniqueConstraint(fields=["bill", "day"], name="late_fee_day_once"),
            models.CheckConstraint(
                condition=Q(amount_e4__gt=0, total_e4__gte=F("amount_e4")), name="late_fee_day_positive"
            ),
        ]
        indexes = [models.Index(fields=["day", "bill"], name="late_fee_day_of_all")]

    def __str__(self) -> str:
        return f"{self.bill_id} {self.day:%Y-%m-%d}"


class LateFeeBill(models.Model):
    """A bill of late fees: ``of`` is the overdue bill, the month is the bill's own.

    A month has a second one only where the first is paid or voided.
    """

    bill = models.OneToOneField(Bill, primary_key=True, on_delete=models.PROTECT, related_name="late_fee")
    of = models.ForeignKey(Bill, on_delete=models.PROTECT, related_name="late_fees")

    def __str__(self) -> str:
        return f"{self.of_id} → {self.bill_id}"


class LateFeeWaiver(HasStatus):
    """A late fee that is not collected, whole or in part: asked for by one person, agreed to by another."""

    class Status(models.TextChoices):
        ASKED = "asked", _("waiting for a second person")
        AGREED = "agreed", _("agreed to")
        DECLINED = "declined", _("not agreed to")

    TRANSITIONS: dict[str, set[str]] = {
        Status.ASKED: {Status.AGREED, Status.DECLINED},
        Status.AGREED: set(),
        Status.DECLINED: set(),
    }

    bill = models.ForeignKey(Bill, verbose_name=_("bill"), on_delete=models.PROTECT, related_name="waivers")
    # All that is unpaid when it is agreed to, as the bill may grow until then; else ``amount_fen``.
    is_whole = models.BooleanField(_("all of it"), default=False)
    amount_fen = models.PositiveIntegerField(_("amount in fen"))
    # Taken off the amount of the bill; 0 if the bill was voided, and until the answer.
    lowered_fen = models.PositiveIntegerField(default=0)
    reason = EncryptedTextField(_("why"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("asked by"), on_delete=models.PROTECT, related_name="+"
    )
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("answered by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    status = models.CharField(_("state"), max_length=20, choices=Status, default=Status.ASKED)
    status_changed_at = models.DateTimeField(_("since"))
    created_at = models.DateTimeField(_("asked for"))

    class Meta:
        verbose_name = _("waived late fee")
        verbose_name_plural = _("waived late fees")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="waiver_positive"),
            models.CheckConstraint(
                condition=Q(answered_by=None) | ~Q(answered_by=F("asked_by")), name="waiver_by_two"
            ),
            models.UniqueConstraint(
                fields=["bill"], condition=Q(status="asked"), name="waiver_one_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bill} −{self.amount_fen}"


class LateFeeWaiverChange(StatusChange):
    waiver = models.ForeignKey(LateFeeWaiver, on_delete=models.CASCADE, related_name="history")


def month_after(period: date) -> date:
    """Returns the first day of the month after the one that begins on ``period``."""
    return date(period.year + period.month // 12, period.month % 12 + 1, 1)
