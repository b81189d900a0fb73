from datetime import datetime
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from community.core.transitions import HasStatus, StatusChange
from services.scheduling.models.slots import Slot


class Status(models.TextChoices):
    HELD = "held", _("held")
    BOOKED = "booked", _("booked")
    RELEASED = "released", _("given back")
    LAPSED = "lapsed", _("ran out")


LIVE = [Status.HELD, Status.BOOKED]


class PlaceQuerySet(models.QuerySet["Place"]):
    def live(self) -> "PlaceQuerySet":
        """Limits to places that ``slot.taken`` counts."""
        return self.filter(status__in=LIVE)

    def overdue(self, now: datetime) -> "PlaceQuerySet":
        """Limits to expired holds that are not freed yet."""
        return self.filter(status=Status.HELD, held_until__lte=now)

    def to_move(self, now: datetime) -> "PlaceQuerySet":
        """Limits to bookings in closed slots, which staff must move."""
        return self.filter(status=Status.BOOKED, slot__is_closed=True, slot__ends_at__gt=now)


class Place(HasStatus):
    """A place in a slot for one person, held for a while or booked."""

    Status = Status
    LIVE = LIVE
    TRANSITIONS: dict[str, set[str]] = {
        Status.HELD: {Status.BOOKED, Status.RELEASED, Status.LAPSED},
        Status.BOOKED: {Status.BOOKED, Status.RELEASED},
        Status.RELEASED: set(),
        Status.LAPSED: set(),
    }

    slot = models.ForeignKey(
        Slot, verbose_name=_("appointment time"), on_delete=models.PROTECT, related_name="places"
    )
    status = models.CharField(_("state"), max_length=20, choices=Status)
    # Chosen by the client, so that a request sent twice takes one place.
    key = models.UUIDField(unique=True, default=uuid4, editable=False)
    resident = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("resident"), on_delete=models.PROTECT, related_name="places"
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("booked by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Empty: offered by the system from the waiting list."),
    )
    held_until = models.DateTimeField(_("held until"), null=True, blank=True)
    created_at = models.DateTimeField(_("made"))
    status_changed_at = models.DateTimeField(_("since"))

    objects = PlaceQuerySet.as_manager()

    class Meta:
        verbose_name = _("place")
        verbose_name_plural = _("places")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["slot", "resident"],
                condition=Q(status__in=["held", "booked"]),
                name="place_once_a_person",
            ),
            models.CheckConstraint(
                condition=~Q(status="held") | Q(held_until__isnull=False), name="place_hold_ends"
            ),
        ]
        indexes = [
            models.Index(fields=["held_until"], condition=Q(status="held"), name="place_held_until"),
        ]

    def __str__(self) -> str:
        return f"{self.slot} {self.resident}"

    def history_fields(self) -> dict[str, Any]:
        return {"slot_id": self.slot_id}


class PlaceChange(StatusChange):
    """A status change of a place, with its slot after the change."""

    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="history")
    slot = models.ForeignKey(Slot, on_delete=models.PROTECT, related_name="+")
