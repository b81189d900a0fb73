"""Records by which a home knows of a notice: a resident has read it, or staff told it at the door."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from community.estates.models import Home


class NoticeReading(models.Model):
    """A person opened the notice; a row for each of their homes that it is for. Kept when they move out."""

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
    """Staff told the notice at the door of a home."""

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
