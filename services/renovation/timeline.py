"""Progress and history of an appointment in words."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from community.core import clock, dates
from services.common.timeline import Entry, Point, change_entry, reached_line
from services.renovation.models import Appointment, AppointmentChange

Status = Appointment.Status

# Points of the progress line, and the number that each status has reached.
LINE = (
    pgettext_lazy("step", "Booked"),
    pgettext_lazy("step", "Work"),
    pgettext_lazy("step", "Look"),
    pgettext_lazy("step", "Good"),
)
REACHED: dict[str, int] = {
    Status.BOOKED: 0,
    Status.UNDER_WAY: 1,
    Status.DEFECTS: 1,
    Status.DONE: 2,
    Status.CONFIRMED: 4,
}
TONES: dict[str, str] = {
    Status.BOOKED: "repair",
    Status.UNDER_WAY: "care",
    Status.DONE: "care",
    Status.DEFECTS: "help",
    Status.CONFIRMED: "brand",
    Status.CANCELLED: "plain",
    Status.MISSED: "help",
}


def line(appointment: Appointment) -> list[Point]:
    """Returns the points of the progress line; empty if it was cancelled or missed."""
    return reached_line(appointment.status, LINE, REACHED)


def tone(appointment: Appointment) -> str:
    """Returns the colour of the status tag."""
    return TONES[appointment.status]


def entries(appointment: Appointment, reader: User) -> list[Entry]:
    """Returns the steps of the history, newest first. One query."""
    steps = appointment.history.select_related("actor", "on_behalf_of").order_by("-at", "-pk")
    return [change_entry(_title(change), change, reader) for change in steps]


def _title(change: AppointmentChange) -> str:
    words: str | Promise = Status(change.to_status).label
    if change.to_status == Status.BOOKED:
        words = _("Moved to %(when)s") if change.from_status else _("Booked for %(when)s")
    elif change.to_status == Status.DEFECTS and change.from_status == Status.BOOKED:
        words = _("Not put right on %(when)s")
    return str(words) % {"when": dates.moment_words(change.starts_at, clock.now())}
