"""Deletes expired sessions."""

from datetime import datetime

from django.contrib.sessions.models import Session

BATCH = 200


def forget_expired_sessions(*, now: datetime) -> int:
    """Deletes every expired session, a batch in each transaction; returns how many.

    This includes sign-ins that were never finished, with their number and code.
    """
    forgotten = 0
    while keys := list(Session.objects.filter(expire_date__lte=now).values_list("pk", flat=True)[:BATCH]):
        Session.objects.filter(pk__in=keys).delete()
        forgotten += len(keys)
    return forgotten
