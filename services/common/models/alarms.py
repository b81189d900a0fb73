from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import access_of
from community.core.encryption import EncryptedCharField
from community.core.links import page_at
from community.estates.models import Estate
from services.common.roles import ANSWERING

if TYPE_CHECKING:
    from accounts.models import User


class AlarmQuerySet(models.QuerySet["Alarm"]):
    def sounding(self) -> "AlarmQuerySet":
        """Limits to alarms that are not acknowledged."""
        return self.filter(acknowledged_at=None)

    def visible_to(self, user: "User") -> "AlarmQuerySet":
        """Limits to alarms of estates where the user answers alarms."""
        return self.filter(estate__in=access_of(user).estates(*ANSWERING))


class Alarm(models.Model):
    """An urgent event that sounds on the desk's board until it is acknowledged.

    ``title`` is the defect or, for a call for help, the caller.
    """

    class Kind(models.TextChoices):
        REPAIR = "repair", _("repair")
        HELP = "help", _("call for help")
        DRILL = "drill", _("drill")
        TAKEN_BACK = "taken_back", _("call for help, taken back")

    estate = models.ForeignKey(
        Estate, verbose_name=_("estate"), on_delete=models.PROTECT, related_name="alarms"
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.REPAIR)
    title = EncryptedCharField(_("what"), max_length=120, was_clear=True)
    place = EncryptedCharField(_("where"), max_length=120, was_clear=True)
    url = models.CharField(_("address"), max_length=200)
    raised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("raised by"), on_delete=models.PROTECT, related_name="+"
    )
    raised_at = models.DateTimeField(_("raised"))
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("taken by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    acknowledged_at = models.DateTimeField(_("taken"), null=True, blank=True)

    objects = AlarmQuerySet.as_manager()

    class Meta:
        verbose_name = _("alarm")
        verbose_name_plural = _("alarms")
        ordering = ["-raised_at", "-pk"]
        indexes = [models.Index(fields=["estate", "acknowledged_at"], name="alarm_sounding")]

    def __str__(self) -> str:
        return self.heading

    @property
    def page(self) -> str:
        """Returns the address of the cause's page; "" while its service is switched off."""
        return page_at(self.url)

    @property
    def heading(self) -> str:
        """Returns the heading on a board, in the reader's language."""
        sentence = HEADINGS.get(self.kind)
        return str(sentence) % {"who": self.title} if sentence else self.title


HEADINGS: dict[str, Promise | str] = {
    Alarm.Kind.HELP: _("Help! %(who)s"),
    Alarm.Kind.DRILL: _("DRILL: help! %(who)s"),
    Alarm.Kind.TAKEN_BACK: _("Taken back, please call: %(who)s"),
}
