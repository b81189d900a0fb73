"""Actions shared by all services."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from community.core.errors import Forbidden
from community.core.events import alarm_taken
from community.core.transitions import AlreadyMoved
from community.estates.models import Estate
from community.notifications import live
from community.wechat.robots import queue_robots
from services.common.models import Alarm


def board_topic(estate_id: int) -> str:
    """Returns the live topic of the desk's board of an estate."""
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
    """Raises an alarm about a defect on the desk's board; returns it.

    Locks the topic of the board until the commit.
    """
    with transaction.atomic():
        alarm = Alarm.objects.create(
            estate=estate, title=title, place=place, url=url, raised_by=by, raised_at=now
        )
        tell_robots(alarm, now=now)
        live.notify_open_pages(board_topic(estate.pk))
    return alarm


def tell_robots(alarm: Alarm, *, now: datetime) -> None:
    """Queues the alarm to the group chats of the estate's staff: its kind, place and page, and no name."""
    with translation.override(settings.LANGUAGE_CODE):
        words = _("%(estate)s: %(kind)s, %(place)s") % {
            "estate": alarm.estate,
            "kind": alarm.get_kind_display(),
            "place": alarm.place,
        }
    text = f"{words}\n{settings.PUBLIC_URL}{alarm.url}"
    queue_robots(alarm.estate_id, hears="alarms", key=f"alarm:{alarm.pk}", text=text, now=now)


def acknowledge_alarm(*, alarm: Alarm, by: User, now: datetime) -> None:
    """Acknowledges an alarm: it stops on every board and its source is notified.

    Raises ``Forbidden``, and ``AlreadyMoved`` if another person has acknowledged it.
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
    """Marks the alarm as acknowledged; returns False if it already was. Checks no permission."""
    sounding = Alarm.objects.filter(pk=alarm.pk, acknowledged_at=None)
    is_first = bool(sounding.update(acknowledged_by=by, acknowledged_at=now))
    alarm.refresh_from_db()
    return is_first
