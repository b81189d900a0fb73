"""Meters of homes and buildings, and their readings."""

from datetime import date
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import access_of
from community.estates.models import Building, Estate, Home
from services.common.models import Picture
from services.fees import KEY
from services.fees.models.items import FeeItem
from services.fees.roles import METER_STAFF

if TYPE_CHECKING:
    from accounts.models import User

MOST_DIGITS = 9
MILLI = 1000


class MeterQuerySet(models.QuerySet["Meter"]):
    def in_use(self) -> "MeterQuerySet":
        """Limits to meters that are not removed."""
        return self.filter(removed_on=None)

    def visible_to(self, user: "User") -> "MeterQuerySet":
        """Limits to meters of the user's homes, of homes for which they pay, and of estates where they are staff."""
        access = access_of(user)
        staff_of = access.estates(*METER_STAFF)
        return self.filter(Q(home__in=access.homes(KEY)) | Q(estate__in=staff_of))

    def with_places(self) -> "MeterQuerySet":
        """Loads everything that ``place`` shows, in one query."""
        return self.select_related("home__entrance__building__estate", "building", "item", "estate")

    def in_order(self) -> "MeterQuerySet":
        """Sorts as one walks: by building, entrance, floor and room; meters of the building itself come first."""
        return self.order_by(
            "building__position",
            "building__name",
            models.F("home__entrance__position").asc(nulls_first=True),
            models.F("home__entrance__name").asc(nulls_first=True),
            models.F("home__floor").asc(nulls_first=True),
            models.F("home__number").asc(nulls_first=True),
            "kind",
            "pk",
        )


class Meter(models.Model):
    """A meter (表具) of a home, of a building, or of the whole estate; its values are in 0.001 of its unit."""

    class Kind(models.TextChoices):
        WATER = "water", _("water meter")
        ELECTRICITY = "electricity", _("electricity meter")
        GAS = "gas", _("gas meter")
        HEAT = "heat", _("heat meter")

    class Unit(models.TextChoices):
        CUBIC_METRE = "m3", _("m³")
        KILOWATT_HOUR = "kwh", _("kWh")
        GIGAJOULE = "gj", _("GJ")

    UNITS: dict[str, str] = {
        Kind.WATER: Unit.CUBIC_METRE,
        Kind.GAS: Unit.CUBIC_METRE,
        Kind.ELECTRICITY: Unit.KILOWATT_HOUR,
        Kind.HEAT: Unit.GIGAJOULE,
    }

    estate = models.ForeignKey(Estate, verbose_name=_("estate"), on_delete=models.PROTECT, related_name="+")
    # The building in which it hangs, also for a home's; None for a meter of the whole estate.
    building = models.ForeignKey(
        Building,
        verbose_name=_("building"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    # None for a meter of a building or of the estate.
    home = models.ForeignKey(
        Home, verbose_name=_("home"), null=True, blank=True, on_delete=models.PROTECT, related_name="meters"
    )
    # The fee for which the usage is billed, or shared.
    item = models.ForeignKey(
        FeeItem, verbose_name=_("fee item"), on_delete=models.PROTECT, related_name="meters"
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    serial = models.CharField(_("serial number"), max_length=30)
    # Whole digits of the counter: with 5 it goes on with 0 after 99999.
    digits = models.PositiveSmallIntegerField(
        _("digits before the point"),
        default=5,
        validators=[MinValueValidator(3), MaxValueValidator(MOST_DIGITS)],
    )
    unit = models.CharField(_("unit"), max_length=6, choices=Unit)
    installed_on = models.DateField(_("installed"))
    removed_on = models.DateField(_("removed"), null=True, blank=True)
    # The meter that it took the place of.
    replaces = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by", editable=False
    )

    objects = MeterQuerySet.as_manager()

    class Meta:
        verbose_name = _("meter")
        verbose_name_plural = _("meters")
        ordering = ["estate", "building", "home", "kind", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["estate", "kind", "serial"], name="meter_serial_once"),
            models.CheckConstraint(condition=Q(digits__gte=3, digits__lte=MOST_DIGITS), name="meter_digits"),
            models.CheckConstraint(
                condition=Q(removed_on=None) | Q(removed_on__gte=models.F("installed_on")),
                name="meter_removed_after_installed",
            ),
            models.CheckConstraint(
                condition=Q(home=None) | Q(building__isnull=False), name="meter_of_home_in_building"
            ),
        ]
        indexes = [models.Index(fields=["item", "home"], name="meter_of_item")]

    def __str__(self) -> str:
        return self.serial

    @property
    def place(self) -> str:
        """The home or building of the meter in words."""
        return str(self.home or self.building or self.estate)

    @property
    def range_milli(self) -> int:
        """The number of values of the counter: the value after the largest is 0 again."""
        return int(10**self.digits) * MILLI


class ReadingQuerySet(models.QuerySet["MeterReading"]):
    def accepted(self) -> "ReadingQuerySet":
        """Limits to readings that count."""
        return self.filter(status=MeterReading.Status.ACCEPTED)

    def waiting(self) -> "ReadingQuerySet":
        """Limits to readings that wait for the office."""
        return self.filter(status=MeterReading.Status.WAITING)

    def up_to(self, day: date) -> "ReadingQuerySet":
        """Limits to readings of this day or before."""
        return self.filter(on__lte=day)

    def visible_to(self, user: "User") -> "ReadingQuerySet":
        """Limits to the user's own readings, and those of estates where they are staff."""
        return self.filter(Q(by=user) | Q(meter__estate__in=access_of(user).estates(*METER_STAFF)))


class MeterReading(models.Model):
    """The value that a meter showed on a day (抄表). It counts once it is accepted."""

    class Source(models.TextChoices):
        STAFF = "staff", _("typed by staff")
        PHONE = "phone", _("on a round")
        EXCEL = "excel", _("from Excel")
        RESIDENT = "resident", _("by the resident")

    class Status(models.TextChoices):
        ACCEPTED = "accepted", _("counts")
        WAITING = "waiting", _("waiting for the office")
        REFUSED = "refused", _("does not count")
        REPLACED = "replaced", _("corrected by another")

    class Flag(models.TextChoices):
        """Reason for which a value was asked about, or its place in the life of the meter."""

        NONE = "", ""
        FIRST = "first", _("first value of the meter")
        FINAL = "final", _("last value of the meter")
        HIGH = "high", _("far above the usual")
        LOWER = "lower", _("lower than the last one")
        ROLLED_OVER = "rolled", _("the meter has rolled over")

    meter = models.ForeignKey(
        Meter, verbose_name=_("meter"), on_delete=models.PROTECT, related_name="readings"
    )
    on = models.DateField(_("day"))
    value_milli = models.PositiveBigIntegerField(_("value in 0.001 of the unit"))
    source = models.CharField(_("source"), max_length=10, choices=Source)
    status = models.CharField(_("state"), max_length=10, choices=Status, default=Status.ACCEPTED)
    flag = models.CharField(_("why it was asked about"), max_length=10, choices=Flag, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.PROTECT, related_name="+"
    )
    # The member of staff who confirmed or refused it after it was asked about, and their words.
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("decided by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    decided_words = models.CharField(_("why"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("made"))

    objects = ReadingQuerySet.as_manager()

    class Meta:
        verbose_name = _("meter reading")
        verbose_name_plural = _("meter readings")
        ordering = ["-on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["meter", "on"], condition=Q(status="accepted"), name="reading_once_a_day"
            ),
            models.UniqueConstraint(
                fields=["meter"], condition=Q(status="waiting"), name="reading_waits_once"
            ),
        ]
        indexes = [models.Index(fields=["meter", "status", "-on"], name="reading_of_meter")]

    def __str__(self) -> str:
        return f"{self.meter} {self.on:%Y-%m-%d}"


class ReadingPictureQuerySet(models.QuerySet["ReadingPicture"]):
    def visible_to(self, user: "User") -> "ReadingPictureQuerySet":
        """Limits to pictures of readings that the user may see."""
        return self.filter(reading__in=MeterReading.objects.visible_to(user))


class ReadingPicture(Picture):
    """The picture of a meter that came with its reading."""

    reading = models.ForeignKey(MeterReading, on_delete=models.CASCADE, related_name="pictures")

    objects = ReadingPictureQuerySet.as_manager()
