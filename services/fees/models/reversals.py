"""Reversals (冲正): transactions of the books that are taken back by their opposite, by two people."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import access_of
from community.core.encryption import EncryptedCharField
from community.core.transitions import HasStatus, StatusChange
from community.estates.models import Estate
from services.fees.models.ledger import LedgerTransaction
from services.fees.roles import FEES_STAFF

if TYPE_CHECKING:
    from accounts.models import User


class LedgerReversalQuerySet(models.QuerySet["LedgerReversal"]):
    def visible_to(self, user: "User") -> "LedgerReversalQuerySet":
        """Limits to the estates in which the user has a role for fees."""
        return self.filter(estate__in=access_of(user).estates(*FEES_STAFF))

    def waiting(self) -> "LedgerReversalQuerySet":
        """Limits to reversals that wait for a second person."""
        return self.filter(status=LedgerReversal.Status.ASKED)


class LedgerReversal(HasStatus):
    """A transaction that one person asks to reverse and another confirms; ``booked`` holds its opposite then."""

    class Status(models.TextChoices):
        ASKED = "asked", _("waiting for a second person")
        BOOKED = "booked", _("reversed")
        DECLINED = "declined", _("not agreed to")

    TRANSITIONS: dict[str, set[str]] = {
        Status.ASKED: {Status.BOOKED, Status.DECLINED},
        Status.BOOKED: set(),
        Status.DECLINED: set(),
    }
    # Kinds without an act of their own that takes them back.
    KINDS = (LedgerTransaction.Kind.SHIFT, LedgerTransaction.Kind.FEE)

    estate = models.ForeignKey(Estate, verbose_name=_("estate"), on_delete=models.PROTECT, related_name="+")
    reversed = models.ForeignKey(
        LedgerTransaction,
        verbose_name=_("ledger transaction"),
        on_delete=models.PROTECT,
        related_name="reversals",
    )
    booked = models.OneToOneField(
        LedgerTransaction,
        verbose_name=_("reversed by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="reversal",
    )
    reason = EncryptedCharField(_("why"), max_length=200, was_clear=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("asked by"), on_delete=models.PROTECT, related_name="+"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("agreed to by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    status = models.CharField(_("state"), max_length=10, choices=Status, default=Status.ASKED)
    status_changed_at = models.DateTimeField(_("since"))
    created_at = models.DateTimeField(_("entered"))

    objects = LedgerReversalQuerySet.as_manager()

    class Meta:
        verbose_name = _("reversal")
        verbose_name_plural = _("reversals")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["reversed"], condition=~Q(status="declined"), name="ledger_reversed_once"
            ),
            models.CheckConstraint(
                condition=Q(status="booked", booked__isnull=False, approved_by__isnull=False)
                | (~Q(status="booked") & Q(booked=None, approved_by=None)),
                name="ledger_reversal_booked",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=models.F("asked_by")),
                name="ledger_reversal_by_two",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_status_display()}: {self.reversed}"


class LedgerReversalChange(StatusChange):
    reversal = models.ForeignKey(LedgerReversal, on_delete=models.CASCADE, related_name="history")
