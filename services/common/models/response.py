"""Response times that an estate promises, and the clock of each request."""

from datetime import datetime
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from community.core.keys import unordered_key
from community.core.services import declared
from community.estates.models import Estate

DEFAULT_MINUTES = 60


def answering() -> list[tuple[str, Any]]:
    """Returns the services in lists of response times and of satisfaction."""
    return [(one.key, one.answers_label) for one in declared() if one.answers_label]


class ResponseTime(models.Model):
    """Working minutes to a first answer that an estate promises; one hour by default."""

    estate = models.ForeignKey(
        Estate, verbose_name=_("estate"), on_delete=models.CASCADE, related_name="response_times"
    )
    service = models.CharField(_("service"), max_length=20, choices=answering)
    minutes = models.PositiveIntegerField(
        _("working minutes to the first answer"),
        default=DEFAULT_MINUTES,
        validators=[MinValueValidator(5), MaxValueValidator(10_000)],
    )

    class Meta:
        verbose_name = _("response time")
        verbose_name_plural = _("response times")
        ordering = ["estate", "service"]
        constraints = [
            models.UniqueConstraint(fields=["estate", "service"], name="response_time_once"),
            models.CheckConstraint(condition=Q(minutes__gte=5), name="response_time_possible"),
        ]

    def __str__(self) -> str:
        return f"{self.get_service_display()}: {self.minutes}"


class ClockQuerySet(models.QuerySet["ResponseClock"]):
    def running(self) -> "ClockQuerySet":
        """Limits to clocks that are neither answered nor paused."""
        return self.filter(answered_at=None, paused_at=None)

    def open(self) -> "ClockQuerySet":
        """Limits to clocks that are not answered; they may be paused."""
        return self.filter(answered_at=None)

    def overdue(self, now: datetime) -> "ClockQuerySet":
        """Limits to open clocks that ran out, including those that were paused afterwards."""
        return self.open().filter(due_at__lte=now).exclude(paused_at__lt=F("due_at"))


class ResponseClock(models.Model):
    """Time until the first answer to a request. A reopened request has another round.

    ``due_at`` moves when a paused clock resumes; ``paused_minutes`` are its paused working minutes. ``url``
    is the staff page.
    """

    id = models.BigIntegerField(primary_key=True, default=unordered_key, editable=False)
    estate = models.ForeignKey(Estate, verbose_name=_("estate"), on_delete=models.CASCADE, related_name="+")
    service = models.CharField(_("service"), max_length=20, choices=answering)
    reference = models.CharField(_("reference"), max_length=20)
    round = models.PositiveSmallIntegerField(_("round"), default=1)
    url = models.CharField(max_length=200, blank=True)
    minutes = models.PositiveIntegerField(_("working minutes to the first answer"))
    started_at = models.DateTimeField(_("started"))
    due_at = models.DateTimeField(_("due"))
    answered_at = models.DateTimeField(pgettext_lazy("response clock", "answered"), null=True, blank=True)
    paused_at = models.DateTimeField(_("paused"), null=True, blank=True)
    paused_minutes = models.PositiveIntegerField(_("paused working minutes"), default=0)
    escalated_at = models.DateTimeField(_("escalated"), null=True, blank=True)
    escalation_level = models.PositiveSmallIntegerField(_("escalation level"), default=0)

    objects = ClockQuerySet.as_manager()

    class Meta:
        verbose_name = _("response clock")
        verbose_name_plural = _("response clocks")
        ordering = ["-started_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["estate", "service", "reference", "round"], name="response_clock_once_a_round"
            ),
            # A request has at most one open round.
            models.UniqueConstraint(
                fields=["estate", "service", "reference"],
                condition=Q(answered_at=None),
                name="response_clock_one_open",
            ),
            models.CheckConstraint(condition=Q(due_at__gte=F("started_at")), name="response_clock_forward"),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(answered_at=None), name="response_clock_due"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} ({self.round})"
