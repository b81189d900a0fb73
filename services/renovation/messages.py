"""Messages about renovation."""

from django.utils.translation import gettext_lazy as _

from community.core.services import Template

_NEEDS = ("reference", "what", "home", "when")
_SMS = ("what", "when")

MESSAGES: dict[str, Template] = {
    "renovation_booking_open": Template(
        _("You can book now"),
        _("%(building)s can book a time for “%(what)s” from now on."),
        needs=("what", "building"),
        icon="calendar",
    ),
    "renovation_answered": Template(
        _("Your question is answered"),
        _("There is an answer to your question about “%(project)s”."),
        needs=("project",),
        icon="message",
    ),
    "appointment_booked": Template(
        _("The time is booked"), _("%(what)s in %(home)s: %(when)s."), needs=_NEEDS, sms=_SMS, icon="calendar"
    ),
    "appointment_moved": Template(
        _("Another time"),
        _("%(what)s in %(home)s is now on %(when)s."),
        needs=_NEEDS,
        sms=_SMS,
        icon="calendar",
    ),
    "appointment_cancelled": Template(
        _("The time is cancelled"),
        _("%(what)s in %(home)s on %(when)s will not take place."),
        needs=_NEEDS,
        sms=_SMS,
        icon="x",
    ),
    "appointment_reminder": Template(
        _("They come soon"),
        _("%(what)s in %(home)s begins %(when)s. Please be at home."),
        needs=_NEEDS,
        sms=_SMS,
        icon="clock",
    ),
    "appointment_started": Template(
        _("The work has begun"), _("%(what)s in %(home)s has begun."), needs=_NEEDS, icon="tool"
    ),
    "appointment_done": Template(
        _("The work is done"),
        _("%(what)s in %(home)s is done. Please look whether it is good."),
        needs=_NEEDS,
        sms=("what", "reference"),
        icon="circle-check",
    ),
    "appointment_confirmed": Template(
        _("Confirmed, the warranty runs"),
        _("%(what)s in %(home)s is confirmed. If something breaks, one tap reports it."),
        needs=_NEEDS,
        icon="circle-check",
    ),
    "appointment_defects": Template(
        _("The crew comes back"),
        _("What is not right about %(what)s in %(home)s has reached the crew."),
        needs=_NEEDS,
        icon="refresh",
    ),
    "appointment_missed": Template(
        _("Nobody was in"),
        _("The crew found nobody in for %(what)s in %(home)s. Please book another time."),
        needs=_NEEDS,
        sms=_SMS,
        icon="door",
    ),
    "appointment_offered": Template(
        _("A place is free for you"),
        _("A time for %(what)s that you waited for is free. It is kept for you until %(until)s."),
        needs=("what", "until"),
        sms=("what", "until"),
        icon="calendar",
    ),
    "appointment_offer_over": Template(
        _("The place went to the next"),
        _("The time for %(what)s was kept for you, but not any longer."),
        needs=("what",),
        icon="clock",
    ),
    "crew_appointment_moved": Template(
        _("An appointment was moved"),
        _("%(what)s in %(home)s is now on %(when)s."),
        needs=_NEEDS,
        icon="calendar",
    ),
    "crew_appointment_gone": Template(
        _("An appointment went to another crew"),
        _("%(what)s in %(home)s is not yours any more."),
        needs=_NEEDS,
        icon="calendar",
    ),
    "crew_appointment_cancelled": Template(
        _("An appointment was cancelled"),
        _("%(what)s in %(home)s on %(when)s will not take place."),
        needs=_NEEDS,
        icon="x",
    ),
    "crew_defects": Template(
        _("Defects were named"),
        _("%(what)s in %(home)s is not right yet. Please look at it again."),
        needs=_NEEDS,
        icon="refresh",
    ),
}
