"""Fees on the resident's home page."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Delegation, User
from community.core.money import as_yuan
from community.core.services.home import FamilyLine, Home, HomeDoor, HomeLink, HomePart, WelcomeLine
from community.core.services.words import Words
from services.fees.queries import owed_by, owed_fen_of

# Fen below which an amount with its fen fits on the button of the large mode: 9999.99 yuan.
BUTTON_FITS_FEN = 1_000_000


def _home_context(user: User, now: datetime) -> dict[str, Any]:
    fen, bills = owed_by(user)
    return {"owed_fen": fen, "owed_bills": bills} if fen else {}


def button_amount(fen: int) -> str:
    """Formats the amount for the large mode's button: with fen where they fit, else whole yuan."""
    return as_yuan(fen) if fen < BUTTON_FITS_FEN else as_yuan(fen)[:-3]


def _button_hint(context: Mapping[str, Any]) -> Words:
    fen = context.get("owed_fen")
    return button_amount(fen) if fen else _("Nothing due")


def _family_words(delegation: Delegation) -> str:
    fen = delegation.owed_fen  # type: ignore[attr-defined]
    return _("%(amount)s to pay") % {"amount": as_yuan(fen)} if fen else ""


HOME = Home(
    parts=(HomePart(position=20, template="fees/home_part.html", context=_home_context),),
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
        words=_family_words,
        icon="receipt",
        tone="brand",
        annotate=lambda: {"owed_fen": owed_fen_of("resident")},
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
