"""What can be booked and when: a resource, its weekly hours, what closes it, the calendar's corrections."""

from datetime import datetime

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from community.estates.models import Estate, WorkingHours

Weekday = WorkingHours.Weekday


class Resource(models.Model):
    """Something that has places at times: a carer, a kitchen, a crew.

    What it stands for is known to the service that owns it, which points here; never the other way.
    """

    class Service(models.TextChoices):
        CARE = "care", _("Elderly care")
        RENOVATION = "renovation", _("Renovation")

    estate = models.ForeignKey(
        Estate, verbose_name=_("estate"), on_delete=models.PROTECT, related_name="resources"
    )
    name = models.CharField(pgettext_lazy("thing", "name"), max_length=60)
    service = models.CharField(_("service"), max_length=20, choices=Service)
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
    """One span of a weekday, cut into slots of ``slot_minutes`` with ``capacity`` places each."""

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
            models.CheckConstraint(condition=Q(closes__gt=F("opens")), name="weekly_hours_forward"),
            models.CheckConstraint(condition=Q(capacity__gte=1), name="weekly_hours_have_places"),
            models.CheckConstraint(condition=Q(slot_minutes__gte=5), name="weekly_hours_long_enough"),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens:%H:%M}–{self.closes:%H:%M}"


class ClosureQuerySet(models.QuerySet["Closure"]):
    def of_resource(self, resource: Resource) -> "ClosureQuerySet":
        """What closes it, by itself or with its whole estate."""
        return self.filter(Q(resource=resource) | Q(resource=None, estate=resource.estate_id))

    def touching(self, starts_at: datetime, ends_at: datetime) -> "ClosureQuerySet":
        return self.filter(starts_at__lt=ends_at, ends_at__gt=starts_at)


class Closure(models.Model):
    """Nothing can be booked in this time: of one resource, or of the whole estate."""

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


class CalendarDay(models.Model):
    """A correction of the calendar by staff, for one estate or, by the operator, for all.

    The public calendar is the same in the whole country, so the operator corrects it once for
    everybody; but an estate's office may work or rest on a day of its own (a local festival, a
    make-up day that the company moves), and its manager must not move the others' days.
    """

    estate = models.ForeignKey(
        Estate,
        verbose_name=_("estate"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        help_text=_("Left empty: all estates."),
    )
    date = models.DateField(_("day"))
    is_working = models.BooleanField(_("working day"), default=False)
    hours_of = models.PositiveSmallIntegerField(
        _("with the hours of"),
        choices=Weekday,
        null=True,
        blank=True,
        help_text=_("For a Saturday or Sunday that is worked: the weekday that it makes up for."),
    )
    name = models.CharField(pgettext_lazy("thing", "name"), max_length=60)

    class Meta:
        verbose_name = _("calendar day")
        verbose_name_plural = _("calendar days")
        ordering = ["-date", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["estate", "date"], name="calendar_day_once_an_estate"),
            # Two rows without an estate differ for the constraint above.
            models.UniqueConstraint(
                fields=["date"], condition=Q(estate=None), name="calendar_day_once_for_all"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date:%Y-%m-%d} {self.name}"
