from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from services.common.models import Picture
from services.renovation.models.appointments import Appointment
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
