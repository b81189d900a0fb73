from django.db import models
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from community.estates.models import Estate


class CategoryQuerySet(models.QuerySet["RepairCategory"]):
    def offered(self) -> "CategoryQuerySet":
        """Limits to categories that can be reported."""
        return self.filter(is_offered=True)

    def top_level(self) -> "CategoryQuerySet":
        """Limits to the upper level."""
        return self.filter(parent=None)


class RepairCategory(models.Model):
    """An entry of an estate's catalogue of defects, in two levels: 水 → 漏水."""

    class Charge(models.TextChoices):
        FREE = "free", _("free")
        QUOTED = "quoted", _("may cost; you are asked first")

    class Where(models.TextChoices):
        ANYWHERE = "anywhere", _("in a home or a shared area")
        HOME = "home", _("in a home")
        PUBLIC = "public", _("in a shared area")

    class Danger(models.TextChoices):
        WATER = "water", pgettext_lazy("danger", "water")
        POWER = "power", pgettext_lazy("danger", "electricity")
        GAS = "gas", pgettext_lazy("danger", "gas")
        LIFT = "lift", pgettext_lazy("danger", "lift")

    estate = models.ForeignKey(
        Estate, verbose_name=_("estate"), on_delete=models.CASCADE, related_name="repair_categories"
    )
    parent = models.ForeignKey(
        "self",
        verbose_name=_("belongs to"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
    )
    name = models.CharField(pgettext_lazy("thing", "name"), max_length=12)
    name_en = models.CharField(_("name in English"), max_length=40, blank=True)
    icon = models.SlugField(_("icon"), max_length=30, default="tool")
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    where = models.CharField(_("where"), max_length=10, choices=Where, default=Where.ANYWHERE)
    charge = models.CharField(_("charge"), max_length=10, choices=Charge, default=Charge.FREE)
    is_emergency = models.BooleanField(
        _("emergency"), default=False, help_text=_("Alarms the desk at once and shows the number to call.")
    )
    danger = models.CharField(
        _("danger"),
        max_length=10,
        choices=Danger,
        default="",
        blank=True,
        help_text=_("What the resident is told to do until somebody comes."),
    )
    is_offered = models.BooleanField(_("offered"), default=True)

    objects = CategoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("repair category")
        verbose_name_plural = _("repair categories")
        ordering = ["estate", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["estate", "parent", "name"], name="category_name_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Returns the name in the reader's language."""
        return self.name_en if self.name_en and not (get_language() or "").startswith("zh") else self.name
