from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Residency, User, access_of
from accounts.policies import Role
from community.core.encryption import EncryptedCharField
from community.core.transitions import HasStatus, StatusChange
from community.estates.models import Building, Estate, Home
from services.common.models import Referable, Satisfaction
from services.renovation import KEY
from services.renovation.models.homes import Participation
from services.renovation.models.projects import (
    RenovationProject,
    WorkItem,
)
from services.renovation.roles import OVERSEEING
from services.scheduling.models import Place, Resource, Waiting

# Time before an appointment in which its household is reminded.
REMINDED_BEFORE = timedelta(hours=24)


class Crew(models.Model):
    """A crew (施工队); its bookable times are those of its resource."""

    resource = models.OneToOneField(
        Resource, verbose_name=_("resource"), on_delete=models.PROTECT, related_name="crew"
    )
    foreman = EncryptedCharField(_("foreman"), max_length=40, was_clear=True)
    phone = EncryptedCharField(_("phone of the foreman"), max_length=30, was_clear=True)
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
        """Limits to campaigns whose booking is open."""
        return self.filter(opens_at__lte=now)


def _resources_of(user: User) -> models.QuerySet[Crew, Any]:
    """Returns the resources of the crews of which the user is a member and still has the role."""
    crews = Crew.objects.filter(members=user, resource__estate__in=access_of(user).estates(Role.CREW))
    return crews.values("resource")


class Campaign(models.Model):
    """Homes of a building can book a work item with a crew from ``opens_at`` on."""

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


# Statuses in which a crew may still come and needs the household's number and wishes.
AT_WORK = [Status.BOOKED, Status.UNDER_WAY, Status.DONE, Status.DEFECTS]


def _of_household(user: User) -> Q:
    """Returns the condition for appointments of the household of the user or of a person they act for.

    Appointments made before they moved in belong to the former household, unless its resident still lives
    there: new members of a household see what it has.
    """
    access = access_of(user)
    living = Residency.objects.active().filter(home=OuterRef("home"), user=OuterRef("resident"))
    joined = Q(home__in=access.homes(KEY)) & Q(Exists(living))
    return access.since_moving_in(KEY) | joined


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    def visible_to(self, user: User) -> "AppointmentQuerySet":
        """Limits to the household's, those of the user's crews, and those of estates that the user oversees."""
        if not access_of(user).roles:
            return self.of_household(user)
        return self.filter(
            _of_household(user)
            | Q(place__slot__resource__in=_resources_of(user))
            | Q(project__estate__in=access_of(user).estates(*OVERSEEING))
        )

    def under_warranty_for(self, user: User) -> "AppointmentQuerySet":
        """Limits to visible ones, and to work confirmed before the home was theirs: the warranty goes with
        the home.
        """
        seen = Appointment.objects.visible_to(user)
        inherited = Q(home__in=access_of(user).homes(KEY), status=Appointment.Status.CONFIRMED)
        return self.filter(Q(pk__in=seen.values("pk")) | inherited).with_people()

    def of_household(self, user: User) -> "AppointmentQuerySet":
        """Limits to the household's appointments, also of people the user acts for."""
        return self.filter(_of_household(user))

    def of_crew_member(self, user: User) -> "AppointmentQuerySet":
        """Limits to the appointments of the user's crews."""
        return self.filter(place__slot__resource__in=_resources_of(user))

    def shown_to_neighbours(self) -> "AppointmentQuerySet":
        """Limits to appointments whose pictures the household agreed to show.

        The resident must still live there: a household cannot agree for the former one.
        """
        agreed = Participation.objects.filter(
            project=OuterRef("project"), home=OuterRef("home"), shares_pictures=True
        )
        still_there = Residency.objects.active().filter(home=OuterRef("home"), user=OuterRef("resident"))
        return self.filter(Exists(agreed), Exists(still_there))

    def live(self) -> "AppointmentQuerySet":
        """Limits to valid appointments; a home has at most one for each item."""
        return self.filter(status__in=LIVE)

    def ahead(self) -> "AppointmentQuerySet":
        """Limits to appointments with work still to do."""
        return self.filter(status__in=[Status.BOOKED, Status.UNDER_WAY, Status.DEFECTS])

    def to_remind(self, now: datetime) -> "AppointmentQuerySet":
        """Limits to booked ones within the next day whose household was not reminded."""
        return self.filter(
            status=Status.BOOKED,
            reminded_at=None,
            place__slot__starts_at__gt=now,
            place__slot__starts_at__lte=now + REMINDED_BEFORE,
        )

    def with_people(self) -> "AppointmentQuerySet":
        """Joins everything that a page shows of an appointment, in one query."""
        return self.select_related(
            "project__estate",
            "item",
            "home__entrance__building__estate",
            "resident",
            "booked_by",
            "place__slot__resource__crew",
        )


class Appointment(Referable, HasStatus):
    """The time at which a crew does a work item in a home (入户预约)."""

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
    # Person of the household who gets the messages by SMS; the others see it too.
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
        """Whether a time is agreed; False for defects whose time was cancelled."""
        return self.status != Status.DEFECTS or self.place.status in Place.LIVE

    @property
    def comes_back(self) -> bool:
        """Whether this is, or was until its cancellation, the time at which defects are repaired.

        Cancelling such a time does not end the defects.
        """
        if self.status == Status.BOOKED:
            return self.history.filter(to_status=Status.DEFECTS).exists()
        last = self.history.last() if self.status == Status.DEFECTS else None
        return last is not None and last.from_status == Status.BOOKED

    def defects_named(self) -> str:
        """Returns the defects in the household's words, as reported last."""
        named = self.history.filter(from_status=Status.DONE, to_status=Status.DEFECTS).last()
        return named.reason if named else ""

    def is_under_warranty(self, today: date) -> bool:
        """Whether the warranty includes this day."""
        return self.warranty_until is not None and today <= self.warranty_until

    def history_fields(self) -> dict[str, Any]:
        return {"starts_at": self.starts_at}


class AppointmentChange(StatusChange):
    """A step of an appointment, with the booked time after it."""

    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="history")
    starts_at = models.DateTimeField()


class AppointmentWaiting(models.Model):
    """The home and the work item of an entry in a waiting list."""

    waiting = models.OneToOneField(Waiting, on_delete=models.CASCADE, related_name="appointment_wish")
    item = models.ForeignKey(WorkItem, on_delete=models.PROTECT, related_name="+")
    home = models.ForeignKey(Home, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return str(self.waiting)
