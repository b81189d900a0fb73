"""How soon somebody is answered: what an estate promises, and a clock for each thing that waits."""

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
    """The services that stand in lists of response times and of satisfaction."""
    return [(one.key, one.answers_label) for one in declared() if one.answers_label]


class ResponseTime(models.Model):
    """In how many working minutes an estate promises a first answer; one hour where it says nothing."""

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
        return self.filter(answered_at=None, paused_at=None)

    def open(self) -> "ClockQuerySet":
        """Not answered; it may stand still."""
        return self.filter(answered_at=None)

    def overdue(self, now: datetime) -> "ClockQuerySet":
        """Also what stands still by now, if it had run out before."""
        return self.open().filter(due_at__lte=now).exclude(paused_at__lt=F("due_at"))


class ResponseClock(models.Model):
    """The time until a thing's first answer. What was opened again has another round.

    ``due_at`` moves when the clock goes on after it stood still; ``paused_minutes`` says by how
    many working minutes in all. ``url`` is where staff open the thing.
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
            # Of all rounds, one at most runs.
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
