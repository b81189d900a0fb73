"""What feedback hears from below."""

from datetime import datetime

from accounts.models import User
from services.common.models import Satisfaction
from services.feedback import actions


def follow_up_of_bad_rating(*, satisfaction: Satisfaction, resident: User | None, now: datetime) -> None:
    """Whatever the service was: somebody asks what went wrong."""
    actions.follow_up(satisfaction=satisfaction, resident=resident, now=now)
