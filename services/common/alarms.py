"""Alarms shown on a board: those that sound, and recently acknowledged ones."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.urls import reverse

from accounts.models import User
from accounts.policies import has_role
from community.estates.models import Estate
from services.common.actions import board_topic
from services.common.models import Alarm
from services.common.roles import ANSWERING

# Time during which the desk sees who has acknowledged an alarm.
SHOWN_AFTER = timedelta(minutes=15)


def to_show(*, user: User, estate: Estate, now: datetime) -> list[Alarm]:
    """Returns alarms with the people who raised and acknowledged them, sounding ones first. One query."""
    recent = Q(acknowledged_at=None) | Q(acknowledged_at__gte=now - SHOWN_AFTER)
    alarms = Alarm.objects.visible_to(user).filter(recent, estate=estate)
    found = list(alarms.select_related("raised_by", "acknowledged_by"))
    return sorted(found, key=lambda alarm: alarm.acknowledged_at is not None)


def bar(*, user: User, estate: Estate, now: datetime) -> dict[str, Any]:
    """Returns the context of ``common/alarm_bar.html`` on the desk's pages; readers without the right to
    answer get no sound.
    """
    return {
        "topic": board_topic(estate.pk),
        "hears_alarms": has_role(user, estate.pk, *ANSWERING),
        "alarms": to_show(user=user, estate=estate, now=now),
        "alarms_url": reverse("alarms", args=[estate.pk]),
    }
