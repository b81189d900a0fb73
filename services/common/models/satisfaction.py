from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from community.core.encryption import EncryptedTextField
from community.estates.models import Estate


class Satisfaction(models.Model):
    """How content somebody is with one finished thing: three faces, and words if they like.

    One for all services, so that they can be compared.
    """

    class Face(models.IntegerChoices):
        BAD = 1, _("not satisfied")
        FAIR = 2, _("so-so")
        GOOD = 3, _("satisfied")

    estate = models.ForeignKey(Estate, verbose_name=_("estate"), on_delete=models.PROTECT, related_name="+")
    service = models.CharField(_("service"), max_length=20)
    reference = models.CharField(_("reference"), max_length=20)
    face = models.PositiveSmallIntegerField(_("face"), choices=Face)
    words = EncryptedTextField(_("in words"), blank=True)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("given by"), on_delete=models.PROTECT, related_name="+"
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
