"""The practice provider: a small one of our own that behaves like the real ones, good and bad days.

Its page lets a person pay, pay late, fail, and have the call repeated. It calls us over HTTP, signed, and
keeps its own orders; our books learn from it only what a real provider would tell.
"""

import hashlib
import hmac
import json
import logging
import urllib.request
from datetime import date, datetime, timedelta

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from community.core import clock
from services.fees.models import Payment, Refund, SandboxOrder
from services.fees.providers.base import SECONDS, BadCall, BadSignature, Notice, Result, State, StatementLine

logger = logging.getLogger(__name__)
Status = SandboxOrder.Status
# A call that is older, or from the future, is not believed.
WINDOW_SECONDS = 300
LATE = timedelta(seconds=20)
AGAIN_AFTER = timedelta(seconds=15)
GIVES_UP_AFTER = timedelta(hours=1)
MAX_BODY = 4096
MAX_NUMBER, MAX_FEN, MOST_DIGITS = 64, 2**31 - 1, 12
STATES = {
    Status.OPEN: State.WAITING,
    Status.PAID: State.PAID,
    Status.FAILED: State.FAILED,
    Status.CLOSED: State.CLOSED,
}


class Sandbox:
    name = "sandbox"

    def create(self, payment: Payment) -> str:
        SandboxOrder.objects.get_or_create(
            order_number=payment.order_number,
            defaults={
                "amount_fen": payment.amount_fen,
                "return_url": f"/fees/payments/{payment.pk}/",
                "created_at": clock.now(),
            },
        )
        return f"/fees/sandbox/{payment.order_number}/"

    def query(self, order_number: str) -> Result:
        order = SandboxOrder.objects.filter(order_number=order_number).first()
        return _result(order, clock.now()) if order else Result(State.CLOSED)

    def close(self, order_number: str) -> Result:
        SandboxOrder.objects.filter(order_number=order_number, status=Status.OPEN).update(
            status=Status.CLOSED, call_at=None
        )
        return self.query(order_number)

    def refund(self, refund: Refund) -> Result:
        orders = SandboxOrder.objects.filter(number=refund.payment.provider_number, status=Status.PAID)
        orders.filter(refunded_at=None).update(refunded_at=clock.now())
        order = orders.first()
        if order is None:
            return Result(State.FAILED)
        return Result(State.PAID, f"{order.number}R", order.amount_fen)

    def verify(self, request: HttpRequest) -> Notice:
        body = request.body
        stamp = request.headers.get("Sandbox-Timestamp", "")
        given = request.headers.get("Sandbox-Signature", "")
        if len(body) > MAX_BODY or not hmac.compare_digest(given.encode(), signature(stamp, body).encode()):
            raise BadSignature("signature")
        is_moment = stamp.isascii() and stamp.isdecimal() and len(stamp) <= MOST_DIGITS
        if not is_moment or abs(clock.now().timestamp() - int(stamp)) > WINDOW_SECONDS:
            raise BadSignature("timestamp")
        return _read(body)

    def statement(self, day: date) -> list[StatementLine]:
        begins = clock.midnight(day)
        ends = begins + timedelta(days=1)
        paid = SandboxOrder.objects.filter(status=Status.PAID)
        came = paid.filter(paid_at__gte=begins, paid_at__lt=ends, paid_at__lte=clock.now())
        went = paid.filter(refunded_at__gte=begins, refunded_at__lt=ends)
        return [
            *(StatementLine(order.order_number, order.number, order.amount_fen) for order in came),
            *(StatementLine(order.order_number, f"{order.number}R", -order.amount_fen) for order in went),
        ]


def _read(body: bytes) -> Notice:
    try:
        said = json.loads(body)
        order_number, number, fen = said["order_number"], said["number"], said["amount_fen"]
        is_paid = said["status"] == Status.PAID
    except (ValueError, RecursionError, LookupError, TypeError) as error:
        raise BadCall from error
    are_texts = all(isinstance(one, str) and len(one) <= MAX_NUMBER for one in (order_number, number))
    if not are_texts or type(fen) is not int or not 0 <= fen <= MAX_FEN:
        raise BadCall
    return Notice(order_number=order_number, is_paid=is_paid, number=number, amount_fen=fen)


def _result(order: SandboxOrder, now: datetime) -> Result:
    if order.status == Status.PAID and order.paid_at and order.paid_at > now:
        return Result(State.WAITING)
    return Result(STATES[Status(order.status)], order.number, order.amount_fen)


def signature(stamp: str, body: bytes) -> str:
    """HMAC over the moment and the body: neither can be exchanged."""
    secret = settings.FEES_SANDBOX_SECRET.encode()
    return hmac.new(secret, stamp.encode() + b"\n" + body, hashlib.sha256).hexdigest()


def press(order: SandboxOrder, button: str, *, now: datetime) -> None:
    """What a person presses on the page of the practice provider: ``pay``, ``late``, ``fail``, ``repeat``.

    A button pressed twice is pressed once. The call to us is made by ``call_due``.
    """
    waiting = SandboxOrder.objects.filter(pk=order.pk, status=Status.OPEN)
    arrives = now + LATE if button == "late" else now
    if button in {"pay", "late"}:
        number = f"S{clock.today(now):%Y%m%d}{order.pk:08d}"
        waiting.update(status=Status.PAID, number=number, paid_at=arrives, call_at=arrives)
    elif button == "fail":
        waiting.update(status=Status.FAILED, call_at=now)
    elif button == "repeat":
        SandboxOrder.objects.filter(pk=order.pk, status__in=[Status.PAID, Status.FAILED]).filter(
            call_at=None
        ).update(call_at=now)
    order.refresh_from_db()


def call_due(now: datetime) -> int:
    """Make the calls whose time has come; one that is not answered is made again later."""
    due = SandboxOrder.objects.filter(call_at__lte=now).order_by("call_at")[:50]
    return sum(_call(order, now) for order in due)


def _call(order: SandboxOrder, now: datetime) -> bool:
    # Whoever moves the time makes the call: two workers do not make the same one.
    mine = SandboxOrder.objects.filter(pk=order.pk, call_at=order.call_at)
    again = now + AGAIN_AFTER if now - order.created_at < GIVES_UP_AFTER else None
    if not mine.update(call_at=again):
        return False
    if not _sent(order):
        return False
    SandboxOrder.objects.filter(pk=order.pk, call_at=again).update(call_at=None)
    return True


def _sent(order: SandboxOrder) -> bool:
    body = json.dumps(
        {
            "order_number": order.order_number,
            "status": order.status,
            "number": order.number,
            "amount_fen": order.amount_fen,
        }
    ).encode()
    stamp = str(int(clock.now().timestamp()))
    request = urllib.request.Request(  # noqa: S310  (our own address, from the settings)
        settings.PUBLIC_URL + reverse("fees_callback", args=[Sandbox.name]),
        data=body,
        headers={
            "Content-Type": "application/json",
            "Sandbox-Timestamp": stamp,
            "Sandbox-Signature": signature(stamp, body),
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except OSError as error:
        logger.warning("sandbox: %s was not told: %r", order.order_number, error)
        return False
