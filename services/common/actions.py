"""The verbs that all services share."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from community.core.errors import Forbidden
from community.core.events import alarm_taken
from community.core.transitions import AlreadyMoved
from community.estates.models import Estate
from community.notifications import live
from services.common.models import Alarm


def board_topic(estate_id: int) -> str:
    return f"board:{estate_id}"


def raise_alarm(
    *,
    estate: Estate,
    title: str,
    place: str,
    url: str,
    by: User,
    now: datetime,
) -> Alarm:
    """Sound an alarm for something broken on the desk's board."""
    with transaction.atomic():
        alarm = Alarm.objects.create(
            estate=estate, title=title, place=place, url=url, raised_by=by, raised_at=now
        )
        live.notify_open_pages(board_topic(estate.pk))
    return alarm


def acknowledge_alarm(*, alarm: Alarm, by: User, now: datetime) -> None:
    """Take an alarm: it falls silent on every board, and whose alarm it is hears of it.

    Raises ``AlreadyMoved`` if another was faster.
    """
    if not Alarm.objects.visible_to(by).filter(pk=alarm.pk).exists():
        raise Forbidden
    with transaction.atomic():
        if silence_alarm(alarm=alarm, by=by, now=now):
            alarm_taken.send(alarm=alarm, by=by, now=now)
            live.notify_open_pages(board_topic(alarm.estate_id))
    if alarm.acknowledged_by_id != by.pk:
        raise AlreadyMoved


def silence_alarm(*, alarm: Alarm, by: User, now: datetime) -> bool:
    """Mark it as taken, for an action that has asked whether ``by`` may; False if it was already."""
    sounding = Alarm.objects.filter(pk=alarm.pk, acknowledged_at=None)
    is_first = bool(sounding.update(acknowledged_by=by, acknowledged_at=now))
    alarm.refresh_from_db()
    return is_first
