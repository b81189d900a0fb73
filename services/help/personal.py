"""Models with personal data, with their paths to the people."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from community.core.services import DataUse, Open, Personal
from services.help.models import HelpCall

PERSONAL = (
    Personal("help.helpcall", about=("resident",), by=("reported_by", "responder")),
    Personal(
        "help.helpchange",
        about=("call__resident",),
        by=("actor", "on_behalf_of"),
        plain=("place",),
        others=("responder_name",),
    ),
    Personal("help.helpstep", about=("call__resident",), by=("told",)),
    Personal("help.dutyshift", about=("user",), goes=True),
    Personal("help.dutyleave", about=("user",), by=("substitute",), goes=True),
    # Their heading is the caller.
    Personal("common.alarm", about=("help_call__resident",), plain=("title", "place")),
)


def _open_matters(person: User) -> Iterator[Open]:
    if HelpCall.objects.open().filter(resident=person).exists():
        yield Open(_("A call for help is open: please end it first."), reverse("help"))


DATA_USE = DataUse(
    gettext_lazy("Calls for help"),
    gettext_lazy("So that somebody comes at once, and we learn how fast."),
    gettext_lazy("That there was a call stays for the count, without name and words."),
    "help",
    icon="phone",
    position=40,
    open_matters=_open_matters,
)
