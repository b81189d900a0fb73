"""Delegations that need one more yes: those that the desk has written down, and invitations by a link."""

import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models.residents import delegable
from community.core.encryption import EncryptedTextField
from community.core.transitions import HasStatus, StatusChange

if TYPE_CHECKING:
    from accounts.models import User

CODE_VALID = timedelta(minutes=30)
MAX_TRIES = 5
INVITATION_VALID = timedelta(days=3)


def new_nonce() -> str:
    """Returns a random part of a link."""
    return secrets.token_urlsafe(9)


class DelegationRequestQuerySet(models.QuerySet["DelegationRequest"]):
    def waiting(self) -> "DelegationRequestQuerySet":
        """Limits to requests that the resident has not answered."""
        return self.filter(status=DelegationRequest.Status.WAITING)

    def visible_to(self, user: "User") -> "DelegationRequestQuerySet":
        """Limits to requests for this resident."""
        return self.filter(resident=user)


class DelegationRequest(HasStatus):
    """A delegation proposed by the desk; nothing is offered before the resident agrees.

    The resident agrees with a code sent to their phone, or on their own page. For a resident without a phone,
    a signed paper is photographed and a second member of staff confirms it.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", _("waiting for the resident's yes")
        AGREED = "agreed", pgettext_lazy("delegation", "agreed")
        DROPPED = "dropped", _("given up")

    class Way(models.TextChoices):
        CODE = "code", _("A code to their phone")
        PAPER = "paper", _("A signed paper")

    TRANSITIONS: dict[str, set[str]] = {
        Status.WAITING: {Status.AGREED, Status.DROPPED},
        Status.AGREED: set(),
        Status.DROPPED: set(),
    }

    resident = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="delegation_requests"
    )
    phone = EncryptedTextField()
    relation = models.CharField(max_length=20, blank=True)
    services = models.JSONField(default=list)
    # Last day of the delegation, which counts; None: for good.
    ends_on = models.DateField(null=True, blank=True)
    way = models.CharField(max_length=10, choices=Way)
    # Only the hash of the code and the key of the paper's pictures are stored.
    code_hash = models.CharField(max_length=64, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    picture_key = models.CharField(max_length=100, blank=True)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    status = models.CharField(max_length=20, choices=Status, default=Status.WAITING)
    status_changed_at = models.DateTimeField()
    created_at = models.DateTimeField()

    objects = DelegationRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("delegation to be agreed to")
        verbose_name_plural = _("delegations to be agreed to")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("proposed_by")),
                name="delegation_request_by_two",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resident} → ****{self.digits}"

    @property
    def digits(self) -> str:
        """Last digits of the delegate's number; their name is not shown before they agree."""
        return self.phone[-4:]

    @property
    def service_labels(self) -> list[str]:
        labels = dict(delegable())
        return [str(labels[one]) for one in self.services if one in labels]

    def takes_code(self, now: datetime) -> bool:
        """Whether a code can still be typed for this request."""
        is_open = self.status == self.Status.WAITING and self.way == self.Way.CODE
        return is_open and self.tries < MAX_TRIES and now < self.created_at + CODE_VALID


class DelegationRequestChange(StatusChange):
    request = models.ForeignKey(DelegationRequest, on_delete=models.CASCADE, related_name="history")


class FamilyInvitationQuerySet(models.QuerySet["FamilyInvitation"]):
    def open(self, now: datetime) -> "FamilyInvitationQuerySet":
        """Limits to links that nobody has taken and that are still valid."""
        return self.filter(status=FamilyInvitation.Status.OPEN, expires_at__gt=now)

    def to_confirm(self) -> "FamilyInvitationQuerySet":
        """Limits to links that somebody has taken, for whom the resident's yes is missing."""
        return self.filter(status=FamilyInvitation.Status.TAKEN)

    def unfinished(self) -> "FamilyInvitationQuerySet":
        """Limits to links that can still lead to a delegation."""
        return self.filter(status__in=[FamilyInvitation.Status.OPEN, FamilyInvitation.Status.TAKEN])

    def visible_to(self, user: "User") -> "FamilyInvitationQuerySet":
        """Limits to the resident's own; whoever has a link finds its row by the link alone."""
        return self.filter(resident=user)


class FamilyInvitation(HasStatus):
    """A link by which a resident invites a relative to act for them, in WeChat or as a QR code.

    The first person who agrees takes it; it lets nobody in before the resident has seen their name and number
    and confirmed them. A link that was forwarded to a stranger therefore opens nothing.
    """

    class Status(models.TextChoices):
        OPEN = "open", pgettext_lazy("invitation", "not answered")
        TAKEN = "taken", pgettext_lazy("invitation", "waiting for the resident's yes")
        CONFIRMED = "confirmed", pgettext_lazy("invitation", "confirmed")
        DROPPED = "dropped", pgettext_lazy("invitation", "withdrawn")

    TRANSITIONS: dict[str, set[str]] = {
        Status.OPEN: {Status.TAKEN, Status.DROPPED},
        Status.TAKEN: {Status.CONFIRMED, Status.DROPPED},
        Status.CONFIRMED: set(),
        Status.DROPPED: set(),
    }

    resident = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="family_invitations"
    )
    relation = models.CharField(max_length=20, blank=True)
    services = models.JSONField(default=list)
    # Last day of the delegation, which counts; None: for good.
    ends_on = models.DateField(null=True, blank=True)
    # Part of the link, which is signed and stands in no column.
    nonce = models.CharField(max_length=32, default=new_nonce, editable=False)
    delegate = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    status = models.CharField(max_length=20, choices=Status, default=Status.OPEN)
    status_changed_at = models.DateTimeField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    objects = FamilyInvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("family invitation")
        verbose_name_plural = _("family invitations")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(delegate=None) | ~Q(delegate=F("resident")), name="invitation_to_another"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["taken", "confirmed"]) | Q(delegate__isnull=False),
                name="invitation_taken_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resident} → {self.delegate or '?'}"

    @property
    def service_labels(self) -> list[str]:
        labels = dict(delegable())
        return [str(labels[one]) for one in self.services if one in labels]


class FamilyInvitationChange(StatusChange):
    invitation = models.ForeignKey(FamilyInvitation, on_delete=models.CASCADE, related_name="history")
