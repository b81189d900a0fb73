"""What every payment provider can be asked, and what it answers."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from django.http import HttpRequest

from services.fees.models import Payment, Refund

# No page waits longer for a provider.
SECONDS = 3


class ProviderDown(Exception):
    """It does not answer, or not in time: nothing is known, so ask again later."""


class BadSignature(Exception):
    """A call that does not come from the provider, or is too old."""


class BadCall(Exception):
    """A call that is signed, and yet says nothing that can be read."""


class State(StrEnum):
    WAITING = "waiting"
    PAID = "paid"
    FAILED = "failed"
    CLOSED = "closed"


@dataclass(frozen=True)
class Result:
    """How an order stands at the provider; ``number`` is the provider's own, once it is paid."""

    state: State
    number: str = ""
    amount_fen: int = 0


@dataclass(frozen=True)
class Notice:
    """What a provider's call says, with its signature checked. ``order_number`` is ours."""

    order_number: str
    is_paid: bool
    number: str
    amount_fen: int


@dataclass(frozen=True)
class StatementLine:
    """One movement of a day's statement; ``amount_fen`` is negative for what was paid back."""

    order_number: str
    number: str
    amount_fen: int


class Provider(Protocol):
    """One payment provider. Every call may raise ``ProviderDown``; none is made inside a transaction."""

    name: str

    def create(self, payment: Payment) -> str:
        """Open the order, once, and say where to send the person."""
        ...

    def query(self, order_number: str) -> Result:
        """How an order stands; CLOSED for one that the provider does not know."""
        ...

    def close(self, order_number: str) -> Result:
        """Let nobody pay it any more. PAID if somebody already has."""
        ...

    def refund(self, refund: Refund) -> Result:
        """Pay all of it back, once whatever is repeated: PAID when done, FAILED when refused."""
        ...

    def verify(self, request: HttpRequest) -> Notice:
        """Read a call. Raises ``BadSignature``, and ``BadCall`` where it is not as agreed."""
        ...

    def statement(self, day: date) -> list[StatementLine]:
        """What moved on a day of the estate's clock."""
        ...
