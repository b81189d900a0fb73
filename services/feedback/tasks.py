"""Periodic tasks of feedback."""

from celery import shared_task

from community.core import clock
from community.core.sweeps import sweep_rows
from services.feedback import actions
from services.feedback.models import Feedback


@shared_task
def close_answered_feedback() -> int:
    """Closes feedback whose writer was asked a week ago and did not object."""
    now = clock.now()
    due = Feedback.objects.to_close(now).with_people()
    return sweep_rows(
        due[:500],
        lambda feedback: actions.close_unanswered(feedback=feedback, now=now),
        failing="feedback: %s could not be closed",
    )


@shared_task
def tell_of_nameless_feedback() -> int:
    """Notifies managers of reopened anonymous feedback."""
    return actions.notify_managers_of_anonymous(now=clock.now())
