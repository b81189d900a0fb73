"""Progress and history of a booking in words."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.models import User
from community.core import clock, dates
from services.care.models import CareBooking, CareBookingChange
from services.common.timeline import Entry, Point, change_entry, points

Status = CareBooking.Status

# Points of the progress line; fewer for bookings without a carer, such as meals.
VISIT_LINE = (
    pgettext_lazy("care step", "Booked"),
    pgettext_lazy("care step", "Carer found"),
    pgettext_lazy("care step", "At work"),
    pgettext_lazy("care step", "Done"),
)
MEAL_LINE = (pgettext_lazy("care step", "Booked"), pgettext_lazy("care step", "Served"))
TONES: dict[str, str] = {
    Status.BOOKED: "care",
    Status.UNDER_WAY: "repair",
    Status.DONE: "brand",
    Status.CANCELLED: "plain",
    Status.MISSED: "help",
}


def line(booking: CareBooking) -> list[Point]:
    """Returns the points of the progress line; empty if the booking ended without a visit."""
    if booking.status in (Status.CANCELLED, Status.MISSED):
        return []
    labels = VISIT_LINE if booking.service.needs_carer else MEAL_LINE
    reached = len(labels) if booking.status == Status.DONE else 0
    if booking.status == Status.UNDER_WAY:
        reached = 2
    elif booking.status == Status.BOOKED and booking.carer_id and booking.service.needs_carer:
        reached = 1
    return points(labels, reached)


def calendar_title(booking: CareBooking, reader: User) -> str:
    """Returns the title in the reader's calendar, with the resident's name if it is another person."""
    service = booking.service.label
    if booking.resident_id == reader.pk:
        return service
    return _("%(service)s for %(resident)s") % {"service": service, "resident": booking.resident}


def tone(booking: CareBooking) -> str:
    """Returns the colour of the status tag."""
    return TONES[booking.status]


def entries(booking: CareBooking, reader: User) -> list[Entry]:
    """Returns the steps of the history, newest first. One query."""
    changes = booking.history.select_related("actor", "on_behalf_of").order_by("-at", "-pk")
    following = list(changes)
    befores: list[CareBookingChange | None] = [*following[1:], None]
    return [
        change_entry(_title(change, before), change, reader)
        for change, before in zip(following, befores, strict=True)
    ]


def _title(change: CareBookingChange, before: CareBookingChange | None) -> str:
    words = {"carer": change.carer_name, "when": dates.moment_words(change.starts_at, clock.now())}
    if change.to_status == Status.BOOKED and before is not None:
        if before.starts_at != change.starts_at:
            return _("Moved to %(when)s") % words
        if change.carer_name:
            return _("%(carer)s will come") % words
        return _("Another carer is being found")
    return str(BY_STATUS[change.to_status]) % words


BY_STATUS: dict[str, str | Promise] = {
    Status.BOOKED: gettext_lazy("Booked for %(when)s"),
    Status.UNDER_WAY: gettext_lazy("%(carer)s is there"),
    Status.DONE: gettext_lazy("It is done"),
    Status.CANCELLED: gettext_lazy("Cancelled"),
    Status.MISSED: gettext_lazy("Nobody was at home"),
}
