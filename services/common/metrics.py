"""How many first answers are late."""

from collections.abc import Iterator
from datetime import datetime

from community.core.services import Metric
from services.common.models import ResponseClock


def late_answers(now: datetime) -> Iterator[Metric]:
    """Yields the requests whose first answer is overdue."""
    late = ResponseClock.objects.overdue(now).count()
    yield Metric("linli_answers_late", "Requests whose first answer is overdue", [({}, late)])
