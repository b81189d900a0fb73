"""Progress of a repair in words: the line of four points, and every event with its time."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.models import User
from community.core.money import as_yuan
from services.common.timeline import Entry, Point, change_entry, reached_line, who
from services.repairs.models import Repair, RepairChange, RepairMessage

Status = Repair.Status

# The four points of the line, and the point that each status has reached.
LINE = (
    pgettext_lazy("step", "Reported"),
    pgettext_lazy("step", "Assigned"),
    pgettext_lazy("step", "At work"),
    pgettext_lazy("step", "Finished"),
)
REACHED: dict[str, int] = {
    Status.NEW: 0,
    Status.ACCEPTED: 0,
    Status.REOPENED: 0,
    Status.ASSIGNED: 1,
    Status.IN_WORK: 2,
    Status.WAITING_FOR_PARTS: 2,
    Status.WAITING_FOR_RESIDENT: 2,
    Status.QUOTED: 2,
    Status.DONE: 3,
    Status.CONFIRMED: 4,
    Status.CLOSED: 4,
}
TONES: dict[str, str] = {
    Status.WAITING_FOR_PARTS: "care",
    Status.WAITING_FOR_RESIDENT: "care",
    Status.QUOTED: "care",
    Status.REOPENED: "help",
    Status.DONE: "brand",
    Status.CONFIRMED: "brand",
    Status.CLOSED: "plain",
    Status.CANCELLED: "plain",
    Status.DECLINED: "plain",
}


def line(repair: Repair) -> list[Point]:
    """Returns the line of four points; empty if the repair ended without work."""
    return reached_line(repair.status, LINE, REACHED)


def tone(repair: Repair) -> str:
    """Returns the colour of the status tag."""
    return (
        "help" if repair.is_emergency and repair.status == Status.NEW else TONES.get(repair.status, "repair")
    )


def entries(repair: Repair, reader: User, *, is_staff: bool) -> list[Entry]:
    """Returns every step and message, newest first; internal notes for staff only. Three queries."""
    changes = repair.history.select_related("actor", "on_behalf_of")
    messages = repair.messages.select_related("author", "on_behalf_of")
    if not is_staff:
        messages = messages.filter(is_internal=False)
    titles = BY_STATUS if is_staff else BY_STATUS | FOR_HOUSEHOLD
    found = [change_entry(_title(repair, change, titles), change, reader) for change in changes]
    found += [_message_entry(message, reader) for message in messages]
    return sorted(found, key=lambda entry: entry.at, reverse=True)


def question(repair: Repair) -> str:
    """Returns what the worker wrote when the work stopped for the resident; empty while it does not wait for
    them. One query.
    """
    if repair.status != Status.WAITING_FOR_RESIDENT:
        return ""
    asked = repair.history.filter(to_status=Status.WAITING_FOR_RESIDENT).order_by("-at", "-pk")
    return asked.values_list("reason", flat=True).first() or ""


def _message_entry(message: RepairMessage, reader: User) -> Entry:
    return Entry(
        title=_("Internal note") if message.is_internal else _("Message"),
        at=message.at,
        by=who(message.author, message.on_behalf_of, reader),
        text=message.words or _("Added pictures or a spoken message."),
    )


def _title(repair: Repair, change: RepairChange, titles: Mapping[str, str | Promise]) -> str:
    words = {"worker": change.worker_name, "price": as_yuan(change.price_fen or repair.quote_fen or 0)}
    special = REFUSED if change.is_refusal else BY_STEP.get((change.from_status, change.to_status))
    return str(special or titles[change.to_status]) % words


BY_STATUS: dict[str, str | Promise] = {
    Status.NEW: gettext_lazy("Reported"),
    Status.ACCEPTED: gettext_lazy("Accepted; a worker will be found"),
    Status.ASSIGNED: gettext_lazy("%(worker)s will come"),
    Status.IN_WORK: gettext_lazy("%(worker)s began the work"),
    Status.WAITING_FOR_PARTS: gettext_lazy("Waiting for parts"),
    Status.WAITING_FOR_RESIDENT: gettext_lazy("Waiting for the resident"),
    Status.QUOTED: gettext_lazy("A price was asked: %(price)s"),
    Status.DONE: gettext_lazy("%(worker)s says it is mended"),
    Status.REOPENED: gettext_lazy("Not mended yet; it goes back to the desk"),
    Status.CONFIRMED: gettext_lazy("Confirmed: it is mended"),
    Status.CLOSED: gettext_lazy("Closed by itself after 7 days"),
    Status.CANCELLED: gettext_lazy("Cancelled"),
    Status.DECLINED: gettext_lazy("Declined by the estate"),
}
# Titles that a household reads instead, where it is spoken to.
FOR_HOUSEHOLD: dict[str, str | Promise] = {
    Status.WAITING_FOR_RESIDENT: gettext_lazy("The worker asked for your answer"),
}
REFUSED = gettext_lazy("The price of %(price)s was refused; the work goes on at the price agreed before")
BY_STEP: dict[tuple[str, str], str | Promise] = {
    (Status.ASSIGNED, Status.ACCEPTED): gettext_lazy("Given back to the desk"),
    (Status.ASSIGNED, Status.ASSIGNED): gettext_lazy("Now %(worker)s will come"),
    (Status.QUOTED, Status.IN_WORK): gettext_lazy("The price of %(price)s was agreed"),
    (Status.QUOTED, Status.CANCELLED): gettext_lazy("The price of %(price)s was refused"),
    (Status.WAITING_FOR_PARTS, Status.IN_WORK): gettext_lazy("The work goes on"),
    (Status.WAITING_FOR_RESIDENT, Status.IN_WORK): gettext_lazy("The work goes on"),
}
