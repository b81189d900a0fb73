from datetime import date, datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Count, F, IntegerField, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext_lazy as _

from community.core import clock
from services.scheduling.models.hours import Resource


class SlotQuerySet(models.QuerySet["Slot"]):
    def open(self, now: datetime) -> "SlotQuerySet":
        """Limits to slots that have neither begun nor closed and annotates ``free``, which may be zero."""
        return self.filter(starts_at__gt=now, is_closed=False, resource__is_active=True).with_free(now)

    def of_day(self, day: date) -> "SlotQuerySet":
        """Limits to slots that begin on this day in the estate's time zone."""
        begins = clock.midnight(day)
        return self.filter(starts_at__gte=begins, starts_at__lt=begins + timedelta(days=1))

    def with_free(self, now: datetime) -> "SlotQuerySet":
        """Annotates ``free``: the places that a new person can take now.

        Expired holds count as free; places for waiting people do not.
        """
        ran_out = _count("places", status="held", held_until__lte=now)
        in_line = _count("waiting", status="waiting")
        return self.annotate(free=Greatest(F("capacity") - F("taken") + ran_out - in_line, Value(0)))

    def with_room(self, now: datetime) -> "SlotQuerySet":
        """Limits to open slots with at least one free place."""
        with_room: SlotQuerySet = self.open(now).filter(Q(free__gt=0))
        return with_room

    def to_move(self, now: datetime) -> "SlotQuerySet":
        """Limits to closed slots with bookings, which staff must move."""
        return self.filter(is_closed=True, taken__gt=0, ends_at__gt=now)


def _count(related: str, **conditions: Any) -> Coalesce:
    """Counts related rows by a subquery, since two joins would multiply each other."""
    rows: Any = Slot._meta.get_field(related).related_model
    counted = rows.objects.filter(slot=OuterRef("pk"), **conditions).order_by().values("slot")
    return Coalesce(Subquery(counted.annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0)


class Slot(models.Model):
    """A time at which a resource has ``capacity`` places, ``taken`` of which are held or booked.

    Only ``actions.counting`` writes ``taken``.
    """

    resource = models.ForeignKey(
        Resource, verbose_name=_("resource"), on_delete=models.PROTECT, related_name="slots"
    )
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    capacity = models.PositiveSmallIntegerField(_("places"))
    taken = models.PositiveSmallIntegerField(_("places taken"), default=0)
    # Set when hours change or a closure comes: existing places stay until moved, new ones are refused.
    is_closed = models.BooleanField(_("not offered"), default=False)
    closed_because = models.CharField(_("why closed"), max_length=100, blank=True)

    # Set by ``with_free`` and ``open``.
    free: int

    objects = SlotQuerySet.as_manager()

    class Meta:
        verbose_name = _("appointment time")
        verbose_name_plural = _("appointment times")
        ordering = ["starts_at", "resource", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["resource", "starts_at"], name="slot_once"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="slot_forward"),
            models.CheckConstraint(
                condition=Q(taken__gte=0, taken__lte=F("capacity")), name="slot_never_overbooked"
            ),
        ]
        indexes = [models.Index(fields=["starts_at"], name="slot_by_time")]

    def __str__(self) -> str:
        return f"{self.resource} {clock.local(self.starts_at):%Y-%m-%d %H:%M}"
