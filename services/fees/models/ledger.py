"""The books: double entry, integer fen, append-only. Every transaction sums to zero; a balance is a sum."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q, Sum
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from community.core import code_words
from community.estates.models import Estate, Home
from services.fees.models.bills import Bill
from services.fees.models.funds import Fund
from services.fees.models.items import FeeItem


class AppendOnlyQuerySet(models.QuerySet[Any]):
    """Queryset of append-only rows: refuses updates and deletions with ``TypeError``."""

    def update(self, **kwargs: Any) -> int:
        raise TypeError("the books are never changed")

    def delete(self) -> Any:
        raise TypeError("the books are never changed")


class Account(models.Model):
    """An account of the books. Debits are positive (assets of the estate and amounts owed to it), credits
    negative.
    """

    class Kind(models.TextChoices):
        RECEIVABLE = "receivable", _("owed by a home")
        INCOME = "income", _("income of a fee item")
        CASH = "cash", _("cash at the counter")
        BANK = "bank", _("on its way to the bank")
        PROVIDER = "provider", _("held by a payment provider")
        PREPAYMENT = "prepayment", _("prepayment of a home")
        OPENING = "opening", _("opening balance")
        OVER_SHORT = "over_short", _("cash over or short")
        DEPOSIT = "deposit", _("deposit of a home")
        PROVIDER_FEE = "provider_fee", _("fees of payment providers")
        FUND = "fund", _("money of a fund of the owners")
        FUND_FLOW = "fund_flow", _("receipts and spendings of a fund")

    # Kinds of accounts on which money lies.
    MONEY = (Kind.CASH, Kind.BANK, Kind.PROVIDER)

    estate = models.ForeignKey(Estate, verbose_name=_("estate"), on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    # Names its subject: "receivable:12" (a home), "prepayment:12:7" (a person's in a home), "income:3" (an
    # item), "provider:sandbox", "cash", "bank:pos", "bank:cash", "over_short", "deposit:9" (the payment that took it),
    # "provider_fee:wechat", "fund:3" and "fund:3:parking" (a fund, and one kind of its receipts or spendings).
    key = models.CharField(max_length=40, editable=False)
    home = models.ForeignKey(
        Home, verbose_name=_("home"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # Owner of a prepayment that is a person's and not the household's; else None.
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("in the name of"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    item = models.ForeignKey(
        FeeItem, verbose_name=_("fee item"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    fund = models.ForeignKey(
        Fund, verbose_name=_("fund"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    provider = models.CharField(pgettext_lazy("payment", "provider"), max_length=20, blank=True)
    # The sum of the entries of a prepayment or deposit, positive for an amount that the estate owes, and what a fund
    # has; stored because a conditional UPDATE on it decides whether enough is left.
    held_fen = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering = ["estate", "kind", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["estate", "key"], name="account_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["receivable", "prepayment", "deposit"], home__isnull=False)
                | (~Q(kind__in=["receivable", "prepayment", "deposit"]) & Q(home=None)),
                name="account_of_a_home",
            ),
            models.CheckConstraint(
                condition=Q(kind="income", item__isnull=False) | (~Q(kind="income") & Q(item=None)),
                name="account_of_an_item",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["prepayment", "deposit", "fund"]) | Q(held_fen=0), name="account_holds"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["fund", "fund_flow"], fund__isnull=False)
                | (~Q(kind__in=["fund", "fund_flow"]) & Q(fund=None)),
                name="account_of_a_fund",
            ),
            models.CheckConstraint(
                condition=Q(kind="prepayment") | Q(person=None), name="account_of_a_person"
            ),
        ]

    def __str__(self) -> str:
        of = self.home or self.item or code_words.in_words("way", self.provider) or ""
        return f"{self.get_kind_display()} {of} {self.person or ''}".strip()

    @property
    def balance_fen(self) -> int:
        """The sum of its entries in fen."""
        return self.entries.aggregate(sum=Sum("amount_fen"))["sum"] or 0


class LedgerTransaction(models.Model):
    """A transaction of the books. ``key`` names its cause (``payment:12``), so that it is written once."""

    class Kind(models.TextChoices):
        BILL = "bill", _("bill made")
        VOID = "void", _("bill voided")
        LATE = "late", _("late fee of a day")
        LOWER = "lower", _("bill lowered")
        PAYMENT = "payment", _("payment")
        PREPAID = "prepaid", _("paid from prepayment")
        RELEASE = "release", _("put back into prepayment")
        REFUND = "refund", _("refund")
        OPENING = "opening", _("opening balance")
        SHIFT = "shift", _("difference of a shift")
        DEPOSIT = "deposit", _("deposit taken")
        MOVE = "move", _("moved to another home")
        FEE = "fee", _("fee of a payment provider")
        FUND = "fund", _("line of a fund of the owners")
        BANKED = "banked", _("cash brought to the bank")
        REVERSAL = "reversal", _("reversal of another entry")

    estate = models.ForeignKey(Estate, verbose_name=_("estate"), on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    key = models.CharField(_("cause"), max_length=60, unique=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    # The shift of the till from which or into which the money went at the counter.
    shift = models.ForeignKey(
        "fees.Shift",
        verbose_name=_("shift of a till"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="transactions",
        db_index=False,
    )
    at = models.DateTimeField(_("when"), db_index=True)

    # Kinds whose entries make the amount of a bill.
    BILLING = (Kind.BILL, Kind.LATE, Kind.LOWER)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        verbose_name = _("ledger transaction")
        verbose_name_plural = _("ledger transactions")
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["-at", "-id"], name="ledger_newest_first"),
            models.Index(fields=["estate", "-at", "-id"], name="ledger_of_estate"),
            # Few, and looked for among all bills and payments.
            models.Index(
                fields=["estate", "kind", "-at", "-id"],
                condition=Q(kind__in=["shift", "fee", "reversal"]),
                name="ledger_rare_kinds",
            ),
            models.Index(fields=["shift"], condition=~Q(shift=None), name="ledger_of_shift"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.key.partition(':')[2]}"


class Entry(models.Model):
    """A line of a transaction: fen on an account, debit positive. ``bill`` is the bill that it is for."""

    transaction = models.ForeignKey(LedgerTransaction, on_delete=models.PROTECT, related_name="entries")
    account = models.ForeignKey(
        Account, verbose_name=_("account"), on_delete=models.PROTECT, related_name="entries"
    )
    amount_fen = models.BigIntegerField(_("fen"))
    bill = models.ForeignKey(
        Bill, verbose_name=_("bill"), null=True, blank=True, on_delete=models.PROTECT, related_name="entries"
    )

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        ordering = ["transaction", "pk"]
        constraints = [models.CheckConstraint(condition=~Q(amount_fen=0), name="entry_not_nothing")]

    def __str__(self) -> str:
        return f"{self.transaction_id}: {self.amount_fen}"
