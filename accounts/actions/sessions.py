"""Sessions that are over: nothing of them is kept."""

from datetime import datetime

from django.contrib.sessions.models import Session

BATCH = 200


def forget_expired_sessions(*, now: datetime) -> int:
    """Delete every session whose end has passed, a batch in each transaction. Returns how many.

    A sign-in that was begun and not finished is one too: its number and its code go with it.
    """
    forgotten = 0
    while keys := list(Session.objects.filter(expire_date__lte=now).values_list("pk", flat=True)[:BATCH]):
        Session.objects.filter(pk__in=keys).delete()
        forgotten += len(keys)
    return forgotten
