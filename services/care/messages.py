"""Messages about care bookings."""

from django.utils.translation import gettext_lazy as _

from community.core.services import Template

VISIT = ("what", "when", "reference")
MESSAGES: dict[str, Template] = {
    # -- To the resident and the person who booked for them.
    "care_booked": Template(
        _("Booked"),
        _("“%(what)s” on %(when)s is booked (%(reference)s). The page says what happens next."),
        needs=VISIT,
        icon="calendar",
    ),
    "care_booked_for": Template(
        _("Booked for you"),
        _(
            "“%(what)s” on %(when)s was booked for you (%(reference)s). If you do not want it, cancel it here."
        ),
        needs=VISIT,
        sms=("what", "when"),
        icon="family",
    ),
    "care_carer_assigned": Template(
        _("A carer will come"),
        _("%(carer)s comes to you for “%(what)s” on %(when)s (%(reference)s)."),
        needs=(*VISIT, "carer"),
        sms=("what", "when", "carer"),
        icon="user",
    ),
    "care_moved": Template(
        _("A new time"),
        _("“%(what)s” (%(reference)s) is now on %(when)s."),
        needs=VISIT,
        sms=("what", "when"),
        icon="clock",
    ),
    "care_started": Template(
        _("The carer is there"),
        _("%(carer)s has begun “%(what)s” (%(reference)s)."),
        needs=("what", "reference", "carer"),
        icon="heart",
    ),
    "care_done": Template(
        _("Care is done"),
        _("“%(what)s” on %(when)s is done. %(price)s stands in your bills. Was it good? Please tell us."),
        needs=(*VISIT, "fen"),
        icon="circle-check",
    ),
    "care_done_free": Template(
        _("Care is done"),
        _("“%(what)s” on %(when)s is done; it is free. Was it good? Please tell us."),
        needs=VISIT,
        icon="circle-check",
    ),
    "care_cancelled": Template(
        _("Booking cancelled"),
        _("“%(what)s” on %(when)s (%(reference)s) was cancelled. It costs nothing."),
        needs=VISIT,
        sms=("what", "when"),
        icon="x",
    ),
    "care_missed": Template(
        _("Nobody was at home"),
        _("For “%(what)s” on %(when)s (%(reference)s) nobody opened. Is all well? Please call the desk."),
        needs=VISIT,
        sms=("what", "when"),
        icon="alert",
    ),
    "care_place_free": Template(
        _("A place is free for you"),
        _("“%(what)s” on %(when)s has a place again. It is kept for you until %(until)s."),
        needs=("what", "when", "until"),
        sms=("what", "when", "until"),
        icon="calendar",
    ),
    # -- To the carer.
    "care_visit_yours": Template(
        _("A visit for you"),
        _("“%(what)s” for %(resident)s on %(when)s (%(reference)s) is yours."),
        needs=(*VISIT, "resident"),
        icon="calendar",
    ),
    "care_visit_moved": Template(
        _("A visit has moved"),
        _("“%(what)s” for %(resident)s (%(reference)s) is now on %(when)s."),
        needs=(*VISIT, "resident"),
        icon="clock",
    ),
    "care_visit_cancelled": Template(
        _("Visit withdrawn"),
        _("“%(what)s” for %(resident)s on %(when)s (%(reference)s) is no longer yours."),
        needs=(*VISIT, "resident"),
        icon="x",
    ),
}
