"""Declaration of repairs for the register of services."""

from django.utils.translation import gettext_lazy as _

from accounts.models import Administration, StaffRole
from accounts.policies import FIELD_ROLES
from community.core.services import Delegated, MenuGroup, MenuItem, Service, StartPage
from community.core.services.rights import EXPORT, KEEP, VIEW
from community.core.services.staff import StaffArea, StaffPage
from services.repairs import KEY, figures, handover, home, morning, nav, residents
from services.repairs.columns import COLUMNS
from services.repairs.messages import MESSAGES
from services.repairs.models import Repair
from services.repairs.personal import DATA_USE, PERSONAL
from services.repairs.scopes import SCOPES

Role = StaffRole.Role


SERVICE = Service(
    key=KEY,
    label=_("Repairs"),
    delegated=Delegated(
        _("repairs"), _("Report repairs"), button=("report_begin", _("Report for %(name)s"), "tool")
    ),
    answers_label=_("Repairs"),
    rights={
        Role.MANAGER: {"repairs.repair": EXPORT, "repairs.repaircategory": KEEP},
        Role.DISPATCHER: {"repairs.repair": EXPORT, "repairs.repaircategory": VIEW},
        Role.FRONT_DESK: {"repairs.repair": VIEW},
        Administration.SYSTEM: {"repairs.repaircategory": KEEP},
        Role.AUDITOR: {"repairs.repair": EXPORT, "repairs.repaircategory": VIEW},
    },
    scopes=SCOPES,
    start_pages=(
        StartPage("work", lambda roles: Role.REPAIR_WORKER in roles and FIELD_ROLES.issuperset(roles)),
        StartPage(
            "board", lambda roles: Role.DISPATCHER in roles and not {*StaffRole.DESK}.intersection(roles)
        ),
    ),
    admin_menu=(
        MenuGroup(
            10,
            _("Repairs"),
            (
                MenuItem(_("Repairs"), "build", "repairs.repair"),
                MenuItem(_("Catalogue"), "category", "repairs.repaircategory"),
            ),
        ),
    ),
    messages=MESSAGES,
    done_in_name={
        "repair:new": _("Reported a repair"),
        "repair:cancelled": _("Cancelled a repair"),
        "repair:confirmed": _("Said that it is mended"),
        "repair:reopened": _("Said that it is not mended yet"),
    },
    acts={
        "repair.contact_shown": _("Contact of a repair looked at"),
    },
    personal=PERSONAL,
    data_use=DATA_USE,
    columns=COLUMNS,
    urls=("services.repairs.urls", "services.repairs.urls_staff"),
    api_urls=("services.repairs.api.urls",),
    beat={
        "close-finished-repairs": {"task": "services.repairs.tasks.close_finished_repairs", "schedule": 600},
        "forget-old-drafts": {"task": "services.repairs.tasks.forget_old_drafts", "schedule": 3600},
    },
    nav=nav.NAV,
    home=home.HOME,
    figures=figures.FIGURES,
    morning=morning.MORNING,
    first_answers=morning.FIRST_ANSWERS,
    references={"R": StaffPage(Repair, "board_repair")},
    staff_areas=(StaffArea("/work/", "repairs/work/base.html"),),
    resident_actions=residents.ACTIONS,
    resident_parts=residents.PARTS,
    handover=handover.HANDOVER,
)
