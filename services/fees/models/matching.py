"""Reconciliation (对账): the days of an account at a provider, their lines, and what differs from our payments."""

import base64
import zlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import StaffRole, access_of
from community.core.encryption import EncryptedCharField, EncryptedTextField
from community.core.transitions import HasStatus, StatusChange
from community.estates.models import Estate
from services.fees.models.bank_sheets import BankSheet
from services.fees.models.merchants import MerchantAccount
from services.fees.models.payments import Payment
from services.fees.models.refunds import Refund
from services.fees.roles import CASHIERS

if TYPE_CHECKING:
    from accounts.models import User


class MatchingDayQuerySet(models.QuerySet["MatchingDay"]):
    def visible_to(self, user: "User") -> "MatchingDayQuerySet":
        """Limits to the accounts whose money may be that of an estate where the user takes money."""
        estates = access_of(user).estates(*CASHIERS)
        if not estates:
            return self.none()
        return self.of_estates(estates)

    def of_estates(self, estates: Iterable[int]) -> "MatchingDayQuerySet":
        """Limits to the accounts and files whose money may be that of one of these estates."""
        return self.filter(_serving(Estate.objects.filter(pk__in=estates)))

    def whole_to(self, user: "User") -> "MatchingDayQuerySet":
        """Limits to days that the user answers for as a whole, lines of unknown payments included: managers,
        and cashiers of every estate of the account.
        """
        return self.whole_for(*_estates_of(user))

    def whole_for(self, taking: list[int], managed: list[int]) -> "MatchingDayQuerySet":
        """Limits likewise for somebody who takes money in the estates ``taking`` and manages ``managed``."""
        if not taking:
            return self.none()
        others = Estate.objects.exclude(pk__in=taking)
        elsewhere = others.filter(company=OuterRef("merchant__company"))
        serves_all = Q(merchant__estate__isnull=False) | Q(~Exists(elsewhere), merchant__isnull=False)
        serves_all |= Q(sheet__isnull=False) | Q(~Exists(others), merchant=None)
        manages = _serving(Estate.objects.filter(pk__in=managed)) if managed else Q(pk=None)
        return self.of_estates(taking).filter(serves_all | manages)


def _estates_of(user: "User") -> tuple[list[int], list[int]]:
    """Returns the keys of the estates in which the user takes money, and of those that they manage."""
    access = access_of(user)
    return access.estates(*CASHIERS), access.estates(StaffRole.Role.MANAGER)


def _serving(estates: "models.QuerySet[Estate]") -> Q:
    """Returns the condition that money of one of these estates may reach the account of a day."""
    of_company = Q(merchant__estate=None, merchant__company__in=estates.values("company"))
    practice, of_sheet = Q(merchant=None, sheet=None), Q(sheet__estate__in=estates)
    return practice | of_sheet | Q(merchant__estate__in=estates) | of_company


class MatchingDay(HasStatus):
    """A day of an account at a provider, or of a file of a bank: its statement, once it is there, and the state
    of its matching.

    ``merchant`` is None for the practice provider and for the days of a ``sheet``, whose ``provider`` is the
    source of the file. A day without lines is a result too.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", _("statement not there yet")
        STORED = "stored", _("statement fetched")
        MATCHED = "matched", _("matched")
        AGREED = "agreed", _("agreed")

    class Kind(models.TextChoices):
        TRADE = "trade", _("payments and refunds")

    class Trouble(models.TextChoices):
        NOT_READY = "not_ready", _("The provider is still making it.")
        BROKEN = "broken", _("It came damaged, so nothing of it was used.")
        DOWN = "down", _("The provider did not answer.")

    TRANSITIONS: dict[str, set[str]] = {
        Status.WAITING: {Status.STORED},
        Status.STORED: {Status.MATCHED},
        Status.MATCHED: {Status.AGREED},
        Status.AGREED: set(),
    }

    provider = models.CharField(pgettext_lazy("payment", "provider"), max_length=20)
    merchant = models.ForeignKey(
        MerchantAccount,
        verbose_name=_("merchant account"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="days",
    )
    sheet = models.ForeignKey(
        BankSheet,
        verbose_name=_("file of a bank"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="days",
    )
    day = models.DateField(_("day"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.TRADE)
    # The statement, packed by zlib and written as base64, and the SHA-256 of its content, unpacked.
    packed = EncryptedTextField(_("statement"), blank=True, editable=False)
    sha256 = models.CharField(max_length=64, blank=True, editable=False)
    # Numbers of lines that could not be read, each with the reason.
    problems = models.JSONField(_("lines that could not be read"), default=list, blank=True)
    # Why it is not there yet, and when the provider is asked next.
    trouble = models.CharField(_("why it is late"), max_length=10, choices=Trouble, blank=True)
    ask_at = models.DateTimeField(null=True, blank=True, editable=False)
    matched_at = models.DateTimeField(_("matched"), null=True, blank=True)
    status = models.CharField(_("state"), max_length=20, choices=Status, default=Status.WAITING)
    status_changed_at = models.DateTimeField(_("since"))
    created_at = models.DateTimeField(_("entered"))

    objects = MatchingDayQuerySet.as_manager()

    class Meta:
        verbose_name = _("day of a provider")
        verbose_name_plural = _("days of providers")
        ordering = ["-day", "provider", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "day", "kind"], name="matching_day_once"),
            models.UniqueConstraint(
                fields=["provider", "day", "kind"],
                condition=Q(merchant=None, sheet=None),
                name="matching_day_without_merchant_once",
            ),
            models.UniqueConstraint(fields=["sheet", "day", "kind"], name="matching_day_of_sheet_once"),
        ]
        indexes = [
            models.Index(fields=["ask_at"], condition=Q(status="waiting"), name="matching_day_to_ask"),
            models.Index(fields=["-day", "-id"], name="matching_day_newest"),
        ]

    def __str__(self) -> str:
        name = self.sheet.get_source_display() if self.sheet else self.provider
        return f"{self.merchant or name} {self.day:%Y-%m-%d}"

    @property
    def text(self) -> bytes:
        """The content of the statement as the provider made it."""
        return zlib.decompress(base64.b64decode(self.packed)) if self.packed else b""

    @text.setter
    def text(self, content: bytes) -> None:
        self.packed = base64.b64encode(zlib.compress(content)).decode()

    def estates(self) -> "models.QuerySet[Estate]":
        """Returns the estates whose money may reach the account."""
        if self.sheet is not None:
            return Estate.objects.filter(pk=self.sheet.estate_id)
        if self.merchant is None:
            return Estate.objects.all()
        if self.merchant.estate_id:
            return Estate.objects.filter(pk=self.merchant.estate_id)
        return Estate.objects.filter(company=self.merchant.company_id)


class MatchingDayChange(StatusChange):
    day = models.ForeignKey(MatchingDay, on_delete=models.CASCADE, related_name="history")


def _within_reach(taking: list[int], managed: list[int]) -> Q:
    """Returns the condition for rows of these estates; those of unknown payments are for who answers for the
    whole day.
    """
    whole = MatchingDay.objects.whole_for(taking, managed)
    return Q(estate__in=taking) | Q(estate=None, day__in=whole.values("pk"))


class MatchingLineQuerySet(models.QuerySet["MatchingLine"]):
    def visible_to(self, user: "User") -> "MatchingLineQuerySet":
        """Limits to lines that the user may see."""
        return self.filter(_within_reach(*_estates_of(user)))


class MatchingLine(models.Model):
    """A line of a day's statement; ``payment`` and ``refund`` are ours, ``estate`` theirs, once it is matched."""

    class Kind(models.TextChoices):
        PAYMENT = "payment", _("payment")
        REFUND = "refund", _("refund")
        # Money that went out of the bank for something else than a refund.
        OTHER = "other", _("other spending")

    day = models.ForeignKey(MatchingDay, on_delete=models.CASCADE, related_name="lines")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    order_number = models.CharField(_("order"), max_length=64)
    refund_number = models.CharField(_("number of the refund"), max_length=64, blank=True)
    number = models.CharField(_("number at the provider"), max_length=64)
    amount_fen = models.BigIntegerField(_("amount in fen"))
    fee_fen = models.BigIntegerField(_("fee in fen"), default=0)
    # For a line of a bank: a hash of its cells, by which the same line in another file is found, and the words
    # about the other side. ``order_number`` is the number of its voucher then.
    key = models.CharField(max_length=64, blank=True, default="", db_default="", editable=False)
    party = EncryptedTextField(_("other side"), blank=True, default="", db_default="")
    party_account = EncryptedTextField(_("account of the other side"), blank=True, default="", db_default="")
    words = EncryptedTextField(_("text of the bank"), blank=True, default="", db_default="")
    # The estate, reference and refund that the numbers name; None and "" for any other text.
    named_estate = models.BigIntegerField(null=True, editable=False)
    named_reference = models.CharField(max_length=20, blank=True, editable=False)
    named_refund = models.BigIntegerField(null=True, editable=False)
    estate = models.ForeignKey(
        Estate, verbose_name=_("estate"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    payment = models.ForeignKey(
        Payment, verbose_name=_("payment"), null=True, on_delete=models.PROTECT, related_name="matching_lines"
    )
    refund = models.ForeignKey(
        Refund, verbose_name=_("refund"), null=True, on_delete=models.PROTECT, related_name="matching_lines"
    )

    objects = MatchingLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("line of a statement")
        verbose_name_plural = _("lines of statements")
        ordering = ["day", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["estate", "key"], condition=~Q(key=""), name="matching_bank_line_once"
            ),
            models.UniqueConstraint(
                fields=["payment"], condition=~Q(key=""), name="matching_bank_payment_once"
            ),
            models.UniqueConstraint(
                fields=["refund"], condition=~Q(key=""), name="matching_bank_refund_once"
            ),
        ]
        indexes = [models.Index(fields=["number"], name="matching_line_number")]

    def __str__(self) -> str:
        return self.refund_number or self.order_number or self.number


class DifferenceQuerySet(models.QuerySet["MatchingDifference"]):
    def visible_to(self, user: "User") -> "DifferenceQuerySet":
        """Limits to differences that the user may see."""
        return self.within_reach(*_estates_of(user))

    def within_reach(self, taking: list[int], managed: list[int]) -> "DifferenceQuerySet":
        """Limits likewise for somebody who takes money in the estates ``taking`` and manages ``managed``."""
        return self.filter(_within_reach(taking, managed))

    def open(self) -> "DifferenceQuerySet":
        """Limits to differences that nobody has resolved yet."""
        return self.filter(resolved_at=None)


class MatchingDifference(models.Model):
    """A difference between a day's statement and our payments, until a person or the next matching resolves it.

    ``there_fen`` is the sum in the statement, ``here_fen`` ours; None where there is none.
    """

    class Kind(models.TextChoices):
        UNKNOWN = "unknown", _("payment that we do not know")
        NOT_HERE = "not_here", _("paid there, not here")
        NOT_THERE = "not_there", _("paid here, not in the statement")
        AMOUNT = "amount", _("another amount")
        REPEATED = "repeated", _("twice in the statement")
        NUMBER_USED = "number_used", _("a number that another payment has")
        REFUND_UNKNOWN = "refund_unknown", _("refund that we do not know")
        REFUND_NOT_HERE = "refund_not_here", _("paid back there, not here")
        REFUND_NOT_THERE = "refund_not_there", _("paid back here, not in the statement")
        REFUND_AMOUNT = "refund_amount", _("refund of another amount")
        PROPOSED = "proposed", _("fits a payment")

    # Kinds whose action writes the provider's word into our rows; for all others a person says what was done.
    SETTLED_BY_ACTION = (Kind.NOT_HERE, Kind.REFUND_NOT_HERE, Kind.PROPOSED)

    day = models.ForeignKey(MatchingDay, on_delete=models.PROTECT, related_name="differences")
    # Names its subject within the day, so that another matching finds it again: "not_there:12".
    key = models.CharField(max_length=40, editable=False)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    line = models.ForeignKey(
        MatchingLine, null=True, blank=True, on_delete=models.PROTECT, related_name="differences"
    )
    payment = models.ForeignKey(
        Payment, null=True, blank=True, on_delete=models.PROTECT, related_name="matching_differences"
    )
    refund = models.ForeignKey(
        Refund, null=True, blank=True, on_delete=models.PROTECT, related_name="matching_differences"
    )
    estate = models.ForeignKey(
        Estate, verbose_name=_("estate"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    there_fen = models.BigIntegerField(_("in the statement, in fen"), null=True, blank=True)
    here_fen = models.BigIntegerField(_("here, in fen"), null=True, blank=True)
    found_at = models.DateTimeField(_("found"))
    # None with ``resolved_at``: a later matching found that it is right by now.
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("resolved by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    resolved_at = models.DateTimeField(_("resolved"), null=True, blank=True)
    words = EncryptedCharField(_("what was done"), max_length=200, blank=True, was_clear=True)

    objects = DifferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("difference from a statement")
        verbose_name_plural = _("differences from statements")
        ordering = ["day", "pk"]
        constraints = [models.UniqueConstraint(fields=["day", "key"], name="matching_difference_once")]
        indexes = [
            models.Index(fields=["estate"], condition=Q(resolved_at=None), name="matching_difference_open"),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.get_kind_display()}"

    @property
    def is_settled_by_action(self) -> bool:
        return self.kind in self.SETTLED_BY_ACTION
