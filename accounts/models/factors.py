from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from community.core.encryption import EncryptedTextField
from community.core.transitions import HasStatus, StatusChange

if TYPE_CHECKING:
    from accounts.models import User


class FactorResetQuerySet(models.QuerySet["FactorReset"]):
    def asked(self) -> "FactorResetQuerySet":
        """Limits to resets that nobody has answered."""
        return self.filter(status=FactorReset.Status.ASKED)

    def of(self, person: "User") -> "FactorResetQuerySet":
        """Limits to resets for this member of staff."""
        return self.filter(person=person)


class FactorReset(HasStatus):
    """A lost second factor, to be removed by two administrators: one asks, another agrees."""

    class Status(models.TextChoices):
        ASKED = "asked", pgettext_lazy("reset", "waits for a second person")
        DONE = "done", pgettext_lazy("reset", "reset")
        DECLINED = "declined", pgettext_lazy("reset", "declined")

    TRANSITIONS: dict[str, set[str]] = {
        Status.ASKED: {Status.DONE, Status.DECLINED},
        Status.DONE: set(),
        Status.DECLINED: set(),
    }

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.CASCADE, related_name="+"
    )
    reason = EncryptedTextField(_("reason"))
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    status = models.CharField(max_length=20, choices=Status, default=Status.ASKED)
    status_changed_at = models.DateTimeField()
    created_at = models.DateTimeField()

    objects = FactorResetQuerySet.as_manager()

    class Meta:
        verbose_name = _("reset of a second factor")
        verbose_name_plural = _("resets of second factors")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(status="asked"), name="factor_reset_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=(Q(answered_by=None) | ~Q(answered_by=F("asked_by"))) & ~Q(asked_by=F("person")),
                name="factor_reset_by_two",
            ),
        ]

    def __str__(self) -> str:
        return str(self.person)

    @property
    def page(self) -> str:
        """Address of the page on which a second administrator answers."""
        return reverse("desk_staff_factor", args=[self.person_id])


class FactorResetChange(StatusChange):
    reset = models.ForeignKey(FactorReset, on_delete=models.CASCADE, related_name="history")
