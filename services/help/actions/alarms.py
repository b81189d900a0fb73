"""Alarm of a call, and calls that are raised again after they were taken back."""

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import User
from community.core.transitions import AlreadyMoved, move
from community.estates.models import Home
from services.common.actions import tell_robots
from services.common.models import Alarm
from services.help.actions.notifications import notify_open_pages
from services.help.models import HelpCall

S = HelpCall.Status
# Time after taking back in which a new call is the same call with the same alarm.
SAME_CALL_WITHIN = timedelta(minutes=15)
# Number of reopenings that notify everyone again; later ones notify only people not notified yet.
MAX_REOPENINGS = 2


def reopen_recent_call(new_call: HelpCall, now: datetime) -> HelpCall | None:
    """Reopens the call that this resident took back within ``SAME_CALL_WITHIN``; returns None if there is
    none.

    A real call is never refused, but raising and taking back in turn must not ring every telephone without
    end: from the third time on the board sounds as always, further people on duty are notified in turn, and
    people notified before get no further SMS. Returns None too if another request changed the call meanwhile.
    """
    recent = (
        HelpCall.objects.with_people()
        .filter(
            resident=new_call.resident,
            estate=new_call.estate,
            is_drill=False,
            status=S.CANCELLED,
            status_changed_at__gte=now - SAME_CALL_WITHIN,
        )
        .order_by("-status_changed_at")
        .first()
    )
    if recent is None or new_call.is_drill:
        return None
    by, home = new_call.reported_by, new_call.home
    changes: dict[str, Any] = {"responder": None, "answered_at": None, "reminded": 0, "home": home}
    changes["description"] = joined_description(recent, new_call)
    times = recent.history.filter(from_status=S.CANCELLED, to_status=S.CALLING).count()
    if times < MAX_REOPENINGS:
        changes |= {"round": recent.round + 1, "pressed_again_at": now, "escalation_level": 0}
    only_if = unchanged_since_read(recent)
    try:
        with transaction.atomic():
            changes["alarm"] = sound_alarm(recent, home, by=by, now=now)
            move(recent, S.CALLING, by=by, now=now, on_behalf_of=recent.resident, only_if=only_if, **changes)
            notify_open_pages(recent)
    except (AlreadyMoved, IntegrityError):
        return None
    return recent


def sound_alarm(call: HelpCall, home: Home | None, *, by: User, now: datetime) -> Alarm:
    """Returns the alarm that still sounds, moved to the place of the call now, or a new one.

    Open pages are notified by ``notify_open_pages``, last: locking their topics before the call could
    deadlock.
    """
    place = str(home or call.where)
    if call.alarm is not None and call.alarm.acknowledged_at is None:
        kind = Alarm.Kind.DRILL if call.is_drill else Alarm.Kind.HELP
        Alarm.objects.filter(pk=call.alarm.pk).update(place=place, kind=kind)
        call.alarm.place, call.alarm.kind = place, kind
        return call.alarm
    alarm = Alarm.objects.create(
        estate=call.estate,
        kind=Alarm.Kind.DRILL if call.is_drill else Alarm.Kind.HELP,
        title=str(call.resident),
        place=place,
        url=reverse("staff_help_call", args=[call.pk]),
        raised_by=by,
        raised_at=now,
    )
    tell_robots(alarm, now=now)
    return alarm


def unchanged_since_read(call: HelpCall) -> dict[str, Any]:
    """Returns a condition on the row: no request has called again, answered or added anything since it was
    read.
    """
    return {"round": call.round, "status_changed_at": call.status_changed_at, "additions": call.additions}


def joined_description(call: HelpCall, new_call: HelpCall) -> str:
    """Returns the earlier description with the new one; text that was sent twice is not repeated."""
    old, new = call.description, new_call.description
    if f"\n{new}\n" in f"\n{old}\n":
        return old
    return "\n".join(filter(None, [old, new]))
