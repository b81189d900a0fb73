from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from community.estates.models import PropertyCompany


class Oversight(models.Model):
    """Opens the figures of a company's estates to the city's operator, or of all estates without a company."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        on_delete=models.CASCADE,
        related_name="oversights",
    )
    company = models.ForeignKey(
        PropertyCompany,
        verbose_name=_("property company"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
    )

    class Meta:
        verbose_name = _("oversight")
        verbose_name_plural = _("oversights")
        ordering = ["user", "company"]
        constraints = [
            models.UniqueConstraint(fields=["user", "company"], name="oversight_once"),
            models.UniqueConstraint(fields=["user"], condition=Q(company=None), name="oversight_of_all_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.company or _('all estates')}"
