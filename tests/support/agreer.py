"""Process that dies while it agrees to a refund: ``python -m tests.support.agreer REFUND PERSON``."""

import os
import signal
import sys
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "community.settings")


def main(refund: int, person: int) -> None:
    """Dies after the books are written, before messages and the commit."""
    from accounts.models import User
    from community.core import clock
    from services.fees import actions
    from services.fees.actions import refunds
    from services.fees.models import Refund

    book = refunds.book_refund

    def book_and_die(*given: Any, **named: Any) -> None:
        book(*given, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    refunds.book_refund = book_and_die
    found = Refund.objects.with_source().get(pk=refund)
    actions.approve_refund(refund=found, by=User.objects.get(pk=person), now=clock.now())


if __name__ == "__main__":
    django.setup()
    main(*map(int, sys.argv[1:]))
