from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from community.core.transitions import HasStatus, StatusChange
from services.scheduling.models.places import Place
from services.scheduling.models.slots import Slot


class Status(models.TextChoices):
    WAITING = "waiting", _("in line")
    OFFERED = "offered", _("offered a place")
    TAKEN = "taken", _("took the place")
    EXPIRED = "expired", _("too late")
    LEFT = "left", _("no longer waits")


class WaitingQuerySet(models.QuerySet["Waiting"]):
    def in_line(self) -> "WaitingQuerySet":
        """Limits to people who wait, in the order of joining."""
        return self.filter(status=Status.WAITING).order_by("created_at", "pk")

    def live(self) -> "WaitingQuerySet":
        """Limits to people who wait or have an offer."""
        return self.filter(status__in=[Status.WAITING, Status.OFFERED])


class Waiting(HasStatus):
    """A person waiting for a place in a full slot; an offered place is held for them."""

    Status = Status
    TRANSITIONS: dict[str, set[str]] = {
        Status.WAITING: {Status.OFFERED, Status.LEFT, Status.EXPIRED},
        Status.OFFERED: {Status.TAKEN, Status.LEFT, Status.EXPIRED},
        Status.TAKEN: set(),
        Status.EXPIRED: set(),
        Status.LEFT: set(),
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
    status = models.CharField(_("state"), max_length=20, choices=Status, default=Status.WAITING)
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
