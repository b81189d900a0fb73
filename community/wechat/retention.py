"""Deletes what was noted of WeChat's pushes."""

from datetime import datetime, timedelta

from community.wechat.models import Push

KEPT = timedelta(days=2)


def forget_old_pushes(*, now: datetime) -> int:
    """Deletes the marks of pushes that are too old to be repeated; returns how many."""
    removed, _by_model = Push.objects.filter(received_at__lt=now - KEPT).delete()
    return removed
