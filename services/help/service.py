"""Declaration of calls for help for the register of services."""

from django.utils.translation import gettext_lazy as _

from accounts.models import StaffRole
from community.core.services import MenuGroup, MenuItem, Service
from community.core.services.rights import EXPORT, VIEW
from community.core.services.staff import StaffPage
from services.help import KEY, handover, home, metrics, morning, nav, residents
from services.help.columns import COLUMNS
from services.help.messages import MESSAGES, kind_of
from services.help.models import HelpCall
from services.help.personal import DATA_USE, PERSONAL
from services.help.scopes import SCOPES

Role = StaffRole.Role


SERVICE = Service(
    key=KEY,
    label=_("Help"),
    rights={
        Role.MANAGER: {"help.helpcall": EXPORT},
        Role.DISPATCHER: {"help.helpcall": VIEW},
        Role.FRONT_DESK: {"help.helpcall": VIEW},
        Role.AUDITOR: {"help.helpcall": EXPORT},
    },
    scopes=SCOPES,
    admin_menu=(
        MenuGroup(
            30,
            _("Help"),
            (MenuItem(_("Calls for help"), "sos", "help.helpcall"),),
        ),
    ),
    messages=MESSAGES,
    message_words={"is_drill": ("kind", kind_of)},
    done_in_name={
        "helpcall:calling": _("Called for help"),
        "helpcall:cancelled": _("Cancelled a call for help"),
    },
    acts={
        "help.contact_shown": _("Contact of a call for help looked at"),
        "help.drill": _("Drill of a call for help"),
        "duty.added": _("Duty entered"),
        "duty.removed": _("Duty removed"),
        "duty.handed_over": _("Duty handed over"),
        "duty.leave_added": _("Leave entered"),
        "duty.leave_removed": _("Leave removed"),
    },
    personal=PERSONAL,
    data_use=DATA_USE,
    columns=COLUMNS,
    urls=("services.help.urls", "services.help.urls_staff"),
    api_urls=("services.help.api.urls",),
    beat={
        "carry-out-help": {"task": "services.help.tasks.carry_out_due", "schedule": 10},
        "warn-of-duty-gaps": {"task": "services.help.tasks.warn_of_gaps", "schedule": 3600},
    },
    metrics=metrics.answers,
    nav=nav.NAV,
    home=home.HOME,
    morning=morning.MORNING,
    references={"H": StaffPage(HelpCall, "staff_help_call")},
    resident_actions=residents.ACTIONS,
    handover=handover.HANDOVER,
)
