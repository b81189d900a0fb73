"""Template filters for response clocks."""

from django import template
from django.utils.translation import gettext as _

from services.common.response_clock import Standing

register = template.Library()

HOUR = 60


@register.filter
def clock_words(standing: Standing) -> str:
    """Returns the remaining or exceeded working time in words."""
    if standing.is_late and not standing.minutes:
        return _("overdue")
    if standing.is_late:
        return _("overdue by %(time)s") % {"time": _in_words(standing.minutes)}
    if standing.is_paused:
        return _("clock stands still")
    return _("%(time)s left") % {"time": _in_words(standing.minutes)}


@register.filter
def promised_words(minutes: int) -> str:
    """Returns a promised response time in words."""
    return _in_words(minutes)


def _in_words(minutes: int) -> str:
    if minutes < HOUR:
        return _("%(minutes)d min") % {"minutes": minutes}
    if minutes % HOUR == 0 or minutes >= 10 * HOUR:
        return _("%(hours)d h") % {"hours": minutes // HOUR}
    return _("%(hours)d h %(minutes)d min") % {"hours": minutes // HOUR, "minutes": minutes % HOUR}


@register.filter
def clock_tone(standing: Standing) -> str:
    if standing.is_late:
        return "help"
    return "care" if standing.is_soon else "plain"
