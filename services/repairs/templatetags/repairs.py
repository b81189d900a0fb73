"""Template filters with words and colours of repairs."""

from django import template
from django.utils.translation import gettext as _

from accounts.models import User
from community.estates.models import PublicPlace
from services.repairs import timeline
from services.repairs.models import Repair

register = template.Library()


@register.filter
def repair_tone(repair: Repair) -> str:
    """Returns the colour of a repair's status tag."""
    return timeline.tone(repair)


@register.filter
def what_next(repair: Repair) -> str:
    """Returns a sentence about the next event, until a worker is assigned."""
    status = Repair.Status(repair.status)
    words = {
        status.NEW: _("The desk reads it and sends somebody."),
        status.ACCEPTED: _("A worker is being found. You will be told who comes."),
        status.REOPENED: _("The desk sends somebody again."),
    }
    return words.get(status, "")


@register.filter
def for_whom(resident: User) -> str:
    """Returns the line above a report that is written for another person."""
    return _("You do this for %(resident)s.") % {"resident": resident}


@register.filter
def within_building(place: PublicPlace, building: str) -> str:
    """Returns the place's name; below a heading that names its building, without it."""
    return place.name.removeprefix(building).strip() or place.name
