from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Residency, User
from accounts.policies import Role, estates_of
from community.core.transitions import HasStatus, StatusChange
from community.estates.models import Building, Estate, Home
from services.common.models import Referable, Satisfaction
from services.renovation.models.homes import Participation, homes_spoken_for, people_behind
from services.renovation.models.projects import (
    RenovationProject,
    WorkItem,
)
from services.renovation.roles import READING
from services.scheduling.models import Place, Resource, Waiting

# How long before the appointment its household is reminded.
REMINDED_BEFORE = timedelta(hours=24)


class Crew(models.Model):
    """Those who come (施工队); what can be booked of them is their resource."""

    resource = models.OneToOneField(
        Resource, verbose_name=_("resource"), on_delete=models.PROTECT, related_name="crew"
    )
    foreman = models.CharField(_("foreman"), max_length=40)
    phone = models.CharField(_("phone of the foreman"), max_length=30)
    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name=_("members"), related_name="crews", blank=True
    )

    class Meta:
        verbose_name = _("crew")
        verbose_name_plural = _("crews")
        ordering = ["resource__name", "pk"]

    def __str__(self) -> str:
        return self.resource.name

    @property
    def live_topic(self) -> str:
        return f"crew:{self.pk}"


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def begun(self, now: datetime) -> "CampaignQuerySet":
        return self.filter(opens_at__lte=now)


def _resources_of(user: User) -> models.QuerySet[Crew, Any]:
    """The resources of the crews of which one is, where one is of a crew still."""
    crews = Crew.objects.filter(members=user, resource__estate__in=estates_of(user, Role.CREW))
    return crews.values("resource")


class Campaign(models.Model):
    """From a set minute the homes of a building can book one work item with one crew."""

    project = models.ForeignKey(
        RenovationProject, verbose_name=_("project"), on_delete=models.CASCADE, related_name="campaigns"
    )
    item = models.ForeignKey(
        WorkItem, verbose_name=_("work item"), on_delete=models.PROTECT, related_name="campaigns"
    )
    building = models.ForeignKey(
        Building, verbose_name=_("building"), on_delete=models.PROTECT, related_name="+"
    )
    crew = models.ForeignKey(Crew, verbose_name=_("crew"), on_delete=models.PROTECT, related_name="campaigns")
    opens_at = models.DateTimeField(_("booking opens"))
    told_at = models.DateTimeField(_("households were told"), null=True, blank=True, editable=False)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        verbose_name = _("booking campaign")
        verbose_name_plural = _("booking campaigns")
        ordering = ["opens_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["item", "building", "crew"], name="campaign_once")]

    def __str__(self) -> str:
        return f"{self.building} · {self.item}"


class Status(models.TextChoices):
    BOOKED = "booked", pgettext_lazy("appointment", "booked")
    UNDER_WAY = "under_way", pgettext_lazy("appointment", "under way")
    DONE = "done", pgettext_lazy("appointment", "done, please look")
    CONFIRMED = "confirmed", pgettext_lazy("appointment", "confirmed")
    DEFECTS = "defects", pgettext_lazy("appointment", "with defects")
    CANCELLED = "cancelled", pgettext_lazy("appointment", "cancelled")
    MISSED = "missed", pgettext_lazy("appointment", "nobody was in")


LIVE = [Status.BOOKED, Status.UNDER_WAY, Status.DONE, Status.CONFIRMED, Status.DEFECTS]


# As long as a crew has to come, it needs the household's number and what it wishes.
AT_WORK = [Status.BOOKED, Status.UNDER_WAY, Status.DONE, Status.DEFECTS]


def _of_ones_home(user: User) -> Q:
    """Of a home in which one lives, or acts for who does, since it was booked.

    What was before is the former household's; who joins a household sees what it has.
    """
    living = Residency.objects.active().filter(home=OuterRef("home"))
    mine = living.filter(user__in=people_behind(user))
    since = Exists(mine.active_at(OuterRef("created_at")))
    joined = Exists(mine) & Exists(living.filter(user=OuterRef("resident")))
    return Q(since) | Q(joined)


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    def visible_to(self, user: User) -> "AppointmentQuerySet":
        """The household, who acts for it, the crew that comes, and those who coordinate."""
        return self.filter(
            _of_ones_home(user)
            | Q(place__slot__resource__in=_resources_of(user))
            | Q(project__estate__in=estates_of(user, *READING))
        )

    def under_warranty_for(self, user: User) -> "AppointmentQuerySet":
        """Visible ones, and work done in the person's home before it was theirs: the warranty is the home's."""
        seen = Appointment.objects.visible_to(user)
        inherited = Q(home__in=homes_spoken_for(user), status=Appointment.Status.CONFIRMED)
        return self.filter(Q(pk__in=seen.values("pk")) | inherited).with_people()

    def of_household(self, user: User) -> "AppointmentQuerySet":
        return self.filter(_of_ones_home(user))

    def of_crew_member(self, user: User) -> "AppointmentQuerySet":
        return self.filter(place__slot__resource__in=_resources_of(user))

    def shown_to_neighbours(self) -> "AppointmentQuerySet":
        """Those whose pictures the home's household has agreed to show.

        Only while who it was with lives there: a household cannot agree for the one before it.
        """
        agreed = Participation.objects.filter(
            project=OuterRef("project"), home=OuterRef("home"), shares_pictures=True
        )
        still_there = Residency.objects.active().filter(home=OuterRef("home"), user=OuterRef("resident"))
        return self.filter(Exists(agreed), Exists(still_there))

    def live(self) -> "AppointmentQuerySet":
        """Those that stand: a home has one of each item at most."""
        return self.filter(status__in=LIVE)

    def ahead(self) -> "AppointmentQuerySet":
        """Still to be done."""
        return self.filter(status__in=[Status.BOOKED, Status.UNDER_WAY, Status.DEFECTS])

    def to_remind(self, now: datetime) -> "AppointmentQuerySet":
        """Booked for within the next day, and not reminded of yet."""
        return self.filter(
            status=Status.BOOKED,
            reminded_at=None,
            place__slot__starts_at__gt=now,
            place__slot__starts_at__lte=now + REMINDED_BEFORE,
        )

    def with_people(self) -> "AppointmentQuerySet":
        """Everything that a page shows of an appointment, in one query."""
        return self.select_related(
            "project__estate",
            "item",
            "home__entrance__building__estate",
            "resident",
            "booked_by",
            "place__slot__resource__crew",
        )


class Appointment(Referable, HasStatus):
    """The time at which a crew comes into a home for one work item (入户预约)."""

    Status = Status
    LIVE = LIVE
    TRANSITIONS: dict[str, set[str]] = {
        Status.BOOKED: {Status.BOOKED, Status.UNDER_WAY, Status.CANCELLED, Status.MISSED, Status.DEFECTS},
        Status.UNDER_WAY: {Status.DONE},
        Status.DONE: {Status.CONFIRMED, Status.DEFECTS},
        Status.DEFECTS: {Status.UNDER_WAY, Status.BOOKED},
        Status.CONFIRMED: set(),
        Status.CANCELLED: set(),
        Status.MISSED: set(),
    }

    estate = models.ForeignKey(Estate, verbose_name=_("estate"), on_delete=models.PROTECT, related_name="+")
    reference = models.CharField(_("reference"), max_length=20)
    project = models.ForeignKey(
        RenovationProject, verbose_name=_("project"), on_delete=models.PROTECT, related_name="appointments"
    )
    item = models.ForeignKey(
        WorkItem, verbose_name=_("work item"), on_delete=models.PROTECT, related_name="appointments"
    )
    home = models.ForeignKey(
        Home, verbose_name=_("home"), on_delete=models.PROTECT, related_name="appointments"
    )
    # Of the household: who is told. The others of the household see it too.
    resident = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("resident"),
        on_delete=models.PROTECT,
        related_name="appointments",
    )
    booked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("booked by"), on_delete=models.PROTECT, related_name="+"
    )
    place = models.OneToOneField(
        Place, verbose_name=_("place"), on_delete=models.PROTECT, related_name="appointment"
    )
    status = models.CharField(_("state"), max_length=20, choices=Status, default=Status.BOOKED)
    reminded_at = models.DateTimeField(_("reminded"), null=True, blank=True)
    warranty_until = models.DateField(_("warranty until"), null=True, blank=True)
    satisfaction = models.OneToOneField(
        Satisfaction,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="appointment",
    )
    created_at = models.DateTimeField(_("booked"))
    status_changed_at = models.DateTimeField(_("since"))

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["estate", "reference"], name="appointment_reference_once"),
            models.UniqueConstraint(
                fields=["home", "item"],
                condition=Q(status__in=["booked", "under_way", "done", "confirmed", "defects"]),
                name="appointment_once_a_home",
            ),
        ]
        indexes = [models.Index(fields=["project", "status"], name="appointment_of_project")]

    def __str__(self) -> str:
        return self.reference

    @property
    def starts_at(self) -> datetime:
        return self.place.slot.starts_at

    @property
    def ends_at(self) -> datetime:
        return self.place.slot.ends_at

    @property
    def crew(self) -> Crew:
        return self.place.slot.resource.crew

    @property
    def live_topic(self) -> str:
        return f"appointment:{self.pk}"

    @property
    def has_time(self) -> bool:
        """False while defects wait for a time, the one that was agreed having fallen through."""
        return self.status != Status.DEFECTS or self.place.status in Place.LIVE

    @property
    def comes_back(self) -> bool:
        """Whether this is, or was until it was cancelled, the time at which defects are put right.

        What then falls through is the time alone: the defects stand.
        """
        if self.status == Status.BOOKED:
            return self.history.filter(to_status=Status.DEFECTS).exists()
        last = self.history.last() if self.status == Status.DEFECTS else None
        return last is not None and last.from_status == Status.BOOKED

    def defects_named(self) -> str:
        """What was not right, as the household said it last."""
        named = self.history.filter(from_status=Status.DONE, to_status=Status.DEFECTS).last()
        return named.reason if named else ""

    def is_under_warranty(self, today: date) -> bool:
        return self.warranty_until is not None and today <= self.warranty_until

    def history_fields(self) -> dict[str, Any]:
        return {"starts_at": self.starts_at}


class AppointmentChange(StatusChange):
    """A step of an appointment's life, and when it was to begin after the step."""

    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="history")
    starts_at = models.DateTimeField()


class AppointmentWaiting(models.Model):
    """For which home and work somebody waits in a full slot."""

    waiting = models.OneToOneField(Waiting, on_delete=models.CASCADE, related_name="appointment_wish")
    item = models.ForeignKey(WorkItem, on_delete=models.PROTECT, related_name="+")
    home = models.ForeignKey(Home, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return str(self.waiting)
