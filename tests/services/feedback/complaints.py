"""A complaint sent on a Monday at nine, the clock behind it, and how often somebody was told."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from community.core.clock import SHANGHAI
from community.estates.models import Estate
from community.notifications.models import OutboxMessage
from services.common.models import ResponseClock
from services.feedback import actions
from services.feedback.actions.feedback import FeedbackContent
from services.feedback.models import Feedback
from tests import factories as make

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=SHANGHAI)


def sent(estate: Estate, now: datetime = MONDAY, **more: Any) -> Feedback:
    resident = make.make_resident(home=make.make_home(estate=estate))
    written = FeedbackContent(estate, Feedback.Kind.COMPLAINT, "垃圾没清", **more)
    return actions.send_named(content=written, resident=resident, by=resident, key=uuid4(), now=now)


def clock_of(feedback: Feedback) -> ResponseClock:
    return ResponseClock.objects.filter(reference=feedback.reference).latest("round")


def told(template: str) -> int:
    return OutboxMessage.objects.filter(template=template, channel="inbox").count()
