"""Template filters of care: words and colours."""

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from community.core import clock, dates, modes
from community.core.money import as_yuan
from services.care import timeline
from services.care.models import CareBooking, CareService
from services.scheduling.models import Slot

register = template.Library()


@register.filter
def care_tone(booking: CareBooking) -> str:
    """Returns the colour of a booking's status tag."""
    return timeline.tone(booking)


@register.filter
def desk_state(booking: CareBooking) -> str:
    """Returns the status in words for staff; an overdue visit is "not finished"."""
    return _("not finished") if booking.is_overdue(clock.now()) else booking.get_status_display()


@register.filter
def desk_tone(booking: CareBooking) -> str:
    """Returns the colour of the status tag for staff; an overdue visit has its own."""
    return "help" if booking.is_overdue(clock.now()) else timeline.tone(booking)


@register.filter
def time_in(slot: Slot, mode: str) -> str:
    """Returns begin and end; in large mode only the begin, because both would need two lines."""
    if mode == modes.LARGE:
        return dates.time_words(clock.local(slot.starts_at))
    return dates.span_words(slot.starts_at, slot.ends_at)


@register.filter
def free_words(free: int, service: CareService) -> str:
    """Returns how many meals or places are left, in words."""
    if service.needs_carer:
        return ngettext("%(number)d place free", "%(number)d places free", free) % {"number": free}
    return ngettext("%(number)d left", "%(number)d left", free) % {"number": free}


@register.filter
def fen_words(fen: int) -> str:
    """Returns the price in words, from fen, or that it is free."""
    return as_yuan(fen) if fen else _("Free of charge")


@register.filter
def care_for_whom(resident: User) -> str:
    """Returns the line above a booking that is made for another person."""
    return _("You book this for %(resident)s.") % {"resident": resident}


@register.filter
def what_comes(booking: CareBooking) -> str:
    """Returns a sentence about what happens next; empty unless the status is booked."""
    if booking.status != CareBooking.Status.BOOKED:
        return ""
    if not booking.service.needs_carer:
        return _("It is brought to your home. You need not do anything.")
    if booking.carer is None:
        return _("A carer is being found. You will be told who comes.")
    return _("At the door the carer says two digits first, then you say your four.")
