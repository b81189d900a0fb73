"""Tables of the morning page's figures, filled every night."""

from typing import TYPE_CHECKING
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import access_of
from community.core.modes import LARGE, STANDARD
from community.desk.roles import READING
from community.estates.models import Estate

if TYPE_CHECKING:
    from accounts.models import User


class FigureQuerySet(models.QuerySet["DayFigure"]):
    def visible_to(self, user: "User") -> "FigureQuerySet":
        return self.filter(estate__in=access_of(user).estates(*READING))


class DayFigure(models.Model):
    """A count of a day in an estate: so many (``numerator``) of so many (``denominator``).

    What is counted stands in ``community.desk.measures``. Both are whole numbers that can be added up:
    people, things, or fen. ``dimension`` is a part of the measure: a service, a mode, a kind of fee.
    A monthly measure stands on the first of its month.
    """

    estate = models.ForeignKey(Estate, verbose_name=_("estate"), on_delete=models.CASCADE, related_name="+")
    day = models.DateField(_("day"))
    measure = models.CharField(_("figure"), max_length=20)
    dimension = models.CharField(_("part"), max_length=20, blank=True)
    numerator = models.BigIntegerField(_("numerator"))
    denominator = models.BigIntegerField(_("denominator"))

    objects = FigureQuerySet.as_manager()

    class Meta:
        verbose_name = _("daily figure")
        verbose_name_plural = _("daily figures")
        ordering = ["-day", "measure", "dimension"]
        constraints = [
            # In the order in which a page asks: all figures of an estate in a span of days.
            models.UniqueConstraint(fields=["estate", "day", "measure", "dimension"], name="day_figure_once"),
            models.CheckConstraint(
                condition=Q(numerator__gte=0, numerator__lte=F("denominator")), name="day_figure_is_a_share"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.numerator}/{self.denominator}"


class Presence(models.Model):
    """A person used the product on a day, in a mode; no page, no time, no address.

    Kept for as long as days are counted again, then only the counts are left. The key is random, so
    that the rows do not even stand in the order in which people came.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    day = models.DateField(db_index=True)
    mode = models.CharField(max_length=10, choices=[(STANDARD, STANDARD), (LARGE, LARGE)])

    class Meta:
        verbose_name = _("day of use")
        verbose_name_plural = _("days of use")
        ordering = ["-day", "user"]
        constraints = [models.UniqueConstraint(fields=["user", "day", "mode"], name="presence_once_a_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.mode}"
