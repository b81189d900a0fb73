"""Messages about repairs."""

from django.utils.translation import gettext_lazy as _

from community.core.services import Template

REPAIR = ("what", "reference")
MESSAGES: dict[str, Template] = {
    # -- To the resident, about a repair.
    "repair_received": Template(
        _("Repair received"),
        _("We have your report “%(what)s” (%(reference)s). You can follow every step here."),
        needs=REPAIR,
        icon="clipboard",
    ),
    "repair_left": Template(
        _("Repair passed on"),
        _("You moved out: your home or the service desk follows “%(what)s” (%(reference)s) from now on."),
        needs=REPAIR,
        icon="home",
    ),
    "repair_passed": Template(
        _("A repair of your home"),
        _("“%(what)s” (%(reference)s) is yours to follow: the person who reported it has moved out."),
        needs=REPAIR,
        icon="clipboard",
    ),
    "repair_accepted": Template(
        _("Repair accepted"),
        _("“%(what)s” (%(reference)s) will be mended. Next we find a worker for it."),
        needs=REPAIR,
    ),
    "repair_assigned": Template(
        _("A worker is coming"),
        _("%(worker)s will mend “%(what)s” (%(reference)s)."),
        needs=(*REPAIR, "worker"),
        sms=("what", "worker"),
        icon="user",
    ),
    "repair_started": Template(
        _("Work has begun"), _("“%(what)s” (%(reference)s) is being mended now."), needs=REPAIR, icon="tool"
    ),
    "repair_waiting_parts": Template(
        _("Waiting for parts"),
        _("“%(what)s” (%(reference)s) goes on when the parts are here. The page says which."),
        needs=REPAIR,
        icon="clock",
    ),
    "repair_waiting_resident": Template(
        _("We need you"),
        _("For “%(what)s” (%(reference)s) the worker needs something from you. Please look at the page."),
        needs=REPAIR,
        sms=("what",),
        icon="clock",
    ),
    "repair_quoted": Template(
        _("A price for you"),
        _("Mending “%(what)s” (%(reference)s) costs %(price)s. Please say yes or no."),
        needs=(*REPAIR, "fen"),
        sms=("what", "price"),
        icon="receipt",
    ),
    "repair_price_agreed_for": Template(
        _("A price was agreed for you"),
        _(
            "%(price)s for “%(what)s” (%(reference)s) was agreed for you. If you did not want it, call the desk."
        ),
        needs=(*REPAIR, "fen"),
        sms=("what", "price"),
        icon="receipt",
    ),
    "repair_confirmed_for": Template(
        _("Confirmed for you"),
        _("“%(what)s” (%(reference)s) was confirmed for you as mended. If it is not, call the desk."),
        needs=REPAIR,
        icon="circle-check",
    ),
    "repair_done": Template(
        _("It is mended"),
        _("“%(what)s” (%(reference)s) is mended. Is it good? Please tell us."),
        needs=REPAIR,
        sms=("what",),
        icon="circle-check",
    ),
    "repair_closed": Template(
        _("Repair closed"),
        _("“%(what)s” (%(reference)s) was closed, because all is well as far as we heard."),
        needs=REPAIR,
        icon="circle-check",
    ),
    "repair_declined": Template(
        _("Repair declined"),
        _("“%(what)s” (%(reference)s) cannot be done. Please see the page for the reason."),
        needs=REPAIR,
        sms=("what",),
        icon="info",
    ),
    "repair_cancelled": Template(
        _("Repair cancelled"), _("“%(what)s” (%(reference)s) was cancelled."), needs=REPAIR, icon="x"
    ),
    "repair_reopened": Template(
        _("Not mended yet"),
        _("“%(what)s” (%(reference)s) is open again, because it is not mended yet."),
        needs=REPAIR,
        icon="refresh",
    ),
    "repair_message": Template(
        _("A new message"),
        _("Somebody wrote about “%(what)s” (%(reference)s)."),
        needs=REPAIR,
        icon="message",
    ),
    # -- To the worker.
    "job_assigned": Template(
        _("A new job"),
        _("“%(what)s” (%(reference)s) is yours now."),
        needs=REPAIR,
        sms=("what",),
        icon="tool",
    ),
    "job_cancelled": Template(
        _("Job withdrawn"), _("“%(what)s” (%(reference)s) is no longer yours."), needs=REPAIR, icon="x"
    ),
    "job_quote_agreed": Template(
        _("The price is agreed"),
        _("The resident says yes to %(price)s for “%(what)s” (%(reference)s)."),
        needs=(*REPAIR, "fen"),
        icon="circle-check",
    ),
    "job_quote_refused": Template(
        _("The price is refused"),
        _("The resident says no to %(price)s for “%(what)s” (%(reference)s)."),
        needs=(*REPAIR, "fen"),
        icon="x",
    ),
}
