"""Sheets by which days and months of the books are closed, each signed by two people (日结、月结)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User, access_of
from community.core.services.figures import Span
from community.core.transitions import HasStatus, StatusChange
from community.estates.models import Estate
from services.fees.roles import FEES_STAFF


class ClosingSheetQuerySet(models.QuerySet["ClosingSheet"]):
    def visible_to(self, user: User) -> "ClosingSheetQuerySet":
        """Limits to the estates in which the user is staff of fees."""
        return self.filter(estate__in=access_of(user).estates(*FEES_STAFF))

    def signed(self) -> "ClosingSheetQuerySet":
        """Limits to sheets that both people have signed."""
        return self.filter(status=ClosingSheet.Status.SIGNED)

    def of(self, estate: Estate, kind: str, span: Span) -> "ClosingSheetQuerySet":
        """Limits to the sheets of one kind whose first day lies in ``span``."""
        return self.filter(estate=estate, kind=kind, first__gte=span.first, first__lte=span.last)


class ClosingSheet(HasStatus):
    """The figures of a day or a month of an estate's books, prepared by one person and signed by another.

    A signed sheet closes its days: the database accepts no ledger transaction that is dated in them, and
    never changes the sheet. A signed month closes everything before it as well. Nothing opens them again.
    """

    class Kind(models.TextChoices):
        DAY = "day", _("day")
        MONTH = "month", _("month")

    class Status(models.TextChoices):
        PREPARED = "prepared", _("waits for the second signature")
        SIGNED = "signed", _("signed by both")

    TRANSITIONS: dict[str, set[str]] = {Status.PREPARED: {Status.SIGNED}, Status.SIGNED: set()}

    estate = models.ForeignKey(Estate, verbose_name=_("estate"), on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=5, choices=Kind)
    first = models.DateField(_("first day"))
    last = models.DateField(_("last day"))
    # The same days as moments, for the triggers of the ledger: the end is the midnight after the last day.
    begins_at = models.DateTimeField(editable=False)
    ends_at = models.DateTimeField(editable=False)
    # Sums in fen (``closing.figures``), and the SHA-256 of them with the estate and the days.
    figures = models.JSONField(_("figures"), default=dict)
    digest = models.CharField(_("checksum"), max_length=64)
    status = models.CharField(_("state"), max_length=10, choices=Status, default=Status.PREPARED)
    status_changed_at = models.DateTimeField(_("since"))
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("prepared by"), on_delete=models.PROTECT, related_name="+"
    )
    prepared_at = models.DateTimeField(_("prepared"))
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("signed by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    objects = ClosingSheetQuerySet.as_manager()

    class Meta:
        verbose_name = _("closing sheet")
        verbose_name_plural = _("closing sheets")
        ordering = ["-first", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["estate", "kind", "first"], name="closing_sheet_once"),
            models.CheckConstraint(
                condition=Q(status="prepared", signed_by=None)
                | (Q(status="signed", signed_by__isnull=False) & ~Q(signed_by=F("prepared_by"))),
                name="closing_sheet_by_two",
            ),
        ]
        indexes = [
            models.Index(
                fields=["estate", "ends_at"], condition=Q(status="signed"), name="closing_sheet_signed"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.label}"

    @property
    def label(self) -> str:
        """The day or month in digits: 2026-11-30, 2026-11."""
        return self.first.isoformat() if self.kind == self.Kind.DAY else f"{self.first:%Y-%m}"

    @property
    def span(self) -> Span:
        return Span(self.first, self.last)

    @property
    def left_fen(self) -> int:
        """The takings of its days: money in less money back."""
        return self.figures["taken_fen"] - self.figures["back_fen"]

    @property
    def is_signed(self) -> bool:
        return self.status == self.Status.SIGNED


class ClosingSheetChange(StatusChange):
    sheet = models.ForeignKey(ClosingSheet, on_delete=models.CASCADE, related_name="history")
