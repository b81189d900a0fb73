"""The practice provider: a small provider of Linli's own that imitates the real ones, good and bad days.

On its page a person pays, pays late, fails, and repeats the notice. It sends notices over HTTP, signed, and
has its own orders; Linli reads of them only the answers that a real provider would give.
"""

import hashlib
import hmac
import json
import logging
from datetime import date, datetime, timedelta
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from community.core import clock, outward
from services.fees.models import MerchantAccount, Payment, Refund, SandboxOrder, SandboxRefund
from services.fees.providers.base import (
    TIMEOUT_SECONDS,
    BadSignature,
    Client,
    LineKind,
    MalformedNotice,
    Notice,
    Redirect,
    Result,
    State,
    Statement,
    StatementLine,
)

logger = logging.getLogger(__name__)
Status = SandboxOrder.Status
# Seconds by which the time of a notice may differ from now, either way.
WINDOW_SECONDS = 300
LATE = timedelta(seconds=20)
RETRY_AFTER = timedelta(seconds=15)
GIVES_UP_AFTER = timedelta(hours=1)
MAX_BODY = 4096
MAX_NUMBER, MAX_FEN, MAX_DIGITS = 64, 2**31 - 1, 12
STATES = {
    Status.OPEN: State.WAITING,
    Status.PAID: State.PAID,
    Status.FAILED: State.FAILED,
    Status.CLOSED: State.CLOSED,
}


class Sandbox:
    name = "sandbox"
    needs_merchant = False

    def suits(self, client: Client) -> bool:
        return not client.at_counter

    def create(self, payment: Payment, client: Client) -> Redirect:
        SandboxOrder.objects.get_or_create(
            order_number=payment.order_number,
            defaults={
                "amount_fen": payment.amount_fen,
                "return_url": f"/fees/payments/{payment.pk}/",
                "created_at": clock.now(),
            },
        )
        return Redirect(f"/fees/sandbox/{payment.order_number}/")

    def query(self, payment: Payment) -> Result:
        order = SandboxOrder.objects.filter(order_number=payment.order_number).first()
        return _result(order, clock.now()) if order else Result(State.CLOSED)

    def close(self, payment: Payment) -> Result:
        SandboxOrder.objects.filter(order_number=payment.order_number, status=Status.OPEN).update(
            status=Status.CLOSED, call_at=None
        )
        return self.query(payment)

    def refund(self, refund: Refund) -> Result:
        number = refund.of_payment.origin.provider_number
        order = SandboxOrder.objects.filter(number=number, status=Status.PAID).first()
        if order is None:
            return Result(State.FAILED)
        made = order.refunds.filter(key=refund.order_number).first()
        if made is None:
            earlier = list(order.refunds.all())
            if refund.amount_fen > order.amount_fen - sum(row.amount_fen for row in earlier):
                return Result(State.FAILED)
            made, _is_new = order.refunds.get_or_create(
                key=refund.order_number,
                defaults={
                    "number": f"{order.number}R{len(earlier) or ''}",
                    "amount_fen": refund.amount_fen,
                    "at": clock.now(),
                },
            )
        return Result(State.PAID, made.number, made.amount_fen)

    def query_refund(self, refund: Refund) -> Result:
        made = SandboxRefund.objects.filter(key=refund.order_number).first()
        return Result(State.PAID, made.number, made.amount_fen) if made else Result(State.WAITING)

    def read_notice(self, request: HttpRequest, merchant: MerchantAccount | None) -> Notice:
        body = request.body
        stamp = request.headers.get("Sandbox-Timestamp", "")
        given = request.headers.get("Sandbox-Signature", "")
        if len(body) > MAX_BODY or not hmac.compare_digest(given.encode(), signature(stamp, body).encode()):
            raise BadSignature("signature")
        is_moment = stamp.isascii() and stamp.isdecimal() and len(stamp) <= MAX_DIGITS
        if not is_moment or abs(clock.now().timestamp() - int(stamp)) > WINDOW_SECONDS:
            raise BadSignature("timestamp")
        return _parse_notice(body)

    def answer(self, *, status: int = 200) -> HttpResponse:
        return HttpResponse("ok" if status == 200 else "refused", status=status, content_type="text/plain")

    def try_out(self, merchant: MerchantAccount) -> None:
        """Needs no account."""

    def statement(self, merchant: MerchantAccount | None, day: date) -> Statement:
        begins = clock.midnight(day)
        ends = begins + timedelta(days=1)
        paid = SandboxOrder.objects.filter(status=Status.PAID)
        came = paid.filter(paid_at__gte=begins, paid_at__lt=ends, paid_at__lte=clock.now())
        went = SandboxRefund.objects.filter(at__gte=begins, at__lt=ends).select_related("order")
        lines = [
            *(
                StatementLine(LineKind.PAYMENT, order.order_number, order.number, order.amount_fen)
                for order in came
            ),
            *(
                StatementLine(LineKind.REFUND, row.order.order_number, row.number, row.amount_fen, row.key)
                for row in went
            ),
        ]
        return Statement(json.dumps([vars(line) for line in lines]).encode(), lines)


def _parse_notice(body: bytes) -> Notice:
    try:
        content = json.loads(body)
        order_number, number, fen = content["order_number"], content["number"], content["amount_fen"]
        is_paid = content["status"] == Status.PAID
    except (ValueError, RecursionError, LookupError, TypeError) as error:
        raise MalformedNotice from error
    are_texts = all(isinstance(text, str) and len(text) <= MAX_NUMBER for text in (order_number, number))
    if not are_texts or type(fen) is not int or not 0 <= fen <= MAX_FEN:
        raise MalformedNotice
    return Notice(order_number=order_number, is_paid=is_paid, number=number, amount_fen=fen)


def _result(order: SandboxOrder, now: datetime) -> Result:
    if order.status == Status.PAID and order.paid_at and order.paid_at > now:
        return Result(State.WAITING)
    return Result(STATES[Status(order.status)], order.number, order.amount_fen)


def signature(stamp: str, body: bytes) -> str:
    """Returns the HMAC over time and body, so that neither can be exchanged."""
    secret = settings.FEES_SANDBOX_SECRET.encode()
    return hmac.new(secret, stamp.encode() + b"\n" + body, hashlib.sha256).hexdigest()


def press_button(order: SandboxOrder, button: str, *, now: datetime) -> None:
    """Applies a button of the practice provider's page: ``pay``, ``late``, ``fail``, ``repeat``.

    Repeating it changes nothing. ``send_due_notices`` sends the notice.
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


def send_due_notices(now: datetime) -> int:
    """Sends the due notices; one that is not answered is sent again later. Returns how many were answered."""
    due = SandboxOrder.objects.filter(call_at__lte=now).order_by("call_at")[:50]
    return sum(_send_and_reschedule(order, now) for order in due)


def _send_and_reschedule(order: SandboxOrder, now: datetime) -> bool:
    # The conditional UPDATE decides which of two workers sends the notice.
    mine = SandboxOrder.objects.filter(pk=order.pk, call_at=order.call_at)
    again = now + RETRY_AFTER if now - order.created_at < GIVES_UP_AFTER else None
    if not mine.update(call_at=again):
        return False
    if not _send_notice(order):
        return False
    SandboxOrder.objects.filter(pk=order.pk, call_at=again).update(call_at=None)
    return True


def _send_notice(order: SandboxOrder) -> bool:
    body = json.dumps(
        {
            "order_number": order.order_number,
            "status": order.status,
            "number": order.number,
            "amount_fen": order.amount_fen,
        }
    ).encode()
    stamp = str(int(clock.now().timestamp()))
    address = settings.PUBLIC_URL + reverse("fees_callback", args=[Sandbox.name])
    headers = {
        "Content-Type": "application/json",
        "Sandbox-Timestamp": stamp,
        "Sandbox-Signature": signature(stamp, body),
    }
    try:
        answer = outward.SESSION.post(address, data=body, headers=headers, timeout=TIMEOUT_SECONDS)
        return answer.status_code == HTTPStatus.OK
    except OSError as error:
        logger.warning("sandbox: %s was not told: %r", order.order_number, error)
        return False
