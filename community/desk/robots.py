"""The morning's late list for the group chats of an estate's staff."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from community.core import clock
from community.desk.morning import sections
from community.estates.models import Estate
from community.wechat.models import GroupRobot
from community.wechat.robots import queue_robots

LISTED = 10


def tell_morning(now: datetime) -> None:
    """Queues what is late to the robots that hear of it, once a day for each estate; references, no names."""
    robots = GroupRobot.objects.in_use().filter(hears_morning=True)
    with translation.override(settings.LANGUAGE_CODE):
        for estate in Estate.objects.filter(pk__in=robots.values("estate")).order_by("pk"):
            key = f"morning:{clock.today(now)}"
            queue_robots(estate.pk, hears="morning", key=key, text=_late_words(estate, now), now=now)


def _late_words(estate: Estate, now: datetime) -> str:
    late = sections(estate, now, only="late", limit=LISTED)[0]
    head = _("%(estate)s, this morning: %(count)d late.") % {"estate": estate, "count": late.count}
    lines = [str(line.meta) for line in late.lines if line.meta]
    return "\n".join([head, *lines, f"{settings.PUBLIC_URL}{reverse('morning')}"])
