"""Interface of payment providers."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from django.http import HttpRequest

from services.fees.models import Payment, Refund

# Seconds a page waits for a provider at most.
TIMEOUT_SECONDS = 3


class ProviderDown(Exception):
    """Raised when a provider does not answer in time: nothing is known, so ask again later."""


class BadSignature(Exception):
    """Raised for a notice that does not come from the provider, or is too old."""


class MalformedNotice(Exception):
    """Raised for a notice that is signed but malformed."""


class State(StrEnum):
    WAITING = "waiting"
    PAID = "paid"
    FAILED = "failed"
    CLOSED = "closed"


@dataclass(frozen=True)
class Result:
    """State of an order at the provider; ``number`` is the provider's, set once it is paid."""

    state: State
    number: str = ""
    amount_fen: int = 0


@dataclass(frozen=True)
class Notice:
    """Content of a provider's notice, its signature checked. ``order_number`` is the payment's."""

    order_number: str
    is_paid: bool
    number: str
    amount_fen: int


@dataclass(frozen=True)
class StatementLine:
    """A line of a day's statement; ``amount_fen`` is negative for a refund."""

    order_number: str
    number: str
    amount_fen: int


class Provider(Protocol):
    """A payment provider. Every call may raise ``ProviderDown``; none is made inside a transaction."""

    name: str

    def create(self, payment: Payment) -> str:
        """Creates the order, once, and returns the URL to send the person to."""
        ...

    def query(self, order_number: str) -> Result:
        """Returns the state of an order; CLOSED for one that the provider does not know."""
        ...

    def close(self, order_number: str) -> Result:
        """Closes the order for payment; returns PAID if it is already paid."""
        ...

    def refund(self, refund: Refund) -> Result:
        """Refunds its amount of the payment's order, once however often it is called: PAID when done, FAILED
        when refused.
        """
        ...

    def verify(self, request: HttpRequest) -> Notice:
        """Returns the content of a notice. Raises ``BadSignature``, and ``BadCall`` if it is malformed."""
        ...

    def statement(self, day: date) -> list[StatementLine]:
        """Returns the movements of a day of the estate's calendar."""
        ...
