"""Which homes owe a fee, from when to when, and what is taken off."""

from datetime import date
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from community.core.encryption import EncryptedCharField
from community.estates.models import Building, Home
from services.fees.models.items import FeeItem

ALL_OF_IT = 10_000


class DatedQuerySet(models.QuerySet[Any]):
    def touching(self, first: date, last: date) -> Self:
        """Limits to rows of which a day lies within ``first`` and ``last``, both inclusive."""
        return self.filter(Q(to_on=None) | Q(to_on__gte=first), from_on__lte=last)


class ReductionQuerySet(DatedQuerySet):
    def counting(self) -> Self:
        """Limits to reductions that were agreed to and have not ended early."""
        return self.filter(approved_by__isnull=False, ended_at=None)

    def waiting(self) -> Self:
        """Limits to reductions that a second person has neither agreed to nor declined."""
        return self.filter(approved_by=None, ended_at=None)


class FeeReach(models.Model):
    """A rule that names homes of an item with reach CHOSEN; a home that meets every given part owes the fee.

    A lift fee from the third floor up in one building is ``building`` with ``from_floor=3``.
    """

    item = models.ForeignKey(
        FeeItem, verbose_name=_("fee item"), on_delete=models.CASCADE, related_name="reaches"
    )
    building = models.ForeignKey(
        Building,
        verbose_name=_("building"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    home_kind = models.CharField(_("kind of home"), max_length=10, choices=Home.Kind, blank=True)
    from_floor = models.SmallIntegerField(_("from floor"), null=True, blank=True)

    class Meta:
        verbose_name = _("rule of a fee item")
        verbose_name_plural = _("rules of fee items")
        ordering = ["item", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(building__isnull=False) | ~Q(home_kind="") | Q(from_floor__isnull=False),
                name="fee_reach_names_something",
            ),
        ]

    def __str__(self) -> str:
        floor = "" if self.from_floor is None else _("from floor %(floor)d") % {"floor": self.from_floor}
        parts = (str(self.building or ""), str(self.get_home_kind_display() or ""), floor)
        return " ".join(part for part in parts if part)

    @property
    def condition(self) -> Q:
        """The homes that the rule names, as a condition on ``Home``."""
        condition = Q()
        if self.building_id:
            condition &= Q(entrance__building=self.building_id)
        if self.home_kind:
            condition &= Q(kind=self.home_kind)
        if self.from_floor is not None:
            condition &= Q(floor__gte=self.from_floor)
        return condition


class FeeListing(models.Model):
    """A home on the list of a fee item, from a day to a day.

    For an item with reach LISTED each row is a bill a period: ``subject`` names the parking space. For any
    other item a row limits the days for which its home owes the fee, such as from moving in; ``subject`` is
    then empty.
    """

    item = models.ForeignKey(
        FeeItem, verbose_name=_("fee item"), on_delete=models.PROTECT, related_name="listings"
    )
    home = models.ForeignKey(Home, verbose_name=_("home"), on_delete=models.PROTECT, related_name="+")
    subject = models.CharField(_("space or number"), max_length=40, blank=True)
    plate = models.CharField(_("number plate"), max_length=12, blank=True)
    from_on = models.DateField(_("from"))
    to_on = models.DateField(_("last day"), null=True, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(_("written"))

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("row of a fee list")
        verbose_name_plural = _("rows of fee lists")
        ordering = ["item", "subject", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["item", "home", "subject", "from_on"], name="fee_listing_once"),
            models.UniqueConstraint(
                fields=["item", "subject"],
                condition=Q(to_on=None) & ~Q(subject=""),
                name="fee_listing_space_of_one",
            ),
            models.CheckConstraint(
                condition=Q(to_on=None) | Q(to_on__gte=F("from_on")), name="fee_listing_days_in_order"
            ),
        ]
        indexes = [models.Index(fields=["item", "home"], name="fee_listing_of_home")]

    def __str__(self) -> str:
        return f"{self.subject or self.home_id} {self.from_on:%Y-%m-%d}"


class Reduction(models.Model):
    """A part of a fee that a home need not pay for a time: discount, vacancy, exemption.

    ``off`` is in 1/10000 of the amount: 3000 is 30 %, 10000 all of it. Counts once ``approved_by`` is set, by
    another person than ``asked_by``.
    """

    class Why(models.TextChoices):
        DISCOUNT = "discount", _("discount")
        VACANCY = "vacancy", _("vacant home")
        EXEMPTION = "exemption", _("exemption")

    item = models.ForeignKey(
        FeeItem, verbose_name=_("fee item"), on_delete=models.PROTECT, related_name="reductions"
    )
    home = models.ForeignKey(Home, verbose_name=_("home"), on_delete=models.PROTECT, related_name="+")
    why = models.CharField(_("kind"), max_length=10, choices=Why)
    off = models.PositiveSmallIntegerField(_("off, of 10000"))
    reason = EncryptedCharField(_("reason"), max_length=200, was_clear=True)
    from_on = models.DateField(_("from"))
    to_on = models.DateField(_("last day"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("asked for by"), on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField(_("asked for"))
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("agreed to by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    approved_at = models.DateTimeField(_("agreed to"), null=True, blank=True)
    # Declined before it counted, or ended early: counts no day from then on.
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = ReductionQuerySet.as_manager()

    class Meta:
        verbose_name = _("reduction")
        verbose_name_plural = _("reductions")
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(off__gt=0, off__lte=ALL_OF_IT), name="reduction_of_a_part"),
            models.CheckConstraint(condition=Q(to_on__gte=F("from_on")), name="reduction_days_in_order"),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("asked_by")), name="reduction_by_two"
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None, approved_at=None)
                | Q(approved_by__isnull=False, approved_at__isnull=False),
                name="reduction_approved_when",
            ),
        ]
        indexes = [models.Index(fields=["item", "home"], name="reduction_of_home")]

    def __str__(self) -> str:
        return f"{self.get_why_display()} {self.percent}%"

    @property
    def percent(self) -> str:
        """Part taken off, in per cent: ``30``, ``12.5``."""
        return f"{self.off / 100:.2f}".rstrip("0").rstrip(".")
