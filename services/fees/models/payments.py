"""Payments, and notices of payment providers."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import access_of
from community.core.encryption import BlindIndexField, EncryptedCharField
from community.core.search.references import LastFour
from community.core.transitions import HasStatus, StatusChange
from community.estates.models import Estate, Home
from services.common.models import Referable
from services.fees import KEY
from services.fees.models.bills import Bill
from services.fees.models.merchants import MerchantAccount
from services.fees.roles import FEES_STAFF

if TYPE_CHECKING:
    from accounts.models import User


# An estate's key in an order number that a provider sends back has fewer digits.
MAX_DIGITS = 10
MAX_REFERENCE = 20


class PaymentQuerySet(models.QuerySet["Payment"]):
    def visible_to(self, user: "User") -> "PaymentQuerySet":
        """Limits to payments of the user and of people they act for and, for staff of fees, of their estates."""
        access = access_of(user)
        return self.filter(Q(payer__in=access.people(KEY)) | Q(estate__in=access.estates(*FEES_STAFF)))

    def of_payer(self, user: "User") -> "PaymentQuerySet":
        """Limits to a resident's own list: their payments and those of people they act for."""
        return self.filter(payer__in=access_of(user).people(KEY))

    @staticmethod
    def parts_of(order_number: str) -> tuple[int | None, str]:
        """Returns the estate's key and the reference that an order number names; None and "" for any other text."""
        estate, _dash, reference = order_number.partition("-")
        is_number = estate.isascii() and estate.isdigit() and len(estate) < MAX_DIGITS
        is_ours = is_number and reference.isprintable() and len(reference) <= MAX_REFERENCE
        return (int(estate), reference) if is_ours else (None, "")

    def with_order_number(self, order_number: str) -> "PaymentQuerySet":
        """Limits to the payment with this number at a provider; none for any other text."""
        estate, reference = self.parts_of(order_number)
        return self.none() if estate is None else self.filter(estate=estate, reference=reference)

    def waiting(self) -> "PaymentQuerySet":
        """Limits to payments for which the provider has not reported a result yet."""
        return self.filter(status=Payment.Status.PENDING)

    def not_overtaken(self) -> "PaymentQuerySet":
        """Excludes unfinished payments all of whose bills were settled otherwise since."""
        still_owed = PaymentLine.objects.filter(payment=OuterRef("pk"), bill__status=Bill.Status.OPEN)
        return self.filter(~Q(status=Payment.Status.PENDING) | Exists(still_owed))

    def not_in_doubt(self) -> "PaymentQuerySet":
        """Excludes payments with a doubt: another query of the provider brings the same answer."""
        doubts = ProviderNotice.objects.filter(outcome__in=ProviderNotice.DOUBTS, payment=OuterRef("pk"))
        return self.filter(~Exists(doubts))


class Payment(Referable, HasStatus):
    """A payment (缴费) of one home's bills: through a provider, at the counter, or from prepayment; or a deposit.

    ``key`` is the single-use token of the page that began it. Money that no bill takes becomes prepayment: of
    the person whose own bill it was meant for, or who pays for a home in which they do not live; else of the
    home.
    """

    class Status(models.TextChoices):
        PENDING = "pending", _("waiting for the money")
        PAID = "paid", _("paid")
        FAILED = "failed", _("not paid")
        CLOSED = "closed", _("given up")
        PARTLY = "partly", _("partly paid back")
        REFUNDED = "refunded", _("paid back")
        MOVED = "moved", _("moved to another home")

    TRANSITIONS: dict[str, set[str]] = {
        Status.PENDING: {Status.PAID, Status.FAILED, Status.CLOSED},
        # Late money is credited all the same.
        Status.FAILED: {Status.PAID},
        Status.CLOSED: {Status.PAID},
        Status.PAID: {Status.PARTLY, Status.REFUNDED, Status.MOVED},
        # Paid back in several parts; each is a step of the history.
        Status.PARTLY: {Status.PARTLY, Status.REFUNDED, Status.MOVED},
        Status.REFUNDED: set(),
        Status.MOVED: set(),
    }
    # States of a payment whose money has come, whatever became of it since.
    RECEIVED = (Status.PAID, Status.PARTLY, Status.REFUNDED, Status.MOVED)
    # The last is the way of a payment whose money was booked to another home before (``moved_from``).
    CASH, PREPAYMENT, OTHER_HOME = "cash", "prepayment", "moved"
    # Ways by which no money comes in: it had come before.
    NO_MONEY = (PREPAYMENT, OTHER_HOME)
    # Ways of paying that a cashier records; all but cash have a number of their own on a slip or statement.
    AT_COUNTER = (CASH, "pos", "transfer", "wechat_code", "alipay_code", "cheque")

    estate = models.ForeignKey(Estate, verbose_name=_("estate"), on_delete=models.PROTECT, related_name="+")
    reference = models.CharField(_("reference"), max_length=MAX_REFERENCE)
    key = models.UUIDField(unique=True, editable=False)
    home = models.ForeignKey(Home, verbose_name=_("home"), on_delete=models.PROTECT, related_name="payments")
    # ``payer`` is the resident whose payment it is; ``made_by`` is the user who made it: the payer, a
    # delegate, a cashier.
    payer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("payer"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="payments",
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("made by"), on_delete=models.PROTECT, related_name="+"
    )
    # A way at the counter, "prepayment", or the name of a provider in services/fees/providers.
    channel = models.CharField(_("way"), max_length=20)
    amount_fen = models.PositiveIntegerField(_("amount in fen"))
    # Fen that went out of it again, paid back or moved to another home; a conditional UPDATE on it decides
    # between two refunds of the same rest.
    back_fen = models.PositiveIntegerField(_("paid back in fen"), default=0, db_default=0)
    # The payment of another home by which the money of this one came.
    moved_from = models.OneToOneField(
        "self",
        verbose_name=_("moved from"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="moved_to",
    )
    # The account at the provider to which the money goes; None at the counter and for the practice provider.
    merchant = models.ForeignKey(
        MerchantAccount,
        verbose_name=_("merchant account"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="payments",
    )
    # Until when its order at the provider can be paid.
    expires_at = models.DateTimeField(_("payable until"), null=True, blank=True)
    # When the provider is asked about it next if no notice comes, and how often it was.
    ask_at = models.DateTimeField(null=True, blank=True, editable=False)
    asks = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)
    # Number of the POS slip, transfer, code payment or cheque that a cashier typed.
    slip_number = models.CharField(_("number of the slip"), max_length=40, blank=True)
    # Number of the transaction at the provider; empty until the money is there.
    provider_number = models.CharField(_("number at the provider"), max_length=64, blank=True)
    # Name on the receipt of a payer at the counter who is no registered resident.
    payer_name = EncryptedCharField(_("name of the payer"), max_length=40, blank=True, was_clear=True)
    payer_name_index = BlindIndexField(of="payer_name", default="", db_default="")
    status = models.CharField(_("state"), max_length=20, choices=Status, default=Status.PENDING)
    status_changed_at = models.DateTimeField(_("since"))
    paid_at = models.DateTimeField(_("paid"), null=True, blank=True)
    # Time of the first print of the receipt at the counter; later prints are marked as reprints.
    printed_at = models.DateTimeField(_("receipt printed"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("begun"))

    objects = PaymentQuerySet.as_manager()

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["estate", "reference"], name="payment_reference_once"),
            models.UniqueConstraint(
                fields=["channel", "provider_number"],
                condition=~Q(provider_number=""),
                name="provider_number_once",
            ),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="payment_positive"),
            models.CheckConstraint(
                condition=Q(status__in=["paid", "partly", "refunded", "moved"], paid_at__isnull=False)
                | (~Q(status__in=["paid", "partly", "refunded", "moved"]) & Q(paid_at=None)),
                name="payment_paid_when",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["refunded", "moved"], back_fen=F("amount_fen"))
                | Q(status="partly", back_fen__gt=0, back_fen__lt=F("amount_fen"))
                | (~Q(status__in=["partly", "refunded", "moved"]) & Q(back_fen=0)),
                name="payment_back_as_it_says",
            ),
            models.CheckConstraint(
                condition=Q(channel="moved", moved_from__isnull=False)
                | (~Q(channel="moved") & Q(moved_from=None)),
                name="payment_moved_from",
            ),
        ]
        indexes = [
            models.Index(fields=["payer", "-created_at"], name="payment_of_payer"),
            models.Index(fields=["estate", "status", "-created_at"], name="payment_of_estate"),
            models.Index(fields=["estate", "paid_at"], name="payment_paid_on"),
            models.Index(fields=["-created_at", "-id"], name="payment_newest_first"),
            models.Index(
                fields=["payer_name_index"], name="payment_by_name", condition=~Q(payer_name_index="")
            ),
            # Ends of references, as they are said on the phone.
            models.Index(LastFour("reference"), name="payment_by_end"),
            models.Index(fields=["ask_at"], condition=Q(status="pending"), name="payment_to_ask"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def live_topic(self) -> str:
        return f"payment:{self.pk}"

    @property
    def is_at_counter(self) -> bool:
        return self.channel in self.AT_COUNTER

    @property
    def left_fen(self) -> int:
        """The fen of a received payment that were not paid back or moved."""
        return self.amount_fen - self.back_fen if self.status in self.RECEIVED else 0

    @property
    def origin(self) -> "Payment":
        """The payment by which its money came: itself, unless the money was booked to another home before."""
        return self.moved_from.origin if self.moved_from else self

    @property
    def order_number(self) -> str:
        """The number of the payment at a provider: references are unique within an estate only."""
        return f"{self.estate_id}-{self.reference}"


class PaymentChange(StatusChange):
    payment = models.ForeignKey(Payment, on_delete=models.CASCADE, related_name="history")


class LiveOrder(models.Model):
    """The one payment by which a bill can be paid at a provider now.

    A row is made before the order is created there and deleted when the payment ends; that a bill has one row
    at most keeps two orders for it from being payable at once.
    """

    bill = models.OneToOneField(
        Bill, verbose_name=_("bill"), on_delete=models.PROTECT, related_name="live_order"
    )
    payment = models.ForeignKey(
        Payment, verbose_name=_("payment"), on_delete=models.CASCADE, related_name="live_orders"
    )

    class Meta:
        verbose_name = _("order that can be paid")
        verbose_name_plural = _("orders that can be paid")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.bill} → {self.payment}"


class PaymentLine(models.Model):
    """The fen of a payment that were meant for a bill, and the fen that the bill took."""

    payment = models.ForeignKey(Payment, on_delete=models.CASCADE, related_name="lines")
    bill = models.ForeignKey(
        Bill, verbose_name=_("bill"), on_delete=models.PROTECT, related_name="payment_lines"
    )
    amount_fen = models.PositiveIntegerField(_("meant for it, in fen"))
    applied_fen = models.PositiveIntegerField(_("taken by it, in fen"), default=0)
    # Fen that went out of it again, of those that the bill took.
    back_fen = models.PositiveIntegerField(_("paid back in fen"), default=0, db_default=0)

    class Meta:
        verbose_name = _("line of a payment")
        verbose_name_plural = _("lines of a payment")
        ordering = ["payment", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["payment", "bill"], name="payment_line_once"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="payment_line_positive"),
            models.CheckConstraint(
                condition=Q(applied_fen__lte=F("amount_fen")), name="payment_line_not_more"
            ),
            models.CheckConstraint(
                condition=Q(back_fen__lte=F("applied_fen")), name="payment_line_back_not_more"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.payment} → {self.bill}"

    @property
    def left_fen(self) -> int:
        """The fen that lie on the bill still."""
        return self.applied_fen - self.back_fen


class NoticeQuerySet(models.QuerySet["ProviderNotice"]):
    def in_doubt(self) -> "NoticeQuerySet":
        """Limits to doubts that no cashier has resolved yet."""
        return self.filter(outcome__in=ProviderNotice.DOUBTS, seen_at=None)


class ProviderNotice(models.Model):
    """A report of a provider and its outcome, stored so that a doubt can be checked."""

    class Outcome(models.TextChoices):
        CREDITED = "credited", _("credited")
        REPEATED = "repeated", _("had been credited before")
        SECOND = "second", _("paid a second time, kept as prepayment")
        NOT_PAID = "not_paid", _("says that nothing was paid")
        WRONG_AMOUNT = "wrong_amount", _("another amount than was asked for")
        LATE = "late", _("paid for what was settled otherwise, kept as prepayment")
        REFUND = "refund", _("about a refund")
        UNKNOWN = "unknown", _("of a payment that we do not know")
        NUMBER_USED = "number_used", _("a number that another payment has")
        BAD_SIGNATURE = "bad_signature", _("signature wrong")

    # Outcomes in which the report was not followed, or its money not used as it was meant: a cashier checks them.
    DOUBTS = (Outcome.WRONG_AMOUNT, Outcome.NUMBER_USED, Outcome.SECOND, Outcome.LATE)

    provider = models.CharField(pgettext_lazy("payment", "provider"), max_length=20)
    reference = models.CharField(_("reference"), max_length=40, blank=True)
    provider_number = models.CharField(_("number at the provider"), max_length=64, blank=True)
    amount_fen = models.BigIntegerField(_("amount in fen"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome)
    payment = models.ForeignKey(
        Payment, null=True, blank=True, on_delete=models.PROTECT, related_name="notices"
    )
    at = models.DateTimeField(_("when"))
    # Resolution of a doubt: the person, the time, and their words.
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("seen to by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    seen_at = models.DateTimeField(_("seen to"), null=True, blank=True)
    seen_words = EncryptedCharField(_("what was done"), max_length=200, blank=True, was_clear=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("call of a provider")
        verbose_name_plural = _("calls of providers")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.reference} {self.at:%Y-%m-%d}"
