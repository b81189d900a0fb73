from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from community.estates.models import Estate, WorkingHours


class DutyShift(models.Model):
    """Duty of a person by hour of the week, in the estate's time.

    A night is two rows: until 24:00, and from 0:00 of the next day.
    """

    Weekday = WorkingHours.Weekday

    class Rank(models.IntegerChoices):
        FIRST = 1, _("first")
        SECOND = 2, _("second")

    estate = models.ForeignKey(
        Estate, verbose_name=_("estate"), on_delete=models.CASCADE, related_name="duty_shifts"
    )
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=Weekday)
    starts = models.PositiveSmallIntegerField(_("from hour"))
    ends = models.PositiveSmallIntegerField(_("to hour"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        on_delete=models.CASCADE,
        related_name="duty_shifts",
    )
    rank = models.PositiveSmallIntegerField(_("order"), choices=Rank, default=Rank.FIRST)

    class Meta:
        verbose_name = _("duty shift")
        verbose_name_plural = _("duty shifts")
        ordering = ["estate", "weekday", "starts", "rank", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["estate", "weekday", "starts", "rank"], name="duty_shift_once_a_rank"
            ),
            models.CheckConstraint(condition=Q(ends__gt=F("starts")), name="duty_shift_forward"),
            models.CheckConstraint(
                condition=Q(ends__lte=24) & Q(weekday__lte=6), name="duty_shift_within_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.starts:02d}:00–{self.ends:02d}:00 {self.user}"


class DutyLeave(models.Model):
    """Absence of a person; ``substitute``, if any, has their duty meanwhile."""

    estate = models.ForeignKey(
        Estate, verbose_name=_("estate"), on_delete=models.CASCADE, related_name="duty_leaves"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        on_delete=models.CASCADE,
        related_name="duty_leaves",
    )
    substitute = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("substitute"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
    )
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))

    class Meta:
        verbose_name = _("leave")
        verbose_name_plural = _("leaves")
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="duty_leave_forward"),
            models.CheckConstraint(
                condition=Q(substitute=None) | ~Q(substitute=F("user")), name="duty_leave_by_another"
            ),
        ]
        indexes = [models.Index(fields=["estate", "ends_at"], name="duty_leave_to_come")]

    def __str__(self) -> str:
        return f"{self.user} → {self.substitute or '—'}"
