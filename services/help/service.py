"""What the rest of the house needs to know about calls for help."""

from django.utils.translation import gettext_lazy as _

from community.core.services import Service
from community.core.services.staff import StaffPage
from services.help import KEY, handover, nav, residents
from services.help.models import HelpCall

SERVICE = Service(
    key=KEY,
    label=_("Help"),
    urls=("services.help.urls", "services.help.urls_staff"),
    api_urls=("services.help.api.urls",),
    beat={
        "carry-out-help": {"task": "services.help.tasks.carry_out_due", "schedule": 10},
        "warn-of-duty-gaps": {"task": "services.help.tasks.warn_of_gaps", "schedule": 3600},
    },
    nav=nav.NAV,
    references={"H": StaffPage(HelpCall, "staff_help_call")},
    resident_actions=residents.ACTIONS,
    handover=handover.HANDOVER,
)
