"""Collecting arrears: reminders by a rule, what was sent to each home, hardship marks, notes of phone calls."""

from datetime import date, time

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from community.core.encryption import EncryptedTextField
from community.core.transitions import HasStatus, StatusChange
from community.estates.models import Building, Estate, Home


class DunningRule(models.Model):
    """When an estate reminds homes of overdue bills (催缴), and how."""

    estate = models.OneToOneField(Estate, primary_key=True, on_delete=models.CASCADE, related_name="+")
    # Days after the last day to pay from which a bill is named in a reminder.
    after_days = models.PositiveSmallIntegerField(_("days after the last day to pay"), default=15)
    # A home that was reminded less than so many days ago is left out.
    again_days = models.PositiveSmallIntegerField(_("days until the next reminder"), default=30)
    by_sms = models.BooleanField(_("by SMS too"), default=False)
    quiet_from = models.TimeField(_("quiet from"), default=time(20))
    quiet_until = models.TimeField(_("until"), default=time(9))

    class Meta:
        verbose_name = _("rule for reminders")
        verbose_name_plural = _("rules for reminders")

    def __str__(self) -> str:
        return f"{self.estate}"

    def is_quiet(self, at: time) -> bool:
        """Whether no reminder goes out at this time of day; equal ends are no quiet time at all."""
        if self.quiet_from <= self.quiet_until:
            return self.quiet_from <= at < self.quiet_until
        return at >= self.quiet_from or at < self.quiet_until


class DunningRound(HasStatus):
    """Reminders to all homes that the rule names, sent in the background; ``upto`` is the last home done."""

    class Status(models.TextChoices):
        RUNNING = "running", _("being sent")
        DONE = "done", _("sent")
        STOPPED = "stopped", _("stopped")

    TRANSITIONS: dict[str, set[str]] = {
        Status.RUNNING: {Status.DONE, Status.STOPPED},
        Status.DONE: set(),
        Status.STOPPED: set(),
    }

    estate = models.ForeignKey(Estate, verbose_name=_("estate"), on_delete=models.PROTECT, related_name="+")
    building = models.ForeignKey(
        Building,
        verbose_name=_("building"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    # Single-use token of the preview page.
    key = models.UUIDField(unique=True, editable=False)
    by_sms = models.BooleanField(_("by SMS too"), default=False)
    # Bills due before this day are named; the rule may change while the round runs.
    due_before = models.DateField()
    reminded_before = models.DateTimeField()
    begun_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("begun by"), on_delete=models.PROTECT, related_name="+"
    )
    upto = models.BigIntegerField(default=0)
    homes = models.PositiveIntegerField(_("homes"), default=0)
    total_fen = models.BigIntegerField(_("in all, in fen"), default=0)
    progressed_at = models.DateTimeField(null=True, blank=True)
    status = models.CharField(_("state"), max_length=20, choices=Status, default=Status.RUNNING)
    status_changed_at = models.DateTimeField(_("since"))
    created_at = models.DateTimeField(_("begun"))

    class Meta:
        verbose_name = _("round of reminders")
        verbose_name_plural = _("rounds of reminders")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["estate"], condition=Q(status="running"), name="dunning_round_one_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.estate} {self.created_at:%Y-%m-%d}"


class DunningRoundChange(StatusChange):
    round = models.ForeignKey(DunningRound, on_delete=models.CASCADE, related_name="history")


class DunningNotice(models.Model):
    """A reminder to a home, written once and never changed: by a round of messages, or a printed letter."""

    class Channel(models.TextChoices):
        MESSAGE = "message", _("message")
        SMS = "sms", _("message and SMS")
        LETTER = "letter", _("letter")

    estate = models.ForeignKey(Estate, verbose_name=_("estate"), on_delete=models.PROTECT, related_name="+")
    home = models.ForeignKey(
        Home, verbose_name=_("home"), on_delete=models.PROTECT, related_name="dunning_notices"
    )
    round = models.ForeignKey(
        DunningRound, null=True, blank=True, on_delete=models.PROTECT, related_name="notices"
    )
    channel = models.CharField(_("way"), max_length=10, choices=Channel)
    amount_fen = models.PositiveBigIntegerField(_("amount in fen"))
    bills = models.PositiveIntegerField(_("bills"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "home"], condition=Q(round__isnull=False), name="dunning_notice_once"
            ),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="dunning_notice_positive"),
        ]
        indexes = [
            models.Index(fields=["home", "-at"], name="dunning_notice_of_home"),
            models.Index(fields=["estate", "-at", "-id"], name="dunning_notice_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.home} {self.at:%Y-%m-%d}"


class HardshipQuerySet(models.QuerySet["Hardship"]):
    def at(self, day: date) -> "HardshipQuerySet":
        """Limits to marks that hold on this day."""
        return self.filter(ended_at=None).filter(Q(until_on=None) | Q(until_on__gte=day))


class Hardship(models.Model):
    """A mark on a home whose household is in need: no reminders. The reason is sensitive and encrypted."""

    estate = models.ForeignKey(Estate, verbose_name=_("estate"), on_delete=models.PROTECT, related_name="+")
    home = models.ForeignKey(Home, verbose_name=_("home"), on_delete=models.PROTECT, related_name="hardships")
    reason = EncryptedTextField(_("why"))
    # Last day of the mark; None is until somebody ends it.
    until_on = models.DateField(_("until"), null=True, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(_("since"))
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("ended by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = HardshipQuerySet.as_manager()

    class Meta:
        verbose_name = _("hardship mark")
        verbose_name_plural = _("hardship marks")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["home"], condition=Q(ended_at=None), name="hardship_one_a_home"),
        ]

    def __str__(self) -> str:
        return f"{self.home}"


class ArrearsCall(models.Model):
    """A note of a call about arrears: who called, what was said, and the day that was promised."""

    estate = models.ForeignKey(Estate, verbose_name=_("estate"), on_delete=models.PROTECT, related_name="+")
    home = models.ForeignKey(
        Home, verbose_name=_("home"), on_delete=models.PROTECT, related_name="arrears_calls"
    )
    key = models.UUIDField(unique=True, editable=False)
    words = EncryptedTextField(_("what was said"))
    promised_on = models.DateField(_("promised for"), null=True, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("called by"), on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("call about arrears")
        verbose_name_plural = _("calls about arrears")
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["home", "-at"], name="arrears_call_of_home")]

    def __str__(self) -> str:
        return f"{self.home} {self.at:%Y-%m-%d}"
