"""Interface of payment providers.

A new provider is one file here with one entry in ``KNOWN``, and its name in ``FEES_PROVIDERS``.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Protocol

from django.http import HttpRequest, HttpResponse

from services.fees.models import MerchantAccount, Payment, Refund

# Seconds a page waits for a provider at most.
TIMEOUT_SECONDS = 3
# Seconds in which a worker downloads a statement.
DOWNLOAD_SECONDS = 120


class ProviderDown(Exception):
    """Raised when a provider does not answer in time, or with an error that may pass: ask again later."""


class ProviderRefused(Exception):
    """Raised when a provider refuses an order for good; ``code`` is the provider's, for the log."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class BadSignature(Exception):
    """Raised for a notice that does not come from the provider, or is too old."""


class MalformedNotice(Exception):
    """Raised for a notice that is signed but malformed, or of another merchant, application or currency."""


class State(StrEnum):
    """``WAITING`` is nothing known but that it can still be paid, or that a refund is on its way."""

    WAITING = "waiting"
    PAID = "paid"
    FAILED = "failed"
    CLOSED = "closed"


@dataclass(frozen=True)
class Client:
    """The browser that pays: its network address and user agent, and the person's openid inside WeChat.

    ``at_counter`` is a cashier's screen, on which the payer scans a code.
    """

    address: str
    user_agent: str = ""
    openid: str = ""
    at_counter: bool = False

    @property
    def is_in_wechat(self) -> bool:
        return "MicroMessenger/" in self.user_agent

    @property
    def is_phone(self) -> bool:
        return any(word in self.user_agent for word in ("Mobile", "Android", "iPhone", "HarmonyOS"))


@dataclass(frozen=True)
class Redirect:
    """The page goes to ``url``."""

    url: str


@dataclass(frozen=True)
class Code:
    """The page draws ``content`` as a QR code that the payer scans."""

    content: str


@dataclass(frozen=True)
class Bridge:
    """The page hands ``parameters`` to WeChat's bridge (``getBrandWCPayRequest``)."""

    parameters: dict[str, str]


Order = Redirect | Code | Bridge


@dataclass(frozen=True)
class Result:
    """State of an order or a refund at the provider; ``number`` is the provider's, set once it is paid."""

    state: State
    number: str = ""
    amount_fen: int = 0


@dataclass(frozen=True)
class Notice:
    """Content of a provider's notice of a payment, its signature checked. ``order_number`` is the payment's.

    ``is_over`` says of an unpaid one that it cannot be paid any more.
    """

    order_number: str
    is_paid: bool
    number: str
    amount_fen: int
    is_over: bool = True


@dataclass(frozen=True)
class RefundNotice:
    """Content of a provider's notice of a refund, its signature checked.

    ``refund_number`` is the refund's own (``Refund.order_number``); ``amount_fen`` is that of this refund, and
    None where the provider names the sum of all refunds of the payment only.
    """

    order_number: str
    refund_number: str
    result: Result


class LineKind(StrEnum):
    PAYMENT = "payment"
    REFUND = "refund"


@dataclass(frozen=True)
class StatementLine:
    """A line of a day's statement; ``amount_fen`` and ``fee_fen`` are never negative.

    ``order_number`` is the payment's, ``refund_number`` the refund's own for a refund, ``number`` the
    provider's for this movement. ``fee_fen`` is what the provider keeps (negative: gives back).
    """

    kind: LineKind
    order_number: str
    number: str
    amount_fen: int
    refund_number: str = ""
    fee_fen: int = 0


@dataclass(frozen=True)
class Statement:
    """A day's statement of a merchant as the provider made it; ``text`` is its content, unpacked.

    ``problems`` names lines that could not be read, by number from 1 and reason; ``lines`` has the others.
    """

    text: bytes
    lines: list[StatementLine]
    problems: list[tuple[int, str]] = field(default_factory=list)


class StatementNotReady(Exception):
    """Raised while the provider is still making the statement: ask again in half an hour."""


class StatementBroken(Exception):
    """Raised for a statement whose hash, packing or totals are wrong: nothing of it is used."""


class Provider(Protocol):
    """A payment provider.

    Every call but ``read_notice`` may raise ``ProviderDown``; none is made inside a transaction. The payment's
    ``merchant`` has the credentials; it is None for the practice provider alone.
    """

    name: str
    # Whether it needs the merchant account of an estate's company.
    needs_merchant: bool

    def suits(self, client: Client) -> bool:
        """Whether a person can pay with it in this browser."""
        ...

    def create(self, payment: Payment, client: Client) -> Order:
        """Creates the order, payable until ``payment.expires_at``, and returns what the page needs.

        Calling it again returns the same order in a fresh form. Raises ``ProviderRefused``.
        """
        ...

    def query(self, payment: Payment) -> Result:
        """Returns the state of the order; WAITING for one that can still be paid, known or not."""
        ...

    def close(self, payment: Payment) -> Result:
        """Closes the order for payment; returns PAID if it is already paid."""
        ...

    def refund(self, refund: Refund) -> Result:
        """Refunds its amount of the payment's order, once however often it is called (``refund.order_number``):
        WAITING when accepted, PAID when done, FAILED when refused.
        """
        ...

    def query_refund(self, refund: Refund) -> Result:
        """Returns the state of a refund that was sent."""
        ...

    def read_notice(self, request: HttpRequest, merchant: MerchantAccount | None) -> Notice | RefundNotice:
        """Returns the content of a notice to the address of ``merchant``.

        Raises ``BadSignature``, and ``MalformedNotice`` if it is malformed or of another merchant, application
        or currency.
        """
        ...

    def answer(self, *, status: int = 200) -> HttpResponse:
        """Returns the answer to a notice in the provider's own words; any status but 200 has it sent again."""
        ...

    def try_out(self, merchant: MerchantAccount) -> None:
        """Asks a harmless question. Raises ``ProviderRefused`` or ``ProviderDown`` with the code of what is wrong."""
        ...

    def statement(self, merchant: MerchantAccount | None, day: date) -> Statement:
        """Returns the movements of a day of the estate's calendar; no lines for a day without any.

        Raises ``StatementNotReady`` and ``StatementBroken``.
        """
        ...
