"""The response clock in words."""

from django import template
from django.utils.translation import gettext as _

from services.common.response import Standing

register = template.Library()

HOUR = 60


@register.filter
def clock_words(standing: Standing) -> str:
    """How long there is still, in working time: what somebody at the desk reads at a glance."""
    if standing.is_late and not standing.minutes:
        return _("overdue")
    if standing.is_late:
        return _("overdue by %(time)s") % {"time": _in_words(standing.minutes)}
    if standing.is_paused:
        return _("clock stands still")
    return _("%(time)s left") % {"time": _in_words(standing.minutes)}


@register.filter
def promised_words(minutes: int) -> str:
    """How long an estate gives itself for a first answer."""
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
