"""Which homes know of a notice: because somebody there has read it, or was told at the door."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from community.estates.models import Home


class NoticeReading(models.Model):
    """Somebody has opened it; a row for each home of theirs that it is for. Stays when they move out."""

    notice = models.ForeignKey("notices.Notice", on_delete=models.CASCADE, related_name="readings")
    edition = models.PositiveSmallIntegerField()
    home = models.ForeignKey(Home, verbose_name=_("home"), on_delete=models.PROTECT, related_name="+")
    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("read by"), on_delete=models.CASCADE, related_name="+"
    )
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("reading")
        verbose_name_plural = _("readings")
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["notice", "edition", "home", "reader"], name="notice_read_once"),
        ]
        indexes = [models.Index(fields=["reader", "notice", "edition"], name="notice_read_by")]

    def __str__(self) -> str:
        return f"{self.notice_id} · {self.home}"


class DoorTold(models.Model):
    """Staff knocked, and told whoever opened."""

    notice = models.ForeignKey("notices.Notice", on_delete=models.CASCADE, related_name="doors_told")
    edition = models.PositiveSmallIntegerField()
    home = models.ForeignKey(Home, verbose_name=_("home"), on_delete=models.PROTECT, related_name="+")
    told_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("told by"), on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("told at the door")
        verbose_name_plural = _("told at the door")
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["notice", "edition", "home"], name="notice_door_once"),
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} · {self.home}"
