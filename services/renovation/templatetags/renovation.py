"""How renovation pages say days, times and states."""

from datetime import datetime
from typing import Any

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from community.core import clock
from services.renovation import dates, timeline
from services.renovation.models import Appointment, HomeState, WorkItem
from services.renovation.offers import Day
from services.renovation.progress import Numbers

register = template.Library()
STAGES = {WorkItem.Stage.PLANNED: "plain", WorkItem.Stage.IN_WORK: "care", WorkItem.Stage.DONE: "brand"}


@register.filter
def day_words(moment: datetime) -> str:
    """11月25日 周三."""
    return dates.day_words(moment)


@register.filter
def day_short(moment: datetime) -> str:
    """25日周三."""
    return dates.day_short(moment)


@register.filter
def span_words(thing: Any) -> str:
    """14:00–16:00 of a slot or an appointment."""
    return dates.span_words(thing.starts_at, thing.ends_at)


@register.filter
def moment_words(moment: datetime) -> str:
    """11月25日 周三 9:00."""
    return dates.moment_words(moment)


@register.filter
def free_words(free: int) -> str:
    """What is left, honestly."""
    if not free:
        return _("full")
    return ngettext("%(number)d place left", "%(number)d places left", free) % {"number": free}


@register.filter
def slot_query(slot: Any) -> str:
    return f"?slot={slot.pk}"


@register.filter
def day_query(day: Day) -> str:
    return f"?day={day.date.isoformat()}"


@register.filter
def stage_tone(item: WorkItem) -> str:
    return STAGES[WorkItem.Stage(item.stage)]


@register.filter
def bar_parts(numbers: Numbers) -> list[dict[str, Any]]:
    """The parts of a progress bar, from the left: what is furthest first."""
    parts, x = [], 0.0
    for state in (HomeState.DONE, HomeState.IN_WORK, HomeState.DEFECTS, HomeState.BOOKED):
        width = round(100 * numbers.states.get(state, 0) / numbers.homes, 1) if numbers.homes else 0
        if width:
            shown = HomeState.IN_WORK if state == HomeState.DEFECTS else state
            parts.append({"state": shown, "x": x, "width": width})
            x = round(x + width, 1)
    return parts


@register.filter
def visit_tone(status: str) -> str:
    """The colour of an appointment's state."""
    return timeline.TONES[status]


@register.filter
def is_under_warranty(appointment: Appointment) -> bool:
    return appointment.is_under_warranty(clock.today(clock.now()))


@register.filter
def begin_words(thing: Any) -> str:
    """14:00."""
    return f"{clock.local(thing.starts_at):%H:%M}"
