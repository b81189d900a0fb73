"""Balances with which an estate moves its books in (期初): what homes owed and had paid ahead before."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User, access_of
from community.core.transitions import HasStatus, StatusChange
from community.estates.models import Estate, Home
from services.fees.roles import FEES_STAFF


class OpeningQuerySet(models.QuerySet["Opening"]):
    def visible_to(self, user: User) -> "OpeningQuerySet":
        """Limits to the estates in which the user is staff of fees."""
        return self.filter(estate__in=access_of(user).estates(*FEES_STAFF))


class Opening(HasStatus):
    """The opening balances of one sheet: bills of homes and months, and prepayments of homes.

    Each is balanced against the opening account of the estate. An opening is undone as a whole, and stays as
    a record.
    """

    class Status(models.TextChoices):
        BOOKED = "booked", _("in the books")
        UNDONE = "undone", _("undone")

    TRANSITIONS: dict[str, set[str]] = {Status.BOOKED: {Status.UNDONE}, Status.UNDONE: set()}

    estate = models.ForeignKey(Estate, verbose_name=_("estate"), on_delete=models.PROTECT, related_name="+")
    status = models.CharField(_("state"), max_length=10, choices=Status, default=Status.BOOKED)
    status_changed_at = models.DateTimeField(_("since"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("made by"), on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(_("imported"))
    # Sums as the sheet had them, which its control totals confirmed.
    bill_count = models.PositiveIntegerField(_("bills"), default=0)
    arrears_fen = models.PositiveBigIntegerField(_("arrears in fen"), default=0)
    prepaid_fen = models.PositiveBigIntegerField(_("paid ahead, in fen"), default=0)

    objects = OpeningQuerySet.as_manager()

    class Meta:
        verbose_name = _("opening balance")
        verbose_name_plural = _("opening balances")
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["estate", "-created_at", "-id"], name="opening_newest_first")]

    def __str__(self) -> str:
        return f"{self.estate} {self.created_at:%Y-%m-%d}"


class OpeningChange(StatusChange):
    opening = models.ForeignKey(Opening, on_delete=models.CASCADE, related_name="history")


class OpeningPrepayment(models.Model):
    """The fen that the household of a home had paid ahead."""

    opening = models.ForeignKey(Opening, on_delete=models.PROTECT, related_name="prepayments")
    home = models.ForeignKey(Home, verbose_name=_("home"), on_delete=models.PROTECT, related_name="+")
    amount_fen = models.PositiveIntegerField(_("amount in fen"))

    class Meta:
        verbose_name = _("opening prepayment")
        verbose_name_plural = _("opening prepayments")
        ordering = ["opening", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["opening", "home"], name="opening_prepayment_once"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="opening_prepayment_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.home} {self.amount_fen}"
