"""Files of a bank or an acquirer, whose lines are matched against payments at the counter."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import access_of
from community.core import clock, dates
from community.estates.models import Estate
from services.fees.roles import CASHIERS

if TYPE_CHECKING:
    from accounts.models import User


class BankSheetQuerySet(models.QuerySet["BankSheet"]):
    def visible_to(self, user: "User") -> "BankSheetQuerySet":
        """Limits to the files of estates where the user takes money."""
        return self.filter(estate__in=access_of(user).estates(*CASHIERS))


class BankSheet(models.Model):
    """A file of a bank or an acquirer (银行流水), brought in by a cashier; each of its days is a ``MatchingDay``.

    ``sha256`` is of the content of its rows: the same rows in another file are the same.
    """

    class Source(models.TextChoices):
        BANK = "bank", _("bank")
        ACQUIRER = "acquirer", _("card machine")

    # Ways of paying at the counter whose money stands in the lines of each source.
    WAYS: dict[str, tuple[str, ...]] = {
        Source.BANK: ("transfer", "cheque"),
        Source.ACQUIRER: ("pos", "wechat_code", "alipay_code"),
    }

    estate = models.ForeignKey(Estate, verbose_name=_("estate"), on_delete=models.PROTECT, related_name="+")
    source = models.CharField(_("from"), max_length=10, choices=Source)
    sha256 = models.CharField(max_length=64, editable=False)
    first = models.DateField(_("first day"))
    last = models.DateField(_("last day"))
    line_count = models.PositiveIntegerField(_("lines"))
    in_fen = models.BigIntegerField(_("came in, in fen"))
    out_fen = models.BigIntegerField(_("went out, in fen"))
    fee_fen = models.BigIntegerField(_("fee in fen"), default=0)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(_("entered"))

    objects = BankSheetQuerySet.as_manager()

    class Meta:
        verbose_name = _("file of a bank")
        verbose_name_plural = _("files of banks")
        ordering = ["-created_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["estate", "sha256"], name="bank_sheet_once")]

    def __str__(self) -> str:
        today = clock.today(clock.now())
        first, last = (dates.month_day(day, today) for day in (self.first, self.last))
        return f"{self.get_source_display()} {first} – {last}"

    @property
    def ways(self) -> tuple[str, ...]:
        """The ways of paying whose money stands in it."""
        return self.WAYS[self.source]
