from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import StaffRole, access_of
from community.core.encryption import EncryptedTextField
from community.core.keys import unordered_key
from community.core.services import declared
from community.estates.models import Estate
from services.common.models.requests import Recording, RequestRef

if TYPE_CHECKING:
    from accounts.models import User


class Satisfaction(models.Model):
    """Rating of a finished request: three faces and optional words.

    Shared by all services, so that they can be compared.
    """

    class Face(models.IntegerChoices):
        BAD = 1, _("not satisfied")
        FAIR = 2, _("so-so")
        GOOD = 3, _("satisfied")

    id = models.BigIntegerField(primary_key=True, default=unordered_key, editable=False)
    estate = models.ForeignKey(Estate, verbose_name=_("estate"), on_delete=models.PROTECT, related_name="+")
    service = models.CharField(_("service"), max_length=20)
    reference = models.CharField(_("reference"), max_length=20)
    face = models.PositiveSmallIntegerField(_("face"), choices=Face)
    words = EncryptedTextField(_("in words"), blank=True)
    # Empty for an anonymous request.
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("given by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("satisfaction")
        verbose_name_plural = _("satisfaction")
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["estate", "service", "reference"], name="satisfaction_once"),
            models.CheckConstraint(condition=models.Q(face__in=[1, 2, 3]), name="satisfaction_three_faces"),
        ]

    def __str__(self) -> str:
        return f"{self.reference}: {self.get_face_display()}"


class SatisfactionRecordingQuerySet(models.QuerySet["SatisfactionRecording"]):
    def visible_to(self, user: "User") -> "SatisfactionRecordingQuerySet":
        """Limits to those of the user, and to those of ratings whose words the user reads as staff.

        Neither the carer nor the crew of the rated work hears them.
        """
        access, heard = access_of(user), Q(added_by=user)
        for service in declared():
            readers = service.figures.rated.readers if service.figures and service.figures.rated else ()
            if readers:
                heard |= Q(
                    satisfaction__service=service.key, satisfaction__estate__in=access.estates(*readers)
                )
        return self.filter(heard)


class SatisfactionRecording(Recording):
    """A spoken message with a rating, in place of its words or beside them."""

    satisfaction = models.OneToOneField(Satisfaction, on_delete=models.CASCADE, related_name="recording")

    objects = SatisfactionRecordingQuerySet.as_manager()


class QuestionQuerySet(models.QuerySet["SatisfactionQuestion"]):
    def visible_to(self, user: "User") -> "QuestionQuerySet":
        """Limits to questions to the user, to those to people for whom the user acts in the service, and to
        those of estates where the user is the desk, which enters answers by phone.
        """
        access = access_of(user)
        seen = Q(resident=user) | Q(estate__in=access.estates(*StaffRole.DESK))
        for service in declared():
            if helped := access.acts_for(service.key):
                seen |= Q(service=service.key, resident__in=helped)
        return self.filter(seen)

    def open(self) -> "QuestionQuerySet":
        """Limits to questions without an answer."""
        return self.filter(answer=None)


class SatisfactionQuestion(models.Model):
    """“How was it?”, asked once about a request without a page of its own to ask on.

    ``what`` names the request in the estate's language: 「助浴 11月23日」, 「缴费」.
    """

    estate = models.ForeignKey(Estate, on_delete=models.CASCADE, related_name="+")
    service = models.CharField(max_length=20)
    reference = models.CharField(max_length=20)
    what = models.CharField(max_length=60)
    resident = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    asked_at = models.DateTimeField()
    answer = models.OneToOneField(
        Satisfaction, null=True, blank=True, on_delete=models.CASCADE, related_name="question"
    )

    objects = QuestionQuerySet.as_manager()

    class Meta:
        verbose_name = _("question of satisfaction")
        verbose_name_plural = _("questions of satisfaction")
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["estate", "service", "reference"], name="satisfaction_question_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.reference}"

    @property
    def ref(self) -> RequestRef:
        """Request that the question is about."""
        return RequestRef(self.estate_id, self.service, self.reference)
