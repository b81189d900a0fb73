"""Help on the resident's home page."""

from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from community.core.services.home import Home, HomeDoor, HomeLink, Waiting, WaitingRows
from services.help.models import HelpCall

SHOWN = 3


def _open_calls(user: User, now: datetime) -> QuerySet[HelpCall]:
    """Returns the open calls of the family, which come before everything else."""
    return HelpCall.objects.of_family(user).open().filter(is_drill=False)


def _show_calls(calls: QuerySet[HelpCall]) -> list[Waiting]:
    return [
        Waiting(
            words=gettext("Call for help: %(who)s is on the way") % {"who": call.responder}
            if call.responder
            else gettext("Call for help, not answered yet"),
            url=reverse("help_call", args=[call.pk]),
            icon="phone",
            resident=call.resident,
            is_urgent=True,
        )
        for call in calls.select_related("resident", "responder")[:SHOWN]
    ]


HOME = Home(
    waiting_rows=WaitingRows(_open_calls, _show_calls),
    doors=(
        HomeDoor(
            position=30,
            url_name="help",
            label=_("Help"),
            icon="phone",
            kind="help",
            hint=_("Call people"),
        ),
    ),
    tiles=(HomeLink(position=60, url_name="help", label=_("Help"), icon="phone", tone="help"),),
    more_signed_out=(HomeLink(position=20, url_name="help", label=_("Get help"), icon="phone", tone="help"),),
    welcome_buttons=(HomeLink(position=10, url_name="help", label=_("Get help"), icon="phone"),),
)
