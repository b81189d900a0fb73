"""How fast calls for help are answered."""

import statistics
from collections.abc import Iterator
from datetime import datetime, timedelta

from community.core.services import Metric
from services.help.models import HelpCall
from services.help.models.calls import Status


def answers(now: datetime) -> Iterator[Metric]:
    """Yields the seconds until a call of the last day was answered, and those that the oldest open one waits."""
    real = HelpCall.objects.filter(is_drill=False)
    lately = real.filter(created_at__gt=now - timedelta(days=1), answered_at__isnull=False)
    seconds = sorted((one.answered_at - one.called_at).total_seconds() for one in lately if one.answered_at)
    values = []
    if seconds:
        values = [({"which": "middle"}, statistics.median(seconds)), ({"which": "longest"}, seconds[-1])]
    yield Metric("linli_help_answer_seconds", "Seconds until calls of the last day were answered", values)
    calling = [(now - one.called_at).total_seconds() for one in real.filter(status=Status.CALLING)]
    yield Metric(
        "linli_help_unanswered_seconds",
        "Seconds for which a call waits for an answer",
        [({}, max(calling, default=0.0))],
    )
