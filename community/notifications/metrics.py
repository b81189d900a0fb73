"""How many messages wait, for how long, and how many failed for good."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Count, Min

from community.core.services import Metric
from community.notifications.models import OutboxMessage

Status = OutboxMessage.Status
OPEN = (Status.PENDING, Status.SENDING, Status.UNCERTAIN)


def waiting(now: datetime) -> Iterator[Metric]:
    """Yields the open messages and the age of the oldest by channel, and the failures of the last day."""
    rows = OutboxMessage.objects.filter(status__in=OPEN).values("channel").order_by()
    found = {one["channel"]: one for one in rows.annotate(number=Count("pk"), oldest=Min("created_at"))}
    numbers, ages = [], []
    for channel in OutboxMessage.Channel.values:
        one = found.get(channel)
        numbers.append(({"channel": channel}, float(one["number"] if one else 0)))
        ages.append(({"channel": channel}, (now - one["oldest"]).total_seconds() if one else 0.0))
    yield Metric("linli_outbox_waiting", "Messages not sent yet", numbers)
    yield Metric("linli_outbox_oldest_seconds", "Age of the oldest message not sent yet", ages)
    lately = OutboxMessage.objects.failed().filter(created_at__gt=now - timedelta(days=1))
    yield Metric(
        "linli_outbox_failed", "Messages of the last day that failed for good", [({}, lately.count())]
    )
