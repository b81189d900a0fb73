"""Hours in which noisy work in homes is allowed.

Times are checked here before they are offered, booked, moved, planned again or begun.
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from django.utils.translation import gettext_lazy as _

from community.core import clock
from community.core.errors import ActionError
from community.estates.calendar import WorkCalendar
from community.estates.models import Estate
from services.renovation.models import NoiseHours, WorkItem
from services.scheduling.models import Slot

Days = NoiseHours.Days
COMMON_RULE = (
    (Days.WORKING_DAYS, time(8), time(12)),
    (Days.WORKING_DAYS, time(14), time(18)),
)
# Grace period for a late crew, which had to find the home or whose work before took longer.
GRACE = timedelta(minutes=30)


class QuietHours(ActionError):
    """Raised for noisy work at a time at which the estate allows no noise."""

    def __init__(self) -> None:
        super().__init__(
            "quiet_hours",
            _("Noisy work is not allowed at this time. Please choose another time."),
            field="slot",
        )


class NoiseRule:
    """The rule of an estate between two days. Two queries."""

    def __init__(self, *, estate: Estate | int, first: date, last: date) -> None:
        number = estate.pk if isinstance(estate, Estate) else estate
        rows = NoiseHours.objects.filter(estate=number).values_list("days", "opens", "closes")
        self.spans: list[tuple[str, time, time]] = sorted(rows or COMMON_RULE, key=lambda span: span[1])
        self._calendar = WorkCalendar(estate=number, first=first, last=last)

    def spans_of(self, day: date) -> list[tuple[time, time]]:
        """Returns the spans of this day in which noise is allowed; adjacent spans are joined."""
        days = Days.WORKING_DAYS if self._calendar.is_working_day(day) else Days.DAYS_OFF
        return _joined_spans((opens, closes) for kind, opens, closes in self.spans if kind == days)

    def allows(self, starts_at: datetime, ends_at: datetime) -> bool:
        """Whether noise is allowed from the first to the last minute."""
        begins, ends = clock.local(starts_at), clock.local(ends_at)
        if ends.date() != begins.date() or ends <= begins:
            return False
        return any(
            opens <= begins.time() and ends.time() <= closes for opens, closes in self.spans_of(begins.date())
        )


def _joined_spans(spans: Iterable[tuple[time, time]]) -> list[tuple[time, time]]:
    joined: list[tuple[time, time]] = []
    for opens, closes in spans:
        if joined and opens <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], closes))
        else:
            joined.append((opens, closes))
    return joined


def rule_for(estate: Estate | int, moments: Iterable[datetime]) -> NoiseRule:
    """Returns the rule for the days of these moments."""
    days = [clock.today(moment) for moment in moments] or [date(2000, 1, 1)]
    return NoiseRule(estate=estate, first=min(days) - timedelta(days=1), last=max(days) + timedelta(days=1))


def fitting_slots(item: WorkItem, slots: Iterable[Slot], *, estate: Estate | int) -> list[Slot]:
    """Limits to slots that are long enough for the work, and in which it may be noisy if it is."""
    long_enough = [slot for slot in slots if slot.ends_at - slot.starts_at >= timedelta(minutes=item.minutes)]
    if not item.is_noisy or not long_enough:
        return long_enough
    rule = rule_for(estate, [slot.starts_at for slot in long_enough])
    return [slot for slot in long_enough if rule.allows(slot.starts_at, slot.ends_at)]


def must_fit(item: WorkItem, slot: Slot, *, estate: Estate | int) -> None:
    """Raises ``QuietHours``, or ``too_short`` if the work takes longer than the slot."""
    if fitting_slots(item, [slot], estate=estate):
        return
    if slot.ends_at - slot.starts_at < timedelta(minutes=item.minutes):
        raise ActionError(
            "too_short", _("The work takes longer than this time. Please choose another time."), field="slot"
        )
    raise QuietHours


def may_begin(item: WorkItem, slot: Slot, *, estate: Estate | int, now: datetime) -> bool:
    """Whether noisy work may start at this minute: all of it must fit before the allowed hours end.

    A crew that is at most ``GRACE`` late may start if the rest of its own slot is in allowed hours.
    """
    if not item.is_noisy:
        return True
    rule = rule_for(estate, [now])
    if rule.allows(now, now + timedelta(minutes=item.minutes)):
        return True
    return slot.starts_at <= now <= slot.starts_at + GRACE and rule.allows(now, slot.ends_at)
