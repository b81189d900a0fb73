"""Every message that can be sent: its words in the inbox, and its parameters as an SMS.

One table. A message stands in the inbox in the reader's language, because it is kept as a name
and parameters and put into words when it is shown. An SMS has no words here at all: they are in
the template that the operator approved; we send its parameters.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from community.core.money import as_yuan

# What is stored as a number and shown as people write it: a parameter, the name in the sentence.
SHOWN_AS: dict[str, tuple[str, Callable[[Any], str]]] = {"fen": ("price", as_yuan)}


@dataclass(frozen=True)
class Template:
    """``needs``: the parameters that must be given; ``sms``: those of the approved SMS, or None."""

    title: str | Promise
    body: str | Promise
    needs: tuple[str, ...] = ()
    sms: tuple[str, ...] | None = None
    icon: str = "bell"


REPAIR = ("what", "reference")
TEMPLATES: dict[str, Template] = {
    # -- To the resident, about a repair.
    "repair_received": Template(
        _("Repair received"),
        _("We have your report “%(what)s” (%(reference)s). You can follow every step here."),
        REPAIR,
        icon="clipboard",
    ),
    "repair_accepted": Template(
        _("Repair accepted"),
        _("“%(what)s” (%(reference)s) will be mended. Next we find a worker for it."),
        REPAIR,
    ),
    "repair_assigned": Template(
        _("A worker is coming"),
        _("%(worker)s will mend “%(what)s” (%(reference)s)."),
        (*REPAIR, "worker"),
        ("what", "worker"),
        icon="user",
    ),
    "repair_started": Template(
        _("Work has begun"), _("“%(what)s” (%(reference)s) is being mended now."), REPAIR, icon="tool"
    ),
    "repair_waiting_parts": Template(
        _("Waiting for parts"),
        _("“%(what)s” (%(reference)s) goes on when the parts are here. The page says which."),
        REPAIR,
        icon="clock",
    ),
    "repair_waiting_resident": Template(
        _("We need you"),
        _("For “%(what)s” (%(reference)s) the worker needs something from you. Please look at the page."),
        REPAIR,
        ("what",),
        icon="clock",
    ),
    "repair_quoted": Template(
        _("A price for you"),
        _("Mending “%(what)s” (%(reference)s) costs %(price)s. Please say yes or no."),
        (*REPAIR, "fen"),
        ("what", "price"),
        icon="receipt",
    ),
    "repair_price_agreed_for": Template(
        _("A price was agreed for you"),
        _(
            "%(price)s for “%(what)s” (%(reference)s) was agreed for you. If you did not want it, call the desk."
        ),
        (*REPAIR, "fen"),
        ("what", "price"),
        icon="receipt",
    ),
    "repair_confirmed_for": Template(
        _("Confirmed for you"),
        _("“%(what)s” (%(reference)s) was confirmed for you as mended. If it is not, call the desk."),
        REPAIR,
        icon="circle-check",
    ),
    "repair_done": Template(
        _("It is mended"),
        _("“%(what)s” (%(reference)s) is mended. Is it good? Please tell us."),
        REPAIR,
        ("what",),
        icon="circle-check",
    ),
    "repair_closed": Template(
        _("Repair closed"),
        _("“%(what)s” (%(reference)s) was closed, because all is well as far as we heard."),
        REPAIR,
        icon="circle-check",
    ),
    "repair_declined": Template(
        _("Repair declined"),
        _("“%(what)s” (%(reference)s) cannot be done. Please see the page for the reason."),
        REPAIR,
        ("what",),
        icon="info",
    ),
    "repair_cancelled": Template(
        _("Repair cancelled"), _("“%(what)s” (%(reference)s) was cancelled."), REPAIR, icon="x"
    ),
    "repair_reopened": Template(
        _("Not mended yet"),
        _("“%(what)s” (%(reference)s) is open again, because it is not mended yet."),
        REPAIR,
        icon="refresh",
    ),
    "repair_message": Template(
        _("A new message"), _("Somebody wrote about “%(what)s” (%(reference)s)."), REPAIR, icon="message"
    ),
    # -- To the worker.
    "job_assigned": Template(
        _("A new job"), _("“%(what)s” (%(reference)s) is yours now."), REPAIR, ("what",), icon="tool"
    ),
    "job_cancelled": Template(
        _("Job withdrawn"), _("“%(what)s” (%(reference)s) is no longer yours."), REPAIR, icon="x"
    ),
    "job_quote_agreed": Template(
        _("The price is agreed"),
        _("The resident says yes to %(price)s for “%(what)s” (%(reference)s)."),
        (*REPAIR, "fen"),
        icon="circle-check",
    ),
    "job_quote_refused": Template(
        _("The price is refused"),
        _("The resident says no to %(price)s for “%(what)s” (%(reference)s)."),
        (*REPAIR, "fen"),
        icon="x",
    ),
    # -- To the desk.
    "emergency_reported": Template(
        _("Emergency"),
        _("“%(what)s” (%(reference)s) was just reported as an emergency."),
        REPAIR,
        ("what",),
        icon="alert",
    ),
    # -- About people.
    "residency_approved": Template(
        _("Your home is confirmed"),
        _("You are now a resident of %(home)s."),
        ("home",),
        ("home",),
        icon="home",
    ),
    "residency_declined": Template(
        _("Home not confirmed"),
        _("We could not confirm that you live in %(home)s. Please see the page for the reason."),
        ("home",),
        ("home",),
        icon="home",
    ),
    "residency_ended": Template(
        _("Home ended"),
        _("%(home)s is no longer one of your homes. If this is wrong, please call us."),
        ("home",),
        icon="home",
    ),
    # No name: neither is told who the other is before they agree.
    "delegation_offered": Template(
        _("Will you help?"),
        _("Somebody whose number ends in %(digits)s asks you to act for them. Agree only if you know them."),
        ("digits",),
        ("digits",),
        icon="family",
    ),
    "delegation_noted": Template(
        _("Your family can help"),
        _("%(name)s may now act for you. You can end it at any time."),
        ("name",),
        icon="family",
    ),
    "delegation_ended": Template(
        _("Helping has ended"),
        _("You and %(name)s no longer act for each other there."),
        ("name",),
        icon="family",
    ),
    "handover": Template(
        _("Please help me"),
        _("%(name)s asks you to finish a step for them."),
        ("name",),
        ("name",),
        icon="family",
    ),
}
# Sent at once and by SMS only: the code for signing in.
SIGN_IN_CODE = "sign_in_code"


def kept(template: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """Of what the caller knows only what this message says: the rest is not stored a second time.

    Raises ``ValueError`` for a message that is not in the table or lacks a parameter.
    """
    if template not in TEMPLATES:
        raise ValueError(f"no message is called {template!r}")
    needs = TEMPLATES[template].needs
    missing = [name for name in needs if name not in params]
    if missing:
        raise ValueError(f"{template} needs {', '.join(missing)}")
    return {name: params[name] for name in needs}


def in_words(template: str, params: Mapping[str, Any]) -> tuple[str, str]:
    """Title and sentence in the active language; a message that is gone shows its name."""
    entry = TEMPLATES.get(template)
    if entry is None:
        return template, ""
    return str(entry.title), str(entry.body) % _shown(params)


def icon_of(template: str) -> str:
    """The icon beside a message in the inbox."""
    return TEMPLATES[template].icon if template in TEMPLATES else "bell"


def sms_params(template: str, params: Mapping[str, Any]) -> dict[str, str]:
    """The parameters of the approved SMS template, each at most 35 characters (the operators' limit)."""
    shown = _shown(params)
    return {name: str(shown[name])[:35] for name in TEMPLATES[template].sms or ()}


def has_sms(template: str) -> bool:
    return TEMPLATES[template].sms is not None


def _shown(params: Mapping[str, Any]) -> dict[str, Any]:
    shown = dict(params)
    for name, (label, words) in SHOWN_AS.items():
        if name in shown:
            shown[label] = words(shown[name])
    return shown
