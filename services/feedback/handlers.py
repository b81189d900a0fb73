"""Handlers of events."""

from datetime import datetime

from accounts.models import User
from services.common.models import Satisfaction
from services.feedback import actions


def rated_badly(*, satisfaction: Satisfaction, resident: User | None, now: datetime) -> None:
    """Creates a follow-up of a bad rating of any service."""
    actions.follow_up(satisfaction=satisfaction, resident=resident, now=now)
