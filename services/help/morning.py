"""Calls for help on the morning page."""

from datetime import datetime

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from community.core.services.morning import (
    FirstRows,
    Line,
    Morning,
    MorningQuery,
    MorningSource,
    short_time,
)
from services.help.models import HelpCall
from services.help.models.calls import OVERDUE_AFTER

# Relations that a line shows.
SHOWS = ("resident", "home__entrance__building", "entrance__building")


def _waiting_calls(query: MorningQuery) -> FirstRows:
    long_ago = Q(status=HelpCall.Status.COMING, status_changed_at__lte=query.now - OVERDUE_AFTER)
    waiting = HelpCall.objects.filter(Q(status=HelpCall.Status.CALLING) | long_ago, estate=query.estate)
    rows = waiting.filter(is_drill=False).order_by("created_at", "pk")
    return FirstRows(rows, _morning_line, SHOWS)


def _morning_line(call: HelpCall, now: datetime) -> Line:
    return Line(
        url=reverse("staff_help_call", args=[call.pk]),
        title=_("Call for help: %(who)s") % {"who": call.resident},
        sub=f"{call.where} · {call.get_status_display()}",
        icon="bell",
        tone="help",
        meta=short_time(call.created_at, now),
    )


MORNING = Morning(sources=(MorningSource(section="late", position=10, find=_waiting_calls),))
