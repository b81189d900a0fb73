"""Tiers of tariffs, shared costs, and the lines from which bills of metered fees are made."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from community.estates.models import Building, Estate, Home
from services.fees.models.bills import Bill, BillingRun
from services.fees.models.items import FeeItem, Tariff
from services.fees.models.meters import Meter, MeterReading


class TariffTier(models.Model):
    """A further tier of a tariff (阶梯): the rate of the usage of a year above a limit.

    The tariff's own rate holds up to the lowest limit. ``above_milli`` is in 0.001 of the unit.
    """

    tariff = models.ForeignKey(Tariff, on_delete=models.CASCADE, related_name="tiers")
    above_milli = models.PositiveBigIntegerField(_("above this usage of a year"))
    rate_hao = models.PositiveIntegerField(_("rate in 0.0001 yuan"))

    class Meta:
        verbose_name = _("tier")
        verbose_name_plural = _("tiers")
        ordering = ["tariff", "above_milli"]
        constraints = [
            models.UniqueConstraint(fields=["tariff", "above_milli"], name="tier_once"),
            models.CheckConstraint(condition=Q(above_milli__gt=0, rate_hao__gt=0), name="tier_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.tariff} > {self.above_milli}"


class SharedCost(models.Model):
    """The sum of a month that the homes of a building, or of the estate, share (公摊), with its parts."""

    class Split(models.TextChoices):
        AREA = "area", _("by floor area")
        HOME = "home", _("the same for each home")

    estate = models.ForeignKey(Estate, verbose_name=_("estate"), on_delete=models.PROTECT, related_name="+")
    item = models.ForeignKey(
        FeeItem, verbose_name=_("fee item"), on_delete=models.PROTECT, related_name="shared_costs"
    )
    # None: all homes of the estate share it.
    building = models.ForeignKey(
        Building,
        verbose_name=_("building"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    period = models.DateField(_("month"))
    split = models.CharField(_("divided"), max_length=4, choices=Split)
    # Usage of the common meter beyond the homes' own, in 0.001 of its unit; None for a sum given by hand.
    quantity_milli = models.PositiveBigIntegerField(null=True, blank=True)
    rate_hao = models.PositiveIntegerField(null=True, blank=True)
    amount_fen = models.PositiveBigIntegerField(_("sum in fen"))
    # The floor areas or homes that it was divided by, in 0.001 m² or 0.001 of a home; None for older ones.
    divided_by_milli = models.PositiveBigIntegerField(null=True, blank=True)
    words = models.CharField(_("for what"), max_length=120, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(_("made"))

    class Meta:
        verbose_name = _("shared cost")
        verbose_name_plural = _("shared costs")
        ordering = ["-period", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["item", "building", "period"], name="shared_cost_once"),
            # The constraint above treats two rows without a building as different.
            models.UniqueConstraint(
                fields=["item", "period"], condition=Q(building=None), name="shared_cost_once_everywhere"
            ),
            models.CheckConstraint(condition=Q(period__day=1), name="shared_cost_from_the_first"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="shared_cost_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.building or self.estate} {self.period:%Y-%m}"


class SharePart(models.Model):
    """The part of one home in a shared cost. All parts of a cost add up to it."""

    cost = models.ForeignKey(SharedCost, on_delete=models.CASCADE, related_name="parts")
    home = models.ForeignKey(Home, verbose_name=_("home"), on_delete=models.PROTECT, related_name="+")
    amount_fen = models.PositiveBigIntegerField(_("amount in fen"))
    # The home's part of ``divided_by_milli`` of the cost.
    quantity_milli = models.PositiveBigIntegerField(null=True, blank=True)

    class Meta:
        verbose_name = _("part of a shared cost")
        verbose_name_plural = _("parts of shared costs")
        ordering = ["cost", "pk"]
        constraints = [models.UniqueConstraint(fields=["cost", "home"], name="share_part_once")]

    def __str__(self) -> str:
        return f"{self.cost} {self.home_id}"


class UsageLineQuerySet(models.QuerySet["UsageLine"]):
    def billed(self) -> "UsageLineQuerySet":
        """Limits to lines of bills that hold: their usage is not billed again."""
        return self.exclude(bill=None).exclude(bill__status=Bill.Status.VOIDED)


class UsageLine(models.Model):
    """A line of a metered bill as a run has computed it: usage of a meter in one tier, or a part of a shared cost.

    Without ``bill`` it is a forecast, which the next look computes anew. With a voided bill its usage is
    billed by the next run.
    """

    run = models.ForeignKey(BillingRun, on_delete=models.CASCADE, related_name="usage_lines")
    home = models.ForeignKey(Home, verbose_name=_("home"), on_delete=models.PROTECT, related_name="+")
    bill = models.ForeignKey(
        Bill, null=True, blank=True, on_delete=models.PROTECT, related_name="usage_lines"
    )
    number = models.PositiveSmallIntegerField()
    meter = models.ForeignKey(
        Meter, null=True, blank=True, on_delete=models.PROTECT, related_name="usage_lines"
    )
    part = models.ForeignKey(
        SharePart, null=True, blank=True, on_delete=models.PROTECT, related_name="usage_lines"
    )
    from_reading = models.ForeignKey(
        MeterReading, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    to_reading = models.ForeignKey(
        MeterReading, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # From 1; 0 for a shared cost.
    tier = models.PositiveSmallIntegerField(default=0)
    quantity_milli = models.PositiveBigIntegerField(default=0)
    rate_hao = models.PositiveIntegerField(null=True, blank=True)
    words = models.CharField(max_length=120, blank=True)
    amount_fen = models.PositiveBigIntegerField(_("amount in fen"))

    objects = UsageLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("line of usage")
        verbose_name_plural = _("lines of usage")
        ordering = ["run", "home", "number"]
        constraints = [
            models.UniqueConstraint(fields=["run", "home", "number"], name="usage_line_once"),
            models.CheckConstraint(
                condition=Q(meter__isnull=False, part=None) | Q(meter=None, part__isnull=False),
                name="usage_line_of_one",
            ),
        ]
        indexes = [models.Index(fields=["meter", "to_reading"], name="usage_of_meter")]

    def __str__(self) -> str:
        return f"{self.run_id}: {self.home_id} {self.number}"
