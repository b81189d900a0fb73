"""Shifts of cashiers: whose till money came into at the counter, and what was counted at the end."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import access_of
from community.core.statements import Statement
from community.core.transitions import HasStatus, StatusChange
from community.estates.models import Estate
from services.fees.roles import CASHIERS, SEES_ALL_SHIFTS

if TYPE_CHECKING:
    from accounts.models import User


class ShiftQuerySet(models.QuerySet["Shift"]):
    def visible_to(self, user: "User") -> "ShiftQuerySet":
        """Limits to a cashier's own shifts and, for managers and auditors, all shifts of their estates."""
        access = access_of(user)
        own = Q(cashier=user, estate__in=access.estates(*CASHIERS))
        return self.filter(own | Q(estate__in=access.estates(*SEES_ALL_SHIFTS)))

    def open(self) -> "ShiftQuerySet":
        """Limits to shifts that are not closed."""
        return self.filter(status=Shift.Status.OPEN)

    def open_of(self, user: "User", estate_id: int) -> "Shift | None":
        """Returns the open shift of this cashier in an estate; None without one."""
        return next(iter(_OPEN_OF(user.pk, estate_id)), None)


_OPEN_OF: Statement["Shift"] = Statement(
    lambda cashier, estate: Shift.objects.open().filter(cashier=cashier, estate=estate)
)


class Shift(HasStatus):
    """A shift of one cashier's till in one estate (收银班次).

    It begins with a float and is closed with the counted cash. All money that the cashier takes or pays out
    at the counter meanwhile belongs to it: its ledger transactions name it.
    """

    class Status(models.TextChoices):
        OPEN = "open", pgettext_lazy("till", "open")
        CLOSED = "closed", pgettext_lazy("till", "closed")

    TRANSITIONS: dict[str, set[str]] = {Status.OPEN: {Status.CLOSED}, Status.CLOSED: set()}

    estate = models.ForeignKey(Estate, verbose_name=_("estate"), on_delete=models.PROTECT, related_name="+")
    cashier = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("cashier"), on_delete=models.PROTECT, related_name="+"
    )
    float_fen = models.PositiveIntegerField(_("float in fen"))
    # Counts what was booked in it; the UPDATE locks the row, so that a shift is not closed in the middle.
    movements = models.PositiveIntegerField(default=0)
    status = models.CharField(_("state"), max_length=20, choices=Status, default=Status.OPEN)
    status_changed_at = models.DateTimeField(_("since"))
    opened_at = models.DateTimeField(_("opened"))
    closed_at = models.DateTimeField(pgettext_lazy("till", "closed"), null=True, blank=True)
    # Cash that should be in the till at the end, the float included, and the cash that was counted.
    expected_fen = models.BigIntegerField(_("expected, in fen"), null=True, blank=True)
    counted_fen = models.PositiveBigIntegerField(_("counted, in fen"), null=True, blank=True)
    # How many notes and coins of each value in fen were counted: {"10000": 3}; empty if only a sum was typed.
    pieces = models.JSONField(_("notes and coins"), default=dict, blank=True)

    objects = ShiftQuerySet.as_manager()

    class Meta:
        verbose_name = _("shift of a till")
        verbose_name_plural = _("shifts of tills")
        ordering = ["-opened_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["estate", "cashier"], condition=Q(status="open"), name="shift_one_open"
            ),
            models.CheckConstraint(
                condition=Q(
                    status="closed",
                    closed_at__isnull=False,
                    expected_fen__isnull=False,
                    counted_fen__isnull=False,
                )
                | Q(status="open", closed_at=None, expected_fen=None, counted_fen=None),
                name="shift_closed_when",
            ),
        ]
        indexes = [
            models.Index(fields=["estate", "-opened_at"], name="shift_of_estate"),
            models.Index(fields=["cashier", "-opened_at"], name="shift_of_cashier"),
        ]

    def __str__(self) -> str:
        return f"{self.cashier} {self.opened_at:%Y-%m-%d}"

    @property
    def difference_fen(self) -> int:
        """Counted less expected cash: negative if cash is missing. 0 while the shift is open."""
        return (self.counted_fen or 0) - (self.expected_fen or 0)


class ShiftChange(StatusChange):
    shift = models.ForeignKey(Shift, on_delete=models.CASCADE, related_name="history")


class BankedCash(HasStatus):
    """Cash that a cashier has brought from the till to the bank during a shift (缴存银行), with the bank's slip."""

    class Status(models.TextChoices):
        BOOKED = "booked", pgettext_lazy("banked", "in the books")
        UNDONE = "undone", pgettext_lazy("banked", "undone")

    TRANSITIONS: dict[str, set[str]] = {Status.BOOKED: {Status.UNDONE}, Status.UNDONE: set()}

    shift = models.ForeignKey(
        Shift, verbose_name=_("shift of a till"), on_delete=models.PROTECT, related_name="banked"
    )
    estate = models.ForeignKey(Estate, verbose_name=_("estate"), on_delete=models.PROTECT, related_name="+")
    amount_fen = models.PositiveIntegerField(_("amount in fen"))
    slip_number = models.CharField(_("slip number"), max_length=40)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.PROTECT, related_name="+"
    )
    key = models.UUIDField(unique=True, editable=False)
    status = models.CharField(_("state"), max_length=10, choices=Status, default=Status.BOOKED)
    status_changed_at = models.DateTimeField(_("since"))
    created_at = models.DateTimeField(_("made"))

    class Meta:
        verbose_name = _("cash brought to the bank")
        verbose_name_plural = _("cash brought to the bank")
        ordering = ["created_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="banked_positive"),
            models.UniqueConstraint(
                fields=["estate", "slip_number"], condition=Q(status="booked"), name="banked_slip_once"
            ),
        ]

    def __str__(self) -> str:
        return self.slip_number


class BankedCashChange(StatusChange):
    banked = models.ForeignKey(BankedCash, on_delete=models.CASCADE, related_name="history")
