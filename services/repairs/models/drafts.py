from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User, access_of
from accounts.policies import Role
from community.core.encryption import EncryptedTextField
from community.estates.models import Estate, Home, PublicPlace
from services.repairs import KEY
from services.repairs.models.catalogue import RepairCategory
from services.repairs.models.repairs import Repair


class DraftQuerySet(models.QuerySet["RepairDraft"]):
    def visible_to(self, user: User) -> "DraftQuerySet":
        """Limits to drafts of the user, of residents they are delegates of, and of estates where they are the
        desk.
        """
        access = access_of(user)
        return self.filter(
            Q(resident__in=access.people(KEY)) | Q(estate__in=access.estates(Role.FRONT_DESK, Role.MANAGER))
        )


class RepairDraft(models.Model):
    """A report that is being written, one question a page; it can be handed to a relative.

    Sending it sets ``repair`` once, so that repeated sending finds it.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    estate = models.ForeignKey(Estate, on_delete=models.CASCADE, related_name="+")
    resident = models.ForeignKey(User, on_delete=models.CASCADE, related_name="repair_drafts")
    begun_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    category = models.ForeignKey(
        RepairCategory, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    home = models.ForeignKey(Home, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    place = models.ForeignKey(PublicPlace, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    description = EncryptedTextField(blank=True)
    suits = models.CharField(max_length=10, choices=Repair.Suits, default=Repair.Suits.ANY)
    repair = models.OneToOneField(
        Repair, null=True, blank=True, on_delete=models.CASCADE, related_name="draft"
    )
    created_at = models.DateTimeField()

    objects = DraftQuerySet.as_manager()

    class Meta:
        verbose_name = _("unsent report")
        verbose_name_plural = _("unsent reports")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return str(self.id)
