"""Deletes what was noted of WeChat's pushes, and old messages to group chats."""

from datetime import datetime, timedelta

from community.wechat.models import Push, RobotMessage

KEPT, SAID_KEPT = timedelta(days=2), timedelta(days=180)


def forget_old_pushes(*, now: datetime) -> int:
    """Deletes the marks of pushes that are too old to be repeated; returns how many."""
    removed, _by_model = Push.objects.filter(received_at__lt=now - KEPT).delete()
    return removed


def forget_robot_messages(*, now: datetime) -> int:
    """Deletes messages to group chats after half a year; returns how many."""
    removed, _by_model = RobotMessage.objects.filter(created_at__lt=now - SAID_KEPT).delete()
    return removed
