"""Abstract request of all services: people, reference, thread and pictures."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from community.core.encryption import EncryptedTextField
from community.core.pictures import SIZES, file_name
from community.core.transitions import HasStatus
from community.estates.models import Estate

# Time after it was sent in which a report, a payment or a booking can always be taken back.
TAKE_BACK = timedelta(minutes=10)


class ReferenceCounter(models.Model):
    """Last number used for a letter, estate and day."""

    estate = models.ForeignKey(Estate, on_delete=models.CASCADE, related_name="+")
    letter = models.CharField(max_length=2)
    day = models.DateField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["estate", "letter", "day"], name="reference_counter_once")
        ]

    def __str__(self) -> str:
        return f"{self.letter} {self.day} {self.last}"


@dataclass(frozen=True)
class RequestRef:
    """Identifies a request among those of all services; clocks and satisfaction are stored by it."""

    estate_id: int
    service: str
    reference: str


class Referable(models.Model):
    """Base of rows with an estate and a reference, for clocks and satisfaction."""

    class Meta:
        abstract = True

    @property
    def ref(self) -> RequestRef:
        """Identity of the request; its service is the label of its app."""
        return RequestRef(self.estate_id, self._meta.app_label, self.reference)  # type: ignore[attr-defined]


class Request(Referable, HasStatus):
    """A request of a resident. ``reported_by`` made it, ``resident`` is the person it is for."""

    estate = models.ForeignKey(Estate, verbose_name=_("estate"), on_delete=models.PROTECT, related_name="+")
    reference = models.CharField(_("reference"), max_length=20)
    resident = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("resident"),
        on_delete=models.PROTECT,
        related_name="%(class)ss",
    )
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("reported by"), on_delete=models.PROTECT, related_name="+"
    )
    description = EncryptedTextField(_("in words"), blank=True)
    created_at = models.DateTimeField(_("reported"))
    status_changed_at = models.DateTimeField(_("since"))

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.reference


class Message(models.Model):
    """An entry of a request's thread."""

    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    words = EncryptedTextField(blank=True)
    is_internal = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        abstract = True
        ordering = ["at", "pk"]


class Picture(models.Model):
    """A picture of a request, in three sizes, served only to those who may see the request."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    key = models.CharField(max_length=80)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        abstract = True
        ordering = ["at", "id"]

    def file_name(self, size: str) -> str:
        """Returns the stored file of a size in ``pictures.SIZES``. Raises ``KeyError`` for others."""
        if size not in SIZES:
            raise KeyError(size)
        return file_name(self.key, size)


class Recording(models.Model):
    """A spoken message of at most two minutes."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    name = models.CharField(max_length=80)
    content_type = models.CharField(max_length=40)
    seconds = models.PositiveSmallIntegerField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        abstract = True
        ordering = ["at", "id"]
