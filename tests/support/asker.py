"""Process that ends itself between a provider's answer and the commit: ``python -m tests.support.asker STEP PK AT``.

``STEP`` is ``query``, ``close``, ``notice`` (of a payment) or ``refund``; it is killed by SIGKILL before the
``AT``th statement after the answer, and exits with 0 if there are fewer.
"""

import os
import signal
import sys
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "community.settings")


class _EndsAt:
    """Counts statements from the provider's answer on."""

    def __init__(self, at: int) -> None:
        self.left, self.is_answered = at, False

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if self.is_answered:
            self.left -= 1
            if not self.left:
                os.kill(os.getpid(), signal.SIGKILL)
        return execute(sql, params, many, context)

    def after(self, ask: Any) -> Any:
        def asked(*args: Any) -> Any:
            answer = ask(*args)
            self.is_answered = True
            return answer

        return asked


def main(step: str, pk: int, at: int) -> None:
    from django.db import connection

    from community.core import clock
    from services.fees import actions, providers
    from services.fees.models import Payment, Refund, SandboxOrder
    from services.fees.providers.base import Notice

    ends, now = _EndsAt(at), clock.now()
    provider: Any = providers.named("sandbox")
    for name in ("query", "close", "refund"):
        setattr(provider, name, ends.after(getattr(provider, name)))
    with connection.execute_wrapper(ends):
        if step == "refund":
            actions.send_refund(refund=Refund.objects.with_source().get(pk=pk), now=now)
            return
        payment = Payment.objects.get(pk=pk)
        if step == "notice":
            order = SandboxOrder.objects.get(order_number=payment.order_number)
            ends.is_answered = True
            notice = Notice(order.order_number, True, order.number, order.amount_fen)
            actions.handle_notice(provider="sandbox", notice=notice, now=now)
        elif step == "close":
            actions.close_payment(payment=payment, now=now)
        else:
            actions.query_provider(payment=payment, now=now)


if __name__ == "__main__":
    django.setup()
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
