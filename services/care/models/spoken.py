from django.db import models
from django.db.models import Q

from accounts.models import User
from services.care.models.bookings import CareBooking
from services.care.models.drafts import CareDraft
from services.common.models import Recording


class CareRecordingQuerySet(models.QuerySet["CareRecording"]):
    def visible_to(self, user: User) -> "CareRecordingQuerySet":
        """Limits to those of bookings and drafts that the user may see, the carer of the visit included."""
        return self.filter(
            Q(booking__in=CareBooking.objects.visible_to(user))
            | Q(draft__in=CareDraft.objects.visible_to(user))
        )


class CareRecording(Recording):
    """The spoken answer to a service's question, of the draft until it is booked, or why one cancels."""

    draft = models.ForeignKey(
        CareDraft, null=True, blank=True, on_delete=models.CASCADE, related_name="recordings"
    )
    booking = models.ForeignKey(
        CareBooking, null=True, blank=True, on_delete=models.CASCADE, related_name="recordings"
    )

    objects = CareRecordingQuerySet.as_manager()

    class Meta(Recording.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(draft=None) ^ Q(booking=None), name="care_recording_of_one")
        ]
