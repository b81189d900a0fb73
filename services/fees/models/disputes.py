"""Disputed bills: a household says that a bill is wrong, staff answer."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import access_of
from community.core.encryption import EncryptedTextField
from community.core.transitions import HasStatus, StatusChange
from services.common.models import Recording
from services.fees.models.bills import Bill
from services.fees.roles import FEES_STAFF

if TYPE_CHECKING:
    from accounts.models import User


class DisputeQuerySet(models.QuerySet["Dispute"]):
    def open(self) -> "DisputeQuerySet":
        """Limits to disputes that nobody has answered yet."""
        return self.filter(status=Dispute.Status.OPEN)

    def at(self, moment: datetime) -> "DisputeQuerySet":
        """Limits to disputes that were open at ``moment``."""
        return self.filter(created_at__lt=moment).filter(Q(answered_at=None) | Q(answered_at__gte=moment))

    def visible_to(self, user: "User") -> "DisputeQuerySet":
        """Limits to disputes of bills in the estates in which the user has a role for fees."""
        return self.filter(bill__estate__in=access_of(user).estates(*FEES_STAFF))


class Dispute(HasStatus):
    """An objection to a bill (异议). While it is open, no late fee grows and no reminder is sent."""

    class Status(models.TextChoices):
        OPEN = "open", _("being looked into")
        KEPT = "kept", _("the bill stands")
        LOWERED = "lowered", _("the bill was lowered")
        VOIDED = "voided", _("the bill was voided")
        WITHDRAWN = "withdrawn", _("withdrawn")

    TRANSITIONS: dict[str, set[str]] = {
        Status.OPEN: {Status.KEPT, Status.LOWERED, Status.VOIDED, Status.WITHDRAWN},
        Status.KEPT: set(),
        Status.LOWERED: set(),
        Status.VOIDED: set(),
        Status.WITHDRAWN: set(),
    }

    bill = models.ForeignKey(Bill, verbose_name=_("bill"), on_delete=models.PROTECT, related_name="disputes")
    # The person whose objection it is; None for a caller who lives there and has no account.
    raised_for = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("resident"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    raised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("made by"), on_delete=models.PROTECT, related_name="+"
    )
    words = EncryptedTextField(_("what is wrong"))
    answer = EncryptedTextField(_("answer"), blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("answered by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    status = models.CharField(_("state"), max_length=20, choices=Status, default=Status.OPEN)
    status_changed_at = models.DateTimeField(_("since"))
    created_at = models.DateTimeField(_("made"))

    objects = DisputeQuerySet.as_manager()

    class Meta:
        verbose_name = _("disputed bill")
        verbose_name_plural = _("disputed bills")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["bill"], condition=Q(status="open"), name="dispute_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(status="open", answered_at=None)
                | (~Q(status="open") & Q(answered_at__isnull=False)),
                name="dispute_answered_when",
            ),
        ]
        indexes = [models.Index(fields=["-created_at", "-id"], name="dispute_newest_first")]

    def __str__(self) -> str:
        return f"{self.bill}: {self.get_status_display()}"


class DisputeRecordingQuerySet(models.QuerySet["DisputeRecording"]):
    def visible_to(self, user: "User") -> "DisputeRecordingQuerySet":
        """Limits to those of bills that the user may see, where the words of the objection stand too."""
        return self.filter(dispute__bill__in=Bill.objects.visible_to(user))


class DisputeRecording(Recording):
    """A spoken message of a resident about what is wrong with a bill."""

    dispute = models.ForeignKey(Dispute, on_delete=models.CASCADE, related_name="recordings")

    objects = DisputeRecordingQuerySet.as_manager()


class DisputeChange(StatusChange):
    dispute = models.ForeignKey(Dispute, on_delete=models.CASCADE, related_name="history")


def disputed(bill: str = "pk") -> Exists:
    """Returns the condition that the bill of a row, which the lookup ``bill`` names, is disputed now."""
    return Exists(Dispute.objects.open().filter(bill=OuterRef(bill)))
