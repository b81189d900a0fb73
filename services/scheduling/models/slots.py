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
        """Neither begun nor closed, with ``free`` on each; there may be no place left."""
        return self.filter(starts_at__gt=now, is_closed=False, resource__is_active=True).with_free(now)

    def of_day(self, day: date) -> "SlotQuerySet":
        """Those that begin on this day, on the clocks of the estate."""
        begins = clock.midnight(day)
        return self.filter(starts_at__gte=begins, starts_at__lt=begins + timedelta(days=1))

    def with_free(self, now: datetime) -> "SlotQuerySet":
        """``free``: the places that a newcomer can take now.

        A hold that ran out is free already, before anybody has written so; but those who wait
        come first.
        """
        ran_out = _count("places", status="held", held_until__lte=now)
        in_line = _count("waiting", status="waiting")
        return self.annotate(free=Greatest(F("capacity") - F("taken") + ran_out - in_line, Value(0)))

    def with_room(self, now: datetime) -> "SlotQuerySet":
        """Those in which a newcomer can take a place."""
        with_room: SlotQuerySet = self.open(now).filter(Q(free__gt=0))
        return with_room

    def to_move(self, now: datetime) -> "SlotQuerySet":
        """Closed although somebody has a place: staff agree another time with these people."""
        return self.filter(is_closed=True, taken__gt=0, ends_at__gt=now)


def _count(related: str, **conditions: Any) -> Coalesce:
    """How many rows of a slot, by a subquery: two joins at once would multiply each other."""
    rows: Any = Slot._meta.get_field(related).related_model
    counted = rows.objects.filter(slot=OuterRef("pk"), **conditions).order_by().values("slot")
    return Coalesce(Subquery(counted.annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0)


class Slot(models.Model):
    """A time at which a resource has ``capacity`` places, ``taken`` of which are held or booked.

    ``taken`` is written by ``actions.counting`` alone.
    """

    resource = models.ForeignKey(
        Resource, verbose_name=_("resource"), on_delete=models.PROTECT, related_name="slots"
    )
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    capacity = models.PositiveSmallIntegerField(_("places"))
    taken = models.PositiveSmallIntegerField(_("places taken"), default=0)
    # The hours changed or a closure came: nobody new gets in; who is in keeps the place until moved.
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
