"""What has happened to an appointment, as its pages tell it."""

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from services.renovation.models import Appointment
from services.renovation.wording import when_words

Status = Appointment.Status


def line(appointment: Appointment) -> list[dict[str, str]]:
    """The line of steps; none for what was cancelled or missed."""
    order = [Status.BOOKED, Status.UNDER_WAY, Status.DONE, Status.CONFIRMED]
    if appointment.status not in order and appointment.status != Status.DEFECTS:
        return []
    words = {
        Status.BOOKED: pgettext("step", "Booked"),
        Status.UNDER_WAY: pgettext("step", "Work"),
        Status.DONE: pgettext("step", "Look"),
        Status.CONFIRMED: pgettext("step", "Good"),
    }
    here = Status.UNDER_WAY if appointment.status == Status.DEFECTS else Status(appointment.status)
    number = order.index(here)
    last = len(order) - 1
    return [
        {
            "label": words[step],
            "state": "done"
            if place < number or place == number == last
            else "now"
            if place == number
            else "todo",
        }
        for place, step in enumerate(order)
    ]


def entries(appointment: Appointment) -> list[dict[str, object]]:
    """Newest first, for components/timeline.html."""
    told = []
    steps = appointment.history.select_related("actor", "on_behalf_of").filter(~Q(to_status=""))
    for change in reversed(list(steps)):
        title = str(Status(change.to_status).label)
        if change.to_status == Status.BOOKED:
            title = _("Booked for %(when)s") % {"when": when_words(change.starts_at)}
            if change.from_status:
                title = _("Moved to %(when)s") % {"when": when_words(change.starts_at)}
        who = change.actor.name if change.actor else ""
        if change.on_behalf_of:
            who = _("%(who)s for %(whom)s") % {"who": who, "whom": change.on_behalf_of.name}
        told.append({"title": title, "text": change.reason, "by": who, "at": change.at})
    return told
