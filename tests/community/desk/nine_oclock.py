"""The minute in which the morning page is opened, by whom, and an answer that somebody waits for."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.test import Client

from accounts.models import User
from services.common.models import ResponseClock
from services.feedback.models import Feedback
from services.repairs.models import Repair

SHANGHAI = ZoneInfo("Asia/Shanghai")
# A Monday morning.
NINE = datetime(2026, 11, 23, 9, 0, tzinfo=SHANGHAI)


def as_user(user: User) -> Client:
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(user)
    return client


def waits(thing: Repair | Feedback, service: str, due_at: datetime, url: str) -> ResponseClock:
    return ResponseClock.objects.create(
        estate=thing.estate,
        service=service,
        reference=thing.reference,
        url=url,
        minutes=60,
        started_at=due_at - timedelta(hours=1),
        due_at=due_at,
    )
