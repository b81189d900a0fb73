"""Refunds: money on its way back, of a payment, of a prepayment or of a deposit."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import access_of
from community.core.encryption import BlindIndexField, EncryptedCharField
from community.core.transitions import HasStatus, StatusChange
from community.estates.models import Estate, Home
from services.fees import KEY
from services.fees.models.deposits import Deposit
from services.fees.models.items import FeeItem
from services.fees.models.ledger import Account
from services.fees.models.payments import Payment, PaymentLine
from services.fees.roles import FEES_STAFF

if TYPE_CHECKING:
    from accounts.models import User


# A refund's key in a number that a provider sends back has no more digits.
MAX_DIGITS = 18


class RefundQuerySet(models.QuerySet["Refund"]):
    def waiting_for_second(self) -> "RefundQuerySet":
        """Limits to refunds that wait for the approval of a second person."""
        return self.filter(status=Refund.Status.ASKED)

    def of_staff(self, user: "User") -> "RefundQuerySet":
        """Limits to the refunds of the estates in which the user has a role for fees."""
        return self.filter(estate__in=access_of(user).estates(*FEES_STAFF))

    def of_payer(self, user: "User") -> "RefundQuerySet":
        """Limits to refunds of payments and deposits of the user and of people they act for, and of their own
        prepayments.
        """
        people = access_of(user).people(KEY)
        own = Q(payment__payer__in=people) | Q(deposit__payment__payer__in=people)
        return self.filter(own | Q(account__person__in=people))

    @staticmethod
    def key_in(order_number: str) -> int | None:
        """Returns the key that a refund's number at a provider names; None for any other text."""
        _of_payment, _mark, pk = order_number.rpartition("-R")
        return int(pk) if pk.isascii() and pk.isdigit() and len(pk) <= MAX_DIGITS else None

    def with_order_number(self, order_number: str) -> "RefundQuerySet":
        """Limits to the refund with this number at a provider; none for any other text."""
        pk = self.key_in(order_number)
        return self.none() if pk is None else self.filter(pk=pk)

    def with_source(self) -> "RefundQuerySet":
        """Loads what a row of a list shows of it, in one query."""
        return self.select_related(
            *("home__entrance__building", "estate", "made_by", "approved_by", "kept_item"),
            *("payment__payer", "payment__made_by", "payment__moved_from", "account__person"),
            "deposit__payment__payer",
        )


class Refund(HasStatus):
    """Money on its way back (退款): all or a part of a payment, of a prepayment or of a deposit.

    Who takes it back within ten minutes needs nobody. Everything else waits for the approval of a second
    person before anything is booked. ``amount_fen`` goes out; ``kept_fen`` of a deposit are kept as income of
    ``kept_item``.
    """

    class Status(models.TextChoices):
        ASKED = "asked", _("waiting for a second person")
        DECLINED = "declined", _("not agreed to")
        PENDING = "pending", _("on its way back")
        DONE = "done", _("paid back")
        FAILED = "failed", _("could not be paid back")

    TRANSITIONS: dict[str, set[str]] = {
        Status.ASKED: {Status.PENDING, Status.DONE, Status.DECLINED},
        Status.DECLINED: set(),
        Status.PENDING: {Status.DONE, Status.FAILED},
        Status.FAILED: {Status.PENDING},
        Status.DONE: set(),
    }

    estate = models.ForeignKey(Estate, verbose_name=_("estate"), on_delete=models.PROTECT, related_name="+")
    home = models.ForeignKey(Home, verbose_name=_("home"), on_delete=models.PROTECT, related_name="refunds")
    # Single-use token of the page on which it was asked for.
    key = models.UUIDField(unique=True, null=True, blank=True, editable=False)
    # Exactly one of them: what it is paid back of. ``account`` is a prepayment.
    payment = models.ForeignKey(
        Payment,
        verbose_name=_("payment"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="refunds",
    )
    account = models.ForeignKey(
        Account,
        verbose_name=_("account"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="refunds",
    )
    deposit = models.ForeignKey(
        Deposit,
        verbose_name=_("deposit"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="refunds",
    )
    amount_fen = models.PositiveIntegerField(_("amount in fen"))
    kept_fen = models.PositiveIntegerField(_("kept in fen"), default=0)
    kept_item = models.ForeignKey(
        FeeItem,
        verbose_name=_("kept as"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    # The way by which it goes: a way at the counter or a provider.
    channel = models.CharField(_("way"), max_length=20)
    # Number of the transfer, slip or cheque; and who received it, if not the payer.
    slip_number = models.CharField(_("number of the slip"), max_length=40, blank=True)
    payee_name = EncryptedCharField(_("received by"), max_length=40, blank=True, was_clear=True)
    payee_name_index = BlindIndexField(of="payee_name", default="", db_default="")
    reason = EncryptedCharField(_("why"), max_length=200, blank=True, was_clear=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("made by"), on_delete=models.PROTECT, related_name="+"
    )
    # The second person; None for what the payer took back.
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("agreed to by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    provider_number = models.CharField(_("number at the provider"), max_length=64, blank=True)
    # When the provider accepted it, and when it is asked next whether the money has gone.
    accepted_at = models.DateTimeField(_("accepted by the provider"), null=True, blank=True)
    ask_at = models.DateTimeField(null=True, blank=True, editable=False)
    asks = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)
    status = models.CharField(_("state"), max_length=20, choices=Status, default=Status.PENDING)
    status_changed_at = models.DateTimeField(_("since"))
    created_at = models.DateTimeField(_("asked for"))
    # Time of its booking; None while it waits for a second person.
    booked_at = models.DateTimeField(_("written into the books"), null=True, blank=True)

    objects = RefundQuerySet.as_manager()

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0) | Q(kept_fen__gt=0), name="refund_positive"),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("made_by")), name="refund_by_two"
            ),
            models.CheckConstraint(
                condition=Q(payment__isnull=False, account=None, deposit=None)
                | Q(payment=None, account__isnull=False, deposit=None)
                | Q(payment=None, account=None, deposit__isnull=False),
                name="refund_of_one",
            ),
            models.CheckConstraint(
                condition=Q(kept_fen=0, kept_item=None)
                | Q(kept_fen__gt=0, kept_item__isnull=False, deposit__isnull=False),
                name="refund_keeps_of_deposit",
            ),
            *(
                models.UniqueConstraint(
                    fields=[source], condition=Q(status="asked"), name=f"refund_waits_once_{source}"
                )
                for source in ("payment", "account", "deposit")
            ),
        ]
        indexes = [
            models.Index(fields=["estate", "-created_at", "-id"], name="refund_of_estate"),
            models.Index(fields=["estate", "booked_at"], name="refund_booked_on"),
        ]

    def __str__(self) -> str:
        return f"{self.source} ←"

    @property
    def source(self) -> Payment | Deposit | Account:
        """The payment, deposit or account of which it is paid back."""
        found = self.payment or self.deposit or self.account
        assert found is not None
        return found

    @property
    def person_id(self) -> int | None:
        """The person whose money it is; None for a household's, and for a payer who is not registered."""
        if self.account:
            return self.account.person_id
        return self.of_payment.payer_id

    @property
    def of_payment(self) -> Payment:
        """The payment by which the money came, of a payment or deposit."""
        if self.payment:
            return self.payment
        assert self.deposit is not None
        return self.deposit.payment

    @property
    def order_number(self) -> str:
        """Its own number at the provider: with it a refund that is sent again is the same refund."""
        return f"{self.of_payment.origin.order_number}-R{self.pk}"

    @property
    def is_by_provider(self) -> bool:
        """Whether a payment provider pays it back."""
        return self.channel not in Payment.AT_COUNTER


class RefundLine(models.Model):
    """The fen of a refund that come back from a bill; what is left of the refund had become prepayment."""

    refund = models.ForeignKey(Refund, on_delete=models.CASCADE, related_name="lines")
    line = models.ForeignKey(
        PaymentLine,
        verbose_name=_("line of a payment"),
        on_delete=models.PROTECT,
        related_name="refund_lines",
    )
    amount_fen = models.PositiveIntegerField(_("amount in fen"))

    class Meta:
        verbose_name = _("line of a refund")
        verbose_name_plural = _("lines of a refund")
        ordering = ["refund", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["refund", "line"], name="refund_line_once"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="refund_line_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.refund} {self.line.bill}"


class RefundChange(StatusChange):
    refund = models.ForeignKey(Refund, on_delete=models.CASCADE, related_name="history")
