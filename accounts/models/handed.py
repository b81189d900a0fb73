"""Forms that were typed by a resident and handed over to relatives before they were sent."""

import json
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.models.people import User
from accounts.models.residents import Delegation
from community.core.encryption import EncryptedTextField

# Pictures that go up ahead of their form are kept for the same time.
HANDED_FOR = timedelta(days=2)


class HandedFormQuerySet(models.QuerySet["HandedForm"]):
    def visible_to(self, user: User) -> "HandedFormQuerySet":
        """Limits to forms that the user typed, or was asked about and may act on: a delegation for that service
        must be active.
        """
        given = Delegation.objects.active().filter(
            resident=OuterRef("resident"), delegate=user, service=OuterRef("service")
        )
        return self.filter(Q(resident=user) | (Q(delegate=user) & Exists(given)))

    def fresh(self, now: datetime) -> "HandedFormQuerySet":
        """Limits to forms handed over in the last two days."""
        return self.filter(created_at__gt=now - HANDED_FOR)

    def of_step(self, resident: int, address: str) -> "HandedFormQuerySet":
        """Limits to what this person (a key) typed at the path ``address``."""
        return self.filter(resident=resident, address=address)


class HandedForm(models.Model):
    """Form of a step without a draft, as a resident typed it, for one relative who was asked to finish it."""

    resident = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    delegate = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    # Service for which the delegate must be entrusted.
    service = models.CharField(max_length=20)
    # Path of the step.
    address = models.CharField(max_length=200)
    # Values by field, as JSON.
    typed = EncryptedTextField()
    created_at = models.DateTimeField()

    objects = HandedFormQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["resident", "delegate", "address"], name="handed_form_once"),
        ]
        indexes = [models.Index(fields=["created_at"], name="handed_form_by_age")]

    def __str__(self) -> str:
        return self.address

    def fields(self) -> dict[str, list[str]]:
        """Returns the typed values by field."""
        found: dict[str, Any] = json.loads(self.typed)
        return found
