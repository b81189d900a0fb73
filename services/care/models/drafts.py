from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User, access_of
from accounts.policies import Role
from community.core.encryption import EncryptedTextField
from community.estates.models import Estate, Home
from services.care import KEY
from services.care.models.bookings import CareBooking
from services.care.models.catalogue import CareService
from services.scheduling.models import Place


class CareDraftQuerySet(models.QuerySet["CareDraft"]):
    def visible_to(self, user: User) -> "CareDraftQuerySet":
        """Limits to drafts of the user, of people they act for, and of estates in which they book for
        residents.
        """
        access = access_of(user)
        booking = access.estates(Role.FRONT_DESK, Role.MANAGER, Role.CARE_COORDINATOR)
        return self.filter(Q(resident__in=access.people(KEY)) | Q(estate__in=booking))


class CareDraft(models.Model):
    """A booking that is not complete, with a place held meanwhile; another permitted person can go on with
    it.

    The answers stay after the hold ran out. Booking the draft sets ``booking``, once.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    estate = models.ForeignKey(Estate, on_delete=models.CASCADE, related_name="+")
    resident = models.ForeignKey(User, on_delete=models.CASCADE, related_name="care_drafts")
    begun_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    service = models.ForeignKey(CareService, on_delete=models.CASCADE, related_name="+")
    home = models.ForeignKey(Home, on_delete=models.CASCADE, related_name="+")
    # Several drafts may share a place: beginning again returns the place that is already held.
    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="care_drafts")
    answer = EncryptedTextField(blank=True)
    # Price in fen that the page shows and that is booked, whatever the catalogue says by then.
    price_fen = models.PositiveIntegerField()
    booking = models.ForeignKey(
        CareBooking, null=True, blank=True, on_delete=models.CASCADE, related_name="drafts"
    )
    created_at = models.DateTimeField()

    objects = CareDraftQuerySet.as_manager()

    class Meta:
        verbose_name = _("unfinished booking")
        verbose_name_plural = _("unfinished bookings")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def is_answered(self) -> bool:
        """Whether the service's question, if it must be answered, is answered in words or by voice."""
        return not self.service.needs_answer or bool(self.answer) or self.recordings.exists()

    @property
    def live_topic(self) -> str:
        return f"care_draft:{self.pk}"
