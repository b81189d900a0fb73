"""Sessions: expired ones are deleted, and staff hear of one that began at a new place."""

from datetime import datetime

from django.contrib.sessions.models import Session
from django.utils.timezone import localtime

from accounts.models import User
from community.notifications.outbox import queue_message

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


def tell_of_new_place(*, user: User, now: datetime) -> None:
    """Tells a member of staff, also by SMS, that somebody signed in as them in a browser without their mark."""
    at = localtime(now)
    said = {"at": f"{at.month}/{at.day} {at:%H:%M}"}
    queue_message(
        user, "new_place", key=f"new_place:{user.pk}:{now.timestamp()}", params=said, sms=True, now=now
    )
