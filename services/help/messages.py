"""Messages about calls for help."""

from django.utils.translation import gettext_lazy as _

from community.core.services import Template

CALL = ("name", "place", "reference", "is_drill")
OWN = ("name", "reference")
MESSAGES: dict[str, Template] = {
    # -- To those on duty.
    "help_call": Template(
        _("Somebody calls for help"),
        _("%(name)s, %(place)s (%(reference)s): please go, or send somebody."),
        needs=CALL,
        sms=("kind", "name", "place"),
        sms_too=True,
        icon="alert",
    ),
    "help_drill": Template(
        _("DRILL: call for help"),
        _("This is a drill: %(place)s (%(reference)s). Please go, as you would in earnest."),
        needs=CALL,
        sms=("kind", "name", "place"),
        sms_too=True,
        icon="alert",
    ),
    "help_unfinished": Template(
        _("How did it end?"),
        _(
            "%(who)s went to %(name)s, %(place)s (%(reference)s). Nobody has written how it ended:"
            " please do, or send somebody."
        ),
        needs=("name", "place", "reference", "who"),
        sms=("name", "place", "who"),
        icon="clock",
    ),
    "help_duty_gap": Template(
        _("Hours without duty"),
        _("In the coming 7 days nobody is on duty for %(hours)s hours, the first at %(when)s."),
        needs=("hours", "when"),
        icon="clock",
    ),
    # -- To the family.
    "help_family": Template(
        _("Your family calls for help"),
        _("%(name)s has called for help (%(reference)s). Nobody has answered yet: please call them now."),
        needs=(*OWN, "phone"),
        sms=("name", "phone"),
        sms_too=True,
        icon="alert",
    ),
    "help_taken_back": Template(
        _("Taken back"),
        _("The call for help of %(name)s (%(reference)s) was taken back."),
        needs=OWN,
        sms=("name",),
        icon="info",
    ),
    # -- To the one who called, and the family that was alarmed.
    "help_coming": Template(
        _("Somebody is coming"),
        _("%(who)s is on the way to %(name)s (%(reference)s)."),
        needs=(*OWN, "who"),
        sms=("name", "who"),
        sms_too=True,
        icon="user",
    ),
    "help_ended": Template(
        _("Help has come"),
        _("The call for help of %(name)s (%(reference)s) is over. The page says what had happened."),
        needs=OWN,
        sms=("name",),
        icon="circle-check",
    ),
}


def kind_of(is_drill: bool) -> str:
    """Returns the first word of an SMS."""
    return str(_("DRILL") if is_drill else _("Help"))
