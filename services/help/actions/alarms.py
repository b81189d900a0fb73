"""The alarm of a call, and a call that was taken back and is raised again."""

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import User
from community.core.transitions import AlreadyMoved, move
from community.estates.models import Home
from services.common.models import Alarm
from services.help.actions.notify import notify_open_pages
from services.help.models import HelpCall

S = HelpCall.Status
# Called again so soon after it was taken back, it is the same call, and the same alarm.
SAME_CALL = timedelta(minutes=15)
# So often one call tells everybody anew after it was taken back; then only those who were not told yet.
MOST_TIMES_ANEW = 2


def reopen_lately(pressed: HelpCall, now: datetime) -> HelpCall | None:
    """The call that this resident took back a few minutes ago, calling again; None if there is none.

    A real call is never refused, but whoever raises and takes back in turn must not ring everybody's
    telephone without end: from the third time on the board sounds as ever and the next on duty are told in
    their turn, and those who were told already get no further SMS.
    """
    lately = (
        HelpCall.objects.with_people()
        .filter(
            resident=pressed.resident,
            estate=pressed.estate,
            is_drill=False,
            status=S.CANCELLED,
            status_changed_at__gte=now - SAME_CALL,
        )
        .order_by("-status_changed_at")
        .first()
    )
    if lately is None or pressed.is_drill:
        return None
    by, home = pressed.reported_by, pressed.home
    changes: dict[str, Any] = {"responder": None, "answered_at": None, "reminded": 0, "home": home}
    changes["description"] = description_of(lately, pressed)
    times = lately.history.filter(from_status=S.CANCELLED, to_status=S.CALLING).count()
    if times < MOST_TIMES_ANEW:
        changes |= {"round": lately.round + 1, "pressed_again_at": now, "escalation_level": 0}
    only_if = as_read(lately)
    try:
        with transaction.atomic():
            changes["alarm"] = sound(lately, home, by=by, now=now)
            move(lately, S.CALLING, by=by, now=now, on_behalf_of=lately.resident, only_if=only_if, **changes)
            notify_open_pages(lately)
    except (AlreadyMoved, IntegrityError):
        return None
    return lately


def sound(call: HelpCall, home: Home | None, *, by: User, now: datetime) -> Alarm:
    """The alarm that sounds still, at the place from which they call now; or a new one.

    Open pages are told by ``notify_open_pages``, last: their topics locked before the call are waited for in a circle.
    """
    place = str(home or call.where)
    if call.alarm is not None and call.alarm.acknowledged_at is None:
        kind = Alarm.Kind.DRILL if call.is_drill else Alarm.Kind.HELP
        Alarm.objects.filter(pk=call.alarm.pk).update(place=place, kind=kind)
        call.alarm.place, call.alarm.kind = place, kind
        return call.alarm
    return Alarm.objects.create(
        estate=call.estate,
        kind=Alarm.Kind.DRILL if call.is_drill else Alarm.Kind.HELP,
        title=str(call.resident),
        place=place,
        url=reverse("staff_help_call", args=[call.pk]),
        raised_by=by,
        raised_at=now,
    )


def as_read(call: HelpCall) -> dict[str, Any]:
    """A condition on the row: nobody has called again, answered, or added anything since it was read."""
    return {"round": call.round, "status_changed_at": call.status_changed_at, "additions": call.additions}


def description_of(call: HelpCall, pressed: HelpCall) -> str:
    """What was said so far and what is said now; a form that was sent twice says nothing new."""
    said, more = call.description, pressed.description
    if f"\n{more}\n" in f"\n{said}\n":
        return said
    return "\n".join(filter(None, [said, more]))
