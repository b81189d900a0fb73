"""Wishes of people to be deleted, from the first word to the day on which it is done."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models.people import StaffRole, User
from accounts.models.residents import Residency
from community.core.transitions import HasStatus, StatusChange

# Days in which the person can come back, before anything is deleted.
GRACE = timedelta(days=7)


class ErasureQuerySet(models.QuerySet["Erasure"]):
    def open(self) -> "ErasureQuerySet":
        """Limits to wishes that are neither done nor taken back."""
        return self.filter(status__in=Erasure.OPEN)

    def due(self, now: datetime) -> "ErasureQuerySet":
        """Limits to wishes whose days of grace are over, and those that were begun and interrupted."""
        waited = Q(status=Erasure.Status.WAITING, due_at__lte=now)
        return self.filter(waited | Q(status=Erasure.Status.RUNNING))

    def visible_to(self, user: User) -> "ErasureQuerySet":
        """Limits to the person's own, and those of residents of the estates where the user is the desk."""
        desks = StaffRole.objects.held_by(user).filter(role__in=StaffRole.DESK).values("estate")
        living = Residency.objects.filter(home__entrance__building__estate__in=desks).values("user")
        return self.filter(Q(person=user) | Q(person__in=living))


class Erasure(HasStatus):
    """A person asks to be deleted: on their own page, or on paper at the desk, which two people of staff check.

    After the days of grace a task carries it out. The row stays, and leads to a person without a name.
    """

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("waiting for a second colleague")
        WAITING = "waiting", _("days to come back")
        RUNNING = "running", _("being deleted")
        DONE = "done", pgettext_lazy("erasure", "deleted")
        DROPPED = "dropped", pgettext_lazy("erasure", "taken back")

    TRANSITIONS: dict[str, set[str]] = {
        Status.PROPOSED: {Status.WAITING, Status.DROPPED},
        Status.WAITING: {Status.RUNNING, Status.DROPPED},
        Status.RUNNING: {Status.DONE},
        Status.DONE: set(),
        Status.DROPPED: set(),
    }
    OPEN = (Status.PROPOSED, Status.WAITING, Status.RUNNING)

    person = models.ForeignKey(
        User, verbose_name=_("person"), on_delete=models.PROTECT, related_name="erasures"
    )
    asked_by = models.ForeignKey(User, verbose_name=_("asked by"), on_delete=models.PROTECT, related_name="+")
    agreed_by = models.ForeignKey(
        User, verbose_name=_("agreed by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    status = models.CharField(_("state"), max_length=20, choices=Status, default=Status.WAITING)
    status_changed_at = models.DateTimeField(_("since"))
    created_at = models.DateTimeField(_("asked for"))
    # Set with the last yes; None while it waits for a second colleague.
    due_at = models.DateTimeField(_("to be done"), null=True, blank=True)

    objects = ErasureQuerySet.as_manager()

    class Meta:
        verbose_name = _("deletion of a person")
        verbose_name_plural = _("deletions of people")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(status__in=["proposed", "waiting", "running"]),
                name="erasure_once_a_person",
            ),
            models.CheckConstraint(
                condition=Q(agreed_by=None) | ~Q(agreed_by=F("asked_by")), name="erasure_by_two"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["proposed", "dropped"]) | Q(due_at__isnull=False),
                name="erasure_has_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.person_id}"


class ErasureChange(StatusChange):
    erasure = models.ForeignKey(Erasure, on_delete=models.CASCADE, related_name="history")
