"""Fee items of an estate, and their tariffs."""

from datetime import date

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from community.estates.models import Estate


class FeeItem(models.Model):
    """A fee of an estate (收费项目): property fee, cleaning of the stairs, a care visit."""

    class Kind(models.TextChoices):
        PROPERTY = "property", _("property fee")
        PARKING = "parking", _("parking")
        WATER = "water", _("water")
        CARE = "care", _("care visits")
        REPAIR = "repair", _("repairs")
        LATE = "late", _("late fees")
        OTHER = "other", _("other")

    class Basis(models.TextChoices):
        """Base of the amount: floor area, home, or each bill its own."""

        AREA = "area", _("by floor area")
        HOME = "home", _("the same for each home")
        SINGLE = "single", _("one by one, each with its own amount")
        METER = "meter", _("by the meter of the home")
        SHARE = "share", _("shared by the homes of a building")

    class Every(models.IntegerChoices):
        """Months of a bill; its period begins with the calendar's month, quarter, half-year or year."""

        MONTH = 1, pgettext_lazy("billed", "every month")
        QUARTER = 3, pgettext_lazy("billed", "every quarter")
        HALF_YEAR = 6, pgettext_lazy("billed", "every half-year")
        YEAR = 12, pgettext_lazy("billed", "every year")

    class Reach(models.TextChoices):
        """Homes that owe the fee: all, those that a rule of ``FeeReach`` names, or a row of ``FeeListing``."""

        ALL = "all", _("all homes")
        CHOSEN = "chosen", _("some buildings, floors or kinds of home")
        LISTED = "listed", _("a list, such as of parking spaces")

    BY_RUN = (Basis.AREA, Basis.HOME)
    METERED = (Basis.METER, Basis.SHARE)

    estate = models.ForeignKey(
        Estate, verbose_name=_("estate"), on_delete=models.PROTECT, related_name="fee_items"
    )
    name = models.CharField(pgettext_lazy("thing", "name"), max_length=40)
    name_en = models.CharField(_("name in English"), max_length=60, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    basis = models.CharField(_("counted"), max_length=10, choices=Basis)
    every = models.PositiveSmallIntegerField(_("billed every"), choices=Every, default=Every.MONTH)
    is_in_advance = models.BooleanField(
        _("in advance"), default=False, help_text=_("The days to pay begin with the period, not at its end.")
    )
    reach = models.CharField(_("owed by"), max_length=10, choices=Reach, default=Reach.ALL)
    # Days after the period, or after its first day if it is paid in advance, until which a bill is not in
    # arrears.
    due_days = models.PositiveSmallIntegerField(_("days to pay"), default=30)
    # Month with which the year of the tiers begins.
    tier_month = models.PositiveSmallIntegerField(
        _("month with which tiers begin again"),
        default=1,
        db_default=1,
        validators=[MinValueValidator(1), MaxValueValidator(12)],
    )
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("fee item")
        verbose_name_plural = _("fee items")
        ordering = ["estate", "kind", "name"]
        constraints = [
            models.UniqueConstraint(fields=["estate", "name"], name="fee_item_name_once"),
            models.CheckConstraint(condition=Q(every__in=[1, 3, 6, 12]), name="fee_item_every"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_by_run(self) -> bool:
        """Whether billing runs make its bills from its rate alone."""
        return self.basis in self.BY_RUN

    @property
    def is_metered(self) -> bool:
        """Whether its bills are made from readings, or from costs that homes share."""
        return self.basis in self.METERED

    def period_of(self, day: date) -> date:
        """Returns the first day of the period that contains ``day``."""
        return date(day.year, (day.month - 1) // self.every * self.every + 1, 1)

    def tariff_for(self, period: date) -> "Tariff | None":
        """Returns the tariff valid on the day ``period``; None before the first one."""
        return self.tariffs.filter(from_on__lte=period).order_by("-from_on").first()


class Tariff(models.Model):
    """A rate that is valid from a day on, until the next one begins.

    ``rate_hao`` is in 毫, 0.0001 yuan, a month: per square metre or per home. 2.35 yuan is 23500.
    """

    item = models.ForeignKey(
        FeeItem, verbose_name=_("fee item"), on_delete=models.PROTECT, related_name="tariffs"
    )
    from_on = models.DateField(_("holds from"))
    rate_hao = models.PositiveIntegerField(_("rate in 0.0001 yuan a month"))

    class Meta:
        verbose_name = _("tariff")
        verbose_name_plural = _("tariffs")
        ordering = ["item", "-from_on"]
        constraints = [
            models.UniqueConstraint(fields=["item", "from_on"], name="tariff_once_a_day"),
            models.CheckConstraint(condition=Q(rate_hao__gt=0), name="tariff_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.rate_text}"

    @property
    def rate_text(self) -> str:
        """The rate in yuan: ``2.35``, ``1.855``."""
        return rate_text(self.rate_hao)


def rate_text(rate_hao: int) -> str:
    """Formats 0.0001 yuan as yuan with two to four decimals: 23500 → ``2.35``."""
    whole, rest = divmod(rate_hao, 10_000)
    return f"{whole}.{f'{rest:04d}'.rstrip('0').ljust(2, '0')}"
