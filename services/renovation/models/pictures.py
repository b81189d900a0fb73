from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from services.common.models import Picture, Recording
from services.renovation.models.appointments import AT_WORK, Appointment
from services.renovation.models.homes import Participation
from services.renovation.models.projects import RenovationProject, WorkItem


class PictureQuerySet(models.QuerySet["RenovationPicture"]):
    def visible_to(self, user: User) -> "PictureQuerySet":
        """Limits to drawings and shared areas of visible projects, and to pictures of visible appointments.

        Neighbours see a home's pictures if its household agrees.
        """
        projects = RenovationProject.objects.visible_to(user)
        return self.filter(
            Q(project__in=projects, appointment=None)
            | Q(appointment__in=Appointment.objects.visible_to(user))
            | Q(project__in=projects, appointment__in=Appointment.objects.shown_to_neighbours())
        )


class RenovationPicture(Picture):
    """A drawing of the plan, or a picture before or after the work.

    It belongs to shared work (``item``), to work in a home (``appointment``), or to neither.
    """

    class Shows(models.TextChoices):
        DRAWING = "drawing", _("drawing")
        BEFORE = "before", _("before")
        AFTER = "after", _("after")

    project = models.ForeignKey(RenovationProject, on_delete=models.CASCADE, related_name="pictures")
    item = models.ForeignKey(
        WorkItem, null=True, blank=True, on_delete=models.CASCADE, related_name="pictures"
    )
    appointment = models.ForeignKey(
        Appointment, null=True, blank=True, on_delete=models.CASCADE, related_name="pictures"
    )
    shows = models.CharField(_("shows"), max_length=10, choices=Shows)
    caption = models.CharField(_("what it shows"), max_length=100, blank=True)

    objects = PictureQuerySet.as_manager()


class RecordingQuerySet(models.QuerySet["RenovationRecording"]):
    def visible_to(self, user: User) -> "RecordingQuerySet":
        """Limits to those of visible appointments, and to wishes that the user may read; the crew hears
        wishes only while it has work in the home.
        """
        at_work = Appointment.objects.of_crew_member(user).filter(
            status__in=AT_WORK,
            project=OuterRef("participation__project"),
            home=OuterRef("participation__home"),
        )
        return self.filter(
            Q(appointment__in=Appointment.objects.visible_to(user))
            | Q(participation__in=Participation.objects.visible_to(user))
            | Q(Exists(at_work))
        )


class RenovationRecording(Recording):
    """A spoken message of a household: why it cancels, its defects (``appointment``), or its wishes."""

    appointment = models.ForeignKey(
        Appointment, null=True, blank=True, on_delete=models.CASCADE, related_name="recordings"
    )
    participation = models.ForeignKey(
        Participation, null=True, blank=True, on_delete=models.CASCADE, related_name="recordings"
    )

    objects = RecordingQuerySet.as_manager()

    class Meta(Recording.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(appointment=None) ^ Q(participation=None), name="renovation_recording_of_one"
            )
        ]
