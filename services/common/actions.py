"""The verbs that all services share."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from community.core.errors import Forbidden
from community.core.transitions import AlreadyMoved
from community.estates.models import Estate
from community.notifications import live
from services.common.models import Alarm


def board_topic(estate_id: int) -> str:
    return f"board:{estate_id}"


def raise_alarm(*, estate: Estate, title: str, place: str, url: str, by: User, now: datetime) -> Alarm:
    """Sound on the desk's board. Written first, told afterwards: the row is what matters."""
    with transaction.atomic():
        alarm = Alarm.objects.create(
            estate=estate, title=title, place=place, url=url, raised_by=by, raised_at=now
        )
        live.changed(board_topic(estate.pk))
    return alarm


def acknowledge_alarm(*, alarm: Alarm, by: User, now: datetime) -> None:
    """Take an alarm: it falls silent on every board. Raises ``AlreadyMoved`` if another was faster."""
    if not Alarm.objects.visible_to(by).filter(pk=alarm.pk).exists():
        raise Forbidden
    with transaction.atomic():
        taken = Alarm.objects.filter(pk=alarm.pk, acknowledged_at=None)
        if not taken.update(acknowledged_by=by, acknowledged_at=now):
            alarm.refresh_from_db()
            if alarm.acknowledged_by_id == by.pk:
                return
            raise AlreadyMoved
        live.changed(board_topic(alarm.estate_id))
    alarm.refresh_from_db()
