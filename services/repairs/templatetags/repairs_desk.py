"""Template filters with words and colours of repairs for staff."""

from datetime import datetime

from django import template
from django.utils.translation import ngettext

from accounts.models import User
from community.core import clock
from services.repairs import queries
from services.repairs.forms.staff import load_words as words_of_load
from services.repairs.models import Repair

register = template.Library()

MINUTES_OF_HOUR, HOURS_OF_DAY = 60, 24


@register.filter
def staff_state(repair: Repair) -> str:
    """Returns the status in the words of staff."""
    return str(queries.STAFF_WORDS[repair.status])


@register.filter
def staff_tone(repair: Repair) -> str:
    return queries.TONES.get(repair.status, "plain")


@register.filter
def load_words(worker: User) -> str:
    """Returns a worker's name with the number of open jobs."""
    return words_of_load(worker)


@register.filter
def age(since: datetime) -> str:
    """Returns the time since then in one unit, for comparing at a glance."""
    minutes = max(int((clock.now() - since).total_seconds()) // 60, 0)
    if minutes < MINUTES_OF_HOUR:
        return ngettext("%(number)d minute", "%(number)d minutes", minutes) % {"number": minutes}
    hours = minutes // MINUTES_OF_HOUR
    if hours < HOURS_OF_DAY:
        return ngettext("%(number)d hour", "%(number)d hours", hours) % {"number": hours}
    days = hours // HOURS_OF_DAY
    return ngettext("%(number)d day", "%(number)d days", days) % {"number": days}
