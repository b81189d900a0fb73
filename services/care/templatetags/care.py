"""Words and colours of care in templates."""

from datetime import datetime

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from community.core import clock
from community.core.money import as_yuan
from services.care import timeline, times
from services.care.models import CareBooking, CareService
from services.scheduling.models import Slot

register = template.Library()


@register.filter
def care_tone(booking: CareBooking) -> str:
    """The colour of a booking's status tag."""
    return timeline.tone(booking)


@register.filter
def desk_state(booking: CareBooking) -> str:
    """The state as staff read it: what was begun and never finished says so."""
    return _("not finished") if booking.is_overdue(clock.now()) else booking.get_status_display()


@register.filter
def desk_tone(booking: CareBooking) -> str:
    return "help" if booking.is_overdue(clock.now()) else timeline.tone(booking)


@register.filter
def day_word(moment: datetime) -> str:
    """Today, tomorrow, or the weekday."""
    return times.day_label(clock.today(moment), clock.today(clock.now()))


@register.filter
def day_date(moment: datetime) -> str:
    return times.month_day(clock.today(moment))


@register.filter
def from_to(slot: Slot) -> str:
    """``11:30–12:30``."""
    return times.from_to(slot.starts_at, slot.ends_at)


@register.filter
def time_in(slot: Slot, mode: str) -> str:
    """From when to when; in large type, where that would break over two lines, when it begins."""
    return (
        f"{clock.local(slot.starts_at):%H:%M}"
        if mode == "large"
        else times.from_to(slot.starts_at, slot.ends_at)
    )


@register.filter
def free_words(free: int, service: CareService) -> str:
    """What is honestly left: so many meals, so many places."""
    if service.needs_carer:
        return ngettext("%(number)d place free", "%(number)d places free", free) % {"number": free}
    return ngettext("%(number)d left", "%(number)d left", free) % {"number": free}


@register.filter
def fen_words(fen: int) -> str:
    """The price, or that it is free."""
    return as_yuan(fen) if fen else _("Free of charge")


@register.filter
def care_for_whom(resident: User) -> str:
    """The line above what somebody books for another."""
    return _("You book this for %(resident)s.") % {"resident": resident}


@register.filter
def what_comes(booking: CareBooking) -> str:
    """One sentence about what happens next."""
    if booking.status != CareBooking.Status.BOOKED:
        return ""
    if not booking.service.needs_carer:
        return _("It is brought to your home. You need not do anything.")
    if booking.carer is None:
        return _("A carer is being found. You will be told who comes.")
    return _("When the carer is at the door, say the four digits.")
