"""Template filters of renovation: days, times and states."""

from typing import Any

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from community.core import clock, dates
from services.renovation import timeline
from services.renovation.models import Appointment, HomeState, WorkItem
from services.renovation.progress import Numbers
from services.renovation.times import Day

register = template.Library()
STAGES = {WorkItem.Stage.PLANNED: "plain", WorkItem.Stage.IN_WORK: "care", WorkItem.Stage.DONE: "brand"}


@register.filter
def day_label(day: Day) -> str:
    """Returns 今天, 明天 or 12月4日: what fits on a choice of the large mode."""
    today, on = clock.today(clock.now()), clock.today(day.first)
    return dates.near_day(on, today) or dates.month_day(on, today)


@register.filter
def day_hint(day: Day) -> str:
    """Returns 周五 · 剩 3 个名额."""
    return f"{dates.weekday(clock.today(day.first))} · {free_words(day.free)}"


@register.filter
def free_words(free: int) -> str:
    """Returns how many places are left, in words."""
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
def bar_parts(numbers: Numbers) -> tuple[tuple[str, float, float], ...]:
    """Returns the parts of a progress bar, from the left, with state, x and width: the furthest first."""
    parts, x = [], 0.0
    for state in (HomeState.DONE, HomeState.IN_WORK, HomeState.DEFECTS, HomeState.BOOKED):
        width = round(100 * numbers.states.get(state, 0) / numbers.homes, 1) if numbers.homes else 0
        if width:
            shown = HomeState.IN_WORK if state == HomeState.DEFECTS else state
            parts.append((str(shown), x, width))
            x = round(x + width, 1)
    return tuple(parts)


@register.filter
def visit_tone(status: str) -> str:
    """Returns the colour of an appointment's status."""
    return timeline.TONES[status]


@register.filter
def is_under_warranty(appointment: Appointment) -> bool:
    return appointment.is_under_warranty(clock.today(clock.now()))


@register.filter
def begin_words(row: Any) -> str:
    """Returns 14:00; 下午2点 in the large mode."""
    return dates.time_words(clock.local(row.starts_at))
