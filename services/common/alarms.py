"""Alarm bar of staff pages: alarms that sound, and recently acknowledged ones."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.urls import reverse

from accounts.models import User, access_of
from community.core.services import is_off
from community.core.statements import Statement
from services.common.actions import board_topic
from services.common.models import Alarm
from services.common.roles import ANSWERING

# Time during which the desk sees who has acknowledged an alarm.
SHOWN_AFTER = timedelta(minutes=15)
# A socket watches at most 40 topics; a bar of more estates is fetched regularly instead.
MOST_WATCHED = 30


@dataclass
class Heard:
    """Estates whose alarms a person hears, by key, and the alarms to show."""

    estates: list[int] = field(default_factory=list)
    alarms: list[Alarm] = field(default_factory=list)


# Takes a person, the estates that they hear anyway, and the time.
DutySource = Callable[[User, Collection[int], datetime], Heard]
_duty: dict[str, DutySource] = {}


def register_duty(name: str, source: DutySource) -> None:
    """Registers what people on duty outside the desk hear; not asked while the service ``name`` is off."""
    _duty[name] = source


def heard_by(user: User, now: datetime) -> Heard:
    """Returns what this person hears now, sounding alarms first.

    One query for the desk, and those of the duty sources.
    """
    desks = access_of(user).estates(*ANSWERING)
    heard = Heard(desks, _recent(user, desks, now) if desks else [])
    for name, source in _duty.items():
        if not is_off(name):
            more = source(user, frozenset(heard.estates), now)
            heard.estates += more.estates
            heard.alarms += more.alarms
    heard.alarms.sort(key=lambda alarm: alarm.acknowledged_at is not None)
    return heard


def _recent(user: User, desks: list[int], now: datetime) -> list[Alarm]:
    """Returns alarms with the people who raised and acknowledged them."""
    recent = Q(acknowledged_at=None) | Q(acknowledged_at__gte=now - SHOWN_AFTER)
    return _WITH_PEOPLE(Alarm.objects.visible_to(user).filter(recent, estate__in=desks))


_WITH_PEOPLE: Statement[Alarm] = Statement(
    lambda chosen: Alarm.objects.filter(pk__in=chosen).select_related("raised_by", "acknowledged_by")
)


def bar(user: User, now: datetime) -> dict[str, Any]:
    """Returns ``alarm_bar`` of ``common/alarm_bar.html``; empty for those who answer no alarms."""
    heard = heard_by(user, now)
    if not heard.estates:
        return {}
    is_watched = len(heard.estates) <= MOST_WATCHED
    return {
        "alarms": heard.alarms,
        "topics": [board_topic(estate) for estate in heard.estates] if is_watched else [],
        "url": reverse("alarms"),
    }
