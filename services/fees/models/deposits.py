"""Deposits: money that an estate holds for a while and owes (押金)."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import access_of
from community.estates.models import Estate, Home
from services.fees import KEY
from services.fees.models.ledger import Account
from services.fees.models.payments import Payment
from services.fees.roles import FEES_STAFF

if TYPE_CHECKING:
    from accounts.models import User


class DepositQuerySet(models.QuerySet["Deposit"]):
    def of_payer(self, user: "User") -> "DepositQuerySet":
        """Limits to a resident's own list: deposits that they, or people they act for, paid, and those of their
        homes that nobody who is registered paid, since they live there.
        """
        access = access_of(user)
        unnamed = access.since_moving_in(KEY) & Q(payment__payer=None)
        return self.filter(Q(payment__payer__in=access.people(KEY)) | unnamed)

    def visible_to(self, user: "User") -> "DepositQuerySet":
        """Limits to the user's own list and, for staff of fees, the deposits of their estates."""
        own = self.of_payer(user).values("pk")
        return self.filter(Q(pk__in=own) | Q(estate__in=access_of(user).estates(*FEES_STAFF)))

    def held(self) -> "DepositQuerySet":
        """Limits to deposits of which something is held still."""
        return self.filter(account__held_fen__gt=0)

    def with_row(self) -> "DepositQuerySet":
        """Loads everything that a row of a list shows, in one query."""
        return self.select_related("account", "payment__payer", "home__entrance__building", "estate")


class Deposit(models.Model):
    """A deposit of a home: taken by a payment of its own, held on an account of its own, paid back by refunds.

    Its payer has it paid back, whoever lives in the home then.
    """

    class Kind(models.TextChoices):
        FIT_OUT = "fit_out", _("fit-out deposit")
        DOOR_CARD = "door_card", _("door card deposit")
        PARKING = "parking", _("parking deposit")
        OTHER = "other", _("other deposit")

    estate = models.ForeignKey(Estate, verbose_name=_("estate"), on_delete=models.PROTECT, related_name="+")
    home = models.ForeignKey(Home, verbose_name=_("home"), on_delete=models.PROTECT, related_name="deposits")
    payment = models.OneToOneField(
        Payment, verbose_name=_("payment"), on_delete=models.PROTECT, related_name="deposit"
    )
    # Its ``held_fen`` are what is held of the deposit still.
    account = models.OneToOneField(
        Account, verbose_name=_("account"), on_delete=models.PROTECT, related_name="deposit"
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    # Number of the card, plate of the car, firm that fits out the home.
    words = models.CharField(_("for what"), max_length=60, blank=True)
    amount_fen = models.PositiveIntegerField(_("amount in fen"))
    created_at = models.DateTimeField(_("taken"))

    objects = DepositQuerySet.as_manager()

    class Meta:
        verbose_name = _("deposit")
        verbose_name_plural = _("deposits")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="deposit_positive"),
        ]
        indexes = [
            models.Index(fields=["estate", "-created_at", "-id"], name="deposit_of_estate"),
            models.Index(fields=["home", "-created_at"], name="deposit_of_home"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.words}".strip()

    @property
    def held_fen(self) -> int:
        """The fen that the estate holds of it still."""
        return self.account.held_fen
