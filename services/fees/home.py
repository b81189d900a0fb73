"""Fees on the resident's home page."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from community.core import clock
from community.core.money import as_yuan, short_yuan
from community.core.search.filtering import Ways
from community.core.services.home import (
    FamilyLine,
    Home,
    HomeDoor,
    HomeLink,
    HomePart,
    Matter,
    MatterSource,
    Waiting,
    WelcomeLine,
)
from community.core.services.words import Words
from services.fees import labels
from services.fees.models import Payment
from services.fees.queries import owed_by, owed_by_family

# Fen below which an amount with its fen fits on the button of the large mode: 9999.99 yuan.
BUTTON_FITS_FEN = 1_000_000


def _home_context(user: User, now: datetime) -> dict[str, Any]:
    owed = owed_by_family(user, clock.today(now))
    names = {"owed_fen": owed.fen, "owed_bills": owed.bills, "late_fen": owed.late_fen}
    return names | {"family_owed_fen": owed.by_resident}


def _late(user: User, now: datetime, context: Mapping[str, Any]) -> list[Waiting]:
    """Returns what is overdue; what is merely owed stands on the page anyway."""
    fen = context.get("late_fen")
    words = _("%(amount)s is overdue") % {"amount": short_yuan(fen)} if fen else ""
    return [Waiting(words=words, url=reverse("fees"), icon="receipt")] if fen else []


def _payments(user: User) -> QuerySet[Payment]:
    """Returns the payments of the person and of people they act for, without those that came to nothing: given
    up, or begun and then paid in another way.
    """
    return Payment.objects.of_payer(user).exclude(status=Payment.Status.CLOSED).not_overtaken()


def _joined(rows: QuerySet[Payment]) -> QuerySet[Payment]:
    return rows.select_related("payer")


def _open_payments(rows: QuerySet[Payment]) -> QuerySet[Payment]:
    return rows.filter(status=Payment.Status.PENDING).order_by("-created_at", "-pk")


def _show_payment(payment: Payment, reader: User, now: datetime) -> Matter:
    return Matter(
        title=gettext_lazy("Payment %(amount)s") % {"amount": as_yuan(payment.amount_fen)},
        url=reverse("payment", args=[payment.pk]),
        icon="receipt",
        tone="brand",
        tag=payment.get_status_display(),
        tag_tone=labels.PAYMENT_TONES.get(payment.status, "plain"),
        sub=labels.way(payment.channel),
        resident=payment.payer,
    )


def _pay_step(resident: User, arguments: Mapping[str, Any]) -> str:
    """Returns the name of the step with what the resident owes."""
    fen, _bills, _late_fen = owed_by(resident, clock.today(clock.now()))
    return _("Pay %(amount)s") % {"amount": as_yuan(fen)} if fen else _("Pay")


def button_amount(fen: int) -> str:
    """Formats the amount for the large mode's button: with fen where they fit, else whole yuan."""
    return as_yuan(fen) if fen < BUTTON_FITS_FEN else as_yuan(fen)[:-3]


def _button_hint(context: Mapping[str, Any]) -> Words:
    """Returns what is owed; nothing is claimed about a home that is not known or still being checked."""
    fen = context.get("owed_fen")
    if fen:
        return button_amount(fen)
    return _("Nothing due") if context.get("home") else ""


def _family_words(resident: int, context: Mapping[str, Any]) -> str:
    fen = context["family_owed_fen"].get(resident, 0)
    return _("%(amount)s to pay") % {"amount": as_yuan(fen)} if fen else ""


HOME = Home(
    parts=(
        HomePart(position=20, template="fees/home_part.html", context=_home_context, shown_with="owed_fen"),
    ),
    matters=(
        MatterSource(
            key="payments",
            position=50,
            label=gettext_lazy("Payments"),
            rows=_payments,
            joined=_joined,
            show=_show_payment,
            open=_open_payments,
            in_words=Ways(people=("payer",), homes=("home",), references=("reference",)),
            is_on_home=False,
        ),
    ),
    waiting=_late,
    steps={
        **dict.fromkeys(("fees", "fees_pay"), _pay_step),
        "how_was_it": gettext_lazy("Say how paying was"),
    },
    handed={"how_was_it": "how_was_it"},
    doors=(
        HomeDoor(
            position=10,
            url_name="fees",
            label=gettext_lazy("Pay"),
            icon="receipt",
            kind="pay",
            hint=_button_hint,
        ),
    ),
    tiles=(HomeLink(position=20, url_name="fees", label=gettext_lazy("Pay"), icon="receipt", tone="brand"),),
    more=(
        HomeLink(
            position=40, url_name="fees_history", label=gettext_lazy("Payments"), icon="history", tone="brand"
        ),
    ),
    family=FamilyLine(
        position=10,
        url_name="fees",
        button=gettext_lazy("Pay"),
        words=_family_words,
        icon="receipt",
        tone="brand",
    ),
    welcome=(
        WelcomeLine(
            position=20,
            title=gettext_lazy("Pay fees"),
            sub=gettext_lazy("See how every amount came about"),
            icon="receipt",
            tone="brand",
        ),
    ),
)
