from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class AppendOnly(models.QuerySet):
    """Rows that the application can add and read, and nothing else."""

    def update(self, **kwargs: Any) -> int:
        raise TypeError("audit records are never changed")

    def delete(self) -> Any:
        raise TypeError("audit records are never deleted")


class AuditRecord(models.Model):
    """A security-relevant act, kept at least 6 months (GB/T 22239-2019, level 3, 8.1.4.3).

    The database refuses UPDATE and DELETE too (a trigger of the first migration), so that
    a mistake in the application cannot rewrite it.
    """

    action = models.CharField(_("act"), max_length=60)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("who"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    target = models.CharField(_("on what"), max_length=80, blank=True)
    # A number, not a foreign key: core knows no estate, and the record outlives what it names.
    estate_id_number = models.BigIntegerField(_("estate number"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=20)
    address = models.GenericIPAddressField(_("from where"), null=True, blank=True)
    detail = models.JSONField(_("detail"), default=dict, blank=True)
    at = models.DateTimeField(_("when"), db_index=True)

    objects = AppendOnly.as_manager()

    class Meta:
        verbose_name = _("audit record")
        verbose_name_plural = _("audit records")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.action} {self.target} {self.outcome}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("audit records are never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("audit records are never deleted")
