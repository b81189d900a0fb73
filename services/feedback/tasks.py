"""What the clock does with feedback."""

from celery import shared_task

from community.core import clock
from community.core.sweeps import sweep_rows
from services.feedback import actions
from services.feedback.models import Feedback


@shared_task
def close_answered_feedback() -> int:
    """Close what was asked about a week ago and not contradicted."""
    now = clock.now()
    due = Feedback.objects.to_close(now).with_people()
    return sweep_rows(
        due[:500],
        lambda feedback: actions.close_unanswered(feedback=feedback, now=now),
        failing="feedback: %s could not be closed",
    )


@shared_task
def forget_loose_pictures() -> int:
    return actions.throw_away_loose_pictures(now=clock.now())


@shared_task
def tell_of_nameless_feedback() -> int:
    return actions.tell_of_nameless(now=clock.now())
