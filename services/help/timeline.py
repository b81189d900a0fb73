"""Progress of a call in words: every step with its time."""

from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core import clock, dates
from services.common.timeline import Entry, who
from services.help.models import HelpCall, HelpChange

S = HelpCall.Status
# Colours of the status tag.
TONES: dict[str, str] = {S.CALLING: "help", S.COMING: "repair", S.CANCELLED: "care", S.ENDED: "brand"}


def moment(at: datetime | None, now: datetime) -> str:
    """Returns the time, with its date if that is not today."""
    if at is None:
        return ""
    is_today = clock.today(at) == clock.today(now)
    return dates.time_words(clock.local(at)) if is_today else dates.moment_words(at, now)


BY_STATUS: dict[str, str | Promise] = {
    S.CALLING: _("Called for help"),
    S.COMING: _("%(who)s is on the way"),
    S.CANCELLED: _("Taken back"),
    S.ENDED: _("Ended: %(outcome)s"),
}


def entries(call: HelpCall, reader: User, *, is_staff: bool) -> list[Entry]:
    """Returns every step, newest first; for staff also the notified people with times. Two queries."""
    changes = call.history.select_related("actor", "on_behalf_of")
    found = [_change_entry(call, change, reader) for change in changes]
    if is_staff:
        for step in call.steps.select_related("told"):
            title = _("The family was told: %(who)s") if step.is_of_family else _("Told: %(who)s")
            if step.is_reminder:
                title = _("Asked how it ended: %(who)s")
            found.append(Entry(title=str(title) % {"who": step.told or "—"}, at=step.at))
    return sorted(found, key=lambda entry: entry.at, reverse=True)


def _change_entry(call: HelpCall, change: HelpChange, reader: User) -> Entry:
    words = {"who": change.responder_name, "outcome": str(call.get_outcome_display())}
    title = str(BY_STATUS[change.to_status]) % words
    if change.is_addition:
        title = str(_("Now in another home: %(place)s")) % {"place": change.place}
        title = title if change.place else str(_("More was said about it"))
    elif change.to_status == S.CALLING and change.from_status == S.CANCELLED:
        title = str(_("Called again after it was taken back"))
    elif change.to_status == S.CALLING and change.from_status:
        title = str(_("Nobody had come: called again"))
    return Entry(title=title, at=change.at, by=who(change.actor, change.on_behalf_of, reader))
