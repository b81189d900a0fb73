"""What the rest of the house needs to know about repairs."""

from django.utils.translation import gettext_lazy as _

from community.core.services import Service
from community.core.services.staff import StaffArea, StaffPage
from services.repairs import KEY, handover, nav, residents
from services.repairs.models import Repair

SERVICE = Service(
    key=KEY,
    label=_("Repairs"),
    delegation_label=_("repairs"),
    urls=("services.repairs.urls", "services.repairs.urls_staff"),
    api_urls=("services.repairs.api.urls",),
    beat={
        "close-finished-repairs": {"task": "services.repairs.tasks.close_finished_repairs", "schedule": 600},
        "forget-old-drafts": {"task": "services.repairs.tasks.forget_old_drafts", "schedule": 3600},
    },
    nav=nav.NAV,
    references={"R": StaffPage(Repair, "board_repair")},
    staff_areas=(StaffArea("/work/", "repairs/work/base.html"),),
    resident_actions=residents.ACTIONS,
    resident_parts=residents.PARTS,
    handover=handover.HANDOVER,
)
