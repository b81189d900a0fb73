from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from services.common.models import Message, Picture, Recording
from services.repairs.models.drafts import RepairDraft
from services.repairs.models.repairs import Repair

# Pictures of a report: those of the report itself and those added to it later.
MAX_PICTURES_OF_REPORT = 6


class AttachmentQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "AttachmentQuerySet":
        """Limits to files of repairs, or of unsent drafts, that the user may see."""
        return self.filter(
            Q(repair__in=Repair.objects.visible_to(user))
            | Q(repair=None, draft__in=RepairDraft.objects.visible_to(user))
        )


class RepairMessage(Message):
    repair = models.ForeignKey(Repair, on_delete=models.CASCADE, related_name="messages")


class RepairPicture(Picture):
    class Shows(models.TextChoices):
        REPORT = "report", _("as reported")
        BEFORE = "before", _("before")
        AFTER = "after", _("after")

    draft = models.ForeignKey(
        RepairDraft, null=True, blank=True, on_delete=models.SET_NULL, related_name="pictures"
    )
    repair = models.ForeignKey(
        Repair, null=True, blank=True, on_delete=models.CASCADE, related_name="pictures"
    )
    shows = models.CharField(max_length=10, choices=Shows, default=Shows.REPORT)

    objects = AttachmentQuerySet.as_manager()

    @property
    def shows_order(self) -> int:
        """Returns the position in the order: as reported, before, after."""
        return self.Shows.values.index(self.shows)


class RepairRecording(Recording):
    draft = models.ForeignKey(
        RepairDraft, null=True, blank=True, on_delete=models.SET_NULL, related_name="recordings"
    )
    repair = models.ForeignKey(
        Repair, null=True, blank=True, on_delete=models.CASCADE, related_name="recordings"
    )

    objects = AttachmentQuerySet.as_manager()


class PhoneQueue(models.Model):
    """Entries on a worker's phone that the server has not accepted; no row if none wait.

    ``refused`` of them need the worker to correct or delete them on the phone.
    """

    worker = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="phone_queue", primary_key=True
    )
    waiting = models.PositiveSmallIntegerField()
    refused = models.PositiveSmallIntegerField()
    since = models.DateTimeField()
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.worker_id}: {self.waiting} + {self.refused}"
