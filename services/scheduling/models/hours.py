"""Resources, their weekly hours and closures."""

from datetime import datetime
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from community.core.hours import hours_words
from community.core.services import declared
from community.estates.models import Estate, WorkingHours

Weekday = WorkingHours.Weekday


def with_places() -> list[tuple[str, Any]]:
    """Returns the services whose bookings take places in slots."""
    return [(one.key, one.label) for one in declared() if one.takes_places]


class Resource(models.Model):
    """A bookable resource with places at times: a carer, a kitchen, a crew.

    The owning service points to it, never the reverse.
    """

    estate = models.ForeignKey(
        Estate, verbose_name=_("estate"), on_delete=models.PROTECT, related_name="resources"
    )
    name = models.CharField(pgettext_lazy("thing", "name"), max_length=60)
    service = models.CharField(_("service"), max_length=20, choices=with_places)
    is_active = models.BooleanField(_("can be booked"), default=True)

    class Meta:
        verbose_name = _("resource")
        verbose_name_plural = _("resources")
        ordering = ["estate", "service", "name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["estate", "service", "name"], name="resource_name_once")
        ]

    def __str__(self) -> str:
        return self.name


class WeeklyHours(models.Model):
    """Hours of a weekday, cut into slots of ``slot_minutes`` with ``capacity`` places each."""

    class Works(models.TextChoices):
        EVERY_DAY = "every_day", _("every week, holidays too")
        WORKING_DAYS = "working_days", _("on working days only, make-up days too")
        DAYS_OFF = "days_off", _("on weekends and holidays only")

    resource = models.ForeignKey(
        Resource, verbose_name=_("resource"), on_delete=models.CASCADE, related_name="hours"
    )
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=Weekday)
    opens = models.TimeField(_("opens"))
    closes = models.TimeField(_("closes"))
    slot_minutes = models.PositiveSmallIntegerField(
        _("minutes of one appointment"),
        default=60,
        validators=[MinValueValidator(5), MaxValueValidator(24 * 60)],
    )
    capacity = models.PositiveSmallIntegerField(
        _("places at one time"), default=1, validators=[MinValueValidator(1)]
    )
    works = models.CharField(_("on which days"), max_length=20, choices=Works, default=Works.EVERY_DAY)

    class Meta:
        verbose_name = _("weekly hours")
        verbose_name_plural = _("weekly hours")
        ordering = ["resource", "weekday", "opens", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["resource", "weekday", "opens", "works"], name="weekly_hours_once"
            ),
            models.CheckConstraint(condition=Q(capacity__gte=1), name="weekly_hours_have_places"),
            models.CheckConstraint(condition=Q(slot_minutes__gte=5), name="weekly_hours_long_enough"),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {hours_words(self.opens, self.closes)}"


class ClosureQuerySet(models.QuerySet["Closure"]):
    def of_resource(self, resource: Resource) -> "ClosureQuerySet":
        """Limits to closures of the resource itself or of its whole estate."""
        return self.filter(Q(resource=resource) | Q(resource=None, estate=resource.estate_id))

    def touching(self, starts_at: datetime, ends_at: datetime) -> "ClosureQuerySet":
        """Limits to closures that overlap the time between two aware datetimes."""
        return self.filter(starts_at__lt=ends_at, ends_at__gt=starts_at)


class Closure(models.Model):
    """A time in which nothing can be booked, for one resource or the whole estate."""

    estate = models.ForeignKey(Estate, verbose_name=_("estate"), on_delete=models.CASCADE, related_name="+")
    resource = models.ForeignKey(
        Resource,
        verbose_name=_("resource"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="closures",
        help_text=_("Left empty: the whole estate."),
    )
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    reason = models.CharField(_("reason"), max_length=100, help_text=_("Residents read it."))

    objects = ClosureQuerySet.as_manager()

    class Meta:
        verbose_name = _("closure")
        verbose_name_plural = _("closures")
        ordering = ["-starts_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="closure_forward")
        ]

    def __str__(self) -> str:
        return self.reason
