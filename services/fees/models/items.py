"""Fee items of an estate, and their tariffs."""

from datetime import date

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

    estate = models.ForeignKey(
        Estate, verbose_name=_("estate"), on_delete=models.PROTECT, related_name="fee_items"
    )
    name = models.CharField(pgettext_lazy("thing", "name"), max_length=40)
    name_en = models.CharField(_("name in English"), max_length=60, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    basis = models.CharField(_("counted"), max_length=10, choices=Basis)
    # Days after the last day of the period until which a bill is not in arrears.
    due_days = models.PositiveSmallIntegerField(_("days to pay"), default=30)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("fee item")
        verbose_name_plural = _("fee items")
        ordering = ["estate", "kind", "name"]
        constraints = [models.UniqueConstraint(fields=["estate", "name"], name="fee_item_name_once")]

    def __str__(self) -> str:
        return self.name

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
