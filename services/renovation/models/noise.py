from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from community.estates.models import Estate


class NoiseHours(models.Model):
    """A span in which noisy work in homes is allowed; read by ``services.renovation.noise``.

    An estate without any has the common rule: working days, 8 to 12 and 14 to 18.
    """

    class Days(models.TextChoices):
        WORKING_DAYS = "working_days", _("on working days, make-up days too")
        DAYS_OFF = "days_off", _("on weekends and holidays")

    estate = models.ForeignKey(
        Estate, verbose_name=_("estate"), on_delete=models.CASCADE, related_name="noise_hours"
    )
    days = models.CharField(_("on which days"), max_length=20, choices=Days, default=Days.WORKING_DAYS)
    opens = models.TimeField(_("noise from"))
    closes = models.TimeField(_("noise until"))

    class Meta:
        verbose_name = _("hours for noisy work")
        verbose_name_plural = _("hours for noisy work")
        ordering = ["estate", "days", "opens"]
        constraints = [
            models.UniqueConstraint(fields=["estate", "days", "opens"], name="noise_hours_once"),
            models.CheckConstraint(condition=Q(closes__gt=F("opens")), name="noise_hours_forward"),
        ]

    def __str__(self) -> str:
        return f"{self.get_days_display()} {self.opens:%H:%M}–{self.closes:%H:%M}"
