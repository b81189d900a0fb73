"""Slots of a resource, the places in a slot that people hold or have booked, and the people who wait for one.

A place in a slot (``Place``) is not a place of the estate, which is ``estates.PublicPlace``.
"""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Count, F, IntegerField, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext_lazy as _

from community.core import clock
from community.core.transitions import HasStatus, StatusChange
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

    Only ``actions.counters`` writes ``taken``.
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

    @property
    def is_full(self) -> bool:
        return not self.free

    def __str__(self) -> str:
        return f"{self.resource} {clock.local(self.starts_at):%Y-%m-%d %H:%M}"


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


class WaitingStatus(models.TextChoices):
    WAITING = "waiting", _("in line")
    OFFERED = "offered", _("offered a place")
    TAKEN = "taken", _("took the place")
    EXPIRED = "expired", _("too late")
    LEFT = "left", _("no longer waits")


class WaitingQuerySet(models.QuerySet["Waiting"]):
    def in_line(self) -> "WaitingQuerySet":
        """Limits to people who wait, in the order of joining."""
        return self.filter(status=WaitingStatus.WAITING).order_by("created_at", "pk")

    def live(self) -> "WaitingQuerySet":
        """Limits to people who wait or have an offer."""
        return self.filter(status__in=[WaitingStatus.WAITING, WaitingStatus.OFFERED])

    def offered(self, now: datetime) -> "WaitingQuerySet":
        """Limits to people for whom a place is still held, the first to lapse first."""
        return self.filter(status=WaitingStatus.OFFERED, offered_until__gt=now).order_by(
            "offered_until", "pk"
        )


class Waiting(HasStatus):
    """A person waiting for a place in a full slot; an offered place is held for them."""

    Status = WaitingStatus
    TRANSITIONS: dict[str, set[str]] = {
        WaitingStatus.WAITING: {WaitingStatus.OFFERED, WaitingStatus.LEFT, WaitingStatus.EXPIRED},
        WaitingStatus.OFFERED: {WaitingStatus.TAKEN, WaitingStatus.LEFT, WaitingStatus.EXPIRED},
        WaitingStatus.TAKEN: set(),
        WaitingStatus.EXPIRED: set(),
        WaitingStatus.LEFT: set(),
    }

    slot = models.ForeignKey(
        Slot, verbose_name=_("appointment time"), on_delete=models.PROTECT, related_name="waiting"
    )
    resident = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("resident"), on_delete=models.PROTECT, related_name="waiting"
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("asked by"), on_delete=models.PROTECT, related_name="+"
    )
    status = models.CharField(_("state"), max_length=20, choices=WaitingStatus, default=WaitingStatus.WAITING)
    offered_until = models.DateTimeField(_("offered until"), null=True, blank=True)
    place = models.OneToOneField(
        Place,
        verbose_name=_("place"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="waiting",
    )
    created_at = models.DateTimeField(_("waits since"))
    status_changed_at = models.DateTimeField(_("since"))

    objects = WaitingQuerySet.as_manager()

    class Meta:
        verbose_name = _("waiting person")
        verbose_name_plural = _("waiting list")
        ordering = ["created_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["slot", "resident"],
                condition=Q(status__in=["waiting", "offered"]),
                name="waiting_once_a_person",
            ),
            models.CheckConstraint(
                condition=~Q(status="offered") | Q(place__isnull=False, offered_until__isnull=False),
                name="waiting_offer_is_held",
            ),
        ]
        indexes = [models.Index(fields=["slot", "status", "created_at"], name="waiting_in_line")]

    def __str__(self) -> str:
        return f"{self.slot} {self.resident}"


class WaitingChange(StatusChange):
    """A status change of a waiting row."""

    waiting = models.ForeignKey(Waiting, on_delete=models.CASCADE, related_name="history")
